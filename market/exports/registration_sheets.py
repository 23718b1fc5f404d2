"""The registration form as a spreadsheet: one contract with a row a field, or many with a row a contract, in the system's order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from market.domain import registration_form as form
from market.domain.registration_form import Entry, FormField, Unit
from market.exports.writers import Column, Conditions, Sheet, to_xlsx

_SHORT = {form.SELLER: "卖方", form.BUYER: "买方"}
_MONEY = {1: "yuan", 10_000: "wan"}
_AMOUNTS = {"amount": "amount_fen", "technical_amount": "technical_amount_fen", "new_investment": "new_investment_fen", "new_output": "new_output_fen"}  # fmt: skip


def explanation(entry: Entry, unit: Unit) -> str:
    """Return what stands beside a field: its code or words, the unit, what to note."""
    money = entry.field.kind == "money"
    said = [entry.cell.also, unit.hint if money else "", "已四舍五入" if entry.cell.rounded else "", entry.field.hint]
    return "；".join(part for part in said if part)


def one(entries: Sequence[Entry], unit: Unit, conditions: Conditions) -> bytes:
    """Return one contract's form as XLSX: number, part, field, the system's name, what to type, notes."""
    columns = [
        Column("序号", lambda row: row.number, "integer", 8),
        Column("部分", lambda row: _SHORT.get(row.field.section, row.field.section), width=10),
        Column("栏目", lambda row: row.field.label, width=22),
        Column("填写内容", lambda row: row.cell.text or ("（登记后给出）" if row.field.kind == "given" else "（待补）" if row.missing else ""), width=44),
        Column("代码、单位和提示", lambda row: explanation(row, unit), width=44),
        Column("系统字段", lambda row: row.field.system, width=20, meaning="2021 年登记系统里的字段名，待核"),
    ]  # fmt: skip
    return to_xlsx([Sheet("登记表", columns, entries)], conditions)


def header(field: FormField, unit: Unit) -> str:
    """Return a field's header in the table of many contracts, with the unit of amounts."""
    name = f"{_SHORT.get(field.section, '')}{field.label}"
    return f"{name}({unit.word})" if field.kind == "money" else name


def _value(field: FormField, unit: Unit) -> Callable[[Any], Any]:
    if field.kind == "day":
        return lambda contract: getattr(contract, field.key)
    if field.kind == "money" and unit.yuan in _MONEY:
        return lambda contract: getattr(contract, _AMOUNTS[field.key]) if field.applies(contract) else None
    return lambda contract: field.read(contract, unit).text if field.applies(contract) else ""


def columns(unit: Unit) -> list[Column]:
    """Return the columns of the table of many contracts: the fields of the form in its order."""
    return [
        Column(
            header(field, unit), _value(field, unit), _MONEY.get(unit.yuan, "text") if field.kind == "money" else "day" if field.kind == "day" else "text",
            16, "；".join(part for part in (field.hint, f"系统字段 {field.system}（待核）" if field.system else "") if part),
        )
        for field in form.FIELDS
    ]  # fmt: skip


def many(contracts: Sequence[Any], unit: Unit, conditions: Conditions) -> bytes:
    """Return the forms of many contracts as one XLSX, a row a contract."""
    return to_xlsx([Sheet("登记表", columns(unit), contracts)], conditions)
