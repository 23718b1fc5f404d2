"""The life of an Objection (异议) to a choice in its publicity window: it holds the choice until it is answered."""

from __future__ import annotations

from datetime import date

from market.domain.errors import Invalid
from market.domain.lifecycle import Lifecycle, Step
from market.domain.permissions import Permission as P

TEXT_LIMIT = 4_000
OBJECTION = Lifecycle(
    subject="objection",
    states={"open": "待答复", "dismissed": "异议不成立", "upheld": "异议成立", "withdrawn": "提出人撤回"},
    tones={"open": "waiting", "dismissed": "done", "upheld": "stopped", "withdrawn": "neutral"},
    steps=(
        Step("dismiss", "答复：异议不成立", ("open",), "dismissed", P.HANDLE_OBJECTION, needs_reason=True),
        Step("uphold", "答复：异议成立", ("open",), "upheld", P.HANDLE_OBJECTION, needs_reason=True),
        Step("drop", "记为提出人撤回", ("open",), "withdrawn", P.HANDLE_OBJECTION, needs_reason=True),
    ),
)


def check_received(received_on: date, first: date | None, last: date | None, today: date) -> None:
    """Raise Invalid unless the day of receipt lies in the publicity window (both days included) and has come."""
    if first is None or last is None or not first <= received_on <= last:
        window = f"（{first} 至 {last}）" if first and last else ""
        raise Invalid({"received_on": f"收到日期应在公示期内{window}"})
    if received_on > today:
        raise Invalid({"received_on": "收到日期不能晚于今天"})
