"""The measurements of the ranking as 匹配怎么算的 shows them: the reliability diagram and the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from market.exports import charts
from market.queries.quality import MEASURES, SETS, SYSTEMS, Bar, Figure


@dataclass(frozen=True)
class Table:
    """Measured figures on one set of judged demands: a row for each system, a column for each measure."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    date: str
    command: str


def reliability(bars: Sequence[Bar]) -> Markup | None:
    """Return the reliability diagram: what was said against what was judged; None where nothing was fitted."""
    if not bars:
        return None
    return Markup(charts.reliability([(bar.said, bar.share, bar.low, bar.high, bar.n) for bar in bars]))  # noqa: S704 drawn and cleaned by exports.charts


def measured(figures: Sequence[Figure]) -> list[Table]:
    """Return one table for each set that was measured; the order of `figures` is kept."""
    return [_table(name, [one for one in figures if one.set_name == name]) for name in dict.fromkeys(one.set_name for one in figures)]


def _table(name: str, figures: Sequence[Figure]) -> Table:
    measures = list(dict.fromkeys(one.measure for one in figures))
    cells = {(one.system, one.measure): f"{one.mean:.2f}（{one.low:.2f}–{one.high:.2f}）" for one in figures}
    rows = [
        (SYSTEMS.get(system, system), *(cells.get((system, measure), "—") for measure in measures))
        for system in dict.fromkeys(one.system for one in figures)
    ]
    headers = ("用什么排", *(MEASURES.get(measure, measure) for measure in measures))
    return Table(SETS.get(name, name), headers, tuple(rows), max(one.date for one in figures), figures[0].command)
