"""The year-end cut-off: by which day a contract must be filed to be registered, and so counted, within the year.

Registering takes so many working days (dated rules of law, often 待核). A large contract takes longer; the last day is
reckoned back from 31 December with the working-day calendar, and the advised day lies a few days before it, because a
补正 starts the time anew. Nothing here is law by itself: each day names the rule it was reckoned from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from market.domain.calendar import WorkCalendar
from market.domain.rules_of_law import Value

ORDINARY, LARGE = "ordinary", "large"
WORDS = {ORDINARY: "普通合同", LARGE: "大额合同"}
RULE_OF = {ORDINARY: "registration_days", LARGE: "large_registration_days"}
RULES = ("registration_days", "large_registration_days", "large_contract_fen", "cutoff_margin_days")


@dataclass(frozen=True)
class Cutoff:
    """One line of the calendar. `last_day` is the last day to file; `advised` the day we advise; None where the rule is 待录入."""

    kind: str
    year: int
    days: Value | None
    last_day: date | None
    advised: date | None
    estimated: bool = False  # a year without an official table of holidays was used (按周末推算)

    def days_left(self, today: date) -> int | None:
        """Days from `today` to the last day; negative when it has passed, None when unknown."""
        return None if self.last_day is None else (self.last_day - today).days


def last_filing_day(calendar: WorkCalendar, until: date, days: int) -> date:
    """Return the latest working day from which `days` working days (the day itself not counted) end by `until`."""
    day, left = until, days
    while left > 0:
        left -= calendar.is_working(day)
        day -= timedelta(days=1)
    while not calendar.is_working(day):
        day -= timedelta(days=1)
    return day


def year_end(year: int, rules: Mapping[str, Value | None], calendar: WorkCalendar) -> dict[str, Cutoff]:
    """Return the cut-offs of a year by kind, from the rules in force at its end."""
    margin = rules.get("cutoff_margin_days")
    found = {}
    for kind, name in RULE_OF.items():
        value = rules.get(name)
        if value is None:
            found[kind] = Cutoff(kind, year, None, None, None)
            continue
        last = last_filing_day(calendar, date(year, 12, 31), value.value)
        advised = last - timedelta(days=margin.value) if margin else None
        while advised is not None and not calendar.is_working(advised):
            advised -= timedelta(days=1)
        found[kind] = Cutoff(kind, year, value, last, advised, not calendar.known(year))
    return found


def kind_of(technical_fen: int | None, amount_fen: int, limit: Value | None) -> str:
    """Return whether a contract is large: its 技术交易额 (成交额 while that is unknown) reaches the limit of the rule."""
    reached = limit is not None and (technical_fen if technical_fen is not None else amount_fen) >= limit.value
    return LARGE if reached else ORDINARY
