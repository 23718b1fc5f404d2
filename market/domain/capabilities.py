"""The life of a Capability (成果与能力), and when an unconfirmed one ranks lower or hides."""

from __future__ import annotations

from datetime import date

from market.domain.lifecycle import Lifecycle, Step, require
from market.domain.permissions import Permission as P

PUBLIC_STATES = frozenset({"published", "reserved", "licensed"})
EDITABLE_STATES = frozenset({"draft", "returned"})

CAPABILITY = Lifecycle(
    subject="capability",
    states={
        "draft": "草稿",
        "submitted": "待审核",
        "returned": "退回修改",
        "rejected": "不予发布",
        "published": "已发布",
        "reserved": "洽谈中",
        "licensed": "已许可",
        "withdrawn": "已撤下",
        "suspended": "已中止",
    },
    tones={
        "draft": "neutral",
        "submitted": "waiting",
        "returned": "waiting",
        "rejected": "stopped",
        "published": "open",
        "reserved": "waiting",
        "licensed": "done",
        "withdrawn": "stopped",
        "suspended": "stopped",
    },
    steps=(
        Step(
            "submit",
            "提交审核",
            ("draft", "returned"),
            "submitted",
            P.SUBMIT_CAPABILITY,
            (require("has_text", "请先填写名称和简介"), require("disclosable", "请先勾选本单位同意公开、不涉密")),
        ),
        Step("take_back", "撤回提交", ("submitted",), "draft", P.SUBMIT_CAPABILITY),
        Step("return", "退回修改", ("submitted",), "returned", P.MODERATE, needs_reason=True),
        Step("reject", "不予发布", ("submitted",), "rejected", P.MODERATE, needs_reason=True),
        Step("publish", "发布", ("submitted",), "published", P.MODERATE, (require("field_known", "发布前请确定技术领域"),)),
        Step("reserve", "标为洽谈中", ("published",), "reserved", P.SUBMIT_CAPABILITY),
        Step("license", "标为已许可", ("published", "reserved"), "licensed", P.SUBMIT_CAPABILITY),
        Step("release", "恢复可合作", ("reserved", "licensed"), "published", P.SUBMIT_CAPABILITY),
        Step("withdraw", "撤下", ("published", "reserved", "licensed"), "withdrawn", P.SUBMIT_CAPABILITY, needs_reason=True),
        Step("suspend", "中止", ("published", "reserved", "licensed"), "suspended", P.SUSPEND, needs_reason=True),
        Step("resume", "恢复", ("suspended",), "published", P.SUSPEND, needs_reason=True),
    ),
)


def freshness(confirmed_on: date, today: date, months: int) -> str:
    """Return fresh, due (the last month), stale (unconfirmed, ranks lower) or hidden (half as long again).

    `months` is the setting for how long a confirmation holds (12 by default).
    """
    age = (today - confirmed_on).days
    limit = months * 365 // 12
    if age > limit * 3 // 2:
        return "hidden"
    if age > limit:
        return "stale"
    return "due" if age > limit - 31 else "fresh"


FRESHNESS_WORDS = {"fresh": "近期确认", "due": "即将到期，请确认", "stale": "超过一年未确认", "hidden": "长期未确认，已隐藏"}
