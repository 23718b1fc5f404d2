"""What anybody may read of published challenges, for the open data: nothing here asks who is asking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain import clock, codes
from market.domain.open_contracting import TAGS, Change, Choice, Process
from market.domain.permissions import PUBLIC
from market.models import Bid, BidMember, Challenge, HistoryEntry, Release
from market.queries import challenges

PAGE = 200  # processes of one package
_CHOSEN = ("publicity", "selected", "contracted", "completed")  # states in which a published choice stands
_STEPS = ("announce", "confirm_choice", *TAGS)


def years() -> list[int]:
    """Return the years in which challenges were published, latest first."""
    oldest, newest = db.session.execute(
        select(func.min(Challenge.published_at), func.max(Challenge.published_at)).where(challenges.PUBLIC)
    ).one()
    if oldest is None or newest is None:
        return []
    return list(range(clock.local(newest).year, clock.local(oldest).year - 1, -1))


def changed_at(year: int) -> datetime | None:
    """Return the last moment at which something was published in a year."""
    return db.session.scalar(select(func.max(Challenge.published_at)).where(challenges.PUBLIC, *_within(Challenge.published_at, year)))


def releases_of_data() -> Sequence[Release]:
    """Return the last release of the totals for each year, latest year first."""
    newest = select(func.max(Release.id)).group_by(Release.year)
    return db.session.scalars(select(Release).where(Release.id.in_(newest)).order_by(Release.year.desc())).all()


def count(year: int) -> int:
    """Return how many challenges were published, changed or ended in a year."""
    return db.session.scalar(select(func.count()).select_from(Challenge).where(*_of(year))) or 0


def processes(year: int, address: Callable[[int], str], page: int) -> list[Process]:
    """Return the challenges that were published, changed or ended in a year, oldest first: the PAGE of them that `page` (from 1) names.

    `address` gives the address of a challenge's page.
    """
    query = select(Challenge).where(*_of(year)).options(joinedload(Challenge.organisation), selectinload(Challenge.addenda))
    query = query.order_by(Challenge.published_at, Challenge.id)
    listed = list(db.session.scalars(query.limit(PAGE).offset((page - 1) * PAGE)))
    ids = [challenge.id for challenge in listed]
    names, steps, bids = challenges.posters(listed, PUBLIC), _steps(ids), _bids(ids)
    return [_process(one, names[one.id], steps[one.id], bids.get(one.id), address(one.id)) for one in listed]


def _of(year: int) -> list[ColumnElement[bool]]:
    """Return the conditions on challenges that something public happened to in a year."""
    happened = select(HistoryEntry.subject_id).where(
        HistoryEntry.subject_kind == "challenge", HistoryEntry.step.in_([*_STEPS, "extend", "addendum"]), *_within(HistoryEntry.at, year)
    )
    return [
        challenges.PUBLIC,
        Challenge.published_at.is_not(None),
        or_(Challenge.id.in_(happened), and_(*_within(Challenge.published_at, year))),
    ]


def _within(column: Any, year: int) -> list[ColumnElement[bool]]:
    return [column >= clock.start_of_day(date(year, 1, 1)), column < clock.start_of_day(date(year + 1, 1, 1))]


def _steps(ids: Sequence[int]) -> dict[int, list[tuple[str, datetime]]]:
    """Return the public steps of challenges in order."""
    query = select(HistoryEntry.subject_id, HistoryEntry.step, HistoryEntry.at).where(
        HistoryEntry.subject_kind == "challenge", HistoryEntry.subject_id.in_(ids), HistoryEntry.step.in_(_STEPS)
    )
    found: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for key, step, at in db.session.execute(query.order_by(HistoryEntry.subject_id, HistoryEntry.seq)):
        found[key].append((step, at))
    return found


def _bids(ids: Sequence[int]) -> dict[int, Bid]:
    """Return the chosen bids of challenges whose choice is public: those with a 公示."""
    public = (Challenge.publicity_from.is_not(None), Challenge.state.in_(_CHOSEN))
    query = select(Bid).join(Challenge, Challenge.id == Bid.challenge_id).where(Bid.challenge_id.in_(ids), Bid.state == "chosen", *public)
    options = (joinedload(Bid.organisation), selectinload(Bid.members).joinedload(BidMember.organisation))
    return {bid.challenge_id: bid for bid in db.session.scalars(query.options(*options))}


def _process(challenge: Challenge, buyer: str, steps: list[tuple[str, datetime]], bid: Bid | None, address: str) -> Process:
    published_at = challenge.published_at or clock.now()
    first = next((row.closes_before for row in challenge.addenda if row.closes_before), challenge.closes_at)
    return Process(
        key=challenge.id,
        number=challenge.number or "",
        title=challenge.title,
        description=challenge.pain,
        field_name=codes.FIELDS.get(challenge.field or "", ""),
        region=codes.region_name(challenge.region),
        buyer=buyer,
        low_fen=challenge.budget_fen,
        high_fen=challenge.budget_max_fen or challenge.budget_fen,
        open_call=challenge.procedure == "open_call",
        published_at=published_at,
        closes_at=first,
        url=address,
        sample=challenge.is_sample,
        changes=tuple(Change(row.number, row.at, row.text, row.closes_after) for row in challenge.addenda),
        choice=_choice(bid, steps),
        ends=tuple((step, at) for step, at in steps if step in TAGS),
    )


def _choice(bid: Bid | None, steps: list[tuple[str, datetime]]) -> Choice | None:
    if bid is None or bid.decided_at is None:
        return None
    members = [m.organisation.name for m in bid.members if m.organisation_id != bid.organisation_id and m.confirmed_at]
    announced = sum(1 for step, _at in steps if step == "announce")
    confirmed = next((at for step, at in reversed(steps) if step == "confirm_choice" and at >= bid.decided_at), None)
    return Choice(max(announced, 1), bid.decided_at, (bid.organisation.name, *members), bid.decision_reason or "", confirmed)
