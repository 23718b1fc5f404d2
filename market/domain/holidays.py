"""Read the year's official arrangement (放假和调休) as it is pasted: a line a day or a range, with its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from market.domain.errors import Invalid

_DAY = r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_LINE = re.compile(rf"{_DAY}(?:\s*(?:至|到|—|–|~|～)\s*{_DAY})?[\s,，:：]*(.*)", re.ASCII)
_WORKED = re.compile(r"上班|补班|调休上班|工作日")
LONGEST_RANGE = 20  # days


@dataclass(frozen=True)
class Entry:
    """One day that differs from the week."""

    day: date
    worked: bool
    name: str


def parse(text: str, year: int, field: str = "days") -> list[Entry]:
    """Return the entries of `year` in order of date; raises Invalid naming the line that cannot be read.

    A line is `2027-02-05 至 2027-02-11 春节` or `2月14日 上班`; a line with 上班 or 补班 is a worked day,
    any other a holiday. A day named twice, or outside `year`, is refused.
    """
    found: dict[date, Entry] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        for entry in _entries(line.strip(), year, number, field):
            if entry.day in found:
                raise Invalid({field: f"第 {number} 行：{entry.day:%Y-%m-%d} 前面已经写过"})
            found[entry.day] = entry
    if not found:
        raise Invalid({field: "请至少写一天"})
    return [found[day] for day in sorted(found)]


def _entries(line: str, year: int, number: int, field: str) -> list[Entry]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise Invalid({field: f"第 {number} 行读不懂：{line[:30]}"})
    try:
        first = _date(match.group(1), match.group(2), match.group(3), year)
        last = _date(match.group(4), match.group(5), match.group(6), year) if match.group(5) else first
    except ValueError as error:
        raise Invalid({field: f"第 {number} 行没有这一天：{line[:30]}"}) from error
    if first.year != year or last.year != year:
        raise Invalid({field: f"第 {number} 行不在 {year} 年"})
    if not timedelta() <= last - first < timedelta(days=LONGEST_RANGE):
        raise Invalid({field: f"第 {number} 行的起止日期不对"})
    words = match.group(7).strip()[:40]
    worked = _WORKED.search(words) is not None
    return [Entry(first + timedelta(days=n), worked, words) for n in range((last - first).days + 1)]


def _date(year: str | None, month: str, day: str, default: int) -> date:
    return date(int(year) if year else default, int(month), int(day))
