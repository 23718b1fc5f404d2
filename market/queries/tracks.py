"""The dated tracks of all deals that the market knew before their registration: what forecasts go by."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from market.db import db
from market.domain import clock
from market.domain.codes import DISTRICT
from market.domain.forecast import Track
from market.models import Bid, Challenge, Contact, Contract, HistoryEntry, Organisation

_GIVEN_UP = ("refused", "abandoned", "cancelled")
_PUBLIC_ENDS = frozenset({"completed", "unsuccessful", "withdrawn", "terminated"})
_OPENED = ("opened", "reserve", "chosen", "not_chosen")


def all_tracks() -> list[Track]:
    """Return every deal whose seller is (or, before one is known, may be) in the district, with its dates (five statements).

    A registry row that came in registered was not known before and is no track; a sealed bid is none before it is opened.
    """
    contracts = _contracts()
    return [_contract(row, ended) for row, ended in contracts] + _contacts() + _challenges()


def _day(moment: datetime | None) -> date | None:
    return clock.local(moment).date() if moment else None


def _contracts() -> list[tuple[Any, date | None]]:
    gone = (
        select(HistoryEntry.subject_id, func.max(HistoryEntry.at).label("at"))
        .where(HistoryEntry.subject_kind == "contract", HistoryEntry.to_state.in_(_GIVEN_UP))
        .group_by(HistoryEntry.subject_id)
        .subquery()
    )
    columns = (
        Contract.id, Contract.title, Contract.amount_fen, Contract.state, Contract.created_at, Contract.signed_on,
        Contract.filed_on, Contract.registered_on, gone.c.at,
    )  # fmt: skip
    query = (
        select(*columns)
        .outerjoin(gone, gone.c.subject_id == Contract.id)
        .where(Contract.source != "registry", Contract.seller_region == DISTRICT)
        .order_by(Contract.id)
    )
    return [(row, _day(row.at)) for row in db.session.execute(query)]


def _contract(row: Any, ended: date | None) -> Track:
    """Return a contract's track: nothing is known of it before the day it was written down here."""
    created = _day(row.created_at) or date.min
    steps = [("award", created)] if row.signed_on is None or row.signed_on > created else []
    if row.signed_on is not None:
        steps.append(("signed", max(row.signed_on, created)))
    if row.filed_on is not None and row.state != "returned":  # 补正: the registry's clock starts anew
        steps.append(("filed", max(row.filed_on, created)))
    over = row.state in _GIVEN_UP and row.registered_on is None
    return Track("contract", row.id, row.title, row.amount_fen, tuple(steps), row.registered_on, (ended or created) if over else None)


def _contacts() -> list[Track]:
    """Return the contacts that said an amount, from the day the other side agreed."""
    contract = (
        select(Contract.contact_id, func.min(Contract.created_at).label("at"), func.min(Contract.registered_on).label("registered"))
        .where(Contract.contact_id.is_not(None))
        .group_by(Contract.contact_id)
        .subquery()
    )
    query = (
        select(
            Contact.id, func.coalesce(Challenge.title, ""), Contact.expected_fen, Contact.answered_at, Contact.ended_at,
            Contact.state, contract.c.at, contract.c.registered, Organisation.name,
        )
        .join(Organisation, Organisation.id == Contact.provider_id)
        .outerjoin(Challenge, Challenge.id == Contact.challenge_id)
        .outerjoin(contract, contract.c.contact_id == Contact.id)
        .where(Organisation.region == DISTRICT, Contact.state.in_(("accepted", "contracted", "closed")), Contact.answered_at.is_not(None))
        .order_by(Contact.id)
    )  # fmt: skip
    found = []
    for id_, title, amount, answered, ended, state, became, registered, provider in db.session.execute(query):
        day = _day(answered)
        over = _day(ended) or (day if state == "contracted" and became is None else None)
        found.append(
            Track("contact", id_, title or f"与{provider}的对接", amount, (("contact", day),), registered, over, _day(became))  # type: ignore[arg-type]
        )
    return found


def _challenges() -> list[Track]:
    """Return the published challenges by their lower budget; opened bids of the district and the choice carry them on."""
    bids: dict[int, list[tuple[Any, ...]]] = {}
    opened = (
        select(Bid.challenge_id, Bid.opened_at, Bid.decided_at, Bid.state, Organisation.region)
        .join(Organisation, Organisation.id == Bid.organisation_id)
        .where(Bid.state.in_(_OPENED), Bid.opened_at.is_not(None))
        .order_by(Bid.opened_at)
    )
    for challenge_id, at, decided, state, region in db.session.execute(opened):
        bids.setdefault(challenge_id, []).append((at, decided, state, region))
    taken = {
        id_: (at, registered)
        for id_, at, registered in db.session.execute(
            select(Contract.challenge_id, func.min(Contract.created_at), func.min(Contract.registered_on))
            .where(Contract.challenge_id.is_not(None))
            .group_by(Contract.challenge_id)
        )
    }
    talked = dict(
        db.session.execute(
            select(Contact.challenge_id, func.min(Contact.answered_at))
            .join(Organisation, Organisation.id == Contact.provider_id)
            .where(Contact.challenge_id.is_not(None), Contact.expected_fen.is_not(None), Organisation.region == DISTRICT, Contact.state.in_(("accepted", "contracted")))
            .group_by(Contact.challenge_id)
        ).all()
    )  # fmt: skip
    columns = (
        Challenge.id, Challenge.title, Challenge.budget_fen, Challenge.budget_max_fen, Challenge.published_at,
        Challenge.ended_at, Challenge.valid_until, Challenge.state, Challenge.changed_at,
    )  # fmt: skip
    rows = db.session.execute(select(*columns).where(Challenge.published_at.is_not(None)).order_by(Challenge.id))
    return [_challenge(row, bids.get(row.id, []), taken.get(row.id), talked.get(row.id)) for row in rows]


def _challenge(
    row: Any,
    bids: list[tuple[Any, ...]],
    taken: tuple[datetime, date | None] | None,
    talked: datetime | None,
) -> Track:
    steps: list[tuple[str, Any]] = [("call", _day(row.published_at))]
    here = [opened for opened, _decided, _state, region in bids if region == DISTRICT]
    steps += [("bid", _day(here[0]))] if here else []
    chosen = next(((decided, region) for _opened, decided, state, region in bids if state == "chosen" and decided), None)
    ends = [_day(row.ended_at) or _day(row.changed_at)] if row.state in _PUBLIC_ENDS or (row.state == "contracted" and not taken) else []
    if chosen is not None:
        if chosen[1] == DISTRICT:
            steps.append(("award", _day(chosen[0])))
        else:
            ends.append(_day(chosen[0]))
    elif row.valid_until is not None and row.state == "published":
        ends.append(row.valid_until)
    became = [day for day in (_day(taken[0]) if taken else None, _day(talked)) if day]
    amount = row.budget_fen if row.budget_fen is not None else row.budget_max_fen
    over = min((day for day in ends if day), default=None)
    return Track(
        "challenge",
        row.id,
        row.title,
        amount,
        tuple(steps),
        taken[1] if taken else None,
        over,
        min(became, default=None),
    )
