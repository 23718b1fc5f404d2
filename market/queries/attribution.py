"""What was recorded of contracts before their signing: the chain of one, the totals of each class, and the rows behind them.

The class is never stored: it is read from the records each time, so no page can hold an older one. Only contracts that go back
to a listing, a contact or a bid can be anything but 仅登记; those are few, and they alone are looked at one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import aliased

from market.db import db
from market.domain import attribution as rules
from market.domain import codes
from market.domain.attribution import Chain, Evidence, Person
from market.domain.permissions import Subject
from market.domain.statistics import Cell, Filter, total
from market.models import Bid, Challenge, Contact, ContactLine, Contract, Impression, Lead, MatchOutcome, User
from market.queries import contracts, figure_rows
from market.queries.statistics import conditions, figure

LINKED = or_(*(column.is_not(None) for column in (Contract.contact_id, Contract.bid_id, Contract.challenge_id, Contract.capability_id)))
_BATCH = 400  # contracts whose records are read together: fewer than any database's limit of values in one statement


@dataclass(frozen=True)
class Deal:
    """A contract with its chain; who may see the chain is asked of `subject`."""

    contract: Contract
    chain: Chain

    @property
    def subject(self) -> Subject:
        """The contract's own facts, and those through whom it came as the people to whom it is assigned."""
        own = self.contract.subject
        through = frozenset(person.id for person in self.chain.people)
        return Subject(owners=own.owners, parties=own.parties, assigned=own.assigned | through, cities=own.cities)


@dataclass(frozen=True)
class _Deal:
    """The columns of a contract that its chain is read from."""

    id: int
    signed_on: date | None
    registered_on: date | None
    number: str | None
    contact_id: int | None
    bid_id: int | None
    challenge_id: int | None
    capability_id: int | None
    seller_id: int | None
    buyer_id: int | None


@dataclass
class _Records:
    """What the database holds about a batch of contracts."""

    contacts: list[Any] = field(default_factory=list)
    meetings: dict[int, Any] = field(default_factory=dict)
    bids: dict[int, Any] = field(default_factory=dict)
    shown: dict[tuple[str, int], list[Any]] = field(default_factory=dict)
    opened: dict[tuple[str, int], list[Any]] = field(default_factory=dict)
    people: dict[int, list[Person]] = field(default_factory=dict)


def deal(contract_id: int) -> Deal | None:
    """Return a contract with its chain."""
    contract = contracts.get(contract_id)
    return None if contract is None else Deal(contract, of(contract))


def of(contract: Contract) -> Chain:
    """Return the chain of one contract."""
    columns = (contract.contact_id, contract.bid_id, contract.challenge_id, contract.capability_id, contract.seller_id, contract.buyer_id)
    row = _Deal(contract.id, contract.signed_on, contract.registered_on, contract.registration_number, *columns)
    return _chains([row])[contract.id]


def chains(wanted: Filter) -> dict[int, Chain]:
    """Return the chains of the contracts of a filter (stage signed or registered) that may be more than 仅登记, by contract."""
    columns = (Contract.contact_id, Contract.bid_id, Contract.challenge_id, Contract.capability_id, Contract.seller_id, Contract.buyer_id)
    query = select(Contract.id, Contract.signed_on, Contract.registered_on, Contract.registration_number, *columns)
    rows = [_Deal(*list(row)) for row in db.session.execute(query.where(LINKED, *conditions(wanted)).order_by(Contract.id))]
    return {key: chain for start in range(0, len(rows), _BATCH) for key, chain in _chains(rows[start : start + _BATCH]).items()}


def totals(wanted: Filter, found: dict[int, Chain] | None = None) -> dict[str, Cell]:
    """Return the figure of each class apart; together they make `statistics.figure(wanted)`, but no page adds them up."""
    found = chains(wanted) if found is None else found
    cells: dict[str, Cell] = dict.fromkeys(rules.CLASSES, Cell())
    for row in figure_rows.rows(wanted, only=LINKED):
        kind = found[row.id].kind or "recorded"
        standing = 0 if wanted.stage == "registered" and row.state == "cancelled" else 1
        cells[kind] = cells[kind] + Cell(standing, row.amount_fen, row.technical_fen)
    whole, linked = figure(wanted), total(cells.values())
    rest = Cell(whole.count - linked.count, whole.amount_fen - linked.amount_fen, whole.technical_fen - linked.technical_fen)
    return cells | {"recorded": cells["recorded"] + rest}


