"""应登未登 campaigns for the pages: the campaigns with their figures, candidates by filters, one candidate, what was recovered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true, union
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain.campaigns import CANDIDATE, OPEN_STATES
from market.domain.codes import DISTRICT
from market.domain.permissions import Actor, Permission, Role, Scope, scope_of
from market.domain.statistics import Cell
from market.models import Campaign, Candidate, Contract, Evidence, HistoryEntry, User, UserRole
from market.queries.pages import Listed, listed
from market.queries.statistics import adjustments

PAGE = 20
SPOKEN = "spoken"  # as a state of the filter: whoever was spoken to at least once, whatever came of it
UNTOUCHED = ("new", "assigned")
WORKERS = (Role.LIAISON, Role.ADVISER, Role.CLERK, Role.REVIEWER)


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that `actor` may see a candidate: the same scopes as domain.permissions.may."""
    if scope_of(actor, Permission.SEE_CAMPAIGN) is Scope.ANY:
        return true()
    return Candidate.assignee_id.in_(actor.hands)


def get_campaign(campaign_id: int) -> Campaign | None:
    """Return one campaign."""
    return db.session.get(Campaign, campaign_id)


def get(candidate_id: int) -> Candidate | None:
    """Return one candidate with its campaign, assignee, evidence and contact log."""
    options = (
        joinedload(Candidate.campaign),
        joinedload(Candidate.assignee),
        selectinload(Candidate.evidence),
        selectinload(Candidate.calls),
    )
    return db.session.get(Candidate, candidate_id, options=options, populate_existing=True)


def _pairs() -> Any:
    """Return (campaign, candidate, contract) wherever a registered contract of the district is the candidate's after its first contact.

    A seller is the candidate by its organisation or by its name, each by an index; a pair found by both is one. The contract
    counts from the day of the first contact on, also when the campaign has been closed meanwhile.
    """
    parts = []
    for same in (Contract.seller_id == Candidate.organisation_id, Contract.seller_name == Candidate.name):
        parts.append(
            select(Candidate.campaign_id, Candidate.id.label("candidate_id"), Contract.id.label("contract_id"))
            .join(Contract, same)
            .where(
                Candidate.first_contact_on.is_not(None),
                Contract.state == "registered",
                Contract.seller_region == DISTRICT,
                Contract.is_duplicate.is_(False),
                Contract.registered_on >= Candidate.first_contact_on,
            )
        )
    return union(*parts).subquery()


def _sum(keys: Sequence[Any], distinct: Any) -> Any:
    changed = adjustments()
    return (
        select(
            *keys,
            func.count(),
            func.coalesce(func.sum(Contract.amount_fen), 0) + func.coalesce(func.sum(changed.c.delta), 0),
            func.coalesce(func.sum(Contract.technical_amount_fen), 0) + func.coalesce(func.sum(changed.c.technical), 0),
        )
        .select_from(distinct)
        .join(Contract, Contract.id == distinct.c.contract_id)
        .outerjoin(changed, changed.c.contract_id == Contract.id)
    )


def recovered_by_campaign(ids: Sequence[int]) -> dict[int, Cell]:
    """Return what was registered after the first contact, by campaign: each contract once, amounts after adjustments."""
    pairs = _pairs()
    once = select(pairs.c.campaign_id, pairs.c.contract_id).where(pairs.c.campaign_id.in_(ids)).distinct().subquery()
    query = _sum([once.c.campaign_id], once).group_by(once.c.campaign_id)
    return {int(key): Cell(int(count), int(amount), int(technical)) for key, count, amount, technical in db.session.execute(query)}


def recovered_by_candidate(ids: Sequence[int]) -> dict[int, Cell]:
    """Return what each candidate registered after its first contact."""
    pairs = _pairs()
    once = select(pairs.c.candidate_id, pairs.c.contract_id).where(pairs.c.candidate_id.in_(ids)).distinct().subquery()
    query = _sum([once.c.candidate_id], once).group_by(once.c.candidate_id)
    return {int(key): Cell(int(count), int(amount), int(technical)) for key, count, amount, technical in db.session.execute(query)}


def recovered_rows(campaign_id: int, candidate_id: int | None, page: int) -> Listed:
    """Return a page of the contracts behind a figure of what was recovered, latest first."""
    pairs = _pairs()
    mine = pairs.c.candidate_id == candidate_id if candidate_id else pairs.c.campaign_id == campaign_id
    query = select(Contract).where(Contract.id.in_(select(pairs.c.contract_id).where(mine)))
    return listed(query.order_by(Contract.registered_on.desc(), Contract.id.desc()), page, PAGE)


@dataclass(frozen=True)
class Overview:
    """One campaign with its figures."""

    campaign: Campaign
    states: dict[str, int]
    recovered: Cell

    @property
    def total(self) -> int:
        """How many candidates there are."""
        return sum(self.states.values())

    @property
    def contacted(self) -> int:
        """How many were spoken to at least once."""
        return self.total - sum(self.states.get(state, 0) for state in UNTOUCHED)


def overviews() -> list[Overview]:
    """Return every campaign, the open and latest first (three statements)."""
    campaigns = list(
        db.session.scalars(select(Campaign).order_by(Campaign.closed_at.is_not(None), Campaign.year.desc(), Campaign.id.desc()))
    )
    states = _states([one.id for one in campaigns])
    recovered = recovered_by_campaign([one.id for one in campaigns])
    return [Overview(one, states.get(one.id, {}), recovered.get(one.id, Cell())) for one in campaigns]


