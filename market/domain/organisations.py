"""The life of an Organisation: registered by itself, verified by the commission with a reason."""

from __future__ import annotations

from market.domain.lifecycle import Lifecycle, Step
from market.domain.permissions import Permission as P

ORGANISATION = Lifecycle(
    subject="organisation",
    states={"pending": "待核验", "verified": "已核验", "refused": "未通过核验", "suspended": "已停用", "unclaimed": "待认领"},
    tones={"pending": "waiting", "verified": "done", "refused": "stopped", "suspended": "stopped", "unclaimed": "neutral"},
    steps=(
        Step("verify", "核验通过", ("pending", "refused", "unclaimed"), "verified", P.VERIFY_ORGANISATION, needs_reason=True),
        Step("refuse", "核验不通过", ("pending",), "refused", P.VERIFY_ORGANISATION, needs_reason=True),
        Step("suspend", "停用", ("verified",), "suspended", P.VERIFY_ORGANISATION, needs_reason=True),
        Step("restore", "恢复", ("suspended",), "verified", P.VERIFY_ORGANISATION, needs_reason=True),
        Step("resubmit", "重新提交核验", ("refused",), "pending", P.EDIT_ORGANISATION),
    ),
)


def anonymous_name(kind: str, track: str | None, city_name: str) -> str:
    """Return how an organisation that asked for anonymity is called in public, e.g. 上海市某集成电路企业."""
    noun = {"enterprise": "企业", "institute": "院所", "partner": "机构"}.get(kind, "单位")
    return f"{city_name}某{track or ''}{noun}"
