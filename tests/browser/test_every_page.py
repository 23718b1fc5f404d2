"""Every page of the sample market, as every kind of person, wide and on a phone: no barrier, nothing over the side, no other host.

Each person starts at the first page and at 待办 and follows every link. Pages of one kind look alike: of each, a person
opens the first few. Axe looks at a page when it holds something (an element with its classes, in its place) that axe
has not seen yet at that width; whether the page fits is asked of each.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Error, Page
from werkzeug.routing import MapAdapter

from market.actions import matches, sample
from market.db import db, release
from market.domain import clock
from market.queries import accounts
from market.queries.matches import own_listings
from tests.browser.conftest import SiteClock, Windows, fits, no_barriers, serving
from tests.conftest import NOON, Place
from tests.page import Browser
from tests.security import declared

PEOPLE = {  # by their part in tests/security/declared.py: the account of the sample market
    "nobody": "", "seeker": "zhou.e01", "engineer": "lu.e01", "tto": "xu.i03", "professor": "wenren.i03", "rival": "xu.i09", "clerk": "cui.b00",
    "reviewer": "su.b00", "leader": "li.b00", "auditor": "fan.b00", "sysadmin": "shen.b00", "liaison": "ma.b00", "adviser": "an.b00",
    "bureau": "nan.b01", "broker": "hou.p01",
}  # fmt: skip
ALSO_LONG = (
    "engineer",
    "rival",
    "reviewer",
    "auditor",
    "adviser",
    "professor",
    "broker",
    "liaison",
    "tto",
    "sysadmin",
    "bureau",
)  # the pages of these in `make test-long`
WIDTHS = (1280, 375)
FEW = 1  # pages of one kind a person opens; lists with filters count once for each set of filters
MOST = 2  # pages of one kind in all
ALSO = ("/", "/search?q=电池", "/challenges?q=电池", "/capabilities?q=电池")  # an empty search shows little
SHAPES = """() => [...new Set([...document.querySelectorAll('body *')].map(e => {
    const look = e => `${e.tagName}.${(e.getAttribute('class') || '').trim().split(/\\s+/).sort().join('.')}[${e.getAttribute('role') || ''}]`;
    return `${look(e.parentElement)}>${look(e)}${e.disabled ? '!' : ''}`;
}))]"""
NAMED = {"contacts.create"}  # asks about what the address names; opened by its links
GALLERY = "home.gallery?"  # shows everything at once, and nothing where it belongs
DOWNLOADS = re.compile(r"export|open-data/|announcements|/attachments/|template|\.xlsx|\.csv|/healthz|/readyz")


@dataclass
class Walk:
    """What was seen so far, by all people of this process."""

    address: str
    adapter: MapAdapter
    browser: Browser
    shapes: dict[int, set[str]] = field(default_factory=lambda: {width: set() for width in WIDTHS})
    visited: dict[str, str] = field(default_factory=dict)  # kind of page: the first address of it


@pytest.fixture(scope="module")
def walk() -> Iterator[Walk]:
    """The sample market on SQLite with some rankings, served; what is looked at here does not ask the database."""
    place = Place("sqlite")
    clock.fix(NOON)
    with place.app.app_context():
        sample.load(lambda _what, rows: rows)
        release()
        with serving(place.app, SiteClock()) as address:
            _rank_a_few()
            yield Walk(address, place.app.url_map.bind("127.0.0.1"), Browser(place.app))
        db.session.remove()
    clock.fix(None)


def _rank_a_few() -> None:
    """Rankings of all would take minutes; those of two owners fill every kind of page that shows them."""
    may_rank = matches._rankable()
    for kind, email in (("challenge", "zhou.e01"), ("capability", "xu.i03")):
        person = accounts.user_by_email(f"{email}@example.org")
        assert person is not None and person.organisation_id is not None
        own = own_listings(person.organisation_id)[0 if kind == "challenge" else 1]
        ids = [listing.id for listing in own[:2]]
        release()
        assert ids, email
        matches._rank([(kind, item) for item in ids], may_rank, None)


def _starts(walk: Walk, part: str) -> list[str]:
    """Return the addresses that need no number, as far as the declared table lets this person in; adviser is no part of it."""
    part = "liaison" if part == "adviser" else part
    may = set(declared.pages_of(part)) - NAMED
    rules = [rule for rule in walk.adapter.map.iter_rules() if rule.endpoint in may and not rule.arguments]
    return [*ALSO, *sorted({rule.rule for rule in rules if not DOWNLOADS.search(rule.rule)})]


def _kind(walk: Walk, href: str) -> str | None:
    """Return which kind of page an address opens: its endpoint, and which filters it carries."""
    parts = urlsplit(href)
    if parts.netloc or parts.scheme not in {"", "http"} or not parts.path.startswith("/") or DOWNLOADS.search(href):
        return None
    try:
        endpoint, _values = walk.adapter.match(parts.path, method="GET")
    except Exception:
        return None
    names = "&".join(sorted({part.split("=")[0] for part in parts.query.split("&") if part}))
    return None if endpoint == "static" else f"{endpoint}?{names}"


def _sign_in(walk: Walk, windows: Windows, page: Page, name: str) -> None:
    user = accounts.user_by_email(f"{name}@example.org")
    assert user is not None, name
    walk.browser.sign_out().sign_in(user)
    release()
    cookie = walk.browser.client.get_cookie("market")
    assert cookie is not None
    page.context.add_cookies([{"name": "market", "value": cookie.value, "url": walk.address}])


def _pages(walk: Walk, page: Page, starts: list[str]) -> Iterator[str]:
    """Walk breadth first; the caller looks at each page while it is open."""
    waiting, known, opened = list(starts), set(starts), Counter[str]()
    while waiting:
        path = waiting.pop(0)
        kind = _kind(walk, path)
        if kind is None or opened[kind] >= (1 if kind[-1] != "?" else FEW) or opened[kind.split("?")[0]] >= MOST:
            continue
        try:
            answer = page.goto(path)
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            continue  # a file, not a page
        if path not in starts and (answer is None or answer.status in {401, 403, 404}):
            continue  # what the page links to belongs to somebody else; whom the table lets in is let in
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        opened.update((kind, kind.split("?")[0]))
        walk.visited.setdefault(kind.split("?")[0], path)
        yield kind
        for href in page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href').split('#')[0])"):
            if href and href not in known:
                known.add(href)
                waiting.append(href)


@pytest.mark.timeout(600)  # a hundred pages at two widths, on a busy machine
@pytest.mark.parametrize("part", [pytest.param(part, marks=pytest.mark.long) if part in ALSO_LONG else part for part in PEOPLE])
def test_every_page_has_no_barrier_and_fits(walk: Walk, chromium: Chromium, part: str) -> None:
    windows = Windows(chromium, walk.address)
    page = windows.open()
    if PEOPLE[part]:
        _sign_in(walk, windows, page, PEOPLE[part])
    seen = 0
    for kind in _pages(walk, page, _starts(walk, part)):
        seen += 1
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            shapes = set(page.evaluate(SHAPES))
            if shapes <= walk.shapes[width]:
                fits(page)
            else:
                no_barriers(page)
                walk.shapes[width] |= shapes if kind != GALLERY else set()
    assert seen > (20 if part == "nobody" else 30), f"only {seen} pages: the walk is broken"
    windows.close()
