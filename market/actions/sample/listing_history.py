"""The plausible past of a sample listing: the steps that lead to its state, reviewers' remarks, frozen versions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from market.actions.sample.shelf import Person, Row, Shelf, Turns
from market.db import db
from market.domain import clock
from market.models import Capability, Challenge, SectionComment, Version
from market.queries.versions import content

ENDINGS = {
    "withdrawn": "内部已找到办法，撤回需求（示例）",
    "unsuccessful": "到期没有达到必达指标的申报，流榜（示例）",
    "terminated": "需求变化，双方协商终止（示例）",
}
SUSPENDED = {
    "challenge": "收到反映，配方与另一家单位的专利有争议，核实期间中止（示例）",
    "capability": "专利年费逾期，权利状态待核实，核实期间中止（示例）",
}
NOT_OFFERED = "只有形容词，没有机理和数据，看不出能做什么；补上实测数据再提交（示例）"
TAKEN_DOWN = "成果正在升级，暂时撤下（示例）"
RETURNED = "请补写现在的数值和验收办法，实验室才能判断做不做得到（示例）"
REJECTED = "内容不足以形成技术需求，已电话说明（示例）"
CHOSEN = "指标响应完整，路线可行，报价在预算内（示例）"
_SECTIONS = {"challenge": ("indicators", "请写明现在的数值和验收办法"), "capability": ("need", "请写明与现有做法相比的数据")}


def end_offset(row: Row, turns: Turns) -> int:
    """Return the day on which a challenge ended."""
    if row["state"] == "completed":
        return min((turns.contracted or 0) + 30 * (row["period_months"] or 6), -3)
    if row["state"] == "unsuccessful":
        return min(row["deadline_offset"] + 6, -1)
    return row["day_offset"] * 2 // 3


def of_challenge(shelf: Shelf, challenge: Challenge, row: Row) -> None:
    """Tell how the challenge came to its state."""
    owner, state, turns = shelf.head(row["org"]), row["state"], shelf.turns[row["key"]]
    _beginning(shelf, "challenge", challenge, owner, {"procedure": challenge.procedure})
    if challenge.published_at is None:
        return

    def tell(step: str, before: str, after: str, day: int, who: Person | None = owner, reason: str | None = None) -> None:
        at = shelf.moment(day, row["key"])
        shelf.tell("challenge", challenge.id, step, who, at, from_state=before, to_state=after, reason=reason)

    if state == "suspended":
        challenge.end_reason = SUSPENDED["challenge"]
        tell("suspend", "published", state, row["day_offset"] // 4, shelf.people["B00-4"], challenge.end_reason)
    if state == "withdrawn":
        tell("withdraw", "published", state, end_offset(row, turns), reason=ENDINGS[state])
    if state == "unsuccessful":
        tell("no_award", "published", state, end_offset(row, turns), reason=ENDINGS[state])
    if turns.opened is None:
        return
    if row["procedure"] != "open_call" and state in {"contracted", "completed"}:
        tell("contract", "published", "contracted", turns.contracted or -1)
    else:
        tell("open_bids", "published", "selecting", turns.opened)
        _choice(challenge, turns, tell)
    if state == "terminated":
        tell("terminate", "selecting", state, end_offset(row, turns), reason=ENDINGS[state])
    if state == "completed":
        tell("complete", "contracted", state, end_offset(row, turns))


def _choice(challenge: Challenge, turns: Turns, tell: Callable[..., None]) -> None:
    """Tell how a side was chosen, with publicity where the challenge asked for it, and signed."""
    if turns.decided is None:
        return
    if challenge.publicity_days:
        tell("announce", "selecting", "publicity", turns.decided, reason=CHOSEN)
        if challenge.state == "selected" and challenge.publicity_until and challenge.publicity_from:
            window = (challenge.publicity_until - challenge.publicity_from).days
            tell("confirm_choice", "publicity", "selected", min(turns.decided + window + 1, 0))
    else:
        tell("choose", "selecting", "selected", turns.decided, reason=CHOSEN)
    if turns.contracted is not None:
        tell("contract", "selected", "contracted", turns.contracted)


def of_capability(shelf: Shelf, capability: Capability, row: Row) -> None:
    """Tell how the capability came to its state."""
    owner, state, key = shelf.head(row["org"]), row["state"], row["key"]
    _beginning(shelf, "capability", capability, owner, {})
    if capability.published_at is None:
        return
    step = {"reserved": "reserve", "licensed": "license", "withdrawn": "withdraw"}.get(state)
    if step:
        reason = TAKEN_DOWN if state == "withdrawn" else None
        at = shelf.moment(row["day_offset"] // 3, key)
        shelf.tell("capability", capability.id, step, owner, at, from_state="published", to_state=state, reason=reason)
    if state == "suspended":
        capability.end_reason = SUSPENDED["capability"]
        at = shelf.moment(-6, key)
        reviewer = shelf.people["B00-4"]
        shelf.tell(
            "capability", capability.id, "suspend", reviewer, at, from_state="published", to_state=state, reason=capability.end_reason
        )
        return
    if capability.confirmed_on and capability.confirmed_on > clock.local(capability.published_at).date():
        shelf.tell("capability", capability.id, "renew", owner, shelf.moment(capability.confirmed_on, key))


def _beginning(shelf: Shelf, kind: str, item: Challenge | Capability, owner: Person, detail: dict[str, str]) -> None:
    """Tell the draft, the submission, and what the reviewer said to it."""
    clerk, reviewer = shelf.people["B00-2"], shelf.people["B00-4"]
    shelf.tell(kind, item.id, "create", owner, item.created_at, to_state="draft")
    if item.submitted_at is None:
        return
    shelf.tell(kind, item.id, "submit", owner, item.submitted_at, from_state="draft", to_state="submitted")
    if item.published_at is not None:
        shelf.tell(kind, item.id, "publish", reviewer, item.published_at, from_state="submitted", to_state="published", detail=detail)
        return
    _freeze(kind, item, owner)
    answered = min(item.submitted_at + timedelta(days=1), shelf.now)
    if item.state == "returned":
        shelf.tell(kind, item.id, "return", clerk, answered, from_state="submitted", to_state="returned", reason=RETURNED)
        _comment(kind, item.id, clerk, answered)
    if item.state == "rejected":
        reason = REJECTED if kind == "challenge" else NOT_OFFERED
        shelf.tell(
            kind,
            item.id,
            "reject",
            reviewer,
            answered,
            from_state="submitted",
            to_state="rejected",
            reason=reason,
            detail={"code": "not_technical"},
        )
        item.end_reason = reason


def _freeze(kind: str, item: Challenge | Capability, owner: Person) -> None:
    assert item.submitted_at is not None
    db.session.add(Version(subject_kind=kind, subject_id=item.id, number=1, at=item.submitted_at, by_id=owner.id, content=content(item)))


def _comment(kind: str, item_id: int, clerk: Person, at: datetime) -> None:
    section, words = _SECTIONS[kind]
    db.session.add(SectionComment(subject_kind=kind, subject_id=item_id, section=section, text=words, by_id=clerk.id, at=at))
