"""Working days with 调休. The dated table of the staff goes first, then the known official years, then a marked fallback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import chinese_calendar

_FIXED_HOLIDAYS = {(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)}


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked. `table` maps a date to True (worked) or False (holiday), as entered by staff."""

    table: Mapping[date, bool] = field(default_factory=dict)
    table_years: frozenset[int] = frozenset()

    def known(self, year: int) -> bool:
        """True when the year's official arrangement is known; otherwise dates are 按周末推算."""
        return year in self.table_years or 2004 <= year <= max(d.year for d in chinese_calendar.constants.holidays)

    def is_working(self, day: date) -> bool:
        """True when `day` is a working day (weekends, holidays and 调休 make-up days considered)."""
        if day in self.table:
            return self.table[day]
        if day.year in self.table_years or not self.known(day.year):
            return day.weekday() < 5 and (day.month, day.day) not in _FIXED_HOLIDAYS
        return bool(chinese_calendar.is_workday(day))

    def add(self, start: date, days: int) -> date:
        """Return the `days`-th working day after `start` (start itself does not count)."""
        day = start
        while days > 0:
            day += timedelta(days=1)
            if self.is_working(day):
                days -= 1
        return day

    def between(self, first: date, last: date) -> int:
        """Return how many working days lie in first … last, both included."""
        return sum(self.is_working(first + timedelta(days=n)) for n in range((last - first).days + 1))

    def window(self, first: date, days: int) -> tuple[date, bool]:
        """Return (last day, estimated) of a publicity window of `days` working days starting on `first`.

        `first` counts when it is a working day. `estimated` is True when a year without an
        official table was used (按周末推算).
        """
        day, left = first, days - (1 if self.is_working(first) else 0)
        while left > 0:
            day += timedelta(days=1)
            left -= 1 if self.is_working(day) else 0
        return day, not (self.known(first.year) and self.known(day.year))
