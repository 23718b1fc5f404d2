"""What the sample people were told lately: notices, and the mails behind them, the newest still waiting to be told (待通知)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from market.actions.sample.shelf import Shelf
from market.db import db, transaction
from market.domain import clock
from market.domain.permissions import Role
from market.models import Bid, Capability, Challenge, Contact, Contract, Lead, Notice, Organisation, Outbox, User, UserRole

LATELY = timedelta(days=21)
UNREAD = timedelta(days=4)  # what is newer has not been read yet
WAITING = timedelta(days=2)  # what is newer has not been told yet
SPEAKERS = (Role.ORG_ADMIN, Role.TTO)


@dataclass(frozen=True)
class Said:
    """One thing that somebody was told."""

    at: datetime | None
    people: list[User]
    kind: str
    title: str
    text: str
    link: str
    key: str


def load_mailbox(shelf: Shelf) -> None:
    """Write the notices and mails of the last three weeks; what is older than two days has been told by telephone."""
    with transaction() as session:
        session.flush()
        speakers, clerks = _speakers(), _with_role(Role.CLERK)
        said = [*_of_contacts(speakers), *_of_listings(speakers, clerks), *_of_bids(speakers), *_of_the_office(speakers, clerks)]
        for one in shelf.progress("通知", sorted((one for one in said if one.at), key=lambda one: str(one.at))):
            assert one.at is not None
            if shelf.now - LATELY <= one.at <= shelf.now:
                for person in one.people:
                    _put(shelf, one, person, one.at)
        session.flush()


def _put(shelf: Shelf, one: Said, person: User, at: datetime) -> None:
    read = at + timedelta(hours=20) if shelf.now - at > UNREAD else None
    common = {"created_at": at, "is_sample": True}
    db.session.add(Notice(user_id=person.id, kind=one.kind, title=one.title, text=one.text, link=one.link, read_at=read, **common))
    told = shelf.now - at > WAITING
    row = Outbox(
        dedupe_key=f"{one.key}:{person.id}"[:120],
        to_address=person.email,
        to_name=person.name,
        subject=one.title,
        body=f"{one.text}\n\n查看：{{site}}{one.link}",
        state="told" if told else "waiting",
        available_at=at,
        done_at=at + timedelta(hours=5) if told else None,
        **common,
    )
    db.session.add(row)
    if told:
        db.session.flush()
        reason, when = "电话告知（示例）", at + timedelta(hours=5)
        shelf.tell("outbox", row.id, "tell", shelf.people["B00-3"], when, from_state="waiting", to_state="told", reason=reason)


def _speakers() -> dict[int, list[User]]:
    """Return who speaks for each organisation."""
    query = select(User).join(UserRole).where(UserRole.role.in_([role.value for role in SPEAKERS]), User.is_sample).distinct()
    found: dict[int, list[User]] = {}
    for user in db.session.scalars(query.order_by(User.id)):
        found.setdefault(user.organisation_id or 0, []).append(user)
    return found


def _with_role(role: Role) -> list[User]:
    query = select(User).join(UserRole).where(UserRole.role == role.value, User.is_sample)
    return list(db.session.scalars(query.order_by(User.id)))


def _of_contacts(speakers: dict[int, list[User]]) -> Iterable[Said]:
    for row in db.session.scalars(select(Contact).where(Contact.is_sample)):
        link, asking, answering = f"/contacts/{row.id}", speakers.get(row.asking_id, []), speakers.get(row.answering_id, [])
        if row.state == "asked":
            text = f"有单位想与您对接，请在 {row.answer_due} 前答复同意或婉拒。"
            key = f"contact-{row.id}-asked-{row.answering_id}"
            yield Said(row.created_at, answering, "contact_asked", "有一个对接请求等您答复", text, link, key)
        elif row.state in {"accepted", "contracted", "closed"}:
            text = "双方现在都能看到对方的联系人和电话，请尽快联系，并把经过记下来。"
            yield Said(row.answered_at, asking, "contact_accept", "对方同意对接", text, link, f"contact-{row.id}-accept-{row.asking_id}")
        elif row.state == "declined":
            text = row.answer_note or "对方目前不便对接。"
            yield Said(
                row.answered_at, asking, "contact_decline", "对方婉拒了对接", text, link, f"contact-{row.id}-decline-{row.asking_id}"
            )


def _of_listings(speakers: dict[int, list[User]], clerks: list[User]) -> Iterable[Said]:
    models: tuple[Any, ...] = (Challenge, Capability)
    for model in models:
        kind, word = ("challenge", "需求") if model is Challenge else ("capability", "成果")
        path = "challenges" if model is Challenge else "capabilities"
        for row in db.session.scalars(select(model).where(model.is_sample)):
            own, key, link = speakers.get(row.organisation_id, []), f"{kind}-{row.id}", f"/{path}/{row.id}"
            if row.state == "submitted":
                text = f"《{row.title}》已提交，最迟 {row.answer_due} 答复。"
                office = f"/moderation/{kind}/{row.id}"
                yield Said(row.submitted_at, clerks, f"{kind}_submitted", f"有{word}待审核", text, office, f"{key}-submitted-1")
            elif row.state == "returned" and row.submitted_at:
                at, text = row.submitted_at + timedelta(days=1), f"《{row.title}》被退回，请看审核意见，改好后再提交。"
                yield Said(at, own, f"{kind}_returned", f"您的{word}被退回修改", text, link, f"{key}-returned")
            elif row.state == "published":
                text = f"《{row.title}》已发布，可以把页面转给同行。"
                yield Said(row.published_at, own, f"{kind}_published", f"您的{word}已发布", text, link, f"{key}-published")


def _of_bids(speakers: dict[int, list[User]]) -> Iterable[Said]:
    opened: set[int] = set()
    for row, challenge in db.session.execute(select(Bid, Challenge).join(Challenge).where(Bid.is_sample)):
        own, link, key = speakers.get(row.organisation_id, []), f"/bids/{row.id}", f"bid-{row.id}"
        if row.opened_at and challenge.id not in opened:
            opened.add(challenge.id)
            owner, text = speakers.get(challenge.organisation_id, []), f"《{challenge.title}》已到截止时间，请比较各方的方案并选定。"
            where = f"/challenges/{challenge.id}/bids"
            yield Said(row.opened_at, owner, "challenge_opened", "揭榜申报已开启", text, where, f"challenge-{challenge.id}-opened")
        if row.state == "chosen":
            yield Said(
                row.decided_at,
                own,
                "bid_chosen",
                "您被选定为合作方",
                f"《{challenge.title}》：{row.decision_reason}",
                link,
                f"{key}-chosen",
            )
        elif row.state == "not_chosen":
            text = f"《{challenge.title}》：{row.decision_reason}"
            yield Said(row.decided_at, own, "bid_not_chosen", "这次没有选定您的方案", text, link, f"{key}-not-chosen")
        elif row.state == "invited":
            text = f"《{challenge.title}》的发榜方看过您的意向，邀请您提交完整方案。"
            at = min(row.received_at + timedelta(days=4), clock.now()) if row.received_at else None
            yield Said(at, own, "bid_invited", "邀请您提交完整方案", text, link, f"{key}-invited")


def _of_the_office(speakers: dict[int, list[User]], clerks: list[User]) -> Iterable[Said]:
    for lead in db.session.scalars(select(Lead).where(Lead.is_sample, Lead.state == "new")):
        text = "有单位提交了三句话需求，请查看并分派。"
        yield Said(lead.created_at, clerks, "lead", "有一条新线索待分派", text, f"/leads/{lead.id}", f"lead-{lead.id}-new")
    waiting = select(Organisation).where(Organisation.is_sample, Organisation.state.in_(("pending", "refused")))
    for one in db.session.scalars(waiting):
        link, text = f"/organisations/{one.id}", f"{one.name} 等待核验。"
        if one.state == "pending":
            yield Said(
                one.created_at, clerks, "organisation", "有单位等待核验", text, "/organisations/to-verify", f"organisation-{one.id}-waits"
            )
        else:
            at, text = one.created_at + timedelta(days=2), f"{one.name}：未通过核验。{one.state_reason}"
            yield Said(at, speakers.get(one.id, []), "organisation", "单位未通过核验", text, link, f"organisation-{one.id}-refuse")
    for contract in db.session.scalars(select(Contract).where(Contract.is_sample, Contract.state == "returned")):
        at = contract.created_at + timedelta(days=24)
        text = f"《{contract.title}》登记机构要求补正：{contract.state_reason or '请补附件'}"
        people = speakers.get(contract.seller_id or 0, [])
        yield Said(at, people, "contract", "登记机构要求补正", text, f"/contracts/{contract.id}", f"contract-{contract.id}-return")
