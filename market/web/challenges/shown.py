"""A challenge in words for its pages: sections with completeness, the one next action, timeline, share text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app, url_for

from market.domain import challenges as rules
from market.domain import codes
from market.domain.challenges import CHALLENGE
from market.domain.permissions import Actor, may
from market.domain.permissions import Permission as P
from market.models import Challenge, HistoryEntry
from market.queries.matches import MatchRow, kinds_in
from market.web.formatters import budget, day, short_day

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("全部", tuple(CHALLENGE.states)),
    "writing": ("待完善", ("draft", "returned")),
    "waiting": ("审核中", ("submitted",)),
    "live": ("进行中", ("published", "selecting", "publicity", "selected", "suspended")),
    "done": ("已签约", ("contracted", "completed")),
    "ended": ("已结束", ("rejected", "unsuccessful", "withdrawn", "terminated")),
}
STEP_DONE = {
    "submit": "已提交审核，最迟 {due}答复您",
    "take_back": "已撤回提交，可以继续修改",
    "withdraw": "需求已撤回，不再公开征集",
    "terminate": "已终止",
    "complete": "已标为完成",
}
STEP_WORDS = {
    "create": "创建草稿",
    "edit": "修改内容",
    "confirm": "企业确认代填内容",
    "attach": "添加附件",
    "detach": "删除附件",
    "admit": "准许查看附件",
    "dismiss": "收回查看附件的许可",
    "addendum": "补充说明",
    "object": "收到一件异议",
    "answer_objection": "答复异议",
    "recompute_publicity": "按节假日安排重算公示期",
}
_TONES = {"publish": "bang", "choose": "done", "announce": "done", "confirm_choice": "done", "contract": "done", "complete": "done"}


def sections(filled: Mapping[str, tuple[int, int]]) -> list[dict[str, Any]]:
    """Return the form's sections with how far each is filled."""
    return [
        {
            "label": words,
            "href": f"#part-{name}",
            "done": filled[name][0] == filled[name][1],
            "note": f"{filled[name][0]}/{filled[name][1]} 项",
        }
        for name, words in rules.SECTIONS.items()
    ]


def hints(values: Mapping[str, Any]) -> list[str]:
    """Return what would help most, of what is still missing."""
    missing = {name: not values.get(name) for name in rules.MISSING_HINTS}
    missing["indicators"] = not any(row["name"] for row in values["indicators"])
    return [words for name, words in rules.MISSING_HINTS.items() if missing[name]]


def in_group(challenge: Challenge, group: str) -> bool:
    """True when the challenge belongs under the tab `group`."""
    return challenge.state in GROUPS.get(group, GROUPS[""])[1]


def tabs(own: list[Challenge], group: str) -> list[dict[str, Any]]:
    """Return the tabs of the owner's list with their counts."""
    return [
        {
            "label": words,
            "href": url_for("challenges.mine", group=name or None),
            "current": name == (group if group in GROUPS else ""),
            "count": sum(challenge.state in states for challenge in own),
        }
        for name, (words, states) in GROUPS.items()
    ]


def own_row(challenge: Challenge) -> dict[str, Any]:
    """Return one line of the owner's list: title, state and what to do next."""
    editable = challenge.state in rules.EDITABLE_STATES
    notes = {
        "draft": "还没有提交",
        "returned": "请按审核意见修改后再提交",
        "submitted": f"最迟 {short_day(challenge.answer_due)}答复您",
        "selecting": "请比较申报并选定合作方",
        "selected": "请签约并登记合同",
    }
    return {
        "id": challenge.id,
        "title": challenge.title or "（还没有标题）",
        "href": url_for("challenges.edit" if editable else "challenges.detail", challenge_id=challenge.id),
        "state": challenge.phase,
        "procedure": challenge.procedure,
        "budget": budget(challenge.budget_fen, challenge.budget_max_fen, challenge.budget_stated),
        "closes_at": challenge.closes_at,
        "changed_at": challenge.changed_at,
        "note": notes.get(challenge.state, ""),
        "sample": challenge.is_sample,
        "open_call": challenge.procedure == "open_call" and challenge.published_at is not None,
    }


