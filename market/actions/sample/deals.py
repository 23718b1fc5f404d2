"""Sample contracts with their payments and adjustments, and the list of cooperations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from market.actions.sample.shelf import Shelf, fen
from market.db import db, transaction
from market.domain import clock, money
from market.domain.codes import CONTRACT_SUBTYPES, PLAN_SOURCES, REGIONS, ROYALTY_MODES
from market.domain.contracts import party_kind
from market.models import Adjustment, Bid, Contract, Cooperation, CostLine, Instalment, Organisation, Payment
from market.queries.contract_parties import party_facts

OFFICE = "普陀区技术合同登记点（示例）"
POINT = "98"  # the sample's registration point
CANCELLED_AFTER = 60  # days from the registration to its cancellation
_PLANS = {word: code for code, word in PLAN_SOURCES.items()}
_PARTS = (("合同生效", 3000), ("阶段成果验收", 4000), ("最终验收", 3000))  # basis points of the price
_STATES = {"submitted": "filed"}
_CITIES = {name.removesuffix("市"): code for code, name in REGIONS.items()} | {"上海": "310000"}


@dataclass(frozen=True)
class Days:
    """The days of one contract; None: it did not come to that (yet)."""

    signed: date
    filed: date | None
    registered: date | None
    cancelled: date | None


def load_contracts(shelf: Shelf) -> None:
    """Write the contracts that have been signed by today; what lies ahead is left out."""
    rows = shelf.table("contracts.csv")
    with transaction() as session:
        made = []
        for row in shelf.progress("技术合同", rows):
            signed = _day(shelf.today.year + int(row["signed_year"]), row["signed_month"], row["signed_day"])
            if signed > shelf.today:
                continue
            contract, days = _contract(shelf, row, signed)
            session.add(contract)
            made.append((contract, days, row))
        session.flush()
        for contract, days, row in made:
            _tell(shelf, contract, days, shelf.head(row["seller"]).id, row)
    _contracts_of_bids(shelf)
    _contracts_of_contacts(shelf)


def _day(year: int, month: str, day: str) -> date:
    return date(year, int(month), int(day))


def _days(shelf: Shelf, row: dict[str, str], signed: date) -> tuple[str, Days]:
    """Return the state a contract is in today and its days."""
    state = _STATES.get(row["state"], row["state"])
    filed, registered, cancelled = None, None, None
    if row["registered_after_days"]:
        registered = signed + timedelta(days=int(row["registered_after_days"]))
        if registered > shelf.today:
            state, registered = "filed", None
        elif state == "cancelled":
            cancelled = min(registered + timedelta(days=CANCELLED_AFTER), shelf.today)
    elif state == "cancelled":
        state = "abandoned"  # it ended before it was registered: nothing to cancel
    elif state == "registered":
        state = "filed"
    if state in {"filed", "returned", "refused", "registered", "cancelled"}:
        filed = min(signed + timedelta(days=7), registered or shelf.today)
    return state, Days(signed, filed, registered, cancelled)


def _contract(shelf: Shelf, row: dict[str, str], signed: date) -> tuple[Contract, Days]:
    state, days = _days(shelf, row, signed)
    amount, technical = int(row["amount_fen"]), int(row["technical_amount_fen"])
    seller, buyer = shelf.organisations[row["seller"]], shelf.organisations[row["buyer"]]
    contract = Contract(
        source=row["origin"],
        author_id=shelf.head(row["seller"]).id,
        title=row["title"],
        type=row["type"],
        subtype=row["subtype"] or next(iter(CONTRACT_SUBTYPES[row["type"]])),
        signed_on=signed if state not in {"draft", "abandoned"} else None,
        starts_on=signed,
        ends_on=signed + timedelta(days=365),
        amount_fen=amount,
        technical_amount_fen=technical,
        payment_mode=row["payment_mode"],
        **_royalty(row["payment_mode"], amount),
        related_parties=row["related"] == "yes",
        related_stated=True,
        plan_source=_PLANS.get(row["plan_source"], "none"),
        ip_type=row["ip_type"],
        field=row["field"],
        note=row["note"],
        **side("seller", seller),
        **side("buyer", buyer),
        state=state,
        state_reason=(row["note"] or None) if state in {"returned", "refused", "cancelled", "abandoned"} else None,
        filed_on=days.filed,
        registration_number=f"0000{seller.region[:4]}{POINT}9{int(row['key'][1:]):05d}" if days.registered else None,
        registered_on=days.registered,
        registry_office=OFFICE if days.registered else "",
        created_at=shelf.moment(signed - timedelta(days=10), row["key"]),
        is_sample=True,
        instalments=_instalments(amount) if row["payment_mode"] == "instalments" else [],
        costs=_costs(amount, technical),
        payments=[] if state in {"draft", "abandoned"} else _payments(shelf, days, amount * int(row["paid_share"]) // 100),
        adjustments=_cancellation(days, amount, technical, row["note"]),
    )
    return contract, days


def side(name: str, organisation: Organisation) -> dict[str, Any]:
    """Return the columns of one side (seller or buyer) as a contract copies them from an organisation."""
    facts = party_facts(organisation)
    return {
        f"{name}_id": organisation.id,
        f"{name}_name": organisation.name,
        f"{name}_region": organisation.region,
        f"{name}_facts": facts,
        f"{name}_kind": party_kind(organisation.name, facts),
    }


def _costs(amount: int, technical: int) -> list[CostLine]:
    """Return the cost list behind 技术交易额: what is technology, and the equipment that is taken out."""
    lines = [("technology", technical), ("equipment", amount - technical)] if technical < amount else []
    return [CostLine(position=n, kind=kind, name="", amount_fen=part) for n, (kind, part) in enumerate(lines, 1)]


def _royalty(mode: str, amount: int) -> dict[str, Any]:
    """Return the terms of a royalty, invented like the contract itself."""
    if mode not in ROYALTY_MODES:
        return {}
    entry = amount * 3 // 10 if mode == "entry_royalty" else None
    return {"entry_fee_fen": entry, "royalty_bp": 300, "royalty_base": "合同产品的年销售额"}


def _instalments(amount: int) -> list[Instalment]:
    parts = money.split(amount, [share for _name, share in _PARTS])
    return [
        Instalment(position=n, name=name, amount_fen=part) for n, ((name, _share), part) in enumerate(zip(_PARTS, parts, strict=True), 1)
    ]


def _payments(shelf: Shelf, days: Days, paid: int) -> list[Payment]:
    """Return what was paid, in at most three parts between the signing and today (or the cancellation)."""
    last = min(days.signed + timedelta(days=240), days.cancelled or shelf.today, shelf.today)
    count = 0 if paid <= 0 else min(3, 1 + paid // 30_000_000)
    found = []
    for n in range(count):
        on = days.signed + (last - days.signed) * (n + 1) // (count + 1)
        amount = paid // count + (paid % count if n == count - 1 else 0)
        found.append(Payment(paid_on=on, amount_fen=amount, note=f"第 {n + 1} 笔", created_at=shelf.moment(on, "paid"), is_sample=True))
    return found


def _cancellation(days: Days, amount: int, technical: int, note: str) -> list[Adjustment]:
    if days.cancelled is None:
        return []
    return [
        Adjustment(
            kind="cancel",
            on=days.cancelled,
            delta_fen=-amount,
            technical_delta_fen=-technical,
            reason=note or "双方协商解除",
            is_sample=True,
        )
    ]


def _tell(shelf: Shelf, contract: Contract, days: Days, seller: int, row: dict[str, str]) -> None:
    """Tell the contract's way from its draft to its state."""
    who = next(person for person in shelf.people.values() if person.id == seller)
    state = contract.state

    def tell(step: str, day: date, before: str | None, after: str | None, **more: Any) -> None:
        shelf.tell("contract", contract.id, step, who, shelf.moment(day, row["key"] + step), from_state=before, to_state=after, **more)

    shelf.tell("contract", contract.id, "create", who, contract.created_at, to_state="draft", detail={"source": contract.source})
    if state == "abandoned":
        tell("abandon", days.signed, "draft", state, reason=contract.state_reason or "双方未能签成")
    if contract.signed_on is None:
        return
    tell("sign", days.signed, "draft", "signed", detail={"signed_on": days.signed.isoformat(), "flag": None})
    if days.filed:
        tell("file", days.filed, "signed", "filed", detail={"filed_on": days.filed.isoformat()})
    if state == "refused":
        tell("refuse", min(days.signed + timedelta(days=25), shelf.today), "filed", state, reason=contract.state_reason or "不属于技术合同")
    if state == "returned":
        tell("return", min(days.signed + timedelta(days=14), shelf.today), "filed", state, reason=contract.state_reason or "请补附件")
    if days.registered:
        detail = {"number": contract.registration_number, "registered_on": days.registered.isoformat()}
        tell("register", days.registered, "filed", "registered", detail=detail)
    for payment in contract.payments:
        if days.cancelled is None or payment.paid_on <= days.cancelled:
            paid = {"paid_on": payment.paid_on.isoformat(), "amount_fen": payment.amount_fen}
            tell("pay", payment.paid_on, None, None, detail=paid)
    if days.cancelled:
        gone = {"on": days.cancelled.isoformat(), "delta_fen": -contract.amount_fen}
        tell("cancel", days.cancelled, "registered", "cancelled", reason=contract.state_reason or "双方协商解除", detail=gone)


