"""100,000 contracts: cockpit and cross-tables beside the bare SQL aggregates of the same figures, and their export.

    python -m benchmarks.contracts [--rows 100000] [--url postgresql://…]

Nothing is remembered between two counts. The bare statements are written by hand, over the driver alone: they give the same
sums and groups and nothing else; each is checked to say what the page's function says. The export runs as the command
`flask export contracts` in a process of its own, once without and once with rows: what the rows take in memory is the difference.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import flask_migrate
from sqlalchemy import insert, text

from config import ROOT, Config
from market.app import create_app
from market.db import db, transaction
from market.domain import codes
from market.domain.statistics import Filter
from market.models import Adjustment, Contract, Payment
from market.queries import crosstabs
from market.queries import statistics as queries

YEAR = 2025
TURNS = 7
_REGIONS = ("310107", "310107", "310115", "310112", "320100", "320200", "320500", "110000", "440300")
_KINDS = ("enterprise", "institute", "medical", "government", "other")
_SEED = random.Random(20_260)  # noqa: S311
_COUNTED = "state IN ('registered','cancelled') AND seller_region = '310107'"
_ADJUSTED = """
 LEFT JOIN (SELECT contract_id, sum(delta_fen) AS delta, sum(technical_delta_fen) AS technical FROM adjustment GROUP BY contract_id) a
 ON a.contract_id = contract.id """
_SUMS = """sum(CASE WHEN state = 'registered' THEN 1 ELSE 0 END), coalesce(sum(amount_fen), 0) + coalesce(sum(a.delta), 0),
 coalesce(sum(technical_amount_fen), 0) + coalesce(sum(a.technical), 0)"""


def bare_group(*keys: str, year: int = YEAR, years: int = 1) -> str:
    """Return the plain aggregate of the counted registered contracts of some years by columns."""
    first, last = f"{year - years + 1}-01-01", f"{year}-12-31"
    named = ", ".join(keys)
    return (
        f"SELECT {named}{',' if keys else ''} {_SUMS} FROM contract {_ADJUSTED}"  # noqa: S608 constants of this file
        f" WHERE {_COUNTED} AND registered_on BETWEEN '{first}' AND '{last}'" + (f" GROUP BY {named}" if keys else "")
    )


def bare_cockpit() -> list[str]:
    """Return the plain aggregates that the figures of the cockpit are made of."""
    within = f"BETWEEN '{YEAR}-01-01' AND '{YEAR}-12-31'"
    here = "seller_region = '310107'"
    months = "extract(month FROM registered_on)" if db.engine.dialect.name == "postgresql" else "substr(registered_on, 1, 7)"
    return [
        bare_group(months, "registered_on > '2024-12-31'", "seller_region = '310107'", "buyer_region = '310107'", years=2).replace(
            f" AND {here}", "", 1
        ),
        bare_group("type", "field"),
        bare_group("buyer_region", "buyer_kind"),
        f"SELECT count(*), sum(amount_fen), sum(technical_amount_fen) FROM contract WHERE {here} AND signed_on {within}"  # noqa: S608
        " AND state IN ('signed','filed','returned','refused','registered','cancelled')",
        f"SELECT count(*), sum(payment.amount_fen) FROM payment JOIN contract ON contract.id = contract_id WHERE {here} AND paid_on {within}",  # noqa: S608
    ]


def main() -> None:
    """Fill, count, export, print."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--rows", type=int, default=100_000)
    said.add_argument("--url", default="")
    asked = said.parse_args()
    with tempfile.TemporaryDirectory(prefix="market-bench-") as name:
        folder = Path(name)
        app = create_app(Config(instance=folder, database_url=asked.url, secret_key="b" * 40))
        started = perf_counter()
        with app.app_context():
            flask_migrate.upgrade()
            fill(asked.rows)
            print(f"{asked.rows} contracts on {db.engine.dialect.name}, filled in {perf_counter() - started:.0f} s\n")
            count()
            db.session.remove()
            db.engine.dispose()
        export(folder, asked.url, asked.rows)


def fill(rows: int) -> None:
    """Write contracts of three years: one in twenty changed, one in fifty cancelled, one in five paid in part."""
    _put(Contract, _contracts(rows))
    _put(Adjustment, _adjustments(rows))
    paid = ({"contract_id": n, "paid_on": date(YEAR, n % 12 + 1, 15), "amount_fen": 1_000_000, "note": ""} for n in range(1, rows + 1, 5))
    _put(Payment, paid)
    with transaction() as session:
        session.execute(text("ANALYZE"))


