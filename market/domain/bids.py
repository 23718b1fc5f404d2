"""The life of a Bid (揭榜申报): a half-page 意向 first, the full answer when invited, sealed until opened."""

from __future__ import annotations

from market.domain.lifecycle import Facts, Lifecycle, Step, forbid, require
from market.domain.permissions import Permission as P

LIVE_STATES = frozenset({"intention", "invited", "submitted", "opened", "reserve", "chosen", "not_chosen"})
ANSWER_STATES = frozenset({"submitted", "opened", "reserve", "chosen", "not_chosen"})


def _window_open(facts: Facts) -> str | None:
    return None if facts.get("before_deadline") else "申报已截止，不能再提交、修改或撤回"


BID = Lifecycle(
    subject="bid",
    states={
        "draft": "草稿",
        "intention": "已交意向",
        "invited": "已邀请提交方案",
        "submitted": "已提交方案",
        "withdrawn": "已撤回",
        "opened": "已开启",
        "reserve": "候补",
        "chosen": "被选定",
        "not_chosen": "未选定",
        "lapsed": "已失效",
    },
    tones={
        "draft": "neutral",
        "intention": "open",
        "invited": "waiting",
        "submitted": "open",
        "withdrawn": "stopped",
        "opened": "waiting",
        "reserve": "waiting",
        "chosen": "done",
        "not_chosen": "stopped",
        "lapsed": "stopped",
    },
    steps=(
        Step(
            "intend",
            "提交意向",
            ("draft",),
            "intention",
            P.EDIT_BID,
            (_window_open, require("has_basis", "请写明依据"), require("members_confirmed", "联合体成员还没有全部确认")),
        ),
        Step("invite", "邀请提交方案", ("intention",), "invited", P.CHOOSE_BID, (_window_open,)),
        Step(
            "submit",
            "提交方案",
            ("draft", "intention", "invited", "submitted"),
            "submitted",
            P.EDIT_BID,
            (
                _window_open,
                require("answers_all", "请逐项回应必达指标"),
                require("members_confirmed", "联合体成员还没有全部确认"),
                require("may_answer", "发榜方邀请后才提交完整方案"),
            ),
        ),
        Step("withdraw", "撤回申报", ("intention", "invited", "submitted"), "withdrawn", P.EDIT_BID, (_window_open,)),
        Step("redraft", "重新申报", ("withdrawn",), "draft", P.EDIT_BID, (_window_open,)),
        Step("open", "开启", ("intention", "invited", "submitted"), "opened", P.CHOOSE_BID, system=True),
        Step("choose", "选定", ("opened", "reserve"), "chosen", P.CHOOSE_BID, system=True),
        Step("pass_over", "未选定", ("opened", "reserve"), "not_chosen", P.CHOOSE_BID, system=True),
        Step("hold", "列为候补", ("opened",), "reserve", P.CHOOSE_BID, (forbid("decided", "已经选定"),)),
        Step("unchoose", "撤销选定", ("chosen", "not_chosen"), "opened", P.SUSPEND, system=True),
        Step("lapse", "失效", ("draft", "intention", "invited", "submitted", "opened", "reserve"), "lapsed", P.CHOOSE_BID, system=True),
    ),
)
