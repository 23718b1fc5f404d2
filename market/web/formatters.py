"""Template filters: money, days, moments, codes in Chinese."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

import segno
from flask import Flask
from markupsafe import Markup, escape

from market.domain import clock, codes, money
from market.domain.bids import BID
from market.domain.campaigns import CANDIDATE
from market.domain.capabilities import CAPABILITY
from market.domain.challenges import CHALLENGE, PHASE_WORDS
from market.domain.contacts import CONTACT
from market.domain.contracts import CONTRACT
from market.domain.duplicates import DUPLICATE
from market.domain.leads import LEAD
from market.domain.lifecycle import Lifecycle
from market.domain.objections import OBJECTION
from market.domain.organisations import ORGANISATION

_WEEK = "一二三四五六日"
_LIFECYCLES: dict[str, Lifecycle] = {
    one.subject: one for one in (CHALLENGE, CAPABILITY, BID, CONTACT, CONTRACT, DUPLICATE, LEAD, ORGANISATION, OBJECTION, CANDIDATE)
}
_OTHER_STATES = {
    "import": {
        "received": "已上传",
        "checking": "正在检查",
        "checked": "待确认",
        "writing": "正在写入",
        "written": "已导入",
        "settling": "正在采用",
        "undone": "已撤销",
        "failed": "失败",
    },
    "notice": {"waiting": "待通知", "sending": "发送中", "sent": "已发送", "told": "已人工通知", "failed": "发送失败"},
}
_OTHER_TONES = {
    "open": "open",
    "closing": "open",
    "closed": "waiting",  # what dates make of a published challenge
    "received": "waiting",
    "checking": "waiting",
    "checked": "waiting",
    "writing": "waiting",
    "written": "done",
    "settling": "waiting",
    "undone": "stopped",
    "waiting": "waiting",
    "sending": "waiting",
    "sent": "done",
    "told": "done",
    "failed": "stopped",
}


def day(value: date | datetime | None) -> str:
    """Return 2026-11-24 (周二) in Shanghai; 待定 for None."""
    if value is None:
        return "待定"
    local = clock.local(value).date() if isinstance(value, datetime) else value
    return f"{local:%Y-%m-%d} (周{_WEEK[local.weekday()]})"


def moment(value: datetime | None) -> str:
    """Return 2026-11-24 (周二) 23:59 in Shanghai; 待定 for None."""
    return f"{day(value)} {clock.local(value):%H:%M}" if value else "待定"


def short_day(value: date | datetime | None) -> str:
    """Return 11 月 24 日; 待定 for None."""
    if value is None:
        return "待定"
    local = clock.local(value).date() if isinstance(value, datetime) else value
    return f"{local.month} 月 {local.day} 日"


def ago(value: datetime | date | None) -> str:
    """Return how long ago something was: 今天, 3 天前, 2 个月前."""
    if value is None:
        return "待定"
    then = clock.local(value).date() if isinstance(value, datetime) else value
    days = (clock.today() - then).days
    if days <= 0:
        return "今天"
    if days < 45:
        return f"{days} 天前"
    return f"{days // 30} 个月前" if days < 700 else f"{days // 365} 年前"


def countdown(value: datetime | date | None) -> str:
    """Return 还剩 3 天, 还剩 5 小时, 已截止, or 长期有效 for None."""
    if value is None:
        return "长期有效"
    at = value if isinstance(value, datetime) else clock.end_of_day(value)
    seconds = (at - clock.now()).total_seconds()
    if seconds <= 0:
        return "已截止"
    hours = int(seconds // 3600)
    if hours >= 24:
        return f"还剩 {hours // 24} 天"
    return f"还剩 {hours} 小时" if hours else f"还剩 {max(int(seconds // 60), 1)} 分钟"


def wan(fen: int | None) -> str:
    """Return an amount of 分 as 万元; 待录入 for None."""
    return "待录入" if fen is None else money.wan(fen)


def yi(fen: int | None) -> str:
    """Return an amount of 分 as 亿元; 待录入 for None."""
    return "待录入" if fen is None else money.yi(fen)


def money_or_open(fen: int | None) -> str:
    """Return an amount of 分 as 万元; 面议 for None."""
    return "面议" if fen is None else money.wan(fen)


def budget(low: int | None, high: int | None = None, stated: bool = True) -> str:
    """Return a budget: 80–120 万元, 80 万元, 面议 (stated without amount) or 待补 (not stated)."""
    if not stated and low is None and high is None:
        return "待补"
    if low is not None and high is not None and high != low:
        return f"{money.in_unit(low, money.WAN)}–{money.wan(high)}"
    return money_or_open(low if low is not None else high)


def paragraphs(text: str | None) -> Markup:
    """Return text as escaped paragraphs, line breaks kept."""
    blocks = [block.strip() for block in (text or "").replace("\r", "").split("\n\n") if block.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in block.split("\n"))) for block in blocks)


def label(code: str | None, group: str) -> str:
    """Return the Chinese word of a code of `group`; a group named `<lifecycle>_state` gives the word of a state."""
    if not group.endswith("_state"):
        return codes.label(group, code)
    subject = group.removesuffix("_state")
    lifecycle = _LIFECYCLES.get(subject)
    states = lifecycle.states if lifecycle else _OTHER_STATES.get(subject, {})
    return states.get(code or "", code or "待补")


def marked(text: str | None, words: Iterable[str] = ()) -> Markup:
    """Return `text` escaped, every occurrence of one of `words` in <mark> (longest first, case ignored)."""
    text = text or ""
    found = sorted({word for word in words if word and word.strip()}, key=len, reverse=True)
    if not found:
        return escape(text)
    pieces = re.split("(" + "|".join(re.escape(word) for word in found) + ")", text, flags=re.IGNORECASE)
    return Markup("").join(Markup("<mark>{}</mark>").format(piece) if index % 2 else escape(piece) for index, piece in enumerate(pieces))


def tenths(share: float) -> str:
    """Return a probability in words that promise no more than it holds: 约七成, 不到一成, 九成以上."""
    number = round(10 * share)
    return "不到一成" if number < 1 else "九成以上" if number > 9 else f"约{'一二三四五六七八九'[number - 1]}成"


@lru_cache(maxsize=512)
def qr(address: str) -> Markup:
    """Return the QR code of an address as an inline SVG that fits the size its style gives, however long the address.

    Kept: drawing one takes as long as the rest of its page, and an address has only one.
    """
    return Markup(segno.make(address, error="m").svg_inline(omitsize=True, border=2))  # noqa: S704  (drawn here from modules, holds no text)


def state_word(lifecycle: str, state: str) -> str:
    """Return the Chinese word of a state, or of a phase of a published challenge; unknown ones as they are."""
    table = _LIFECYCLES.get(lifecycle)
    if table is None:
        return label(state, f"{lifecycle}_state")
    return table.states.get(state) or PHASE_WORDS.get(state, state)


def state_tone(lifecycle: str, state: str) -> str:
    """Return the tone (neutral, waiting, open, done, stopped) that gives a state's pill its shape and colour."""
    table = _LIFECYCLES.get(lifecycle)
    return (table.tones.get(state) if table else None) or _OTHER_TONES.get(state, "neutral")


def idempotency_key() -> str:
    """Return a fresh key for one form: a second post with it changes nothing."""
    return secrets.token_urlsafe(16)


def register(app: Flask) -> None:
    """Install the filters."""
    for function in (day, moment, short_day, ago, countdown, wan, yi, money_or_open, budget, paragraphs, label, marked, qr, tenths):
        app.add_template_filter(function)
    app.add_template_filter(lambda code: codes.label("field", code), "field_name")
    app.add_template_filter(codes.region_name, "region_name")
    app.add_template_filter(lambda fen, unit=money.WAN: money.in_unit(fen, unit) if fen is not None else "待录入", "in_unit")
    app.add_template_global(state_word)
    app.add_template_global(state_tone)
    app.add_template_global(idempotency_key)
