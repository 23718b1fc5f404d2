"""The life of a Lead (线索): three sentences on their way to a challenge."""

from __future__ import annotations

from market.domain.lifecycle import Lifecycle, Step, require
from market.domain.permissions import Permission as P

LEAD = Lifecycle(
    subject="lead",
    states={"new": "待分派", "assigned": "跟进中", "filled": "待企业确认", "confirmed": "已转为需求", "closed": "已结束"},
    tones={"new": "waiting", "assigned": "open", "filled": "waiting", "confirmed": "done", "closed": "stopped"},
    steps=(
        Step("assign", "分派", ("new", "assigned"), "assigned", P.ASSIGN_LEAD, (require("assignee", "请选择负责人"),)),
        Step(
            "fill",
            "代填完成，请企业确认",
            ("new", "assigned", "filled", "confirmed"),  # confirmed: moderation returned the challenge, it is mended and sent again
            "filled",
            P.WORK_LEAD,
            (require("challenge", "请先代填需求，而且需求还没有提交审核"),),
        ),
        Step("confirm", "企业已确认", ("filled",), "confirmed", P.WORK_LEAD, system=True),
        Step("refuse", "企业要求修改", ("filled",), "assigned", P.WORK_LEAD, system=True),
        Step("close", "结束", ("new", "assigned", "filled"), "closed", P.WORK_LEAD, needs_reason=True),
    ),
)
SOURCES = {"web": "网上三句话", "visit": "走访", "phone": "电话", "event": "活动"}
CONSENT = "同意科委工作人员及其指派的人员用我留下的方式联系我，并按《隐私政策》使用我的个人信息"
TEXT_LIMIT = 2_000
DUE_WORKING_DAYS = 3  # until somebody calls back
LINK_DAYS = 14  # how long the enterprise may take to confirm