def _contracts(rows: int) -> Iterator[dict[str, Any]]:
    facts = {
        "credit_code": "91310107MA1ABCDE0X",
        "country": "中国",
        "nature": "150",
        "address": "上海市普陀区某路 100 号",
        "legal_person": "张三",
    }
    for n in range(1, rows + 1):
        day = date(YEAR - 2, 1, 1) + timedelta(days=_SEED.randrange(1_095))
        amount = _SEED.randint(5, 900) * 1_000_000
        kind = _SEED.choice(tuple(codes.CONTRACT_TYPES))
        yield {
            "id": n, "source": "registry", "title": f"面向装备制造的关键工艺技术开发与服务 {n}", "type": kind,
            "subtype": next(iter(codes.CONTRACT_SUBTYPES[kind])), "amount_fen": amount, "technical_amount_fen": amount * 4 // 5,
            "field": _SEED.choice(tuple(codes.FIELDS)), "ip_type": _SEED.choice(tuple(codes.IP_TYPES)), "state": "cancelled" if n % 50 == 0 else "registered",
            "signed_on": day - timedelta(days=20), "registered_on": day, "registration_number": f"{n:016d}", "registry_office": "登记点",
            "seller_name": f"第{n % 900}研究院", "seller_region": _SEED.choice(_REGIONS), "seller_kind": _SEED.choice(_KINDS), "seller_facts": facts,
            "buyer_name": f"第{n % 4_000}科技有限公司", "buyer_region": _SEED.choice(_REGIONS), "buyer_kind": _SEED.choice(_KINDS), "buyer_facts": facts,
        }  # fmt: skip


def _adjustments(rows: int) -> Iterator[dict[str, Any]]:
    for n in range(20, rows + 1, 20):
        yield {
            "contract_id": n,
            "kind": "change",
            "on": date(YEAR, 12, 30),
            "delta_fen": -100_000,
            "technical_delta_fen": -100_000,
            "reason": "变更",
        }


def _put(model: Any, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    with transaction() as session:
        for row in rows:
            batch.append(row)
            if len(batch) == 2_000:
                session.execute(insert(model), batch)
                batch.clear()
        if batch:
            session.execute(insert(model), batch)


def count() -> None:
    """Print how long the functions of the pages take beside the bare statements, in turn, and the ratio of the medians."""
    _check()
    base = Filter(year=YEAR)
    table: list[tuple[str, Callable[[], Any], list[str]]] = [("cockpit", lambda: queries.cockpit(YEAR), bare_cockpit())]
    for row, column, keys in (
        ("type", "", ("type",)),
        ("type", "field", ("type", "field")),
        ("field", "month", ("field", _month())),
        ("seller", "buyer", ("seller_kind", "buyer_kind")),
        ("region", "quarter", ("buyer_region", _month())),
        ("ip", "type", ("ip_type", "type")),
    ):
        bare = [bare_group(*keys, f"registered_on > '{YEAR - 1}-12-31'", years=2)]  # the cross-table counts the year before too
        name = f"cross-table {row}{' × ' + column if column else ''}"
        table.append((name, lambda row=row, column=column: crosstabs.crosstab(base, row, column), bare))  # type: ignore[misc]
    print(f"{'':<30}{'ms':>10}{'bare ms':>10}{'ratio':>8}   (medians of {TURNS}, taking turns; nothing remembered)")
    for name, work, bare in table:
        real, plain = [], []
        for _ in range(TURNS):
            real.append(_seconds(work))
            plain.append(_seconds(lambda bare=bare: [db.session.execute(text(one)).all() for one in bare]))  # type: ignore[misc]
            db.session.rollback()
        a, b = statistics.median(real), statistics.median(plain)
        print(f"{name:<30}{a * 1_000:>10.1f}{b * 1_000:>10.1f}{a / b:>8.2f}")


def _month() -> str:
    return "extract(month FROM registered_on)" if db.engine.dialect.name == "postgresql" else "substr(registered_on, 6, 2)"


def _check() -> None:
    """Fail unless the bare aggregate says what the page's function says."""
    whole = db.session.execute(text(bare_group())).one()
    figure = queries.figure(Filter(year=YEAR))
    assert tuple(int(value) for value in whole) == (figure.count, figure.amount_fen, figure.technical_fen), (whole, figure)


def _seconds(work: Callable[[], Any]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def export(folder: Path, url: str, rows: int) -> None:
    """Print what the command that exports every contract takes, beside the same command for a year without any."""
    print(f"\n{'flask export contracts':<30}{'s':>10}{'peak MB':>10}{'file MB':>10}{'rows/s':>10}")
    for form in ("xlsx", "csv"):
        out = folder / f"contracts.{form}"
        idle, least = _run(folder, url, ["--year", "1990", "--format", form, "--out", str(out)])
        took, most = _run(folder, url, ["--format", form, "--out", str(out)])
        size = out.stat().st_size / 1e6
        print(f"{form + ', no row':<30}{idle:>10.1f}{least:>10.0f}")
        print(
            f"{f'{form}, {rows} rows':<30}{took:>10.1f}{most:>10.0f}{size:>10.1f}{rows / (took - idle):>10.0f}   +{most - least:.0f} MB for the rows"
        )


def _run(folder: Path, url: str, words: list[str]) -> tuple[float, float]:
    """Run the command in a process of its own; returns seconds and its peak memory in MB."""
    environment = {**os.environ, "MARKET_INSTANCE": str(folder), "MARKET_DATABASE_URL": url, "MARKET_SECRET_KEY": "b" * 40}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "export", "contracts", *words]
    started = perf_counter()
    child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    _pid, status, used = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(words)}: exit {os.waitstatus_to_exitcode(status)}")
    return perf_counter() - started, used.ru_maxrss / 1_024


if __name__ == "__main__":
    main()
