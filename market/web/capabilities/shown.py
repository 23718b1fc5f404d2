"""A capability in words for its pages: the one next action, own steps, timeline, share text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import current_app, url_for

from market.domain.capabilities import CAPABILITY, FRESHNESS_WORDS, freshness
from market.domain.permissions import Actor, may
from market.domain.permissions import Permission as P
from market.models import Capability, HistoryEntry
from market.web.formatters import short_day

STEP_DONE = {
    "submit": "已提交审核，最迟 {due}答复您", "take_back": "已撤回提交，可以继续修改", "reserve": "已标为洽谈中", "license": "已标为已许可",
    "release": "已恢复为可合作", "withdraw": "已撤下，不再展示",
}  # fmt: skip
STEP_WORDS = {"create": "创建草稿", "edit": "修改内容", "confirm": "单位确认仍然有效"}
_PUBLIC_STEPS = frozenset({"publish", "confirm", "reserve", "license", "release", "withdraw"})
_TONES = {"publish": "bang", "license": "done"}


def next_action(row: Capability, actor: Actor) -> dict[str, Any] | None:
    """Return the one thing for this person to do: label, href or action, text; None when there is none."""
    here: dict[str, Any] = {"capability_id": row.id}
    if may(actor, P.EDIT_CAPABILITY, row.subject):
        return _owner_action(row, actor)
    if row.state == "submitted" and may(actor, P.MODERATE, row.subject):
        return {"label": "去审核", "href": url_for("moderation.item", kind="capability", item_id=row.id)}
    if actor.is_staff or row.state not in {"published", "reserved"}:
        return None
    if actor.id is None:
        back = url_for("capabilities.detail", **here)
        return {
            "label": "登录后联系对方",
            "href": url_for("accounts.sign_in", next=back),
            "text": "没有账号的单位可先注册；也可以在首页三句话提需求。",
        }
    if not may(actor, P.ASK_CONTACT):
        return {"label": "", "href": None, "text": "单位通过核验后，本单位成员可以联系对方。"}
    return {"label": "联系对方", "href": url_for("contacts.create", **here), "text": "写一句话说明来意，对方三个工作日内答复。"}


def _owner_action(row: Capability, actor: Actor) -> dict[str, Any] | None:
    here: dict[str, Any] = {"capability_id": row.id}
    if row.state in {"draft", "returned"}:
        return {"label": "继续填写" if row.state == "draft" else "按意见修改", "href": url_for("capabilities.edit", **here)}
    if row.state == "submitted":
        return {"label": "", "href": None, "text": f"已提交审核，最迟 {short_day(row.answer_due)}答复您。"}
    if row.is_public and may(actor, P.CONFIRM_CAPABILITY, row.subject):
        return {"label": "确认仍然有效", "action": url_for("capabilities.confirm", **here), "text": "一年确认一次，近期确认的排得靠前。"}
    return None


def own_steps(row: Capability, actor: Actor) -> list[dict[str, Any]]:
    """Return the other steps that this person may take now, each with its question."""
    questions: dict[str, tuple[str, str | None]] = {
        "take_back": ("撤回后可以继续修改，再次提交要重新排队。", None), "reserve": ("标明正在与一家单位洽谈，仍然展示。", None),
        "license": ("标为已许可后不再推荐给别人。", None), "release": ("恢复为可以合作。", None), "withdraw": ("撤下后不再展示。", "撤下的理由"),
    }  # fmt: skip
    return [
        {"name": step.name, "label": step.label, "question": questions[step.name][0], "reason": questions[step.name][1]}
        for step in CAPABILITY.steps_from(row.state)
        if step.name in questions and may(actor, step.permission, row.subject)
    ]


def timeline(entries: Iterable[HistoryEntry], inside: bool) -> list[dict[str, Any]]:
    """Return the history for the page; the public sees public steps only, nobody's name."""
    labels = {step.name: step.label for step in CAPABILITY.steps} | STEP_WORDS
    return [
        {
            "at": entry.at,
            "title": labels.get(entry.step, entry.step),
            "who": entry.actor_name if inside else None,
            "note": entry.reason if inside else None,
            "tone": _TONES.get(entry.step),
        }
        for entry in entries
        if inside or entry.step in _PUBLIC_STEPS
    ]


def freshness_words(row: Capability, today: Any, months: int) -> tuple[str, bool]:
    """Return (words, stale) of how long ago the owner confirmed it."""
    if row.confirmed_on is None:
        return "尚未确认", True
    state = freshness(row.confirmed_on, today, months)
    return FRESHNESS_WORDS[state], state in {"stale", "hidden"}


def own_first(rows: Iterable[Capability], actor: Actor) -> list[Capability]:
    """Return an organisation's listings, those the actor wrote first, each part in its order."""
    return sorted(rows, key=lambda row: row.author_id != actor.id)


def address(row: Capability) -> str:
    """Return the full public address of a capability."""
    return str(current_app.config["MARKET"].public_url) + url_for("capabilities.detail", capability_id=row.id)


def share_text(row: Capability, site: str) -> str:
    """Return a text to paste into a chat."""
    return f"【{site}】{row.title}\n{row.organisation.name}\n{row.summary[:80]}……\n{address(row)}"
