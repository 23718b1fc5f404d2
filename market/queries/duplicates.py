"""Contracts that may be one and the same: found by the rules of the domain, kept as cases until a person decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from market.db import db
from market.domain.duplicates import DUPLICATE, Deal, Likeness, among, party_key, party_keys
from market.domain.permissions import GRANTS, Actor, Scope
from market.domain.permissions import Permission as P
from market.models import Contract, DuplicateCase, HistoryEntry
from market.queries.contracts import visible_to

PAGE = 20
CHUNK = 500
LIVE = ("signed", "filed", "returned", "registered", "refused")
_COLUMNS = (
    Contract.id, Contract.title, Contract.seller_name, Contract.seller_facts, Contract.buyer_name, Contract.buyer_facts,
    Contract.signed_on, Contract.amount_fen, Contract.parent_id, Contract.joint_id,
)  # fmt: skip


def likenesses(ids: Sequence[int]) -> list[Likeness]:
    """Return the pairs that may be one contract and of which one is in `ids`, those settled as different left out.

    Only contracts that are signed are compared, each with those that share its seller or its buyer. What belongs together
    by its nature (a parent and what hangs on it, the shares of a joint contract) is no duplicate.
    """
    rows = {row.id: row for start in range(0, len(ids), CHUNK) for row in _around(ids[start : start + CHUNK])}
    found = [one for one in among(_deals(list(rows.values())), ids) if not _family(rows[one.first], rows[one.second])]
    known = _settled({one.first for one in found} | {one.second for one in found}) if found else set()
    return [one for one in found if (one.first, one.second) not in known]


def _around(ids: Sequence[int]) -> list[Any]:
    """Return the contracts `ids` and all that share a side with one of them."""
    asked = select(Contract.seller_name, Contract.buyer_name, Contract.seller_id, Contract.buyer_id).where(Contract.id.in_(ids))
    names: tuple[set[Any], ...] = (set(), set(), set(), set())
    for row in db.session.execute(asked):
        for kept, value in zip(names, row, strict=True):
            kept.add(value)
    sellers, buyers, seller_ids, buyer_ids = (sorted(one - {None}) for one in names)
    sides = or_(
        Contract.seller_name.in_(sellers), Contract.buyer_name.in_(buyers),
        Contract.seller_id.in_(seller_ids), Contract.buyer_id.in_(buyer_ids),
    )  # fmt: skip
    return list(db.session.execute(select(*_COLUMNS).where(sides, Contract.state.in_(LIVE), Contract.is_duplicate.is_(False))))


def _deals(rows: Sequence[Any]) -> list[Deal]:
    sides = [(row.seller_name, row.seller_facts) for row in rows] + [(row.buyer_name, row.buyer_facts) for row in rows]
    keys = party_keys(sides)
    return [
        Deal(
            row.id, row.title, keys[row.seller_name, party_key("", row.seller_facts)], keys[row.buyer_name, party_key("", row.buyer_facts)],
            row.signed_on, row.amount_fen,
        )
        for row in rows
    ]  # fmt: skip


def _family(one: Any, other: Any) -> bool:
    joint = one.joint_id is not None and one.joint_id == other.joint_id
    return joint or other.id == one.parent_id or one.id == other.parent_id


def _settled(ids: Iterable[int]) -> set[tuple[int, int]]:
    query = select(DuplicateCase.contract_id, DuplicateCase.other_id).where(
        DuplicateCase.state == "different", or_(DuplicateCase.contract_id.in_(ids), DuplicateCase.other_id.in_(ids))
    )
    return {(row[0], row[1]) for row in db.session.execute(query)}


def twins(contract: Contract, actor: Actor) -> list[Contract]:
    """Return the contracts that may be the same as this one and that `actor` may see, those decided to be different left out."""
    found = likenesses([contract.id]) if contract.state in LIVE else []
    ids = [one.second if one.first == contract.id else one.first for one in found]
    return list(db.session.scalars(select(Contract).where(Contract.id.in_(ids), visible_to(actor)).order_by(Contract.id))) if ids else []


def get(case_id: int) -> DuplicateCase | None:
    """Return one case with both contracts."""
    options = (
        joinedload(DuplicateCase.contract).selectinload(Contract.adjustments),
        joinedload(DuplicateCase.other).selectinload(Contract.adjustments),
        joinedload(DuplicateCase.decided_by),
    )
    return db.session.get(DuplicateCase, case_id, options=options, populate_existing=True)


def of_pair(first: int, second: int) -> DuplicateCase | None:
    """Return the case of two contracts."""
    query = select(DuplicateCase).where(DuplicateCase.contract_id == min(first, second), DuplicateCase.other_id == max(first, second))
    return db.session.scalar(query)


def _visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that `actor` may know of both contracts of a case."""
    scopes = {scope for role in actor.roles if (scope := GRANTS.get((role, P.SEE_CONTRACT)))}
    if Scope.ANY in scopes:
        return DuplicateCase.id.is_not(None)
    one, other = aliased(Contract), aliased(Contract)
    own = actor.organisation_id or 0
    ours = and_(or_(one.seller_id == own, one.buyer_id == own), or_(other.seller_id == own, other.buyer_id == own))
    return select(1).where(one.id == DuplicateCase.contract_id, other.id == DuplicateCase.other_id, ours).exists()