def of_class(kind: str, found: dict[int, Chain], *, linked_only: bool = False) -> ColumnElement[bool]:
    """Return the condition on contracts of one class, by the chains of the same filter; `linked_only` leaves out those of no chain."""
    ids = [key for key, chain in found.items() if (chain.kind or "recorded") == kind]
    same = or_(*(Contract.id.in_(ids[start : start + _BATCH]) for start in range(0, len(ids), _BATCH))) if ids else Contract.id.in_([])
    return or_(same, not_(LINKED)) if kind == "recorded" and not linked_only else same


def _chains(rows: Sequence[_Deal]) -> dict[int, Chain]:
    records = _read(rows)
    return {row.id: _chain(row, records) for row in rows}


def _read(rows: Sequence[_Deal]) -> _Records:
    """Return the records of a batch, in seven statements however many contracts it has; in none where nothing is linked."""
    if not any(row.contact_id or row.bid_id or row.challenge_id or row.capability_id for row in rows):
        return _Records()
    records = _Records(contacts=_contacts(rows))
    ids = [contact.id for contact in records.contacts]
    query = (
        select(ContactLine.contact_id, ContactLine.happened_on, ContactLine.created_at, ContactLine.kind, ContactLine.by_name)
        .where(ContactLine.contact_id.in_(ids), ContactLine.kind.in_(rules.MEETING_KINDS))
        .order_by(ContactLine.created_at.desc(), ContactLine.id.desc())
    )
    records.meetings = {line.contact_id: line for line in db.session.execute(query)}  # the first one stays
    bids = select(Bid.id, Bid.received_at, Bid.decided_at, Bid.state).where(Bid.id.in_(_known(rows, "bid_id")))
    records.bids = {bid.id: bid for bid in db.session.execute(bids)}
    brokers = {contact.broker_id for contact in records.contacts if contact.broker_id}
    records.shown = _seen(Impression, (), rows, brokers)
    records.opened = _seen(MatchOutcome, (MatchOutcome.act == "opened",), rows, brokers)
    records.people = _people(rows)
    return records


def _known(rows: Sequence[_Deal], name: str) -> list[int]:
    return sorted({value for row in rows if (value := getattr(row, name))})


def _contacts(rows: Sequence[_Deal]) -> list[Any]:
    """Return the contacts that the contracts came from, and all others about the same listings, oldest first."""
    broker = aliased(User)
    about = or_(
        Contact.id.in_(_known(rows, "contact_id")),
        Contact.challenge_id.in_(_known(rows, "challenge_id")),
        Contact.capability_id.in_(_known(rows, "capability_id")),
    )
    columns = (Contact.seeker_id, Contact.provider_id, Contact.challenge_id, Contact.capability_id, Contact.state)
    moments = (Contact.created_at, Contact.answered_at, Contact.asked_by_seeker, Contact.broker_id, broker.name.label("broker"))
    query = select(Contact.id, *columns, *moments).outerjoin(broker, broker.id == Contact.broker_id).where(about)
    return list(db.session.execute(query.order_by(Contact.created_at, Contact.id)))


def _seen(table: Any, more: tuple[Any, ...], rows: Sequence[_Deal], brokers: set[int]) -> dict[tuple[str, int], list[Any]]:
    """Return when which organisation or broker first saw (or opened) each listing: (kind, id) → [(organisation, person, moment)]."""
    listings = or_(
        and_(table.item_kind == "challenge", table.item_id.in_(_known(rows, "challenge_id"))),
        and_(table.item_kind == "capability", table.item_id.in_(_known(rows, "capability_id"))),
    )
    sides = [*_known(rows, "seller_id"), *_known(rows, "buyer_id")]
    who = or_(table.organisation_id.in_(sides), table.user_id.in_(brokers))
    keys = (table.item_kind, table.item_id, table.organisation_id, table.user_id)
    query = select(*keys, func.min(table.at).label("at")).where(listings, who, *more).group_by(*keys)
    found: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for row in db.session.execute(query):
        found[row.item_kind, row.item_id].append(row)
    return found


