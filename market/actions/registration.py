"""Preparing a registration: answers of the pre-check, the place in the form, several contracts accepted on one day, the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from market.actions import contracts, history
from market.actions.exports import File
from market.db import db, transaction
from market.domain import clock, precheck
from market.domain import registration_form as form
from market.domain.errors import Invalid, MarketError
from market.domain.permissions import Actor, demand
from market.domain.permissions import Permission as P
from market.exports import registration_papers as papers
from market.exports import registration_sheets as sheets
from market.exports.word import DOCX_TYPE
from market.exports.writers import XLSX_TYPE, Conditions
from market.models import Contract, FormPlace, PrecheckAnswer
from market.queries import contracts as contract_queries
from market.queries import registration as queries

ZIP_TYPE = "application/zip"


def answer(contract: Contract, given: Mapping[str, str], actor: Actor) -> int:
    """Keep answers (yes or no) to questions of the pre-check; return how many changed. Unknown questions are ignored.

    Raises Forbidden.
    """
    demand(actor, P.PREPARE_REGISTRATION, contract.subject)
    wanted = {key: said for key, said in given.items() if said in ("yes", "no") and key in precheck.BY_KEY and precheck.BY_KEY[key].asked}
    with transaction() as session:
        known, changed = queries.answers(contract.id), {}
        for key, said in wanted.items():
            basis = precheck.basis_of(precheck.BY_KEY[key], contract)
            row = known.get(key)
            if row is not None and (row.answer, row.basis) == (said, basis):
                continue
            if row is None:
                row = PrecheckAnswer(contract_id=contract.id, item=key, is_sample=contract.is_sample)
                session.add(row)
            row.answer, row.basis, row.answered_at, row.by_id, row.by_name = said, basis, clock.now(), actor.id, actor.name
            changed[key] = said
        if changed:
            history.record("contract", contract.id, "precheck", actor, detail={"answers": changed}, is_sample=contract.is_sample)
        return len(changed)


def keep_place(contract: Contract, key: str, actor: Actor) -> FormPlace:
    """Keep where this person stopped typing: `key` is the last field that was filled. Raises Forbidden, Invalid."""
    demand(actor, P.PREPARE_REGISTRATION, contract.subject)
    if key not in form.KEYS:
        raise Invalid({"key": "没有这一栏"})
    with transaction() as session:
        row = queries.place(int(actor.id or 0), contract.id)
        if row is None:
            row = FormPlace(user_id=int(actor.id or 0), contract_id=contract.id, field=key, done=[])
            session.add(row)
        row.field, row.changed_at = key, clock.now()
        row.done = [one for one in form.KEYS if one == key or one in row.done]
        session.flush()
        return row


def forget_place(contract: Contract, actor: Actor) -> None:
    """Begin the form again from its first field. Raises Forbidden."""
    demand(actor, P.PREPARE_REGISTRATION, contract.subject)
    with transaction() as session:
        row = queries.place(int(actor.id or 0), contract.id)
        if row is not None:
            session.delete(row)


def file_many(ids: Sequence[int], filed_on: date | None, actor: Actor) -> int:
    """Note that the registry accepted several contracts on one day; all or none. Return how many.

    Raises Invalid beside `contract` with the names of those that cannot be, or beside `filed_on`.
    """
    if not ids:
        raise Invalid({"contract": "请先勾选合同"})
    if filed_on is None:
        raise Invalid({"filed_on": "请填写受理日期"})
    with transaction():
        for number in list(dict.fromkeys(ids))[: queries.MOST_FORMS]:
            contract = contract_queries.get(number)
            if contract is None:
                raise Invalid({"contract": "勾选的合同已经不在了，请刷新"})
            demand(actor, P.REGISTER_CONTRACT, contract.subject)
            try:
                contracts.take_step(contract, "file", actor, {"filed_on": filed_on})
            except MarketError as error:
                raise Invalid({"contract": f"《{contract.title}》：{error}"}) from error
        db.session.flush()
    return len(set(ids))


def form_file(contract: Contract, kind: str, actor: Actor) -> File:
    """Return the filled form of one contract as XLSX or DOCX. Raises Forbidden."""
    demand(actor, P.PREPARE_REGISTRATION, contract.subject)
    unit = queries.unit()
    filled = form.entries(contract, unit)
    name = f"技术合同登记表-{papers.file_stem(contract.title)}"
    if kind == "xlsx":
        return File(
            f"{name}.xlsx", XLSX_TYPE, sheets.one(filled, unit, _conditions(contract.title, actor, contract.is_sample)), len(filled)
        )
    return File(f"{name}.docx", DOCX_TYPE, _paper(contract, actor, unit), len(filled))


def forms_file(contracts: Sequence[Contract], kind: str, actor: Actor) -> File:
    """Return the forms of many contracts: one XLSX with a row a contract, or a ZIP of DOCX. Raises Forbidden, Invalid."""
    if not contracts:
        raise Invalid({"contract": "请先勾选合同"})
    for contract in contracts:
        demand(actor, P.PREPARE_REGISTRATION, contract.subject)
    unit, today = queries.unit(), clock.today()
    if kind == "xlsx":
        sample = any(contract.is_sample for contract in contracts)
        content = sheets.many(contracts, unit, _conditions(f"{len(contracts)} 份技术合同的登记表", actor, sample))
        return File(f"技术合同登记表-{today}.xlsx", XLSX_TYPE, content, len(contracts))
    content = papers.archive((contract.title, _paper(contract, actor, unit)) for contract in contracts)
    return File(f"技术合同登记表-{today}.zip", ZIP_TYPE, content, len(contracts))


def _paper(contract: Contract, actor: Actor, unit: form.Unit) -> bytes:
    notes = [f"由 {actor.name} 于 {clock.today()} 生成；金额{unit.hint}。"]
    if contract.is_sample:
        notes.insert(0, "示例数据，不可用于申报。")
    return papers.paper(contract.title, form.entries(contract, unit), unit, actor.name, notes)


def _conditions(title: str, actor: Actor, sample: bool) -> Conditions:
    lines = (("口径", form.UNCHECKED), ("用途", "登记系统填报的底稿，认定和编号以登记机构为准"))
    return Conditions(title, "申请登记时的内容", actor.name, clock.now(), sample, lines)
