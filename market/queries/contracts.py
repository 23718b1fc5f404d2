"""Contracts as their sides and the staff see them: one with all it holds, the list with its totals, what a new one starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, extract, false, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain.codes import DISTRICT
from market.domain.contracts import CONTRACT
from market.domain.permissions import GRANTS, Actor, Scope
from market.domain.permissions import Permission as P
from market.models import Contract, HistoryEntry, Organisation, Payment

PAGE = 20
PARENTS = 100
FLOWS: dict[str, ColumnElement[bool]] = {
    "output": and_(Contract.seller_region == DISTRICT, Contract.buyer_region != DISTRICT),
    "intake": and_(Contract.seller_region != DISTRICT, Contract.buyer_region == DISTRICT),
    "inner": and_(Contract.seller_region == DISTRICT, Contract.buyer_region == DISTRICT),
    "outside": and_(Contract.seller_region != DISTRICT, Contract.buyer_region != DISTRICT),
}


def get(contract_id: int) -> Contract | None:
    """Return a contract with its sides, payments, instalments, cost list and adjustments."""
    options = (
        joinedload(Contract.seller),
        joinedload(Contract.buyer),
        selectinload(Contract.payments),
        selectinload(Contract.instalments),
        selectinload(Contract.costs),
        selectinload(Contract.adjustments),
    )
    return db.session.get(Contract, contract_id, options=options, populate_existing=True)


def by_number(registration_number: str) -> Contract | None:
    """Return the contract that carries a 16-digit registration number."""
    return db.session.scalar(select(Contract).where(Contract.registration_number == registration_number))


def within_city(city: str) -> ColumnElement[bool]:
    """Return the condition that one side is in `city` (a Shanghai district, or a prefecture with all its counties)."""
    if city.startswith("31"):
        return or_(Contract.seller_region == city, Contract.buyer_region == city)
    return or_(Contract.seller_region.startswith(city[:4]), Contract.buyer_region.startswith(city[:4]))


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that `actor` may see a contract: the same scopes as domain.permissions.may."""
    scopes = {scope for role in actor.roles if (scope := GRANTS.get((role, P.SEE_CONTRACT)))}
    if Scope.ANY in scopes:
        return true()
    parts: list[ColumnElement[bool]] = []
    if scopes & {Scope.PARTY, Scope.OWN} and actor.organisation_id:
        parts.append(or_(Contract.seller_id == actor.organisation_id, Contract.buyer_id == actor.organisation_id))
    if Scope.CITY in scopes and actor.city:
        parts.append(within_city(actor.city))
    return or_(*parts) if parts else false()


@dataclass(frozen=True)
class ListFilter:
    """What the list is narrowed by; empty strings mean everything. `year` is of signing, or of registration once registered."""

    q: str = ""
    state: str = ""
    type: str = ""
    flow: str = ""
    year: int | None = None
    flagged: bool = False


@dataclass(frozen=True)
class ContractPage:
    """One page of the list, with what all pages together hold."""

    rows: list[Contract]
    total: int
    amount_fen: int
    page: int
    pages: int
    state_counts: dict[str, int]
    flow_fen: dict[str, int]  # 成交额 by flow: output, intake, inner and outside are never one number


