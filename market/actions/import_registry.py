"""Hold a chunk of the registry's list (登记机构清单) against the market: the same, different, perhaps one of ours, or new.

By number first. A row whose number nobody knows may still be a contract that the market has without a number: the same
parties, day and amount, or a nearly equal title. That is a suggestion for a person, never decided here. Each chunk asks
five statements whatever the size of the market, and keeps nothing of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from market.db import db
from market.domain import registry
from market.domain.duplicates import Deal, compare, party_key
from market.models import Adjustment, Contract, Organisation

MOST_SUGGESTED = 3
LOOSE = ("draft", "signed", "filed", "returned", "refused")  # contracts that may turn out to be registered
_COLUMNS = (
    Contract.id, Contract.state, Contract.registration_number, Contract.title, Contract.type, Contract.subtype, Contract.field, Contract.ip_type,
    Contract.amount_fen, Contract.technical_amount_fen, Contract.signed_on, Contract.registered_on, Contract.seller_name, Contract.seller_region,
    Contract.seller_facts, Contract.buyer_name, Contract.buyer_region, Contract.buyer_facts,
)  # fmt: skip


def judge(staged: Sequence[dict[str, Any]], counts: dict[str, int]) -> None:
    """Say of each good row of a chunk what it is to the market (its `state`, `item_id` and `raw`), and count anew."""
    good = [row for row in staged if row["state"] == "good"]
    known = by_number([row["values"]["number"] for row in good])
    loose = _loose([row["values"] for row in good if row["values"]["number"] not in known])
    for row in good:
        ours = known.get(row["values"]["number"])
        if ours is not None:
            found = registry.differences(ours, row["values"])
            row["item_id"], row["state"] = ours["id"], "differs" if found else "same"
            row["raw"] = {**row["raw"], "differences": found} if found else row["raw"]
        elif near := _near(row["values"], loose):
            row["state"], row["raw"] = "suggested", {**row["raw"], "suggestions": near}
        counts["good"] -= row["state"] != "good"
        if row["state"] != "good":
            counts[row["state"]] = counts.get(row["state"], 0) + 1


def by_number(numbers: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the contracts with these registration numbers as the registry's rows are compared with (amounts after adjustments)."""
    rows = db.session.execute(select(*_COLUMNS).where(Contract.registration_number.in_(numbers))).mappings().all()
    sums = select(Adjustment.contract_id, func.sum(Adjustment.delta_fen), func.sum(Adjustment.technical_delta_fen)).where(
        Adjustment.contract_id.in_([row["id"] for row in rows])
    )
    changed = {key: (int(delta), int(technical)) for key, delta, technical in db.session.execute(sums.group_by(Adjustment.contract_id))}
    return {row["registration_number"]: _plain(row, *changed.get(row["id"], (0, 0))) for row in rows}


def _plain(row: Mapping[Any, Any], delta: int, technical: int) -> dict[str, Any]:
    found: dict[str, Any] = {str(name): value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
    found["amount_fen"] += delta
    if found["technical_amount_fen"] is not None:
        found["technical_amount_fen"] += technical
    return found


@dataclass(frozen=True)
class Loose:
    """One of the market's contracts without a number; its parties by name, and their codes where known."""

    deal: Deal
    codes: tuple[str, str]

    def beside(self, row: Mapping[str, Any]) -> Deal:
        """Return a row's deal with each party named as here when the code or the name is the same."""
        keys = []
        for side, ours, code in zip(("seller", "buyer"), (self.deal.seller, self.deal.buyer), self.codes, strict=True):
            same = bool(code) and code == str(row.get(f"{side}_code") or "").upper()
            keys.append(ours if same else party_key(row[f"{side}_name"], None))
        return Deal(0, row["title"], keys[0], keys[1], date.fromisoformat(row["signed_on"]), row["amount_fen"])


def _loose(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Loose]]:
    """Return the market's contracts without a number that share a party with these rows, by each party's name and code."""
    names = {row[f"{side}_name"] for row in rows for side in ("seller", "buyer")}
    codes = {row[f"{side}_code"] for row in rows for side in ("seller", "buyer") if row.get(f"{side}_code")}
    if not names:
        return {}
    ours = list(db.session.scalars(select(Organisation.id).where(Organisation.credit_code.in_(codes)))) if codes else []
    sides = or_(Contract.seller_name.in_(names), Contract.buyer_name.in_(names), Contract.seller_id.in_(ours), Contract.buyer_id.in_(ours))
    query = select(*_COLUMNS).where(Contract.registration_number.is_(None), Contract.state.in_(LOOSE), sides)
    found: dict[str, list[Loose]] = defaultdict(list)
    for row in db.session.execute(query).mappings():
        keys = [party_key(row[f"{side}_name"], None) for side in ("seller", "buyer")]
        known = tuple(str((row[f"{side}_facts"] or {}).get("credit_code") or "").upper() for side in ("seller", "buyer"))
        one = Loose(Deal(row["id"], row["title"], keys[0], keys[1], row["signed_on"], row["amount_fen"]), (known[0], known[1]))
        for key in {*keys, *known} - {""}:
            found[key].append(one)
    return found


def _near(row: Mapping[str, Any], loose: Mapping[str, Sequence[Loose]]) -> list[dict[str, Any]]:
    """Return up to three contracts of the market that a row may be, the likeliest first: {id, cause, bp}."""
    keys = {party_key(row[f"{side}_name"], None) for side in ("seller", "buyer")}
    keys |= {str(row.get(f"{side}_code") or "").upper() for side in ("seller", "buyer")}
    near = {one.deal.id: one for key in keys for one in loose.get(key, ())}
    said = [(one.deal.id, compare(one.beside(row), one.deal)) for one in near.values()]
    likely = sorted((like.cause != "deal", -like.bp, number, like) for number, like in said if like is not None)
    return [{"id": number, "cause": like.cause, "bp": like.bp} for _, _, number, like in likely[:MOST_SUGGESTED]]
