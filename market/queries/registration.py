"""What the pages of registration read: the status board, the pre-check of one contract, its filled form, where one stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, extract, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain import clock, precheck
from market.domain import registration as rules
from market.domain.codes import DISTRICT
from market.domain.permissions import Actor, Scope, scope_of
from market.domain.permissions import Permission as P
from market.domain.registration_form import Unit
from market.models import Contract, DuplicateCase, FormPlace, HistoryEntry, ImportBatch, ImportRow, PrecheckAnswer
from market.queries import duplicates, settings
from market.queries.contracts import visible_to

PAGE = 20
CHECKED = ("draft", "signed", "filed", "returned", "refused")
MOST_FORMS = 100  # contracts whose forms are made at once


@dataclass(frozen=True)
class BoardFilter:
    """What the board is narrowed by. `state` chooses the rows below; `year` is of registration or refusal, the open ones are of all years."""

    state: str
    year: int
    q: str = ""
    here: bool = False


@dataclass(frozen=True)
class Column:
    """One column of the board: how many, for how much, and how long the oldest has waited."""

    state: str
    number: int
    amount_fen: int
    longest: int | None


@dataclass(frozen=True)
class Row:
    """One contract of the chosen column; `since` is the day from which it waits, `due` the day by which an answer is due."""

    contract: Contract
    since: date | None
    waited: int | None
    due: date | None
    reason: str | None


@dataclass(frozen=True)
class Board:
    """The board with the rows of its chosen column."""

    columns: list[Column]
    rows: list[Row]
    page: int
    pages: int
    total: int


def _since() -> Any:
    """Return the day from which a contract waits in its state, where a column holds it."""
    return case(
        (Contract.state == "signed", Contract.signed_on), (Contract.state == "filed", Contract.filed_on), else_=Contract.registered_on
    )


def _mine(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of the board: what the actor may see; of an organisation's own, what it sells (the seller registers)."""
    seen = visible_to(actor)
    if scope_of(actor, P.SEE_CONTRACT) in {Scope.ANY, Scope.CITY}:
        return seen
    return and_(seen, Contract.seller_id == actor.organisation_id)


def _narrowed(actor: Actor, wanted: BoardFilter) -> list[ColumnElement[bool]]:
    in_year = extract("year", func.coalesce(Contract.registered_on, Contract.filed_on, Contract.signed_on)) == wanted.year
    found = [
        _mine(actor),
        Contract.is_duplicate.is_(False),
        Contract.parent_kind != "change",  # a change is registered with the contract that it changes
        or_(Contract.state.in_(rules.OPEN), and_(Contract.state.in_(("registered", "refused")), in_year)),
    ]
    if wanted.here:
        found.append(Contract.seller_region == DISTRICT)
    if wanted.q:
        words = (Contract.title, Contract.seller_name, Contract.buyer_name, Contract.registration_number)
        found.append(or_(*(column.contains(wanted.q, autoescape=True) for column in words)))
    return found


def board(actor: Actor, wanted: BoardFilter, page: int = 1) -> Board:
    """Return the board as `actor` may see it, the longest waiting first; the number of statements does not grow with the contracts."""
    conditions = _narrowed(actor, wanted)
    counted = select(Contract.state, func.count(), func.coalesce(func.sum(Contract.amount_fen), 0), func.min(_since()))
    found = {row[0]: row for row in db.session.execute(counted.where(*conditions).group_by(Contract.state))}
    today, entered = clock.today(), _entered([*conditions, Contract.state == "returned"])
    columns = []
    for state in rules.BOARD:
        number, amount, oldest = (int(found[state][1]), int(found[state][2]), found[state][3]) if state in found else (0, 0, None)
        oldest = min(entered.values(), default=None) if state == "returned" else oldest
        longest = rules.waited(oldest, today) if state in rules.OPEN else None
        columns.append(Column(state, number, amount, longest))
    total = next(column.number for column in columns if column.state == wanted.state)
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    latest_first = wanted.state in {"registered", "refused"}
    order = (_since().desc() if latest_first else _since().asc(), Contract.id)
    query = select(Contract).where(*conditions, Contract.state == wanted.state).order_by(*order).limit(PAGE).offset((page - 1) * PAGE)
    contracts = list(db.session.scalars(query))
    return Board(columns, _rows(contracts, entered, today), page, pages, total)


def _entered(conditions: Sequence[ColumnElement[bool]]) -> dict[int, date]:
    """Return since when the contracts of these conditions are in their state, as the history says, by contract."""
    inside = select(Contract.id).where(*conditions)
    query = (
        select(HistoryEntry.subject_id, func.max(HistoryEntry.at))
        .where(HistoryEntry.subject_kind == "contract", HistoryEntry.to_state == "returned", HistoryEntry.subject_id.in_(inside))
        .group_by(HistoryEntry.subject_id)
    )
    return {int(key): clock.local(at).date() for key, at in db.session.execute(query)}


def _rows(contracts: Sequence[Contract], entered: dict[int, date], today: date) -> list[Row]:
    rows = []
    due = answers_due(contracts)
    for contract in contracts:
        since = {"signed": contract.signed_on, "filed": contract.filed_on, "returned": entered.get(contract.id, contract.filed_on)}.get(
            contract.state
        )
        rows.append(Row(contract, since, rules.waited(since, today), due.get(contract.id), contract.state_reason))
    return rows


