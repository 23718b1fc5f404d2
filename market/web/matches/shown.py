"""The measurements of the ranking as 匹配怎么算的 shows them: the reliability diagram and the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from market.exports import charts
from market.queries.quality import MEASURES, PARTS, SETS, SYSTEMS, Bar, Figure


@dataclass(frozen=True)
class Table:
    """Measured figures on one part of a set of judged demands: a row for each system, a column for each measure."""

    title: str
    headers: tuple[str, ...]
    labels: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def reliability(bars: Sequence[Bar]) -> Markup | None:
    """Return the reliability diagram: what was said against what was judged; None where nothing was fitted."""
    if not bars:
        return None
    return Markup(charts.reliability([(bar.said, bar.share, bar.low, bar.high, bar.n) for bar in bars]))  # noqa: S704 drawn and cleaned by exports.charts


def measured(figures: Sequence[Figure]) -> list[Table]:
    """Return one table for each part of each set that was measured; the order of `figures` is kept."""
    parts = dict.fromkeys((one.set_name, one.part) for one in figures)
    return [_table(name, part, [one for one in figures if (one.set_name, one.part) == (name, part)]) for name, part in parts]


def _table(name: str, part: str, figures: Sequence[Figure]) -> Table:
    measures = list(dict.fromkeys(one.measure for one in figures))
    cells = {(one.system, one.measure): f"{one.mean:.2f}（{one.low:.2f}–{one.high:.2f}）" for one in figures}
    rows = [
        (SYSTEMS.get(system, system), *(cells.get((system, measure), "—") for measure in measures))
        for system in dict.fromkeys(one.system for one in figures)
    ]
    title = f"{SETS.get(name, name)}，{figures[0].queries} 条" if part == "all" else f"{SETS.get(name, name)}，{PARTS.get(part, part)}"
    return Table(title, ("用什么排", *(MEASURES.get(measure, measure) for measure in measures)), ("", *measures), tuple(rows))
