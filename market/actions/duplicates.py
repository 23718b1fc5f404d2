"""Suspected duplicates: cases opened where the rules find two contracts alike, decided by a person, decided anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from market.actions import history, notices, steps
from market.actions.jobs import Progress
from market.db import db, reading, transaction
from market.domain import clock
from market.domain.duplicates import DUPLICATE, Likeness
from market.domain.errors import IllegalStep, Invalid
from market.domain.permissions import SYSTEM, Actor, Role
from market.models import Adjustment, Contract, DuplicateCase, ImportRow
from market.queries import accounts
from market.queries import duplicates as queries

KIND = "duplicate"  # of the adjustment that takes a registered duplicate out of the totals
CHUNK = 500


def look(ids: Sequence[int]) -> int:
    """Open a case for each pair that may be one contract and of which one is in `ids`; return how many were opened."""
    with transaction():
        return _open(queries.likenesses(ids))


def _open(likenesses: Sequence[Likeness]) -> int:
    session, opened = db.session, 0
    for found in likenesses:
        if queries.of_pair(found.first, found.second) is not None:
            continue
        sample = bool(session.scalar(select(Contract.is_sample).where(Contract.id == found.first)))
        case = DuplicateCase(contract_id=found.first, other_id=found.second, cause=found.cause, likeness_bp=found.bp, is_sample=sample)
        session.add(case)
        session.flush()
        history.record("duplicate", case.id, "find", SYSTEM, to_state="open", detail={"cause": found.cause}, is_sample=sample)
        opened += 1
    return opened


def look_at_batch(batch_id: int, progress: Progress) -> None:
    """Open the cases of the contracts that an import wrote: a job of the worker, which compares without holding a lock."""
    with reading():
        query = select(ImportRow.item_id).where(ImportRow.batch_id == batch_id, ImportRow.item_id.is_not(None)).order_by(ImportRow.id)
        found = queries.likenesses([int(key) for key in db.session.scalars(query) if key is not None])
    for start in range(0, len(found), CHUNK):
        with transaction():
            _open(found[start : start + CHUNK])
        progress(min(start + CHUNK, len(found)), len(found))


def decide(case: DuplicateCase, name: str, actor: Actor, reason: str, kept_id: int | None = None, version: int | None = None) -> None:
    """Take one step of a case (same, different, reopen). `kept_id` says which of the two stands, for `same`.

    The other one is no longer counted; one that is registered goes out by an adjustment of today, so that what was first
    reported stays. Deciding anew takes that back in the same way. Raises Forbidden, IllegalStep, Invalid, Stale.
    """
    steps.check_version(case, version)
    if not reason.strip():
        raise Invalid({"reason": "请写明理由"})
    with transaction():
        detail: dict[str, Any] = {}
        if name == "same":
            detail = {"kept": _check_kept(case, kept_id)}
        before = case.kept_id
        case.reason, case.kept_id = reason.strip()[:300], detail.get("kept")
        case.decided_at, case.decided_by_id = (None, None) if name == "reopen" else (clock.now(), actor.id)
        with db.session.no_autoflush:
            steps.take(case, DUPLICATE, name, actor, reason=case.reason, detail=detail)
        if name == "same":
            _leave_out(_other(case, case.kept_id), case, actor)
        elif name == "reopen" and before is not None:
            _take_back(_other(case, before), case, actor)
        db.session.flush()


def _check_kept(case: DuplicateCase, kept_id: int | None) -> int:
    if kept_id not in (case.contract_id, case.other_id):
        raise Invalid({"kept": "请选择保留哪一份"})
    kept, gone = (case.contract, case.other) if kept_id == case.contract_id else (case.other, case.contract)
    if kept.is_duplicate or gone.is_duplicate:
        raise IllegalStep("其中一份已经判断为与第三份重复，请先重新判断那一件")
    if gone.state == "registered" and kept.state != "registered":
        raise Invalid({"kept": "已登记的一份要保留：登记的编号和金额在它上面"})
    return kept_id


def _other(case: DuplicateCase, kept_id: int | None) -> Contract:
    return case.other if kept_id == case.contract_id else case.contract


def _leave_out(contract: Contract, case: DuplicateCase, actor: Actor) -> None:
    contract.is_duplicate = True
    detail: dict[str, Any] = {"case": case.id, "kept": case.kept_id}
    if contract.state == "registered":
        amount = contract.amount_fen + sum(a.delta_fen for a in contract.adjustments)
        technical = (contract.technical_amount_fen or 0) + sum(a.technical_delta_fen for a in contract.adjustments)
        detail["delta_fen"] = _adjust(contract, -amount, -technical, f"重复记录：{case.reason}", actor)
    history.record("contract", contract.id, "duplicate", actor, reason=case.reason, detail=detail, is_sample=contract.is_sample)
    _tell(contract, case, actor, "一份合同被判断为重复记录", "不再重复计数")


def _take_back(contract: Contract, case: DuplicateCase, actor: Actor) -> None:
    contract.is_duplicate = False
    detail: dict[str, Any] = {"case": case.id}
    taken = [row for row in contract.adjustments if row.kind == KIND]
    amount, technical = sum(row.delta_fen for row in taken), sum(row.technical_delta_fen for row in taken)
    if amount or technical:
        detail["delta_fen"] = _adjust(contract, -amount, -technical, f"撤销重复的判断：{case.reason}", actor)
    history.record("contract", contract.id, "unduplicate", actor, reason=case.reason, detail=detail, is_sample=contract.is_sample)
    _tell(contract, case, actor, "一份合同不再视为重复记录", "恢复计数")


def _adjust(contract: Contract, delta: int, technical: int, reason: str, actor: Actor) -> int:
    row = Adjustment(
        contract_id=contract.id, kind=KIND, on=clock.today(), delta_fen=delta, technical_delta_fen=technical, reason=reason[:300],
        by_id=actor.id,
    )  # fmt: skip
    row.is_sample = contract.is_sample
    contract.adjustments.append(row)
    return delta


def _tell(contract: Contract, case: DuplicateCase, actor: Actor, title: str, what: str) -> None:
    """Tell the seller's authorised people, except who did it; the other contract is not named."""
    heads = frozenset({Role.ORG_ADMIN, Role.TTO})
    people = [one for side in sorted(contract.subject.owners) for one in accounts.people_of(side, heads) if one.id != actor.id]
    key = f"duplicate-{case.id}-{case.version}-{contract.id}"
    text = f"《{contract.title}》{what}，理由和经过见合同页面。"
    notices.notify(people, "contract", title, text, f"/contracts/{contract.id}", dedupe=key, is_sample=contract.is_sample)
