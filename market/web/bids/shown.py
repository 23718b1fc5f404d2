"""A bid in words for its pages: rows, the one next action, timeline, the comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import url_for

from market.domain import bids as rules
from market.domain import clock
from market.domain.bids import BID
from market.domain.permissions import Actor, may
from market.domain.permissions import Permission as P
from market.models import Bid, Challenge, HistoryEntry, Indicator
from market.web.formatters import money_or_open

_STEP_WORDS = {step.name: step.label for step in BID.steps} | {
    "create": "创建草稿",
    "confirm_member": "联合体成员确认",
    "decline_member": "联合体成员谢绝",
}


def takes_bids(challenge: Challenge) -> bool:
    """True while the challenge takes bids."""
    return rules.window_open(challenge.state, challenge.procedure, challenge.closes_at, clock.now())


def own_answer_missing(bid: Bid, actor: Actor) -> bool:
    """True when the actor's organisation is asked into this consortium and has not answered."""
    return bid.state in rules.EDITABLE_STATES and any(
        member.organisation_id == actor.organisation_id != bid.organisation_id and not member.confirmed_at and not member.declined_at
        for member in bid.members
    )


def own_row(bid: Bid, actor: Actor) -> dict[str, Any]:
    """Return one line of the bidder's list."""
    return {
        "id": bid.id,
        "version": bid.version,
        "title": bid.challenge.title,
        "note": _list_note(bid),
        "discards": bid.state == "draft" and bid.organisation_id == actor.organisation_id and may(actor, P.EDIT_BID),
        "href": url_for("bids.detail", bid_id=bid.id),
        "state": bid.state,
        "part": "牵头" if bid.organisation_id == actor.organisation_id else f"联合体成员（{bid.organisation.name}牵头）",
        "closes_at": bid.challenge.closes_at,
        "received_at": bid.received_at,
        "open": takes_bids(bid.challenge),
        "sample": bid.is_sample,
    }


def _list_note(bid: Bid) -> str:
    """Return what the bidder's list says under the title."""
    if bid.state == "withdrawn":
        return "已撤回，内容不再有效" + ("；截止前可以重新申报" if takes_bids(bid.challenge) else "")
    if bid.state == "draft":
        return "还没有提交" if takes_bids(bid.challenge) else "已截止，这份草稿没有提交"
    return ""


def next_action(bid: Bid, actor: Actor) -> dict[str, Any] | None:
    """Return the one thing for this person to do: label and href, or action and fields."""
    challenge, open_still = bid.challenge, takes_bids(bid.challenge)
    if bid.organisation_id == actor.organisation_id and may(actor, P.EDIT_BID):
        if bid.state == "withdrawn" and open_still:
            return {
                "label": "重新申报",
                "action": url_for("bids.take_step", bid_id=bid.id, step="redraft"),
                "fields": {"version": bid.version},
            }
        labels = {"draft": "继续填写", "intention": "修改意向", "invited": "填写完整方案", "submitted": "修改方案"}
        if bid.state in labels and open_still:
            return {"label": labels[bid.state], "href": url_for("bids.edit", bid_id=bid.id)}
    parties = {bid.organisation_id, challenge.organisation_id}
    if bid.state == "chosen" and challenge.state == "selected" and actor.organisation_id in parties and may(actor, P.CREATE_CONTRACT):
        return {"label": "录入合同", "href": url_for("contracts.create", bid=bid.id)}
    if challenge.organisation_id == actor.organisation_id:
        return {"label": "回到方案比较", "href": url_for("bids.compare", challenge_id=challenge.id)}
    return None


def responses(indicators: Iterable[Indicator], body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the response table's rows: every indicator with its answer, or none."""
    rows = []
    for indicator in indicators:
        given = body["responses"].get(str(indicator.id), {})
        said = rules.answered(given)
        rows.append(
            {
                "name": indicator.name,
                "target": indicator.target,
                "unit": indicator.unit,
                "must": indicator.must,
                "promised": given.get("promised", ""),
                "met": rules.MET_MARKS.get(given.get("meets", "")) if said else None,
                "evidence": given.get("basis", ""),
            }
        )
    return rows


def milestones(body: Mapping[str, Any]) -> list[list[str]]:
    """Return the milestones as rows of a table."""
    return [[row["name"], f"第 {row['month']} 个月", percent(row["share_bp"])] for row in body["milestones"]]


def percent(points: int) -> str:
    """Return basis points as per cent."""
    return f"{points / 100:g}%"


def timeline(entries: Iterable[HistoryEntry], names: bool) -> list[dict[str, Any]]:
    """Return what happened to a bid, the people named to its own side only."""
    return [
        {
            "at": e.at,
            "title": _STEP_WORDS.get(e.step, e.step),
            "who": e.actor_name if names else "",
            "tone": "done" if e.step == "choose" else None,
        }
        for e in entries
    ]


def comparison(challenge: Challenge, found: list[tuple[Bid, dict[str, Any]]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return (columns, rows) of the comparison: indicators and terms as rows, bids as columns."""
    columns = [
        {
            "label": bid.alias or bid.organisation.name,
            "href": url_for("bids.detail", bid_id=bid.id),
            "note": bid.organisation.name if bid.alias else BID.states[bid.state],
            "chosen": bid.state == "chosen",
        }
        for bid, _body in found
    ]
    answers = [responses(challenge.indicators, body) for _bid, body in found]
    rows: list[dict[str, Any]] = []
    for number, indicator in enumerate(challenge.indicators):
        cells = [_cell(table[number], body) for table, (_bid, body) in zip(answers, found, strict=True)]
        target = f"{indicator.target} {indicator.unit}".strip()
        rows.append({"label": indicator.name, "target": target, "must": indicator.must, "group": "技术指标", "cells": cells})
    terms: list[tuple[str, Callable[[Bid, Mapping[str, Any]], str]]] = [
        ("总价", lambda bid, body: money_or_open(body["price_fen"])),
        ("技术费用占比", lambda bid, body: f"{share}%" if (share := rules.technology_share(body)) is not None else "—"),
        ("完成周期", lambda bid, body: f"{body['period_months']} 个月" if body["period_months"] else "—"),
        (
            "里程碑",
            lambda bid, body: "；".join(f"第 {m['month']} 个月 {m['name']} {percent(m['share_bp'])}" for m in body["milestones"]) or "—",
        ),
        ("联合体", _consortium),
        ("材料", lambda bid, body: "完整方案" if body["complete"] else "只有意向"),
    ]
    for label, text in terms:
        cells = [{"text": text(bid, body), "met": None} for bid, body in found]
        rows.append({"label": label, "target": None, "group": "报价与安排", "cells": cells})
    return columns, rows


def _cell(row: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    if not body["complete"]:
        return {"text": "只有意向", "met": None}
    said = row["promised"]
    text = f"{said} {row['unit'] if said[-1:].isdecimal() else ''}".strip() if said else "未回应"
    return {"text": text if row["met"] != "no" or row["promised"] else "", "met": row["met"], "note": row["evidence"]}


def _consortium(bid: Bid, _body: Mapping[str, Any]) -> str:
    named = [
        f"{member.organisation.name} {percent(member.share_bp)}{'' if member.confirmed_at else '（未确认）'}" for member in bid.members
    ]
    return "、".join(named) or "独立申报"
