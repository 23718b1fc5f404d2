"""Whatever is typed, no page breaks: hostile words in every address, every parameter and every field of every form.

An answer may be anything but an error of ours (5xx). Nothing is kept between requests, so each starts from the same market.
Each field and parameter is given a few of the hostile words, in rotation, so that every word meets every kind of field
somewhere; `make test-long` gives each of them every word (many minutes).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from lxml import html as lxml_html
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from config import ROOT
from tests.cast import Cast
from tests.conftest import LONG
from tests.security import world as worlds
from tests.security.walking import Walker, answer, walking

pytestmark = pytest.mark.timeout(900)  # thousands of requests
NUMBERS = (0, 2**31, 2**53, 2**63, 10**30)
PARTS = ("%00", "%F0%9F%98%80", "%E2%80%AEcba", "%FF%FE", "a" * 3000, "..%2F..%2Fetc")
MANY = 60_000
WORDS = (
    "", "\x00", "a\x00b", "😀👩‍🔬", "\u202eabc\u202c\u200b", "字" * MANY, "-1", str(2**31), str(2**63), "9" * 400, "9" * 5_000, "1e999", "NaN",
    "-Infinity", "１２３", "²", "2026-02-30", "0001-01-01", "9999-12-31", "[]", "'\"<script>%s%n{{7*7}}\\", b"\xff\xfe\xfd",
)  # fmt: skip
SHORT = (
    "\x00",
    "😀\u202e",
    "字" * 3_000,
    "-1",
    str(2**63),
    "9" * 5_000,
    "²",
    "NaN",
    "2026-02-30",
    "9999-12-31",
    "%' OR 1=1 --",
    b"\xff\xfe",
)
FEW = 1
CROWD = ("nobody", "seeker", "tto", "clerk", "leader", "auditor", "sysadmin", "broker", "bureau", "liaison", "stranger")
WRITERS = ("nobody", "seeker", "tto", "rival", "clerk", "leader", "sysadmin", "liaison")
_ARGUMENT = re.compile(r"(?:args|form)\.get(?:list)?\(\s*\"(\w+)\"")


@pytest.fixture
def walker(app: Flask, cast: Cast) -> Iterator[tuple[Walker, worlds.World]]:
    """A market in every state, and everybody at the door."""
    world = worlds.build(cast)
    with walking(app, world) as made:
        yield made, world


def names_of(rule: Rule) -> list[str]:
    """Return the parameters and fields that the room of a rule reads by name, and those every list reads."""
    room = rule.endpoint.split(".")[0]
    texts = [path.read_text(encoding="utf-8") for path in sorted((Path(ROOT) / "market" / "web" / room).rglob("*.py"))]
    if room == "statistics":
        texts.append((Path(ROOT) / "market" / "domain" / "statistics.py").read_text(encoding="utf-8"))
    found = {name for text in texts for name in _ARGUMENT.findall(text)}
    lists = (
        {"q", "page", "tab", "sort", "field", "region", "track", "budget", "deadline"}
        if "index" in rule.endpoint or room == "home"
        else set()
    )
    return sorted(found | lists)


def turns(words: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield which words the next field is given: all, or the next few."""
    cycle = itertools.cycle(words)
    while True:
        yield words if LONG else tuple(itertools.islice(cycle, FEW))


def who_gets_in(walker: Walker, method: str, path: str) -> str:
    """Return somebody who is let in there; the clerk when nobody is."""
    return next((part for part in CROWD if answer(walker.open(part, method, path)) == "yes"), "clerk")


def send(walker: Walker, part: str, method: str, path: str, wrong: list[str], said: str, **more: Any) -> None:
    """Send a request and note a 5xx."""
    before = len(walker.broken)
    response = walker.open(part, method, path, **more)
    if response.status_code >= 500 or len(walker.broken) > before:
        why = walker.broken[-1] if len(walker.broken) > before else ""
        wrong.append(f"{method} {path[:90]} as {part}: {said} → {response.status_code} {why}")


@pytest.mark.on_one("postgresql")
def test_no_address_breaks(app: Flask, walker: tuple[Walker, worlds.World]) -> None:
    walk, world = walker
    wrong: list[str] = []
    sent = 0
    for rule in worlds.rules(app):
        if not rule.arguments:
            continue
        values = world.values(rule, world.states(rule)[0])
        for method in worlds.methods(rule):
            part = who_gets_in(walk, method, worlds.path(app, rule, values))
            for path, said in hostile_addresses(app, rule, values):
                send(walk, part, method, path, wrong, said)
                sent += 1
    assert sent > 500
    assert not wrong, f"{len(wrong)} of {sent}\n" + "\n".join(wrong[:60])


