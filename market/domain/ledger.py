"""Registrations and their changes day by day: what was known of a year's total on any day since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Entry:
    """One line of the ledger of contracts: a registration (+), a change (+/−) or a cancellation (−), in 分."""

    day: date
    contract_id: int
    kind: str  # registered, change or cancel
    amount_fen: int
    technical_fen: int


@dataclass(frozen=True)
class Ledger:
    """The district's registered contracts by day. `days` maps a day to (contracts, 成交额 as first reported);
    `changes` holds (day of registration, day of the change, ± 分)."""

    days: Mapping[date, tuple[int, int]] = field(repr=False)
    changes: tuple[tuple[date, date, int], ...] = field(default=(), repr=False)

    def known(self, day: date) -> int:
        """Return the year's registered 成交额 up to `day` as it stood on that day: no later change is in it."""
        first = date(day.year, 1, 1)
        registered = sum(amount for one, (_count, amount) in self.days.items() if first <= one <= day)
        return registered + sum(delta for one, on, delta in self.changes if first <= one <= day and on <= day)

    def months(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Return (year, month) → (contracts, 成交额 as first reported)."""
        found: dict[tuple[int, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
        for day, (count, amount) in self.days.items():
            before = found[(day.year, day.month)]
            found[(day.year, day.month)] = (before[0] + count, before[1] + amount)
        return dict(found)

    def whole_years(self, before: int) -> list[int]:
        """Return the years before `before` that have any registration, oldest first."""
        return sorted({day.year for day in self.days if day.year < before})


def total(entries: Iterable[Entry]) -> tuple[int, int]:
    """Return the sums of 成交额 and 技术交易额 of ledger lines."""
    amounts = [(entry.amount_fen, entry.technical_fen) for entry in entries]
    return sum(amount for amount, _technical in amounts), sum(technical for _amount, technical in amounts)
