"""待办: what waits for one person, by what their roles permit. One statement counts everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, or_, select, union_all

from market.db import db
from market.domain import clock
from market.domain.campaigns import OPEN_STATES
from market.domain.permissions import Actor, may
from market.domain.permissions import Permission as P
from market.models import (
    Bid,
    BidMember,
    Campaign,
    Candidate,
    Capability,
    Challenge,
    Contact,
    Contract,
    DuplicateCase,
    FilingReminder,
    Lead,
    Objection,
    Organisation,
    Outbox,
)


@dataclass(frozen=True)
class Task:
    """One kind of waiting work with the page where it is done; `overdue` of the `number` are late."""

    label: str
    endpoint: str
    number: int
    overdue: int = 0
    arguments: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Question:
    label: str
    endpoint: str
    where: ColumnElement[bool]
    model: Any
    late: ColumnElement[bool] | None = None
    arguments: dict[str, str] = field(default_factory=dict)


def waiting_for(actor: Actor, months: int) -> list[Task]:
    """Return what waits for `actor`, nothing with a count of zero; `months` is how long a confirmation holds."""
    questions = [question for part in _PARTS for question in part(actor, months)]
    if not questions:
        return []
    found = {row.position: row for row in db.session.execute(union_all(*(_count(n, question) for n, question in enumerate(questions))))}
    return [
        Task(question.label, question.endpoint, found[n].number, int(found[n].overdue or 0), question.arguments)
        for n, question in enumerate(questions)
        if found[n].number
    ]


def _count(position: int, question: _Question) -> Select[Any]:
    late = func.sum(case((question.late, 1), else_=0)) if question.late is not None else literal(0)
    return (
        select(literal(position).label("position"), func.count().label("number"), late.label("overdue"))
        .select_from(question.model)
        .where(question.where)
    )


def _leads(actor: Actor, _months: int) -> Iterator[_Question]:
    late = Lead.due < clock.today()
    if may(actor, P.ASSIGN_LEAD):
        yield _Question("条线索待分派", "leads.index", Lead.state == "new", Lead, arguments={"state": "new"})
    if may(actor, P.WORK_LEAD):
        mine = and_(Lead.assignee_id.in_(actor.hands), Lead.state == "assigned")
        yield _Question("条线索由您跟进", "leads.index", mine, Lead, late, {"state": "assigned"})
        filled = and_(Lead.assignee_id.in_(actor.hands), Lead.state == "filled")
        yield _Question("条线索等企业确认", "leads.index", filled, Lead, late, {"state": "filled"})


def _staff(actor: Actor, _months: int) -> Iterator[_Question]:
    own = actor.organisation_id or 0
    if may(actor, P.MODERATE):
        for label, model in (("条需求待审核", Challenge), ("项成果与能力待审核", Capability)):
            waiting = and_(model.state == "submitted", model.organisation_id != own)
            yield _Question(label, "moderation.queue", waiting, model, model.answer_due < clock.today())
    if may(actor, P.HANDLE_OBJECTION):
        open_ = and_(Objection.state == "open", Objection.challenge_id.in_(select(Challenge.id).where(Challenge.organisation_id != own)))
        yield _Question("件公示异议待答复", "bids.publicity", open_, Objection, Objection.answer_due < clock.today())
    if may(actor, P.DECIDE_DUPLICATE) and actor.is_staff:
        done = select(Contract.id).where(Contract.is_duplicate)
        undecided = and_(
            DuplicateCase.state == "open", DuplicateCase.contract_id.not_in(done), DuplicateCase.other_id.not_in(done)
        )  # fmt: skip
        yield _Question("件疑似重复的合同待判断", "registration.duplicates", undecided, DuplicateCase)
    if may(actor, P.VERIFY_ORGANISATION):
        yield _Question("个单位待核验", "accounts.verify_organisations", Organisation.state == "pending", Organisation)
    if may(actor, P.SEE_OUTBOX) and not may(actor, P.SEE_LOG):
        stuck = and_(Outbox.state.in_(("waiting", "failed")), Outbox.available_at < clock.now() - timedelta(hours=1))
        yield _Question("封邮件没有发出", "accounts.outbox", stuck, Outbox)


def _listings(actor: Actor, months: int) -> Iterator[_Question]:
    own = actor.organisation_id
    if own is None:
        return
    if may(actor, P.EDIT_CHALLENGE):
        returned = and_(Challenge.organisation_id == own, Challenge.state == "returned")
        yield _Question("条需求被退回，待修改", "challenges.mine", returned, Challenge)
    if may(actor, P.CHOOSE_BID):
        passed = and_(Challenge.state == "published", Challenge.procedure == "open_call", Challenge.closes_at <= clock.now())
        choosing = and_(Challenge.organisation_id == own, or_(passed, Challenge.state == "selecting"))
        yield _Question("个榜单已截止，待开启和选定", "challenges.mine", choosing, Challenge)
        over = and_(Challenge.organisation_id == own, Challenge.state == "publicity", Challenge.publicity_until < clock.today())
        yield _Question("个榜单公示期满，待确认选定", "challenges.mine", over, Challenge)
    if may(actor, P.EDIT_CAPABILITY):
        back = and_(Capability.organisation_id == own, Capability.state == "returned")
        yield _Question("项成果与能力被退回，待修改", "capabilities.mine", back, Capability)
        due = clock.today() - timedelta(days=months * 365 // 12 - 31)
        ageing = and_(
            Capability.organisation_id == own,
            Capability.state.in_(("published", "reserved")),
            or_(Capability.confirmed_on.is_(None), Capability.confirmed_on < due),
        )
        late = Capability.confirmed_on < clock.today() - timedelta(days=months * 365 // 12)
        where = "capabilities.renew_many" if may(actor, P.SUBMIT_CAPABILITY) else "capabilities.mine"
        yield _Question("项成果与能力待确认仍然有效", where, ageing, Capability, late)


def _campaigns(actor: Actor, _months: int) -> Iterator[_Question]:
    if may(actor, P.WORK_CANDIDATE):
        open_ = select(Campaign.id).where(Campaign.closed_at.is_(None))
        mine = and_(Candidate.assignee_id.in_(actor.hands), Candidate.state.in_(OPEN_STATES), Candidate.campaign_id.in_(open_))
        yield _Question("家应登未登单位由您联系", "campaigns.mine", mine, Candidate, Candidate.due < clock.today())


def _deals(actor: Actor, _months: int) -> Iterator[_Question]:
    own = actor.organisation_id
    if own is None:
        return
    if may(actor, P.ANSWER_CONTACT):
        ours = case((Contact.asked_by_seeker, Contact.provider_id), else_=Contact.seeker_id) == own
        asked = and_(Contact.state == "asked", ours)
        yield _Question("个对接请求待答复", "contacts.index", asked, Contact, Contact.answer_due < clock.today())
    if may(actor, P.CONFIRM_MEMBERSHIP):
        unanswered = and_(BidMember.organisation_id == own, BidMember.confirmed_at.is_(None), BidMember.declined_at.is_(None))
        live = BidMember.bid_id.in_(select(Bid.id).where(Bid.state.in_(("draft", "intention", "invited")), Bid.organisation_id != own))
        yield _Question("个联合体邀请待确认", "bids.index", and_(unanswered, live), BidMember)
    if may(actor, P.EDIT_BID):
        invited = and_(Bid.organisation_id == own, Bid.state == "invited")
        open_still = select(Challenge.id).where(or_(Challenge.closes_at.is_(None), Challenge.closes_at > clock.now()))
        yield _Question("个揭榜申报已受邀，待交方案", "bids.index", and_(invited, Bid.challenge_id.in_(open_still)), Bid)
    if may(actor, P.REGISTER_CONTRACT):
        recorded = and_(Contract.seller_id.is_(None), Contract.author_id == actor.id) if actor.is_staff else false()
        ours = and_(or_(Contract.seller_id == own, recorded), Contract.is_duplicate.is_(False), Contract.parent_kind != "change")
        reminded = select(FilingReminder.contract_id).where(FilingReminder.year == clock.today().year)
        fresh = and_(Contract.state == "signed", ours, Contract.id.not_in(reminded))
        yield _Question("份合同已签订，待登记", "registration.board", fresh, Contract)
        asked_for = select(Contract.id).where(Contract.state == "signed", ours)
        named = and_(FilingReminder.contract_id.in_(asked_for), FilingReminder.year == clock.today().year)
        late = FilingReminder.due_on < clock.today()
        yield _Question("份已签合同科委提醒在年底截止日前提交登记", "registration.board", named, FilingReminder, late)
        back = and_(Contract.state == "returned", ours)
        yield _Question("份合同待补正", "registration.board", back, Contract, arguments={"state": "returned"})


_PARTS: tuple[Callable[[Actor, int], Iterator[_Question]], ...] = (_leads, _staff, _listings, _deals, _campaigns)
