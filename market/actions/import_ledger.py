"""A seller's own ledger (本单位合同台账): new contracts with the form's columns, and how far the registry is with known ones.

Every row is a contract that the importing organisation sells. A row that is here already changes nothing, unless its
登记状态 goes further: then the steps are taken that lie between, each with its permission, its guards and its history, as if
they had been entered one by one. Nothing is decided here: the list says what the registry said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from market.actions import contracts
from market.db import db, reading, transaction
from market.domain import clock, identifiers
from market.domain.contracts import CONTRACT, check_amounts, check_days, party_kind
from market.domain.errors import Invalid, MarketError
from market.domain.registration import BOARD
from market.models import Contract, ImportBatch, ImportRow, Organisation, User
from market.queries import accounts, contract_parties
from market.queries import contracts as queries

LOST = "（数字格式"
_BLOCK = ("nature", "address", "legal_person", "contact", "phone", "postcode")
_WAYS: dict[tuple[str, str], tuple[str, ...]] = {  # (state here, state in the ledger) → the steps that lie between
    ("signed", "filed"): ("file",), ("signed", "returned"): ("file", "return"), ("signed", "refused"): ("file", "refuse"),
    ("signed", "registered"): ("register",), ("filed", "returned"): ("return",), ("filed", "refused"): ("refuse",),
    ("filed", "registered"): ("register",), ("returned", "filed"): ("file",), ("returned", "refused"): ("refuse",),
    ("returned", "registered"): ("register",), ("refused", "filed"): ("file",), ("refused", "registered"): ("file", "register"),
}  # fmt: skip


def check(values: dict[str, Any], own: str | None) -> None:
    """Raise Invalid where a row contradicts itself; fills in the status that its dates and number say."""
    if values.get("seller_name") not in (None, own):
        raise Invalid({"seller_name": f"卖方是“{values['seller_name']}”：台账只收本单位作卖方的合同"})
    if values["buyer_name"] == own:
        raise Invalid({"buyer_name": "买卖双方不能是同一单位"})
    for name in ("buyer_code", "number"):
        if values.get(name):
            values[name] = _code(name, str(values[name]))
    check_amounts(values["amount_fen"], values.get("technical_amount_fen"))
    check_days(_day(values, "starts_on"), _day(values, "ends_on"))
    values["status"] = values.get("status") or ("registered" if values.get("number") else "filed" if values.get("filed_on") else "signed")
    _check_status(values)


def _code(name: str, text: str) -> str:
    if LOST in text:
        raise Invalid({name: "这一格在表格里是数字格式，末位已丢失：请把这一列设为文本，再填一遍"})
    return identifiers.registration_number(text, name) if name == "number" else identifiers.credit_code(text, name)


def _day(values: Mapping[str, Any], name: str) -> date | None:
    return date.fromisoformat(values[name]) if values.get(name) else None


def _check_status(values: Mapping[str, Any]) -> None:
    """Raise Invalid unless the row says what its status needs, in an order of days that can be."""
    status, word = values["status"], BOARD[values["status"]]
    if status == "registered":
        if not (values.get("number") and values.get("registered_on")):
            raise Invalid({"number": "已登记的请填写合同登记编号和登记日期"})
        if values.get("technical_amount_fen") is None:
            raise Invalid({"technical_amount_fen": "已登记的合同请填写技术交易额"})
    elif values.get("number") or values.get("registered_on"):
        raise Invalid({"status": f"登记状态是“{word}”，却有登记编号或登记日期"})
    if status in ("filed", "returned", "refused") and not values.get("filed_on"):
        raise Invalid({"filed_on": f"登记状态是“{word}”，请填写受理日期"})
    if status in ("returned", "refused") and not values.get("opinion"):
        raise Invalid({"opinion": f"登记状态是“{word}”，请填写登记机构意见"})
    days = [values[name] for name in ("signed_on", "filed_on", "registered_on") if values.get(name)]
    if days != sorted(days) or days[-1] > clock.today().isoformat():
        raise Invalid({"signed_on": "签订、受理、登记的日期应依次在后，且不晚于今天"})


def keys(values: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return what makes a row the same as another one of the ledger, or as a contract that the organisation sells."""
    found = [tuple(str(values.get(name)) for name in ("title", "buyer_name", "signed_on", "amount_fen"))]
    return [("number", str(values["number"])), *found] if values.get("number") else found


def _own(organisation_id: int | None) -> list[Any]:
    columns = (
        Contract.id,
        Contract.state,
        Contract.registration_number,
        Contract.title,
        Contract.buyer_name,
        Contract.signed_on,
        Contract.amount_fen,
    )
    return list(db.session.execute(select(*columns).where(Contract.seller_id == organisation_id)))


def _keys_of(row: Any) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [(row.title, row.buyer_name, str(row.signed_on), str(row.amount_fen))]
    return [("number", row.registration_number), *found] if row.registration_number else found


def known(organisation_id: int | None) -> set[tuple[str, ...]]:
    """Return the keys of what the organisation sells already."""
    return {key for row in _own(organisation_id) for key in _keys_of(row)}


