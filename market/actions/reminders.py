"""What nobody should have to remember: deadlines that come near, answers that are due."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from market.actions import notices
from market.db import db, transaction
from market.domain import clock
from market.domain.permissions import Role
from market.models import Bid, Challenge, Contact, Notice
from market.queries import accounts

_DECIDERS = frozenset({Role.ORG_ADMIN, Role.TTO})


def deadlines() -> int:
    """Tell owner and bidders of challenges that close within three days, once each; return how many challenges."""
    now = clock.now()
    with transaction():
        query = select(Challenge).where(
            Challenge.state == "published", Challenge.closes_at > now, Challenge.closes_at <= now + timedelta(days=3)
        )
        closing = db.session.scalars(query).all()
        for challenge in closing:
            link = f"/challenges/{challenge.id}"
            key = f"challenge-{challenge.id}-closing-{challenge.closes_at:%Y%m%d}"
            owners = accounts.people_of(challenge.organisation_id)
            notices.notify(
                owners, "deadline", "揭榜申报三天内截止", f"「{challenge.title}」的揭榜申报即将截止。", link, dedupe=f"{key}-owner"
            )
            _remind_bidders(challenge, key)
        return len(closing)


def _remind_bidders(challenge: Challenge, key: str) -> None:
    """Remind those who have not sent the whole answer; inside the site alone where nobody may know that they bid."""
    title = f"揭榜申报 {clock.local(challenge.closes_at):%m 月 %d 日}截止" if challenge.closes_at else "揭榜申报即将截止"
    text = f"「{challenge.title}」即将截止，贵单位的申报还没有提交完整方案。"
    query = select(Bid).where(Bid.challenge_id == challenge.id, Bid.state.in_(("draft", "intention", "invited")))
    for bid in db.session.scalars(query).all():
        people, link = accounts.people_of(bid.organisation_id), f"/bids/{bid.id}"
        if challenge.visibility == "on_arrival" and bid.state != "draft":
            notices.notify(people, "deadline", title, text, link, dedupe=f"{key}-bidder-{bid.organisation_id}", is_sample=bid.is_sample)
            continue
        told = set(db.session.scalars(select(Notice.user_id).where(Notice.kind == "deadline", Notice.link == link, Notice.title == title)))
        unaware = [person for person in people if person.id not in told]
        notices.notify(unaware, "deadline", title, text, link, dedupe="", is_sample=bid.is_sample, by_mail=False)


def unanswered_contacts() -> int:
    """Tell the side that is to answer when a contact's last day has come; return how many."""
    with transaction():
        query = select(Contact).where(Contact.state == "asked", Contact.answer_due <= clock.today()).options(joinedload(Contact.capability))
        late = db.session.scalars(query).all()
        for contact in late:
            people = accounts.people_of(contact.answering_id, _DECIDERS)
            notices.notify(
                people, "contact", "有一条对接请求等您答复", "对方在等您的答复，今天是约定的最后一天或已经过了。",
                f"/contacts/{contact.id}", dedupe=f"contact-{contact.id}-due",
            )  # fmt: skip
        return len(late)
