"""What nobody should have to remember: deadlines that come near, answers that are due."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from market.actions import notices
from market.db import db, transaction
from market.domain import clock
from market.domain.permissions import Role
from market.models import Bid, Challenge, Contact
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
            bidders = select(Bid.organisation_id).where(Bid.challenge_id == challenge.id, Bid.state.in_(("draft", "intention", "invited")))
            for organisation_id in db.session.scalars(bidders).all():
                people = accounts.people_of(organisation_id)
                text = f"「{challenge.title}」即将截止，贵单位的申报还没有提交完整方案。"
                notices.notify(people, "deadline", "揭榜申报三天内截止", text, link, dedupe=f"{key}-bidder-{organisation_id}")
        return len(closing)


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