def judge(staged: Sequence[dict[str, Any]], organisation_id: int | None, counts: dict[str, int]) -> None:
    """Say of each good row of a chunk whether it is new, goes further than what is here, or changes nothing; count anew."""
    good = [row for row in staged if row["state"] == "good"]
    ours = {key: row for row in _own(organisation_id) for key in _keys_of(row)}
    numbers = [row["values"]["number"] for row in good if row["values"].get("number")]
    others = select(Contract.registration_number).where(
        Contract.registration_number.in_(numbers), or_(Contract.seller_id != organisation_id, Contract.seller_id.is_(None))
    )
    taken = set(db.session.scalars(others)) if numbers else set()
    for row in good:
        values = row["values"]
        found = next((ours[key] for key in keys(values) if key in ours), None)
        if values.get("number") in taken:
            row["state"], row["errors"] = "refused", {"number": "这个登记编号已经用在另一份合同上，请核对登记证明"}
        elif found is not None:
            _held(row, found)
        if row["state"] != "good":
            counts["good"] -= 1
            counts[row["state"]] = counts.get(row["state"], 0) + 1


def _held(row: dict[str, Any], found: Any) -> None:
    """Say of a row that is here already which steps it brings, if any."""
    steps = _WAYS.get((found.state, row["values"]["status"]), ())
    if steps:
        words = "、".join(CONTRACT.step(name).label for name in steps)
        row["state"], row["item_id"], row["raw"] = "update", found.id, {**row["raw"], "steps": words}
    else:
        row["state"], row["errors"] = "duplicate", {"row": "重复：系统里已有这份合同，登记状态没有变化"}


def owners(batch: ImportBatch, rows: Sequence[Mapping[str, Any]]) -> dict[str, Organisation]:
    """Return the verified organisations that the rows name as buyers, and the importing one under an empty name."""
    names = {row["buyer_name"] for row in rows}
    found = {
        one.name: one
        for one in db.session.scalars(select(Organisation).where(Organisation.name.in_(names), Organisation.state == "verified"))
    }
    return found | {"": db.session.get_one(Organisation, batch.organisation_id)}


def record(batch: ImportBatch, values: Mapping[str, Any], owners: Mapping[str, Organisation]) -> dict[str, Any]:
    """Return the columns of a new contract."""
    seller, buyer = owners[""], owners.get(values["buyer_name"])
    facts = {name: values[f"buyer_{name}"] for name in _BLOCK if values.get(f"buyer_{name}")}
    facts |= {"credit_code": values["buyer_code"]} if values.get("buyer_code") else {}
    buyer_facts = (contract_parties.party_facts(buyer) | facts) if buyer else {"country": "中国", **facts}
    seller_facts = contract_parties.party_facts(seller)
    number = values.get("ledger_number")
    plain = ("subtype", "ip_type", "plan_source", "goal_code", "registry_office")
    return {
        "source": "ledger", "batch_id": batch.id, "author_id": batch.by_id, "title": values["title"], "type": values["type"],
        "field": values.get("field"), "industry": values.get("industry"), "payment_mode": values.get("payment_mode") or "once",
        **{name: values.get(name) or "" for name in plain}, "amount_fen": values["amount_fen"],
        "technical_amount_fen": values.get("technical_amount_fen"), "note": f"台账编号 {number}" if number else "",
        **{name: _day(values, name) for name in ("signed_on", "starts_on", "ends_on", "filed_on", "registered_on")},
        "related_parties": values.get("related") == "yes", "related_stated": bool(values.get("related")),
        "state": values["status"], "state_reason": values.get("opinion"), "registration_number": values.get("number"),
        "seller_id": seller.id, "seller_name": seller.name, "seller_region": seller.region, "seller_facts": seller_facts,
        "seller_kind": party_kind(seller.name, seller_facts), "buyer_id": buyer.id if buyer else None,
        "buyer_name": values["buyer_name"], "buyer_region": values["buyer_region"], "buyer_facts": buyer_facts,
        "buyer_kind": party_kind(values["buyer_name"], buyer_facts), "is_sample": seller.is_sample,
    }  # fmt: skip


def apply(batch_id: int) -> None:
    """Take the steps that the confirmed rows bring, as the person who uploaded; a refusal is written beside its row."""
    with reading():
        batch = db.session.get_one(ImportBatch, batch_id)
        query = select(ImportRow.id).where(ImportRow.batch_id == batch_id, ImportRow.state == "update").order_by(ImportRow.number)
        ids, by_id = list(db.session.scalars(query)), batch.by_id
    for row_id in ids:
        try:
            with transaction() as session:
                row = session.get_one(ImportRow, row_id)
                _advance(row, by_id)
                row.state = "settled"  # not among what an undo deletes
                session.get_one(ImportBatch, batch_id).done += 1
        except MarketError as error:
            with transaction() as session:
                row = session.get_one(ImportRow, row_id)
                row.state, row.errors = "refused", {"row": str(error)[:300]}


def _advance(row: ImportRow, by_id: int | None) -> None:
    options = [joinedload(User.organisation), selectinload(User.roles)]
    user = db.session.get(User, by_id or 0, options=options, populate_existing=True)
    contract = queries.get(row.item_id or 0)
    if user is None or contract is None:
        raise Invalid({"row": "合同或导入的人已经不在了"})
    values = row.values
    for name in _WAYS.get((contract.state, values["status"]), ()):
        said = {
            "filed_on": _day(values, "filed_on"), "reason": values.get("opinion"), "registration_number": values.get("number"),
            "registered_on": _day(values, "registered_on"), "registry_office": values.get("registry_office") or contract.registry_office,
        }  # fmt: skip
        contracts.take_step(contract, name, accounts.actor_of(user), said)