def link(endpoint: str, **values: Any) -> str | None:
    """Return the address of a page, or None where the installation does not have it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def next_action(challenge: Challenge, actor: Actor, side: str) -> dict[str, Any] | None:
    """Return the one thing for this person to do: label, href or action, text; None when there is none."""
    if may(actor, P.EDIT_CHALLENGE, challenge.subject) and side in {"owner", "agent"}:
        return _owner_action(challenge, actor)
    if challenge.state == "submitted" and may(actor, P.MODERATE, challenge.subject):
        return {"label": "去审核", "href": link("moderation.item", kind="challenge", item_id=challenge.id)}
    if actor.is_staff or challenge.phase not in {"open", "closing"}:
        return None
    return _visitor_action(challenge, actor)


def _owner_action(challenge: Challenge, actor: Actor) -> dict[str, Any] | None:
    here: dict[str, Any] = {"challenge_id": challenge.id}
    due = f"已提交审核，最迟 {short_day(challenge.answer_due)}答复您。"
    table: dict[str, dict[str, Any]] = {
        "draft": {"label": "继续填写", "href": url_for("challenges.edit", **here)},
        "returned": {"label": "按意见修改", "href": url_for("challenges.edit", **here), "text": "审核意见写在各栏旁边。"},
        "submitted": {"label": "", "href": None, "text": due},
        "selecting": {"label": "选定合作方", "href": link("bids.compare", **here)},
        "publicity": {"label": "查看申报与公示", "href": link("bids.compare", **here)},
        "selected": {"label": "录入合同", "href": link("contracts.create", **here)},
    }
    if challenge.state == "published":
        if challenge.procedure == "open_call":
            return {"label": "查看揭榜申报", "href": link("bids.compare", **here)}
        return {"label": "查看对接", "href": link("contacts.index")}
    if challenge.state == "contracted" and may(actor, P.END_CHALLENGE, challenge.subject):
        return {
            "label": "标为完成",
            "action": url_for("challenges.take_step", step="complete", **here),
            "fields": {"version": challenge.version},
        }
    return table.get(challenge.state)


def _visitor_action(challenge: Challenge, actor: Actor) -> dict[str, Any]:
    here: dict[str, Any] = {"challenge_id": challenge.id}
    bidding = challenge.procedure == "open_call"
    label = "揭榜申报" if bidding else "联系对方"
    if actor.id is None:
        back = url_for("challenges.detail", **here)
        return {"label": f"登录后{label}", "href": link("accounts.sign_in", next=back), "text": "没有账号的单位可先注册，核验后即可办理。"}
    if not may(actor, P.CREATE_BID if bidding else P.ASK_CONTACT):
        return {"label": "", "href": None, "text": f"单位通过核验后，本单位成员可以{label}。"}
    href = link("bids.create", **here) if bidding else link("contacts.create", **here)
    text = "先写半页意向，受邀后再交完整方案。" if bidding else "写一句话说明来意，对方三个工作日内答复。"
    return {"label": label, "href": href, "text": text}


def own_steps(challenge: Challenge, actor: Actor) -> list[dict[str, Any]]:
    """Return the other steps that this person may take now, each with its question."""
    questions = {
        "take_back": ("撤回后可以继续修改，再次提交要重新排队。", "撤回提交", None),
        "withdraw": ("撤回后不再公开征集，已有的揭榜申报随之失效，此步不能恢复。", "撤回需求", "撤回的理由"),
        "terminate": ("终止后这条需求到此为止，相关单位会收到通知，此步不能恢复。", "终止", "终止的理由"),
    }
    return [
        {
            "name": step.name,
            "label": step.label,
            "question": questions[step.name][0],
            "confirm": questions[step.name][1],
            "reason": questions[step.name][2],
        }
        for step in CHALLENGE.steps_from(challenge.state)
        if step.name in questions and may(actor, step.permission, challenge.subject)
    ]


def amendments(challenge: Challenge, actor: Actor) -> list[dict[str, str]]:
    """Return the links to what this person may add to a published challenge: words, a later deadline."""
    if challenge.state not in rules.AMENDABLE_STATES or not may(actor, P.AMEND_CHALLENGE, challenge.subject):
        return []
    here: dict[str, Any] = {"challenge_id": challenge.id}
    found = [{"label": "补充说明", "href": url_for("challenges.explain", **here)}] if challenge.phase in {"open", "closing"} else []
    return found + ([{"label": "延期", "href": url_for("challenges.extend", **here)}] if challenge.closes_at else [])


def timeline(entries: Iterable[HistoryEntry], inside: bool) -> list[dict[str, Any]]:
    """Return what happened. From outside only the public steps are told, without names or reasons."""
    words = {step.name: step.label for step in CHALLENGE.steps} | STEP_WORDS
    return [
        {
            "at": entry.at,
            "title": words.get(entry.step, entry.step),
            "who": entry.actor_name if inside else "",
            "note": _note(entry) if inside else _public_note(entry),
            "tone": _TONES.get(entry.step),
        }
        for entry in entries
        if inside or entry.step in rules.PUBLIC_STEPS
    ]


def _public_note(entry: HistoryEntry) -> str:
    """Return what everybody may read of a step: how far a deadline moved, which number an explanation has."""
    detail = entry.detail or {}
    if entry.step == "extend":
        return f"截止由 {detail.get('from')} 推迟到 {detail.get('to')}"
    return str(detail.get("note", "")) if entry.step == "addendum" else ""


def _note(entry: HistoryEntry) -> str:
    detail = entry.detail or {}
    parts = [_public_note(entry), entry.reason or "", "、".join(detail.get("changed", [])), str(detail.get("name", ""))]
    return "；".join(part for part in parts if part)


def match_tabs(challenge_id: int, rows: list[MatchRow], chosen: str) -> list[dict[str, Any]]:
    """Return the tabs over who might answer: all, and each kind of capability that is there."""
    kinds = {"": ("全部", len(rows[:10]))} | {kind: (codes.CAPABILITY_KINDS[kind], number) for kind, number in kinds_in(rows).items()}
    return [
        {
            "label": words,
            "href": url_for("challenges.detail", challenge_id=challenge_id, kind=kind or None, _anchor="matches"),
            "current": kind == chosen,
            "count": number,
        }
        for kind, (words, number) in kinds.items()
    ]


def address(challenge: Challenge) -> str:
    """Return the public address of a challenge's page, as a QR code carries it."""
    return current_app.config["MARKET"].public_url.rstrip("/") + url_for("challenges.detail", challenge_id=challenge.id)


def share_text(challenge: Challenge, site_name: str) -> str:
    """Return the text to copy into a chat: public words only."""
    money = budget(challenge.budget_fen, challenge.budget_max_fen, challenge.budget_stated)
    lines = [f"【{site_name}】{challenge.title}", challenge.pain.split("\n")[0][:90]]
    facts = [f"预算：{money}"] + ([f"截止：{day(challenge.closes_at)}"] if challenge.closes_at else [])
    return "\n".join([*lines, "  ".join(facts), address(challenge)])
