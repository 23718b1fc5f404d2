"""The life of a Bid (揭榜申报): a half-page 意向 first, the full answer when invited, sealed until opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from market.domain.errors import IllegalStep, Invalid
from market.domain.lifecycle import Facts, Lifecycle, Step, forbid, require
from market.domain.permissions import Permission as P

LIVE_STATES = frozenset({"intention", "invited", "submitted", "opened", "reserve", "chosen", "not_chosen"})
ANSWER_STATES = frozenset({"submitted", "opened", "reserve", "chosen", "not_chosen"})
ARRIVED_STATES = frozenset({"intention", "invited", "submitted"})
EDITABLE_STATES = frozenset({"draft", "intention", "invited", "submitted"})
MEETS = {"meets": "满足", "exceeds": "优于", "partly": "部分满足", "misses": "不满足"}
MET_MARKS = {"meets": "yes", "exceeds": "yes", "partly": "part", "misses": "no"}
WHOLE = 10_000  # 100 % in basis points
TEXT_LIMIT = 20_000
_STEMS = "甲乙丙丁戊己庚辛壬癸"
LATE = "申报已截止，不能再提交、修改或撤回"


class Late(IllegalStep):
    """What was sent came after the deadline."""

    def __init__(self, message: str = LATE) -> None:
        super().__init__(message)


class Target(Protocol):
    """An indicator row."""

    id: Any
    name: Any
    must: Any


def window_open(state: str, procedure: str, closes_at: datetime | None, now: datetime) -> bool:
    """True while a challenge takes bids: a published open call, not past its deadline."""
    return state == "published" and procedure == "open_call" and (closes_at is None or now <= closes_at)


def bids_closed(closes_at: datetime | None, now: datetime) -> bool:
    """True when the deadline has passed, so that bids may be opened."""
    return closes_at is not None and now > closes_at


def takes_answer(visibility: str, state: str) -> bool:
    """True when the full answer is asked for: at once where bids are sealed, by invitation where they are read on arrival."""
    return visibility == "at_deadline" or state in {"invited", "submitted"}


def alias(position: int) -> str:
    """Return the name under which the n-th opened bid (from 0) is compared."""
    return f"申报方{_STEMS[position]}" if position < len(_STEMS) else f"申报方{position + 1}"


def alias_order(name: str | None) -> int:
    """Return the place of an alias among the others; those without come last."""
    rest = (name or "").removeprefix("申报方")
    if rest in _STEMS and rest:
        return _STEMS.index(rest)
    return int(rest) if rest.isdecimal() else WHOLE


def blank() -> dict[str, Any]:
    """Return an empty body; its keys are all that a payload ever holds (and `draft`, a full answer not yet sent).

    `consortium`: members as typed, while they were saved in the background and nobody has been asked yet.
    """
    return {
        "basis": "",
        "period_months": None,
        "price_fen": None,
        "technology_fen": None,
        "equipment_fen": None,
        "route": "",
        "team": "",
        "responses": {},
        "milestones": [],
        "complete": False,
        "consortium": None,
    }


def half(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the half page (意向) of a body: basis, period and price only."""
    return blank() | {name: body.get(name) for name in ("basis", "period_months", "price_fen")}


def check_members(shares: Iterable[int]) -> None:
    """Raise Invalid unless the shares of a consortium, the lead's included, make 100 %."""
    listed = list(shares)
    if any(share <= 0 for share in listed) or sum(listed) != WHOLE:
        raise Invalid({"members": "联合体各方（含牵头单位）的分工比例之和应为 100%"})


def check_answer(body: Mapping[str, Any], indicators: Iterable[Target]) -> None:
    """Raise Invalid beside the field when a full answer is not whole: route, every 必达 indicator, milestones, price split."""
    problems: dict[str, str] = {}
    if not body["route"]:
        problems["route"] = "请写明技术路线"
    if not body["period_months"]:
        problems["period_months"] = "请写明完成周期"
    missing = [row.name for row in indicators if row.must and not answered(body["responses"].get(str(row.id)))]
    if missing:
        problems["responses"] = f"请逐项回应必达指标：还缺「{'」「'.join(missing)}」"
    milestones = body["milestones"]
    if not milestones:
        problems["milestones"] = "请至少写一个里程碑"
    elif sum(row["share_bp"] for row in milestones) != WHOLE:
        problems["milestones"] = "各里程碑的付款比例之和应为 100%"
    elif any(row["month"] > (body["period_months"] or row["month"]) for row in milestones):
        problems["milestones"] = "里程碑不能晚于完成周期"
    price, parts = body["price_fen"], (body["technology_fen"], body["equipment_fen"])
    if price is not None and (None in parts or sum(part or 0 for part in parts) != price):
        problems["technology"] = "技术费用与设备费用之和应等于总价"
    if problems:
        raise Invalid(problems)


def answered(response: Mapping[str, Any] | None) -> bool:
    """True when a response to an indicator says something: a promised value, or plainly that it is missed."""
    return bool(response and (response.get("promised") or response.get("meets") == "misses"))


def technology_share(body: Mapping[str, Any]) -> int | None:
    """Return the technology part of the price in whole percent; None when it is not known."""
    price, part = body.get("price_fen"), body.get("technology_fen")
    return round(part * 100 / price) if price and part is not None else None


def _window_open(facts: Facts) -> str | None:
    return None if facts.get("before_deadline") else LATE


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
            ("draft", "intention"),
            "intention",
            P.SUBMIT_BID,
            (_window_open, require("has_basis", "请写明依据"), require("members_confirmed", "联合体成员还没有全部确认")),
        ),
        Step("invite", "邀请提交方案", ("intention",), "invited", P.CHOOSE_BID, (_window_open,)),
        Step(
            "submit",
            "提交方案",
            ("draft", "intention", "invited", "submitted"),
            "submitted",
            P.SUBMIT_BID,
            (
                _window_open,
                require("answers_all", "请逐项回应必达指标"),
                require("members_confirmed", "联合体成员还没有全部确认"),
                require("may_answer", "发榜方邀请后才提交完整方案"),
            ),
        ),
        Step("withdraw", "撤回申报", ("intention", "invited", "submitted"), "withdrawn", P.SUBMIT_BID, (_window_open,)),
        Step("redraft", "重新申报", ("withdrawn",), "draft", P.EDIT_BID, (_window_open,)),
        Step("discard", "删除草稿", ("draft",), "lapsed", P.EDIT_BID),
        Step("open", "开启", ("intention", "invited", "submitted"), "opened", P.CHOOSE_BID, system=True),
        Step("choose", "选定", ("opened", "reserve"), "chosen", P.CHOOSE_BID, system=True),
        Step("pass_over", "未选定", ("opened", "reserve"), "not_chosen", P.CHOOSE_BID, system=True),
        Step("hold", "列为候补", ("opened",), "reserve", P.CHOOSE_BID, (forbid("decided", "已经选定"),)),
        Step("unchoose", "撤销选定", ("chosen", "not_chosen"), "opened", P.REOPEN_CHOICE, system=True),
        Step("lapse", "失效", ("draft", "intention", "invited", "submitted", "opened", "reserve"), "lapsed", P.CHOOSE_BID, system=True),
    ),
)
