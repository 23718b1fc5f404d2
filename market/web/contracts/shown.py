"""What the contract pages show: facets, chips, the progress of a contract, its history in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import url_for

from market.domain import classifications, codes, costs, registry
from market.domain import contract_terms as rules
from market.domain.contracts import COLUMN_WORDS, CONTRACT, FLOW_WORDS, counts_toward_goal, place_remark
from market.domain.errors import Invalid
from market.models import Contract, HistoryEntry
from market.queries.contracts import ContractPage, ListFilter

_OTHER_STEPS = {
    "create": "录入合同",
    "edit": "修改合同",
    "adjust": "变更登记",
    "pay": "记一笔到账",
    "unpay": "删去一笔到账",
    "import": "导入",
    "attach": "传文件",
    "detach": "删去文件",
    "precheck": "回答登记预检",
    "duplicate": "判断为重复记录",
    "unduplicate": "撤销重复的判断",
    "remind_filing": "提醒在年底截止前提交登记",
    "correct": "按登记机构清单更正",
    "share": "分成各方的份额",
}
_LISTS = {"instalments": "分期安排", "costs": "费用清单"}
_DONE, _BAD = {"sign", "register"}, {"return", "refuse", "cancel", "abandon"}


def facets(found: ContractPage, wanted: ListFilter, years: list[int]) -> dict[str, Any]:
    """Return the facet options and the chips of the list page."""
    states = [
        {"value": state, "label": word, "chosen": wanted.state == state, "count": found.state_counts[state]}
        for state, word in CONTRACT.states.items()
        if found.state_counts[state] or wanted.state == state
    ]
    chosen = {key: value for key, value in asdict(wanted).items() if value}
    words = {
        "q": wanted.q,
        "state": CONTRACT.states.get(wanted.state, ""),
        "type": codes.CONTRACT_TYPES.get(wanted.type, ""),
        "flow": FLOW_WORDS.get(wanted.flow, ""),
        "year": f"{wanted.year} 年",
        "flagged": "签订早于选定或在平台之外",
    }

    def without(name: str) -> str:
        kept: dict[str, Any] = {key: "1" if value is True else value for key, value in chosen.items() if key != name}
        return url_for("contracts.index", **kept)

    return {
        "state_options": states,
        "type_options": _options(codes.CONTRACT_TYPES, wanted.type),
        "flow_options": _options(FLOW_WORDS, wanted.flow),
        "year_options": _options({str(year): f"{year} 年" for year in years}, str(wanted.year or "")),
        "chips": [{"label": words[name], "href": without(name)} for name in chosen],
    }


def _options(table: dict[str, str], chosen: str) -> list[dict[str, Any]]:
    everything = [{"value": "", "label": "全部", "chosen": not chosen, "count": None}]
    return everything + [{"value": key, "label": word, "chosen": key == chosen, "count": None} for key, word in table.items()]


def progress(contract: Contract) -> list[dict[str, Any]]:
    """Return the way from talks to registration, with where the contract stands."""
    order = ("draft", "signed", "filed", "registered")
    at = {"returned": 2, "refused": 2, "cancelled": 3, "abandoned": 0}.get(contract.state)
    at = order.index(contract.state) if at is None else at
    labels = ("洽谈中", "已签订", "登记机构受理", "已登记")
    notes = (None, contract.signed_on, contract.filed_on, contract.registered_on)
    last = len(order) - 1
    return [
        {
            "label": label,
            "state": "done" if n < at or (n == at == last and contract.state == "registered") else "now" if n == at else "next",
            "note": str(notes[n]) if notes[n] else (CONTRACT.states[contract.state] if n == at and contract.state not in order else None),
        }
        for n, label in enumerate(labels)
    ]


def history_lines(entries: list[HistoryEntry]) -> list[dict[str, Any]]:
    """Return the history as lines of the timeline."""
    labels = {step.name: step.label for step in CONTRACT.steps} | _OTHER_STEPS
    lines = []
    for entry in entries:
        detail = entry.detail or {}
        changed = "、".join((COLUMN_WORDS | registry.WORDS | _LISTS).get(name, name) for name in detail.get("changed", {}))
        file = f"{detail.get('name')}，SHA-256 {detail.get('sha256')}" if entry.step in {"attach", "detach"} else None
        due = f"最迟 {detail['due_on']}" if entry.step == "remind_filing" and detail.get("due_on") else None
        note = entry.reason or (f"改了：{changed}" if changed else file or due)
        tone = "done" if entry.step in _DONE else "overdue" if entry.step in _BAD else None
        lines.append({"at": entry.at, "title": labels.get(entry.step, entry.step), "who": entry.actor_name, "note": note, "tone": tone})
    return lines


def values_of(contract: Contract) -> dict[str, Any]:
    """Return a stored contract as the rules of the record ask about it."""
    values = {name: getattr(contract, name) for name in contract.__mapper__.columns.keys()}  # noqa: SIM118
    values["instalments"] = [(part.name, part.due_on, part.amount_fen) for part in contract.instalments]
    values["costs"] = [(line.kind, line.name, line.amount_fen) for line in contract.costs]
    return values | {side: values[f"{side}_facts"] for side in ("seller", "buyer")}


def sums(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return in words what the cost list makes of the price; empty while there is none or it does not fit."""
    amount, lines = values.get("amount_fen"), values.get("costs") or []
    try:
        fits = bool(amount and lines) and costs.technical_amount(amount or 0, lines) > 0
    except Invalid:
        fits = False
    return {
        "sentence": costs.sentence(amount or 0, lines) if fits else "",
        "parts": len(values.get("instalments") or []),
        "out": " ".join(code for code, kind in costs.KINDS.items() if not kind.counted),
    }


def terms(contract: Contract) -> dict[str, Any]:
    """Return what the page of a contract says in words of its terms."""
    values = values_of(contract)
    royalty = rules.payment_sentence(
        contract.payment_mode, contract.amount_fen, contract.entry_fee_fen, contract.royalty_bp, contract.royalty_base
    )
    return {
        "royalty": royalty,
        "cost_sentence": sums(values)["sentence"],
        "cost_kinds": costs.KINDS,
        "industry": classifications.industry_name(contract.industry),
        "file_kinds": rules.FILE_KINDS,
    }


def counts_note(contract: Contract) -> str:
    """Return the sentence that says whether the contract counts toward the district's goal, and why (not)."""
    remark = place_remark(contract.seller_region, str((contract.seller_facts or {}).get("credit_code") or ""))
    return _counts(contract) + (f"{remark}。" if remark else "")


def _counts(contract: Contract) -> str:
    flow = FLOW_WORDS[contract.flow]
    if counts_toward_goal(contract.state, contract.seller_region):
        return f"计入全区目标（{flow}）：卖方在普陀区，已登记。"
    if contract.flow in {"output", "inner"}:
        return f"登记之后计入全区目标（{flow}）：卖方在普陀区。"
    return f"不计入全区目标（{flow}）：卖方不在普陀区，由卖方在当地登记。"
