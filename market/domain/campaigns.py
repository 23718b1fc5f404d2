"""应登未登: which organisations probably have signed technology contracts that nobody registered, and what came of asking them.

A campaign (行动) has candidates (候选单位), each found by one or more signals with the rows that show them. A signal is a
hint, never a finding: only what the 登记机构 registered counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from market.domain.lifecycle import Lifecycle, Step, require
from market.domain.permissions import Permission as P

SIGNALS = {
    "lapsed": "去年登记过，今年还没有",
    "signed": "本站已签订、未登记",
    "award": "揭榜选定后没有登记",
    "tender": "采购成交公告",
    "listed": "导入名单",
}
LIST_SIGNALS = ("tender", "listed")  # what an uploaded list may be
CALL_KINDS = {"call": "电话", "visit": "走访", "message": "微信或短信", "mail": "邮件", "meeting": "会议"}
OUTCOMES = ("registered", "planned", "unfit", "refused")
REASONS: dict[str, dict[str, str]] = {  # why, by outcome; the first words of the reason
    "unfit": {
        "not_technical": "不是技术合同（普通采购、工程或一般服务）",
        "elsewhere": "注册地不在本区，在当地登记",
        "buyer": "是买方，由卖方登记",
        "none": "没有签过技术合同",
    },
    "refused": {
        "no_benefit": "觉得没有好处",
        "burden": "手续麻烦，没有人手",
        "secret": "不愿提供合同",
        "other": "其他",
    },
}
CANDIDATE = Lifecycle(
    subject="candidate",
    states={
        "new": "待分派", "assigned": "待联系", "contacted": "联系中", "planned": "拟登", "registered": "已登", "unfit": "不符", "refused": "拒绝",
    },
    tones={
        "new": "waiting", "assigned": "waiting", "contacted": "open", "planned": "open", "registered": "done", "unfit": "stopped", "refused": "stopped",
    },
    steps=(
        Step("assign", "分派", ("new", "assigned"), "assigned", P.RUN_CAMPAIGN, (require("assignee", "请选择负责人"),)),
        Step("contact", "记一次联系", ("assigned", "contacted", "new"), "contacted", P.WORK_CANDIDATE),
        Step("plan", "拟登", ("contacted", "refused"), "planned", P.WORK_CANDIDATE, (require("planned_on", "请填写打算什么时候登记"),)),
        Step("register", "已登", ("contacted", "planned"), "registered", P.WORK_CANDIDATE,
             (require("recovered", "还没有看到首次联系之后登记的合同：等登记机构清单导入，或卖方在合同页填了登记编号，再记为已登"),)),
        Step("unfit", "不符", ("contacted", "planned"), "unfit", P.WORK_CANDIDATE, needs_reason=True),
        Step("refuse", "拒绝", ("contacted", "planned"), "refused", P.WORK_CANDIDATE, needs_reason=True),
        Step("reopen", "重新联系", ("planned", "registered", "unfit", "refused"), "contacted", P.WORK_CANDIDATE, needs_reason=True),
    ),
)  # fmt: skip
OPEN_STATES = ("new", "assigned", "contacted", "planned")


def candidate_key(name: str, credit_code: str | None) -> str:
    """Return by what a candidate is known within a campaign: its 统一社会信用代码, else its name without blanks and width."""
    return (credit_code or "").strip().upper() or re.sub(r"\s", "", unicodedata.normalize("NFKC", name))


def reason_words(outcome: str, values: Mapping[str, str]) -> str:
    """Return the reason of an outcome in words: the chosen one and what was typed."""
    chosen = REASONS.get(outcome, {}).get(values.get("reason_code", ""), "")
    typed = values.get("reason", "").strip()
    return "：".join(part for part in (chosen, typed) if part)[:300]
