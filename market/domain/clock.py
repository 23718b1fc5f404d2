"""The one clock. Everything that needs the time asks here; a sample market may move it forward."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_offset: ContextVar[timedelta] = ContextVar("market_clock_offset", default=timedelta())
_fixed: ContextVar[datetime | None] = ContextVar("market_clock_fixed", default=None)


def now() -> datetime:
    """Return the market's present moment, aware, in UTC."""
    return (_fixed.get() or datetime.now(UTC)) + _offset.get()


def today() -> date:
    """Return the market's present date in Shanghai."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """Return an aware moment as Shanghai time; raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no place here")
    return moment.astimezone(SHANGHAI)


def end_of_day(day: date) -> datetime:
    """Return 23:59:59 Shanghai time of `day`, as UTC: when a deadline of that day falls."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=SHANGHAI).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """Return 00:00 Shanghai time of `day`, as UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def set_offset(days: int) -> None:
    """Move the clock of this context forward by `days` (sample markets only; the caller checks)."""
    _offset.set(timedelta(days=days))


def fix(moment: datetime | None) -> None:
    """Hold the clock at `moment` in this context (tests); None lets it run again."""
    _fixed.set(moment)
