"""How the engine grows: time to take listings in, to rank, to write and read a snapshot, and memory, each size in a process of its own.

    python -m benchmarks.growth [LISTINGS …] [--plot FILE.svg]

Listings are put together from the words of the lexicon, demands are those of the judged set; one thread.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.in_step import texts
from config import ROOT
from market.matching import open_engine
from market.matching.judged import collection

SIZES = (1_000, 10_000, 100_000, 1_000_000)
QUERIES = 30
PORTION = 20_000
COLUMNS = {
    "index_s": "taken in, s",
    "rank_ms": "rank, ms",
    "rank_p95_ms": "rank, p95 ms",
    "save_s": "snapshot, s",
    "start_s": "start from it, s",
    "memory_mb": "memory, MB",
}


def main() -> None:
    """Run each size, print the table, draw it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(grow(asked.one)))
        return
    print(f"{'listings':<12}" + "".join(f"{title:>18}" for title in COLUMNS.values()))
    rows = []
    for size in asked.sizes or list(SIZES):
        row = _apart(size)
        rows.append(row)
        print(f"{size:<12}" + "".join(f"{row[name]:>18.1f}" for name in COLUMNS), flush=True)
    if asked.plot:
        asked.plot.write_text(drawn(rows), encoding="utf8")


def _apart(size: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.growth", "--one", str(size)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"{size} listings: ended with {done.returncode}\n{done.stderr[-1000:]}")
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


def grow(size: int) -> dict[str, Any]:
    """Fill an engine with so many listings, rank, save, start another from the snapshot."""
    queries = list(collection(ROOT / "seed_data" / "judgements", "spoken", "held_out").queries)[:QUERIES]
    engine, documents = open_engine(), texts(size)
    started = perf_counter()
    for start in range(0, size, PORTION):
        engine.sync(documents[start : start + PORTION], revision=start + 1)
    row: dict[str, Any] = {"listings": size, "index_s": perf_counter() - started}
    engine.rank(queries[0])
    took = []
    for query in queries:
        started = perf_counter()
        engine.rank(query)
        took.append((perf_counter() - started) * 1000)
    row |= {"rank_ms": statistics.median(took), "rank_p95_ms": sorted(took)[int(len(took) * 0.95)]}
    with tempfile.TemporaryDirectory() as folder:
        started = perf_counter()
        engine.save(Path(folder))
        row["save_s"] = perf_counter() - started
        del engine
        other = open_engine()
        started = perf_counter()
        assert other.load(Path(folder))
        other.rank(queries[0])
        row["start_s"] = perf_counter() - started
    row["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return row


def drawn(rows: list[dict[str, Any]]) -> str:
    """The curves as an SVG: one panel a measure, both axes logarithmic."""
    import vl_convert

    shown = {name: COLUMNS[name] for name in ("index_s", "rank_ms", "start_s", "memory_mb")}
    values = [{"listings": row["listings"], "value": row[name], "measure": title} for row in rows for name, title in shown.items()]
    axis = {"scale": {"type": "log"}, "axis": {"format": "~s", "gridOpacity": 0.4}}
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": values},
        "facet": {"field": "measure", "columns": 2, "title": None, "sort": list(shown.values()), "header": {"labelFontSize": 13}},
        "resolve": {"scale": {"y": "independent"}},
        "spec": {
            "width": 260,
            "height": 150,
            "mark": {"type": "line", "point": True, "color": "#174a8b"},
            "encoding": {
                "x": {"field": "listings", "type": "quantitative", "title": "listings", **axis},
                "y": {"field": "value", "type": "quantitative", "title": None, **axis},
            },
        },
    }
    svg: str = vl_convert.vegalite_to_svg(json.dumps(chart))
    return svg + "\n"


if __name__ == "__main__":
    main()