def _people(rows: Sequence[_Deal]) -> dict[int, list[Person]]:
    """Return who filled a challenge in for its enterprise, and whose lead it was, by challenge."""
    assignee, lead_of = aliased(User), aliased(User)
    query = (
        select(Challenge.id, assignee.id, assignee.name, lead_of.id, lead_of.name)
        .outerjoin(assignee, assignee.id == Challenge.assignee_id)
        .outerjoin(Lead, Lead.id == Challenge.lead_id)
        .outerjoin(lead_of, lead_of.id == Lead.assignee_id)
        .where(Challenge.id.in_(_known(rows, "challenge_id")))
    )
    found: dict[int, list[Person]] = {}
    for challenge, filled_id, filled, lead_id, lead in db.session.execute(query):
        parts = (("assignee", filled_id, filled), ("lead", lead_id, lead))
        found[challenge] = [Person(role, key, name) for role, key, name in parts if key]
    return found


def _chain(row: _Deal, records: _Records) -> Chain:
    own = [contact for contact in records.contacts if _is_about(contact, row)]
    first = own[0] if own else None
    accepted = min((contact for contact in own if _met(contact)), key=lambda contact: contact.answered_at, default=None)
    met = min((line for contact in own if (line := records.meetings.get(contact.id))), key=lambda line: line.created_at, default=None)
    bid = records.bids.get(row.bid_id or 0)
    brokers = {contact.broker_id: contact.broker for contact in own if contact.broker_id}
    evidence = Evidence(
        signed_on=row.signed_on,
        registered_on=row.registered_on,
        number=row.number or "",
        by_call=row.bid_id is not None,
        impression=_first(records.shown, row, set(brokers)),
        view=_first(records.opened, row, set(brokers)),
        asked=first.created_at if first else None,
        accepted=accepted.answered_at if accepted else None,
        met=met.created_at if met else None,
        met_on=met.happened_on if met else None,
        bid=bid.received_at if bid else None,
        chosen=bid.decided_at if bid and bid.state == "chosen" else None,
        notes=_notes(row, first, accepted, met),
    )
    people = [Person("broker", key, name) for key, name in brokers.items()]
    people += records.people.get(row.challenge_id or 0, [])
    return rules.chain(row.id, evidence, people)


def _is_about(contact: Any, row: _Deal) -> bool:
    """True for the contact a contract came from, and for others of the same two sides about the same listing."""
    if contact.id == row.contact_id:
        return True
    same_sides = {contact.seeker_id, contact.provider_id} == {row.buyer_id, row.seller_id}
    same_thing = (row.challenge_id and contact.challenge_id == row.challenge_id) or (
        row.capability_id and contact.capability_id == row.capability_id
    )
    return bool(same_sides and same_thing)


def _met(contact: Any) -> bool:
    return contact.state in {"accepted", "contracted", "closed"} and contact.answered_at is not None


def _first(seen: dict[tuple[str, int], list[Any]], row: _Deal, brokers: set[int]) -> datetime | None:
    """Return the first moment at which a side of the contract, or its broker, saw what the other side had listed."""
    return min((at for at in _moments(seen, row, brokers)), default=None)


def _moments(seen: dict[tuple[str, int], list[Any]], row: _Deal, brokers: set[int]) -> Iterator[datetime]:
    for kind, key, side in (("challenge", row.challenge_id, row.seller_id), ("capability", row.capability_id, row.buyer_id)):
        for one in seen.get((kind, key or 0), []):
            if one.organisation_id == side or one.user_id in brokers:
                yield one.at


def _notes(row: _Deal, first: Any, accepted: Any, met: Any) -> dict[str, str]:
    """Return what else is known of the links, in words."""
    notes = {}
    if first is not None:
        asked = f"由{first.broker}引荐" if first.broker else "需求方发起" if first.asked_by_seeker else "供给方发起"
        answered = f"，{rules.day_of(accepted.answered_at)} 对方同意" if accepted else "，对方没有同意"
        notes["contact"] = asked + answered
    if met is not None:
        recorded = rules.day_of(met.created_at)
        notes["meeting"] = codes.CONTACT_LINE_KINDS[met.kind] + (f"，{recorded} 记入" if recorded != met.happened_on else "")
    if row.number:
        notes["registration"] = f"编号 {row.number}"
    return notes
