"""Measure home, search, the lists, a page of each kind and the cockpit on a large market, beside bare pages.

One thread, in this process, straight through WSGI: no network and no client are in the figures. Real and
bare page take turns, so that whatever else the machine does falls on both.

The lines that say `cold` measure the first visit after a change: before each answer a listing is saved again and a
contract is written, outside of the time that is taken, so that nothing remembered from before may be used.
"""

from __future__ import annotations

import io
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import quote

import flask_migrate
from flask import Flask
from werkzeug.test import EnvironBuilder

from benchmarks import filling
from benchmarks.bare import Catch, bare_app
from config import Config
from market.app import create_app

SECONDS = 8.0  # for each page, real and bare together
MOST = 400
WORDS = ("电池", "低温电解液", "焊接缺陷", "检测", "机器人", "视觉识别", "传感器", "涂层", "催化剂", "污水", "轴承", "疫苗", "芯片", "氢能")


class Refused(Exception):
    """A page that is to be measured does not answer 200."""


@dataclass
class Page:
    """A page under measurement: its addresses in turn, and the seconds that the real and the bare one took."""

    name: str
    paths: list[str]
    signed_in: bool = False
    cold: bool = False
    real: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    def row(self) -> str:
        """One line of the table."""
        real, bare = statistics.fmean(self.real), statistics.fmean(self.bare)
        return (
            f"{self.name:<16}{1 / real:>9.1f}{_p95(self.real):>10.1f}{1 / bare:>12.1f}{_p95(self.bare):>10.1f}"
            f"{real / bare:>8.1f}{statistics.median(self.real) / statistics.median(self.bare):>10.1f}{len(self.real):>8}"
        )


PAGES = (
    ("home", ["/"], False),
    ("search", [f"/search?q={quote(word)}" for word in WORDS], False),
    ("challenge list", ["/challenges", *(f"/challenges?page={page}" for page in range(2, 12))], False),
    ("challenge page", [f"/challenges/{number}" for number in range(1, 51)], False),
    ("capability list", ["/capabilities", *(f"/capabilities?page={page}" for page in range(2, 12))], False),
    ("capability page", [f"/capabilities/{number}" for number in range(1, 51)], False),
    ("cockpit", ["/cockpit"], True),
    ("home, cold", ["/"], False, True),
    ("search, cold", [f"/search?q={quote(word)}" for word in WORDS], False, True),
    ("ch. list, cold", ["/challenges", *(f"/challenges?page={page}" for page in range(2, 12))], False, True),
    ("ca. list, cold", ["/capabilities", *(f"/capabilities?page={page}" for page in range(2, 12))], False, True),
    ("cockpit, cold", ["/cockpit"], True, True),
)


def main() -> None:
    """Fill, measure, print."""
    with tempfile.TemporaryDirectory(prefix="market-bench-") as name:
        folder = Path(name)
        app = create_app(Config(instance=folder, database_url="", secret_key="b" * 40, public_url="http://127.0.0.1:8000"))
        started = perf_counter()
        with app.app_context():
            flask_migrate.upgrade()
            token = filling.fill()
        print(
            f"{filling.CHALLENGES} challenges, {filling.CAPABILITIES} capabilities, {filling.CONTRACTS} contracts on SQLite: "
            f"{filling.database_size(folder):.0f} MB in {perf_counter() - started:.0f} s"
        )
        pages, refused = [], []
        for page in PAGES:
            try:
                pages.append(measure(app, Page(*page), token))
            except Refused as error:
                refused.append(f"{page[0]}: {error}")
        report(pages)
        if refused:
            raise SystemExit("\n".join(["not measured:", *refused]))


def measure(app: Flask, page: Page, token: str) -> Page:
    """Ask for the page's addresses in turn, really and barely, for SECONDS at most."""
    environs = [_environ(app, path, token if page.signed_in else "") for path in page.paths]
    with Catch() as catch:
        for environ in environs:
            _ask(app, environ)
    bare = bare_app(app, catch)
    for environ in environs:
        real_size, bare_size = _ask(app, environ)[1], _ask(bare, environ)[1]
        if abs(real_size - bare_size) > real_size / 50:
            print(f"{page.name}: the bare page has {bare_size} bytes, the real one {real_size}", file=sys.stderr)
    until, turn = perf_counter() + SECONDS, 0
    while len(page.real) < MOST and perf_counter() < until:
        environ = environs[turn % len(environs)]
        if page.cold:
            with app.app_context():
                filling.change(turn)
        page.real.append(_ask(app, environ)[0])
        page.bare.append(_ask(bare, environ)[0])
        turn += 1
    return page


def report(pages: list[Page]) -> None:
    """Print the table. Milliseconds; ratio = time of the real page over time of the bare one (means, medians)."""
    print("\none thread, in process; the bare page renders the same template from constants;")
    print("counts and figures are remembered between changes, as in a running market; each address was asked before;")
    print("cold: a listing and a contract were written just before each answer, nothing remembered holds\n")
    print(f"{'page':<16}{'req/s':>9}{'p95 ms':>10}{'bare req/s':>12}{'p95 ms':>10}{'ratio':>8}{'(median)':>10}{'asked':>8}")
    for page in pages:
        print(page.row())


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * 0.95))] * 1_000


def _environ(app: Flask, path: str, token: str) -> dict[str, Any]:
    address, _, query = path.partition("?")
    builder = EnvironBuilder(path=address, query_string=query, base_url="http://127.0.0.1:8000")
    environ = builder.get_environ()
    if token:
        serializer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        environ["HTTP_COOKIE"] = f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps({'_user_id': token, '_fresh': True})}"
    return environ


def _ask(app: Flask, environ: dict[str, Any]) -> tuple[float, int]:
    """Return seconds and bytes of one answer. Raises Refused for anything but 200."""
    said: list[str] = []
    fresh = {**environ, "wsgi.input": io.BytesIO()}
    started = perf_counter()
    answer = app(fresh, lambda status, _headers, _error=None: said.append(status))  # type: ignore[arg-type]
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    seconds = perf_counter() - started
    if not said[0].startswith("200"):
        raise Refused(f"{environ['PATH_INFO']} answered {said[0]}")
    return seconds, len(body)


if __name__ == "__main__":
    main()
