"""The life of a Contact (对接): one side asks, the other answers within three working days, then dated lines."""

from __future__ import annotations

from market.domain.lifecycle import Lifecycle, Step, forbid
from market.domain.permissions import Permission as P

CONTACT = Lifecycle(
    subject="contact",
    states={
        "asked": "等待答复",
        "accepted": "对接中",
        "declined": "已婉拒",
        "withdrawn": "已撤回",
        "contracted": "已签约",
        "closed": "已结束",
    },
    tones={
        "asked": "waiting",
        "accepted": "open",
        "declined": "stopped",
        "withdrawn": "stopped",
        "contracted": "done",
        "closed": "stopped",
    },
    steps=(
        Step("accept", "同意对接", ("asked",), "accepted", P.ANSWER_CONTACT, (forbid("asked_by_self", "不能答复自己发起的对接"),)),
        Step(
            "decline",
            "婉拒",
            ("asked",),
            "declined",
            P.ANSWER_CONTACT,
            (forbid("asked_by_self", "不能答复自己发起的对接"),),
            needs_reason=True,
        ),
        Step("withdraw", "撤回", ("asked",), "withdrawn", P.ASK_CONTACT),
        Step("contract", "已签约", ("accepted",), "contracted", P.CREATE_CONTRACT, system=True),
        Step("close", "结束对接", ("accepted",), "closed", P.NOTE_CONTACT, needs_reason=True),
    ),
)
ANSWER_WORKING_DAYS = 3
OPEN_STATES = ("asked", "accepted")  # one such contact for each pair and subject
MET_STATES = ("accepted", "contracted", "closed")  # both sides know each other
TABS = {"waiting": "等我答复", "running": "进行中", "ended": "已结束"}