def hostile_addresses(app: Flask, rule: Rule, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (address, what is wrong with it): each argument in turn takes each hostile value."""
    for name in sorted(rule.arguments):
        number = rule._converters[name].regex == r"\d+"
        for value in NUMBERS if number else PARTS:
            mark = "0123454321" if number else "MARK"
            clean = worlds.path(app, rule, {**values, name: int(mark) if number else mark})
            yield clean.replace(str(int(mark)) if number else mark, str(value), 1), f"{name}={str(value)[:20]}"


@pytest.mark.on_one("postgresql")
def test_no_parameter_breaks(app: Flask, walker: tuple[Walker, worlds.World]) -> None:
    walk, world = walker
    wrong: list[str] = []
    sent, turn = 0, turns(SHORT)
    for rule in worlds.rules(app):
        if "GET" not in (rule.methods or set()):
            continue
        path = worlds.path(app, rule, world.values(rule, world.states(rule)[-1]))
        part, names = who_gets_in(walk, "GET", path), names_of(rule)
        asked = [([name], value) for name in names for value in next(turn)]
        for some, value in [*asked, *((names, value) for value in next(turn))]:
            query = "&".join(f"{name}={quote(value)}" for name in some)
            send(walk, part, "GET", f"{path}?{query}", wrong, f"{','.join(some)[:40]}={value[:20]!r}")
            sent += 1
    assert sent > 500
    assert not wrong, f"{len(wrong)} of {sent}\n" + "\n".join(wrong[:60])


Form = tuple[str, str, dict[str, list[str]]]  # who fills it in, where it goes, its fields with what they hold


def forms_of(app: Flask, walk: Walker, world: worlds.World) -> list[Form]:
    """Return every form that posts, as the first person who is shown it, from every page in every state."""
    found: dict[tuple[str, tuple[str, ...]], Form] = {}
    for rule in worlds.rules(app):
        if "GET" not in (rule.methods or set()) or rule.endpoint == "home.gallery":  # the gallery's form shows, it sends nowhere
            continue
        for state in world.states(rule):
            path = worlds.path(app, rule, world.values(rule, state))
            for part in WRITERS:
                response = walk.open(part, "GET", path)
                if response.status_code != 200 or "text/html" not in response.content_type:
                    continue
                for action, fields in posting(response.get_data(as_text=True), path):
                    endpoint = _endpoint(app, action, path)
                    found.setdefault((endpoint, tuple(sorted(fields))), (part, action, fields))
    return list(found.values())


def _endpoint(app: Flask, action: str, page: str) -> str:
    try:
        return str(app.url_map.bind("").match(urlsplit(action).path, method="POST")[0])
    except HTTPException as error:
        raise AssertionError(f"{page}: a form posts to {action}: {error}") from error


def posting(body: str, here: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield (action, fields) of each form on a page that posts, its buttons' own addresses included."""
    for form in lxml_html.document_fromstring(body).cssselect("form"):
        if (form.get("method") or "get").lower() != "post":
            continue
        fields: dict[str, list[str]] = {}
        for field in form.cssselect("input[name], select[name], textarea[name]"):
            fields.setdefault(field.get("name"), [])
        for name, value in form.form_values():
            fields.setdefault(name, []).append(value)
        fields.pop("csrf_token", None)
        yield form.get("action") or here, fields
        for button in form.cssselect("button[formaction]:not([formmethod=get])"):
            yield button.get("formaction"), fields


@pytest.mark.on_one("postgresql")
def test_no_field_breaks(app: Flask, walker: tuple[Walker, worlds.World]) -> None:
    walk, world = walker
    forms = forms_of(app, walk, world)
    wrong: list[str] = []
    sent, turn = 0, turns(WORDS)
    for part, action, fields in forms:
        for name in fields:
            for value in next(turn):
                data = {**fields, "idempotency_key": "", name: [value]}
                send(walk, part, "POST", action, wrong, f"{name}={value[:20]!r}", data=data)
                sent += 1
    assert len(forms) > 60 and sent > 600, (len(forms), sent)
    assert not wrong, f"{len(wrong)} of {sent}\n" + "\n".join(wrong[:80])


@pytest.mark.on_one("postgresql")
def test_no_post_breaks_on_what_no_form_sends(app: Flask, walker: tuple[Walker, worlds.World]) -> None:
    """Names that the code reads, a megabyte, bytes that are no form, JSON, a file where a word is wanted."""
    walk, world = walker
    wrong: list[str] = []
    turn = turns(SHORT)
    for rule in worlds.rules(app):
        if "POST" not in (rule.methods or set()):
            continue
        path = worlds.path(app, rule, world.values(rule, world.states(rule)[-1]))
        part, names = who_gets_in(walk, "POST", path), names_of(rule) or ["reason"]
        for value in next(turn):
            send(walk, part, "POST", path, wrong, f"all={value[:20]!r}", data={name: [value, value] for name in names})
        big = "a" * 1_000_000
        send(walk, part, "POST", path, wrong, "a megabyte", data=dict.fromkeys(("text", "reason", "title"), "短") | {names[0]: big})
        send(walk, part, "POST", path, wrong, "three megabytes", data={"reason": big * 3})
        send(walk, part, "POST", path, wrong, "no form", data=b"\x00\xff" * 500, content_type="multipart/form-data; boundary=x")
        send(walk, part, "POST", path, wrong, "json", json={name: {"a": [1]} for name in names})
    assert not wrong, "\n".join(wrong[:80])