def _contracts_of_bids(shelf: Shelf) -> None:
    """Write the contract of each chosen bid whose challenge is signed, with the bid's own price and milestones."""
    rows = {row["key"]: row for row in shelf.lines("bids.jsonl")}
    with transaction() as session:
        for key, bid in shelf.bids.items():
            turns, row = shelf.turns[rows[key]["challenge"]], rows[key]
            if bid.state != "chosen" or turns.contracted is None:
                continue
            contract, days = _from_bid(shelf, bid, row, shelf.day(turns.contracted))
            session.add(contract)
            session.flush()
            _tell(shelf, contract, days, shelf.head(row["org"]).id, row)


def _from_bid(shelf: Shelf, bid: Bid, row: dict[str, Any], signed: date) -> tuple[Contract, Days]:
    challenge = shelf.challenges[row["challenge"]]
    amount, technical = fen(row["price_wan"]) or 0, fen(row["technology_wan"]) or 0
    parts = money.split(amount, [one["share"] * 100 for one in row["milestones"]])
    contract = Contract(
        source="bid",
        challenge_id=challenge.id,
        bid_id=bid.id,
        author_id=shelf.head(row["org"]).id,
        title=challenge.title,
        type="KF",
        subtype="cooperative" if row["members"] else "entrusted",
        signed_on=signed,
        starts_on=signed,
        ends_on=signed + timedelta(days=30 * row["period_months"]),
        amount_fen=amount,
        technical_amount_fen=technical,
        payment_mode="instalments",
        field=challenge.field,
        note="揭榜成交（示例）",
        **side("seller", shelf.organisations[row["org"]]),
        **side("buyer", db.session.get_one(Organisation, challenge.organisation_id)),
        state="signed",
        created_at=shelf.moment(signed, row["key"]),
        is_sample=True,
        instalments=[
            Instalment(position=n, name=one["name"], amount_fen=part)
            for n, (one, part) in enumerate(zip(row["milestones"], parts, strict=True), 1)
        ],
        costs=_costs(amount, technical),
        payments=[],
        adjustments=[],
    )
    return contract, Days(signed, None, None, None)


