"""The sample's rows of a registry export: registered contracts of the years before and of this one."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert, select

from market.actions.sample.deals import side
from market.actions.sample.shelf import Shelf
from market.db import transaction
from market.domain import money
from market.domain.codes import CONTRACT_SUBTYPES, CONTRACT_TYPES, FIELDS, IP_TYPES
from market.domain.contracts import party_kind
from market.models import Contract

_TYPES = {word: code for code, word in CONTRACT_TYPES.items()}
_SUBTYPES = {word: code for table in CONTRACT_SUBTYPES.values() for code, word in table.items()} | {"集成电路布图设计专有权转让": "layout"}
_FIELDS = {word: code for code, word in FIELDS.items()}
_IP = {word: code for code, word in IP_TYPES.items()}


def load_registry(shelf: Shelf) -> None:
    """Write the registry rows whose registration has come; each has one entry in the history."""
    rows = [found for row in shelf.progress("登记清单", shelf.table("registry.csv")) if (found := _row(shelf, row))]
    clerk = shelf.people["B00-2"]
    with transaction() as session:
        session.execute(insert(Contract), rows)
        made = session.execute(select(Contract.id, Contract.registered_on).where(Contract.is_sample, Contract.source == "registry"))
        for contract_id, registered_on in made:
            assert registered_on is not None
            detail = {"source": "registry"}
            shelf.tell(
                "contract", contract_id, "import", clerk, shelf.moment(registered_on, "import"), to_state="registered", detail=detail
            )


def _row(shelf: Shelf, row: dict[str, str]) -> dict[str, Any] | None:
    registered, signed = _day(shelf, row, "登记日期"), _day(shelf, row, "签订日期")
    if registered > shelf.today or signed > shelf.today:
        return None
    kind = _TYPES[row["合同类型"]]
    return {
        "source": "registry",
        "title": row["项目名称"],
        "type": kind,
        "subtype": _SUBTYPES[row["合同子类"]] if row["合同子类"] else next(iter(CONTRACT_SUBTYPES[kind])),
        "signed_on": signed,
        "amount_fen": int(row["成交额(元)"]) * money.YUAN,
        "technical_amount_fen": int(row["技术交易额(元)"]) * money.YUAN,
        "ip_type": _IP[row["知识产权"]],
        "field": _FIELDS[row["技术领域"]],
        **_side(shelf, "seller", row, "卖方"),
        **_side(shelf, "buyer", row, "买方"),
        "state": "registered",
        "registration_number": f"{registered.year}{row['合同登记编号'][4:]}",
        "registered_on": registered,
        "created_at": shelf.moment(registered, row["合同登记编号"]),
        "is_sample": True,
        "version": 1,
    }


def _day(shelf: Shelf, row: dict[str, str], word: str) -> date:
    return date(shelf.today.year + int(row[f"{word}_year_offset"]), int(row[f"{word}_month"]), int(row[f"{word}_day"]))


def _side(shelf: Shelf, name: str, row: dict[str, str], word: str) -> dict[str, Any]:
    known = shelf.by_code.get(row[f"{word}信用代码"])
    if known is not None:
        return side(name, known)
    facts = {"credit_code": row[f"{word}信用代码"], "country": "中国"}
    return {
        f"{name}_id": None,
        f"{name}_name": shelf.marked(row[f"{word}名称"]),
        f"{name}_region": row[f"{word}地区"],
        f"{name}_facts": facts,
        f"{name}_kind": party_kind(row[f"{word}名称"], facts),
    }