def _already() -> ColumnElement[bool]:
    """Return the condition that one of the two is a duplicate of a third by now: nothing is left to decide."""
    one = aliased(Contract)
    pair = or_(one.id == DuplicateCase.contract_id, one.id == DuplicateCase.other_id)
    return select(1).where(pair, one.is_duplicate).exists()


def queue(actor: Actor, state: str = "open", page: int = 1) -> tuple[list[DuplicateCase], dict[str, int], int, int]:
    """Return (cases of a state, numbers by state, page, pages) as far as the actor may know of both contracts."""
    seen = and_(_visible(actor), or_(DuplicateCase.state != "open", ~_already()))
    by_state = {
        row[0]: int(row[1])
        for row in db.session.execute(select(DuplicateCase.state, func.count()).where(seen).group_by(DuplicateCase.state))
    }
    numbers = {name: by_state.get(name, 0) for name in DUPLICATE.states}
    pages = max(1, -(-numbers[state] // PAGE))
    page = min(max(page, 1), pages)
    options = (joinedload(DuplicateCase.contract), joinedload(DuplicateCase.other), joinedload(DuplicateCase.decided_by))
    order = DuplicateCase.id if state == "open" else DuplicateCase.decided_at.desc()
    query = select(DuplicateCase).where(seen, DuplicateCase.state == state).options(*options).order_by(order, DuplicateCase.id)
    return list(db.session.scalars(query.limit(PAGE).offset((page - 1) * PAGE))), numbers, page, pages


def cases_of(contract: Contract, actor: Actor) -> list[DuplicateCase]:
    """Return the cases of one contract of which the actor may know the other one too."""
    options = (joinedload(DuplicateCase.contract), joinedload(DuplicateCase.other))
    mine = or_(DuplicateCase.contract_id == contract.id, DuplicateCase.other_id == contract.id)
    return list(db.session.scalars(select(DuplicateCase).where(mine, _visible(actor)).options(*options).order_by(DuplicateCase.id)))


def histories(ids: Sequence[int]) -> dict[int, list[HistoryEntry]]:
    """Return what happened to each of these cases, oldest first."""
    query = (
        select(HistoryEntry).where(HistoryEntry.subject_kind == "duplicate", HistoryEntry.subject_id.in_(ids)).order_by(HistoryEntry.seq)
    )
    found: dict[int, list[HistoryEntry]] = {key: [] for key in ids}
    for entry in db.session.scalars(query) if ids else ():
        found[entry.subject_id].append(entry)
    return found
