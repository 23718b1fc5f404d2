"""The life of a Challenge (技术需求; 榜 once published for competition), and what its dates imply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from market.domain.lifecycle import Facts, Guard, Lifecycle, Step, forbid, require
from market.domain.permissions import Permission as P

SECTIONS = {
    "need": "难题",
    "background": "背景与已做尝试",
    "indicators": "技术指标",
    "terms": "经费、期限与合作",
    "contact": "单位与联系人",
}
PUBLIC_STATES = frozenset(
    {"published", "selecting", "publicity", "selected", "contracted", "completed", "unsuccessful", "withdrawn", "terminated"}
)
EDITABLE_STATES = frozenset({"draft", "returned"})
TITLE_LIMIT = 60
TEXT_LIMIT = 20_000
ADDENDUM_LIMIT = 2_000
AMENDABLE_STATES = frozenset({"published"})
LONGEST_EXTENSION = 365  # days from today, so that a slip of the year is caught
NUMBER_PREFIX = "PT-JB-{year}-"  # 榜 numbers: PT-JB-2026-0012
PUBLIC_STEPS = frozenset(  # what the public timeline tells, without names
    {
        "publish",
        "open_bids",
        "choose",
        "announce",
        "confirm_choice",
        "reopen_choice",
        "no_award",
        "withdraw",
        "terminate",
        "contract",
        "complete",
        "suspend",
        "resume",
        "resume_selecting",
        "resume_publicity",
        "extend",
        "addendum",
        "object",
        "answer_objection",
    }
)


class Measured(Protocol):
    """An indicator row."""

    name: Any
    target: Any
    unit: Any
    method: Any


def measurable(indicators: Iterable[Measured]) -> bool:
    """True when at least one indicator has a target and a unit or a way to test it."""
    return any(row.name and row.target and (row.unit or row.method) for row in indicators)


def _competition_is_measurable(facts: Facts) -> str | None:
    if facts.get("procedure") != "open_call":
        return None
    if not facts.get("measurable"):
        return "公开揭榜至少要有一项可测的指标（目标值和单位，或验收办法）"
    if not facts.get("deadline_ahead"):
        return "公开揭榜要有将来的申报截止日期"
    return None


def _bids_may_be_opened(facts: Facts) -> str | None:
    return None if facts.get("bids_closed") else "申报截止之后才能开启和选定"


def _may_be_extended(facts: Facts) -> str | None:
    if not facts.get("has_deadline"):
        return "没有截止日期，长期有效，不用延期"
    if facts.get("passed") and facts.get("has_bids"):
        return "已经截止并收到了申报，不能再延期；请开启申报"
    return None if facts.get("later") else "只能往后延，新的截止日期要晚于原来的，也要晚于今天"


def _came_from(state: str) -> Guard:
    """Return the guard that lets a suspended challenge go back only to where it was: opened bids never close again."""
    return lambda facts: None if facts.get("came_from", "published") == state else "只能恢复到中止之前的状态"


CHALLENGE = Lifecycle(
    subject="challenge",
    states={
        "draft": "草稿",
        "submitted": "待审核",
        "returned": "退回修改",
        "rejected": "不予发布",
        "published": "已发布",
        "selecting": "选定中",
        "publicity": "公示中",
        "selected": "已选定合作方",
        "contracted": "已签约",
        "completed": "已完成",
        "unsuccessful": "流榜",
        "withdrawn": "已撤回",
        "terminated": "已终止",
        "suspended": "已中止",
    },
    tones={
        "draft": "neutral",
        "submitted": "waiting",
        "returned": "waiting",
        "rejected": "stopped",
        "published": "open",
        "selecting": "waiting",
        "publicity": "waiting",
        "selected": "done",
        "contracted": "done",
        "completed": "done",
        "unsuccessful": "stopped",
        "withdrawn": "stopped",
        "terminated": "stopped",
        "suspended": "stopped",
    },
    steps=(
        Step(
            "submit",
            "提交审核",
            ("draft", "returned"),
            "submitted",
            P.SUBMIT_CHALLENGE,
            (
                require("has_text", "请先填写标题和难题描述"),
                require("no_secrets", "请先勾选不含国家秘密和工作秘密"),
                require("confirmed", "代填的内容要先由企业确认"),
            ),
        ),
        Step("take_back", "撤回提交", ("submitted",), "draft", P.SUBMIT_CHALLENGE),
        Step("return", "退回修改", ("submitted",), "returned", P.MODERATE, needs_reason=True),
        Step("reject", "不予发布", ("submitted",), "rejected", P.MODERATE, needs_reason=True),
        Step(
            "publish",
            "发布",
            ("submitted",),
            "published",
            P.MODERATE,
            (require("field_known", "发布前请确定技术领域"), _competition_is_measurable),
        ),
        Step("extend", "延期", ("published",), "published", P.AMEND_CHALLENGE, (_may_be_extended,), needs_reason=True),
        Step("withdraw", "撤回需求", ("published",), "withdrawn", P.END_CHALLENGE, needs_reason=True),
        Step("suspend", "中止", ("published", "selecting", "publicity"), "suspended", P.SUSPEND, needs_reason=True),
        Step("resume", "恢复", ("suspended",), "published", P.SUSPEND, (_came_from("published"),), needs_reason=True),
        Step("resume_selecting", "恢复选定", ("suspended",), "selecting", P.SUSPEND, (_came_from("selecting"),), needs_reason=True),
        Step("resume_publicity", "恢复公示", ("suspended",), "publicity", P.SUSPEND, (_came_from("publicity"),), needs_reason=True),
        Step(
            "open_bids",
            "开启申报",
            ("published",),
            "selecting",
            P.CHOOSE_BID,
            (_bids_may_be_opened, require("has_bids", "没有有效的揭榜申报，可以流榜或延期")),
        ),
        Step(
            "choose",
            "选定合作方",
            ("selecting",),
            "selected",
            P.CHOOSE_BID,
            (forbid("needs_publicity", "这个榜单选定后要先公示"),),
            needs_reason=True,
        ),
        Step(
            "announce",
            "选定并公示",
            ("selecting",),
            "publicity",
            P.CHOOSE_BID,
            (require("needs_publicity", "这个榜单不需要公示"),),
            needs_reason=True,
        ),
        Step(
            "confirm_choice",
            "公示期满，确认选定",
            ("publicity",),
            "selected",
            P.CHOOSE_BID,
            (
                require("publicity_over", "公示期还没有结束"),
                forbid("open_objection", "还有未答复的异议"),
                forbid("upheld_objection", "有异议成立：请撤销选定后重新选定"),
            ),
        ),
        Step(
            "reopen_choice",
            "撤销选定，重新选定",
            ("publicity", "selected"),
            "selecting",
            P.REOPEN_CHOICE,
            (forbid("open_objection", "请先答复异议，再撤销选定"), forbid("has_contract", "已经录入了合同：请先把合同作废，再撤销选定")),
            needs_reason=True,
        ),
        Step("no_award", "流榜", ("published", "selecting"), "unsuccessful", P.CHOOSE_BID, (_bids_may_be_opened,), needs_reason=True),
        Step("terminate", "终止", ("selecting", "publicity", "selected"), "terminated", P.END_CHALLENGE, needs_reason=True),
        Step("contract", "签约", ("published", "selecting", "selected"), "contracted", P.CREATE_CONTRACT, system=True),
        Step("complete", "完成", ("contracted",), "completed", P.END_CHALLENGE),
    ),
)


def phase(state: str, procedure: str, closes_at: datetime | None, now: datetime) -> str:
    """Return what a published challenge is in by its dates alone: open, closing (≤ 3 days), closed, or its state.

    A missed job can never leave a window open: nothing stores these.
    """
    if state != "published":
        return state
    if closes_at is None:
        return "open"
    if now > closes_at:
        return "closed"
    return "closing" if (closes_at - now).days < 3 else "open"


PHASE_WORDS = {"open": "征集中", "closing": "即将截止", "closed": "已截止"}


def completeness(values: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Return for each section how many of its fields are filled, and how many there are."""
    sections = {
        "need": ("title", "pain", "need_type"),
        "background": ("background", "tried"),
        "indicators": ("indicators",),
        "terms": ("budget_stated", "period_months", "closes_on", "modes", "ip_wish"),
        "contact": ("contact_name", "contact_phone"),
    }
    return {name: (sum(1 for f in fields if values.get(f)), len(fields)) for name, fields in sections.items()}


MISSING_HINTS = {
    "indicators": "写上目标值：例如「-20℃ 放电容量保持率 ≥ 85%」，实验室才能判断做不做得到",
    "tried": "写上试过什么、卡在哪里，可以省去第一次见面的一半时间",
    "background": "写上用在什么产品、现在的工艺和产量",
    "budget_stated": "写上预算区间或选「面议」",
    "period_months": "写上希望多久做完",
}