def answers_due(contracts: Sequence[Contract]) -> dict[int, date]:
    """Return by when the registry should answer what it has accepted, by contract: working days of the dated rule (待核).

    Contracts of another state, and a rule that is 待录入, are left out.
    """
    filed = [contract for contract in contracts if contract.state == "filed" and contract.filed_on]
    if not filed:
        return {}
    law = settings.rules(names=("registration_days", "large_registration_days", "large_contract_fen"))
    calendar, found = settings.work_calendar(), {}
    for contract in filed:
        limit = law["large_contract_fen"]
        large = limit is not None and (contract.technical_amount_fen or 0) >= limit.value
        days = law["large_registration_days" if large else "registration_days"]
        if days is not None and contract.filed_on is not None:
            found[contract.id] = calendar.add(contract.filed_on, days.value)
    return found


def for_forms(ids: Sequence[int]) -> list[Contract]:
    """Return contracts with all that the form and the pre-check read, in the order asked."""
    options = (
        joinedload(Contract.seller), joinedload(Contract.buyer), selectinload(Contract.instalments), selectinload(Contract.costs),
        selectinload(Contract.adjustments),
    )  # fmt: skip
    found = {one.id: one for one in db.session.scalars(select(Contract).where(Contract.id.in_(list(ids)[:MOST_FORMS])).options(*options))}
    return [found[key] for key in dict.fromkeys(ids) if key in found]


def of_batch(batch_id: int, actor: Actor) -> list[int]:
    """Return the contracts that a ledger brought or moved on, where it is the actor's own organisation's."""
    own = select(ImportBatch.id).where(ImportBatch.id == batch_id, ImportBatch.organisation_id == (actor.organisation_id or 0))
    query = select(ImportRow.item_id).where(
        ImportRow.batch_id.in_(own), ImportRow.state.in_(("written", "settled")), ImportRow.item_id.is_not(None)
    )
    return [int(key) for key in db.session.scalars(query.order_by(ImportRow.number)) if key is not None]


def unit() -> Unit:
    """Return in what the registry's system wants amounts, by the dated rules of today; 元 with two decimals while they are 待录入."""
    law = settings.rules(names=("form_amount_yuan", "form_amount_places"))
    yuan, places = law["form_amount_yuan"], law["form_amount_places"]
    if yuan is None or places is None:
        return Unit()
    return Unit(yuan.value or 1, places.value, yuan.checked and places.checked, yuan.source)


def answers(contract_id: int) -> dict[str, PrecheckAnswer]:
    """Return the answers given to the pre-check of a contract, by item."""
    rows = db.session.scalars(select(PrecheckAnswer).where(PrecheckAnswer.contract_id == contract_id))
    return {row.item: row for row in rows}


def prechecked(contract: Contract, actor: Actor, given: dict[str, PrecheckAnswer] | None = None) -> list[precheck.Result]:
    """Return the sixteen results of a contract that was loaded with its sides, instalments and cost list, as `actor` may read them."""
    given = answers(contract.id) if given is None else given
    names = {side: org.name for side in ("seller", "buyer") if (org := getattr(contract, side)) is not None}
    facts = precheck.Facts(
        contract, clock.today(), names, [twin.title for twin in duplicates.twins(contract, actor)], _number_taken(contract)
    )
    return precheck.results(facts, {item: (row.answer, row.basis) for item, row in given.items()})


def _number_taken(contract: Contract) -> bool:
    if not contract.registration_number:
        return False
    other = exists(select(Contract.id).where(Contract.registration_number == contract.registration_number, Contract.id != contract.id))
    return bool(db.session.scalar(select(other)))


@dataclass(frozen=True)
class Panel:
    """What the section 认定登记 of a contract's page shows; no results for what is registered, cancelled or given up."""

    results: list[precheck.Result]
    cases: list[DuplicateCase]
    due: date | None
    parts: rules.NumberParts | None
    number_warnings: list[str]
    parts_note: str = rules.PARTS_NOTE

    @property
    def sentence(self) -> str:
        """The pre-check in one line."""
        return precheck.sentence(self.results)

    @property
    def to_mend(self) -> list[precheck.Result]:
        """What must be changed before it is filed."""
        return [result for result in self.results if result.state == precheck.MEND]


def panel(contract: Contract, actor: Actor) -> Panel:
    """Return the registration of one contract, loaded with its sides, instalments and cost list, as `actor` may read it."""
    number = contract.registration_number
    return Panel(
        results=prechecked(contract, actor) if contract.state in CHECKED else [],
        cases=duplicates.cases_of(contract, actor),
        due=answers_due([contract]).get(contract.id),
        parts=rules.number_parts(number) if number else None,
        number_warnings=rules.number_warnings(number, contract.registered_on, contract.seller_region) if number else [],
    )


def place(user_id: int, contract_id: int) -> FormPlace | None:
    """Return where a person stopped typing a contract into the registry's system."""
    return db.session.scalar(select(FormPlace).where(FormPlace.user_id == user_id, FormPlace.contract_id == contract_id))