def overview(campaign: Campaign) -> Overview:
    """Return one campaign with its figures."""
    return Overview(campaign, _states([campaign.id]).get(campaign.id, {}), recovered_by_campaign([campaign.id]).get(campaign.id, Cell()))


def _states(ids: Sequence[int]) -> dict[int, dict[str, int]]:
    query = select(Candidate.campaign_id, Candidate.state, func.count()).where(Candidate.campaign_id.in_(ids))
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for key, state, number in db.session.execute(query.group_by(Candidate.campaign_id, Candidate.state)):
        found[key][state] = int(number)
    return found


@dataclass(frozen=True)
class CandidateFilter:
    """What the list of candidates is narrowed by; empty means everything. `assignee` 0 is nobody."""

    q: str = ""
    state: str = ""
    signal: str = ""
    assignee: int | None = None


@dataclass(frozen=True)
class Shown:
    """One line of the list of candidates: signals with how many rows and how much, what was recovered."""

    candidate: Candidate
    signals: dict[str, Cell]
    recovered: Cell = field(default_factory=Cell)


def conditions(wanted: CandidateFilter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter on candidates."""
    found: list[ColumnElement[bool]] = []
    if wanted.q:
        found.append(or_(Candidate.name.contains(wanted.q, autoescape=True), Candidate.credit_code == wanted.q.upper()))
    if wanted.state == SPOKEN:
        found.append(Candidate.state.not_in(UNTOUCHED))
    elif wanted.state in CANDIDATE.states:
        found.append(Candidate.state == wanted.state)
    if wanted.signal:
        found.append(exists(select(Evidence.id).where(Evidence.candidate_id == Candidate.id, Evidence.signal == wanted.signal)))
    if wanted.assignee is not None:
        found.append(Candidate.assignee_id == wanted.assignee if wanted.assignee else Candidate.assignee_id.is_(None))
    return found


def of_campaign(campaign_id: int, ids: Sequence[int]) -> list[Candidate]:
    """Return these candidates of one campaign."""
    return list(
        db.session.scalars(select(Candidate).where(Candidate.campaign_id == campaign_id, Candidate.id.in_(ids)).order_by(Candidate.id))
    )


def ids(campaign_id: int, wanted: CandidateFilter, most: int) -> list[int]:
    """Return the ids of all candidates of a filter, up to `most`."""
    query = select(Candidate.id).where(Candidate.campaign_id == campaign_id, *conditions(wanted)).order_by(Candidate.id)
    return list(db.session.scalars(query.limit(most)))


def candidates(campaign_id: int, wanted: CandidateFilter, page: int) -> Listed:
    """Return a page of a campaign's candidates, those with most behind their evidence first (four statements)."""
    weight = select(func.coalesce(func.sum(Evidence.amount_fen), 0)).where(Evidence.candidate_id == Candidate.id).scalar_subquery()
    query = select(Candidate).where(Candidate.campaign_id == campaign_id, *conditions(wanted)).options(joinedload(Candidate.assignee))
    return _shown(listed(query.order_by(weight.desc(), Candidate.id), page, PAGE))


def mine(actor: Actor, whole: bool, page: int) -> Listed:
    """Return a page of the candidates that the actor works (open ones, or all), the most urgent first."""
    where = and_(Candidate.assignee_id.in_(actor.hands), true() if whole else Candidate.state.in_(OPEN_STATES))
    query = select(Candidate).join(Campaign, Campaign.id == Candidate.campaign_id).where(where)
    if not whole:
        query = query.where(Campaign.closed_at.is_(None))
    query = query.options(joinedload(Candidate.campaign), joinedload(Candidate.assignee))
    return _shown(listed(query.order_by(Candidate.due.is_(None), Candidate.due, Candidate.id), page, PAGE))


def _shown(found: Listed) -> Listed:
    ids = [one.id for one in found.rows]
    query = (
        select(Evidence.candidate_id, Evidence.signal, func.count(), func.coalesce(func.sum(Evidence.amount_fen), 0))
        .where(Evidence.candidate_id.in_(ids))
        .group_by(Evidence.candidate_id, Evidence.signal)
    )
    signals: dict[int, dict[str, Cell]] = defaultdict(dict)
    for key, signal, number, amount in db.session.execute(query):
        signals[key][signal] = Cell(int(number), int(amount or 0))
    recovered = recovered_by_candidate(ids)
    rows = [Shown(one, signals.get(one.id, {}), recovered.get(one.id, Cell())) for one in found.rows]
    return Listed(rows, found.total, found.page, found.pages)


def assignable() -> list[tuple[int, str]]:
    """Return the people a candidate may be given to: id and name."""
    roles = select(UserRole.user_id).where(UserRole.role.in_(WORKERS))
    query = select(User.id, User.name).where(User.disabled_at.is_(None), User.id.in_(roles)).order_by(User.name)
    return [(row.id, row.name) for row in db.session.execute(query)]


def worker(user_id: int) -> User | None:
    """Return the person if a candidate may be given to them."""
    query = select(User).where(User.id == user_id, User.disabled_at.is_(None)).options(selectinload(User.roles))
    user = db.session.scalar(query)
    return user if user and any(role.role in WORKERS for role in user.roles) else None


def timeline(candidate_id: int) -> list[HistoryEntry]:
    """Return what happened to a candidate, oldest first."""
    query = select(HistoryEntry).where(HistoryEntry.subject_kind == "candidate", HistoryEntry.subject_id == candidate_id)
    return list(db.session.scalars(query.order_by(HistoryEntry.seq)))
