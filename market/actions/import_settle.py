"""What a person decides on the rows of the registry's list that are not simply new: a difference, a likely contract of ours.

A difference that is taken over changes the contract's record, with its history; one of amount becomes a dated adjustment,
so that what was first reported stays. A likely contract that is confirmed gets the number and what was registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from market.actions import contracts, history, import_registry, import_write, jobs, notices, outcomes, steps
from market.actions.import_check import Progress
from market.db import db, reading, transaction
from market.domain import clock, registry
from market.domain.contracts import CONTRACT, party_kind
from market.domain.errors import IllegalStep, Invalid, MarketError, NotVisible
from market.domain.permissions import SYSTEM, Actor, Permission, Role, Subject, demand
from market.models import Adjustment, Contract, ImportBatch, ImportRow
from market.queries import accounts, contract_guards
from market.queries import contracts as queries

_DAYS = ("signed_on", "registered_on", "starts_on", "ends_on")
_TAKEN_OVER = (*registry.COMPARED, "starts_on", "ends_on", "registry_office", "plan_source", "goal_code", "payment_mode", "industry")
_WAY = {"signed": ("register",), "filed": ("register",), "returned": ("register",), "refused": ("file", "register")}
_SIGNATORIES = frozenset({Role.ORG_ADMIN, Role.TTO})


def _row(batch: ImportBatch, row_id: int, actor: Actor, state: str) -> ImportRow:
    if actor is not SYSTEM:
        demand(actor, Permission.IMPORT_LISTS)
    if batch.kind != "registry" or batch.state not in ("written", "settling"):
        raise IllegalStep("先确认导入这一批，再处理差异")
    row = db.session.scalar(select(ImportRow).where(ImportRow.id == row_id, ImportRow.batch_id == batch.id).with_for_update())
    if row is None:
        raise NotVisible
    if row.state != state:
        raise IllegalStep("这一行已经处理过")
    return row


def accept(batch: ImportBatch, row_id: int, actor: Actor) -> dict[str, list[Any]]:
    """Take over what the registry says of one contract; return the differences that were settled.

    What differs is asked anew, for the contract may have changed since the check. Raises Forbidden, NotVisible, IllegalStep
    (decided already, or not 已登记 here: that is settled on the contract's own page).
    """
    with transaction():
        row = _row(batch, row_id, actor, "differs")
        contract = queries.by_number(str(row.values["number"]))
        if contract is None:
            raise IllegalStep("本站已没有这个编号的合同，请重新上传清单")
        now = import_registry.by_number([str(row.values["number"])])[str(row.values["number"])]
        found = registry.differences(now, row.values)
        if "state" in found:
            raise IllegalStep(f"本站记为「{CONTRACT.states[contract.state]}」，登记机构清单里是已登记：请在合同页核对")
        _correct(contract, found, batch, actor)
        row.state = "settled"
        return found


def _correct(contract: Contract, found: Mapping[str, list[Any]], batch: ImportBatch, actor: Actor) -> None:
    """Write the differences into a registered contract: amounts as one adjustment, the rest into its columns."""
    reason = f"按登记机构清单核对：{batch.file_name}"[:300]
    deltas = [int(theirs) - int(ours or 0) for ours, theirs in (found.get(name, (0, 0)) for name in registry.AMOUNTS)]
    if any(deltas):
        day = max(clock.today(), contract.registered_on or clock.today())
        row = Adjustment(
            contract_id=contract.id, kind="change", on=day, delta_fen=deltas[0], technical_delta_fen=deltas[1], reason=reason, by_id=actor.id,
            is_sample=contract.is_sample,
        )  # fmt: skip
        db.session.add(row)
        detail = {"on": day.isoformat(), "delta_fen": deltas[0], "technical_delta_fen": deltas[1], "import": batch.id}
        history.record("contract", contract.id, "adjust", actor, reason=reason, detail=detail, is_sample=contract.is_sample)
    plain = {name: theirs for name, (_ours, theirs) in found.items() if name not in registry.AMOUNTS}
    if plain:
        changed = {name: [found[name][0], theirs] for name, theirs in plain.items()}
        _set(contract, plain)
        history.record(
            "contract",
            contract.id,
            "correct",
            actor,
            reason=reason,
            detail={"changed": changed, "import": batch.id},
            is_sample=contract.is_sample,
        )


def _set(contract: Contract, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(contract, name, date.fromisoformat(str(value)) if name in _DAYS and value else value)
    contract.seller_kind = party_kind(contract.seller_name, contract.seller_facts)
    contract.buyer_kind = party_kind(contract.buyer_name, contract.buyer_facts)
    db.session.flush()


def keep(batch: ImportBatch, row_id: int, reason: str, actor: Actor) -> None:
    """Leave the market's contract as it is, with the reason. Raises Forbidden, NotVisible, IllegalStep, Invalid."""
    if not reason.strip():
        raise Invalid({"reason": "请写明为什么保留本站的"})
    with transaction():
        row = _row(batch, row_id, actor, "differs")
        row.state, row.errors = "kept", {"row": reason.strip()[:200]}
        history.record("import", batch.id, "keep", actor, reason=reason.strip()[:300], detail={"row": row.number, "contract": row.item_id})


def same_as(batch: ImportBatch, row_id: int, contract_id: int, actor: Actor) -> Contract:
    """The row is a contract of the market: it is 已登记 now, with the number and the particulars that were registered.

    Raises Forbidden, NotVisible, IllegalStep (decided already, not among the suggestions, a step's own reason), Invalid.
    """
    with transaction():
        row = _row(batch, row_id, actor, "suggested")
        contract = queries.get(contract_id) if contract_id in {one["id"] for one in row.raw.get("suggestions", [])} else None
        if contract is None or contract.registration_number is not None:
            raise IllegalStep("这份合同已经有登记编号，或不在候选里")
        if queries.by_number(str(row.values["number"])) is not None:
            raise IllegalStep("这个登记编号已经用在另一份合同上")
        if contract.state == "draft":
            contracts.take_step(contract, "sign", actor, {"signed_on": date.fromisoformat(row.values["signed_on"])})
        _register(contract, row.values, batch, actor)
        row.state, row.item_id = "settled", contract.id
        return contract


def _register(contract: Contract, values: Mapping[str, Any], batch: ImportBatch, actor: Actor) -> None:
    """Bring a contract to 已登记 by the registry's word, through the same states as its seller would."""
    said = {name: values[name] for name in _TAKEN_OVER if values.get(name) not in (None, "")}
    before = {name: getattr(contract, name) for name in said}
    _set(contract, said)
    contract.registration_number = str(values["number"])
    changed = {name: [_plain(old), _plain(new)] for name, old in before.items() if (new := getattr(contract, name)) != old}
    detail: dict[str, Any] = {"number": values["number"], "registered_on": values["registered_on"], "import": batch.id, "changed": changed}
    facts = {name: getattr(contract, name) for name in (*registry.COMPARED, "registration_number")} | contract_guards.of_contract(contract)
    by_hand = Subject(assigned=actor.hands)  # the registry's word, brought by whoever may import it
    for name in _WAY[contract.state]:
        steps.take(contract, CONTRACT, name, actor, facts, detail=detail if name == "register" else {}, subject=by_hand)
    outcomes.of_contract(contract, actor.id)
    text = f"《{contract.title}》在登记机构的清单里，编号 {contract.registration_number}，已记为已登记。请核对。"
    people = [person for side in sorted(contract.subject.parties) for person in accounts.people_of(side, _SIGNATORIES)]
    notices.notify(
        people, "contract", "合同已按登记机构清单记为已登记", text, f"/contracts/{contract.id}", dedupe=f"contract-{contract.id}-registry",
        is_sample=contract.is_sample,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def as_new(batch: ImportBatch, row_id: int, actor: Actor) -> None:
    """The row is none of the market's contracts: it goes in as a new one. Raises Forbidden, NotVisible, IllegalStep."""
    with transaction():
        row = _row(batch, row_id, actor, "suggested")
        import_write.write_rows(batch.id, [row.id])


def accept_all(batch: ImportBatch, actor: Actor) -> None:
    """Let the worker take over every open difference of a batch. Raises Forbidden, IllegalStep."""
    if actor is not SYSTEM:
        demand(actor, Permission.IMPORT_LISTS)
    if batch.kind != "registry" or batch.state != "written":
        raise IllegalStep("这一批现在不能处理差异")
    with transaction():
        batch.state, batch.done, batch.total = "settling", 0, 0
        history.record("import", batch.id, "accept_all", actor, from_state="written", to_state="settling")
        jobs.enqueue("import_settle", {"batch_id": batch.id, "by_id": actor.id}, actor.id)


def settle_batch(batch_id: int, by_id: int | None, progress: Progress) -> None:
    """Take over every open difference, each in a transaction of its own; what cannot be settled stays open with its reason."""
    with reading():
        if db.session.get_one(ImportBatch, batch_id).state != "settling":
            return
        user = accounts.get_user(by_id) if by_id else None
        actor = accounts.actor_of(user) if user else SYSTEM
        query = select(ImportRow.id).where(ImportRow.batch_id == batch_id, ImportRow.state == "differs").order_by(ImportRow.number)
        ids = list(db.session.scalars(query))
    for position, row_id in enumerate(ids, start=1):
        try:
            accept(db.session.get_one(ImportBatch, batch_id), row_id, actor)
        except MarketError as error:
            _remark(row_id, str(error))
        if position % 100 == 0 or position == len(ids):
            _note(batch_id, position, len(ids))
            progress(position, len(ids))
    with transaction() as session:
        session.get_one(ImportBatch, batch_id).state = "written"


def _remark(row_id: int, reason: str) -> None:
    with transaction() as session:
        session.get_one(ImportRow, row_id).errors = {"row": reason[:200]}


def _note(batch_id: int, done: int, total: int) -> None:
    with transaction() as session:
        batch = session.get_one(ImportBatch, batch_id)
        batch.done, batch.total = done, total