def _contracts_of_contacts(shelf: Shelf) -> None:
    """Write the contract to which a contact led; the provider sells."""
    with transaction() as session:
        for row in shelf.lines("contacts.jsonl"):
            if row["state"] != "contracted":
                continue
            deal, signed = row["contract"], shelf.day(row["contract"]["signed_offset"])
            contract = Contract(
                source="contact",
                contact_id=shelf.contacts[row["key"]].id,
                capability_id=shelf.contacts[row["key"]].capability_id,
                author_id=shelf.head(row["capability_owner"]).id,
                title=deal["title"],
                type=deal["type"],
                subtype=deal["subtype"],
                signed_on=signed,
                starts_on=signed,
                ends_on=signed + timedelta(days=180),
                amount_fen=fen(deal["amount_wan"]) or 0,
                technical_amount_fen=fen(deal["technical_wan"]),
                payment_mode="instalments",
                field=shelf.capabilities[row["capability"]].field,
                note="对接成交（示例）",
                **side("seller", shelf.organisations[row["capability_owner"]]),
                **side("buyer", shelf.organisations[row["challenge_org"]]),
                state="signed",
                created_at=shelf.moment(signed - timedelta(days=3), row["key"]),
                is_sample=True,
                instalments=_instalments(fen(deal["amount_wan"]) or 0),
                payments=[],
                adjustments=[],
            )
            session.add(contract)
            session.flush()
            _tell(shelf, contract, Days(signed, None, None, None), shelf.head(row["capability_owner"]).id, row)


def load_cooperations(shelf: Shelf) -> None:
    """Write the list of cooperations."""
    with transaction() as session:
        for row in shelf.progress("合作", shelf.table("cooperations.csv")):
            expected = int(row["意向金额(万元)"])
            session.add(
                Cooperation(
                    title=row["合作项目"],
                    party_a=shelf.marked(row["甲方"]),
                    party_b=shelf.marked(row["乙方"]),
                    region=_CITIES.get(row["城市"]),
                    content=row["内容"],
                    expected_fen=fen(expected) if expected else None,
                    status=row["状态"],
                    created_at=clock.now(),
                    is_sample=True,
                )
            )