def narrowed(wanted: ListFilter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter of the list, its state too: what an export of the list holds."""
    return [*_conditions(wanted), *([Contract.state == wanted.state] if wanted.state else [])]


def _conditions(wanted: ListFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.q:
        found.append(
            or_(
                *(
                    column.contains(wanted.q, autoescape=True)
                    for column in (Contract.title, Contract.seller_name, Contract.buyer_name, Contract.registration_number)
                )
            )
        )
    if wanted.type:
        found.append(Contract.type == wanted.type)
    if wanted.flow in FLOWS:
        found.append(FLOWS[wanted.flow])
    if wanted.year:
        found.append(extract("year", func.coalesce(Contract.registered_on, Contract.signed_on)) == wanted.year)
    if wanted.flagged:
        found.append(Contract.early_or_elsewhere.is_not(None))
    return found


def listing(actor: Actor, wanted: ListFilter, page: int = 1) -> ContractPage:
    """Return page `page` (from 1) of the contracts `actor` may see, newest first, with count and 成交额 of all (2 statements)."""
    conditions = [visible_to(actor), *_conditions(wanted)]
    flow = case(*((condition, name) for name, condition in FLOWS.items()), else_="outside")
    counted = select(Contract.state, flow, func.count(), func.coalesce(func.sum(Contract.amount_fen), 0)).where(*conditions)
    by_state: dict[str, tuple[int, int]] = {}
    flows = dict.fromkeys(FLOWS, 0)
    for state, name, count, amount in db.session.execute(counted.group_by(Contract.state, flow)):
        before = by_state.get(state, (0, 0))
        by_state[state] = (before[0] + int(count), before[1] + int(amount))
        if not wanted.state or wanted.state == state:
            flows[name] += int(amount)
    shown = {wanted.state: by_state.get(wanted.state, (0, 0))} if wanted.state else by_state
    if wanted.state:
        conditions.append(Contract.state == wanted.state)
    total = sum(count for count, _ in shown.values())
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    order = (func.coalesce(Contract.registered_on, Contract.signed_on).desc().nulls_first(), Contract.id.desc())
    rows = db.session.scalars(select(Contract).where(*conditions).order_by(*order).limit(PAGE).offset((page - 1) * PAGE)).all()
    counts = {state: by_state.get(state, (0, 0))[0] for state in CONTRACT.states}
    return ContractPage(list(rows), total, sum(amount for _, amount in shown.values()), page, pages, counts, flows)


def years(actor: Actor) -> list[int]:
    """Return the years in which a contract visible to `actor` was signed or registered, latest first."""
    year = extract("year", func.coalesce(Contract.registered_on, Contract.signed_on))
    query: Select[Any] = select(year).where(visible_to(actor), func.coalesce(Contract.registered_on, Contract.signed_on).is_not(None))
    return sorted({int(found) for found in db.session.scalars(query.distinct())}, reverse=True)


def history(contract_id: int) -> list[HistoryEntry]:
    """Return what happened to a contract, oldest first."""
    query = select(HistoryEntry).where(HistoryEntry.subject_kind == "contract", HistoryEntry.subject_id == contract_id)
    return list(db.session.scalars(query.order_by(HistoryEntry.seq)))


def payment(contract_id: int, payment_id: int) -> Payment | None:
    """Return one payment of a contract."""
    found = db.session.get(Payment, payment_id)
    return found if found is not None and found.contract_id == contract_id else None


def of_source(*, bid_id: int | None = None, contact_id: int | None = None, challenge_id: int | None = None) -> list[Contract]:
    """Return the contracts that came from a bid, a contact or a challenge, latest first."""
    wanted = [
        column == value
        for column, value in ((Contract.bid_id, bid_id), (Contract.contact_id, contact_id), (Contract.challenge_id, challenge_id))
        if value is not None
    ]
    return list(db.session.scalars(select(Contract).where(or_(*wanted)).order_by(Contract.id.desc()))) if wanted else []


def children(contract_id: int) -> list[Contract]:
    """Return the contracts that hang on this one, in the order they were recorded."""
    return list(db.session.scalars(select(Contract).where(Contract.parent_id == contract_id).order_by(Contract.id)))


def shares(contract: Contract) -> list[Contract]:
    """Return the shares of a joint contract, itself among them, in the order they were made; nothing where it is not parted."""
    if contract.joint_id is None:
        return []
    return list(db.session.scalars(select(Contract).where(Contract.joint_id == contract.joint_id).order_by(Contract.id)))


def relatives(contract: Contract) -> tuple[Contract | None, list[Contract]]:
    """Return the parent contract and those that hang on this one, in one statement."""
    wanted = [Contract.parent_id == contract.id] + ([Contract.id == contract.parent_id] if contract.parent_id else [])
    found = list(db.session.scalars(select(Contract).where(or_(*wanted)).order_by(Contract.id)))
    return next((row for row in found if row.id == contract.parent_id), None), [row for row in found if row.parent_id == contract.id]


def possible_parents(actor: Actor, sides: set[int], contract_id: int | None = None) -> list[Contract]:
    """Return the contracts that a contract of these organisations may hang on, latest first: seen by `actor`, without a parent."""
    if not sides:
        return []
    query = select(Contract).where(
        visible_to(actor), or_(Contract.seller_id.in_(sides), Contract.buyer_id.in_(sides)), Contract.parent_id.is_(None),
        Contract.state != "abandoned", Contract.id != (contract_id or 0),
    )  # fmt: skip
    return list(db.session.scalars(query.order_by(Contract.id.desc()).limit(PARENTS)))


def organisation_by_code(credit_code: str) -> Organisation | None:
    """Return the organisation with a 统一社会信用代码."""
    return db.session.scalar(select(Organisation).where(Organisation.credit_code == credit_code)) if credit_code else None
