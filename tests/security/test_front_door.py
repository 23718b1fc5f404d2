"""What every answer carries and every post must bring: headers, cookies, the token against forgery, the right host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from config import Config
from market.app import create_app
from market.db import db
from market.web import extensions
from tests.cast import Cast
from tests.page import Browser
from tests.security import world as worlds
from tests.security.test_double_click import rows
from tests.security.walking import Walker, walking

pytestmark = pytest.mark.timeout(600)
NOTED = {"match_outcome", "worker_beat"}  # that a page of a pair was opened, and the probe of /readyz: db.journal() writes them
ERRORS = ("/no-such-page", "/sign-out", "/challenges/999999", "/static/no-such-file.css", "/todo", f"/challenges/{'9' * 30}")


@pytest.fixture
def walker(app: Flask, cast: Cast) -> Iterator[tuple[Walker, worlds.World]]:
    """A market in every state, and two at its door."""
    world = worlds.build(cast)
    with walking(app, world, frozenset({"nobody", "clerk"})) as made:
        yield made, world


def assert_guarded(headers: dict[str, str], where: str) -> None:
    """Fail unless the headers of an answer keep a browser from running or framing anything foreign."""
    policy = {part.split()[0]: part.split()[1:] for part in headers["Content-Security-Policy"].split("; ")}
    assert policy.get("default-src") == ["'none'"], where
    words = " ".join(word for words in policy.values() for word in words)
    assert "unsafe" not in words and "*" not in words and "http" not in words, (where, words)
    if "sandbox" not in policy:  # a file that is only ever downloaded is sandboxed instead
        assert policy["script-src"] == policy["style-src"] == ["'self'"] and policy["form-action"] == ["'self'"], where
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == ["'none'"], where
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY", where
    assert headers["Referrer-Policy"] == "same-origin" and headers["Cross-Origin-Opener-Policy"] == "same-origin", where


def test_every_answer_carries_the_headers_errors_too(app: Flask, walker: tuple[Walker, worlds.World]) -> None:
    walk, world = walker
    seen: dict[int, int] = {}
    for part in ("nobody", "clerk"):
        for rule in worlds.rules(app):
            path = worlds.path(app, rule, world.values(rule, world.states(rule)[0]))
            for method in worlds.methods(rule):
                answer = walk.open(part, method, path)
                assert_guarded(dict(answer.headers), f"{method} {path}")
                seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
        for path in ERRORS:
            assert_guarded(dict(walk.open(part, "GET", path).headers), path)
    assert {200, 302, 401, 403, 404} <= set(seen), seen


def test_an_error_of_ours_carries_them_too_and_says_nothing_of_the_inside(
    app: Flask, walker: tuple[Walker, worlds.World], monkeypatch: pytest.MonkeyPatch
) -> None:
    walk, _world = walker

    def breaks() -> str:
        raise RuntimeError("password=hunter2 at /srv/market/secret.py")

    breaks.access = "public"  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "home.about", breaks)
    answer = walk.open("clerk", "GET", "/about")
    assert answer.status_code == 500
    assert_guarded(dict(answer.headers), "/about")
    body = answer.get_data(as_text=True)
    assert "hunter2" not in body and "Traceback" not in body and "secret.py" not in body


def test_what_a_signed_in_person_was_shown_is_kept_by_no_cache(app: Flask, walker: tuple[Walker, worlds.World]) -> None:
    walk, world = walker
    for rule in worlds.rules(app):
        if "GET" in (rule.methods or set()) and rule.endpoint not in {"home.healthz"}:
            path = worlds.path(app, rule, world.values(rule, world.states(rule)[0]))
            assert walk.open("clerk", "GET", path).headers.get("Cache-Control", "") == "no-store", path


def test_no_post_is_taken_without_the_token(app: Flask, walker: tuple[Walker, worlds.World], monkeypatch: pytest.MonkeyPatch) -> None:
    walk, world = walker
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    posts = 0
    for rule in worlds.rules(app):
        if "POST" not in (rule.methods or set()):
            continue
        path = worlds.path(app, rule, world.values(rule, world.states(rule)[0]))
        for part in ("nobody", "clerk"):
            assert walk.open(part, "POST", path).status_code == 400, (part, path)
            assert walk.open(part, "POST", path, data={"csrf_token": "forged"}).status_code == 400, (part, path)
        posts += 1
    assert posts > 60
    assert not extensions.csrf._exempt_views and not extensions.csrf._exempt_blueprints


@pytest.mark.on_one("sqlite")
def test_a_get_changes_nothing_that_a_form_would(app: Flask, cast: Cast) -> None:
    """No route takes a change by GET: what may be posted is refused or only read when it is opened."""
    world = worlds.build(cast)
    people = {part: Browser(app).sign_in(user) for part, user in cast.people().items() if part in {"seeker", "tto", "clerk"}}
    before = rows()
    for rule in worlds.rules(app):
        if "GET" not in (rule.methods or set()):
            continue
        for state in world.states(rule)[:2]:
            for browser in people.values():
                g.pop("_login_user", None)
                browser.client.get(worlds.path(app, rule, world.values(rule, state)))
                db.session.remove()
    after = rows()
    assert [name for name in after if after[name] != before[name] and name not in NOTED] == []


@pytest.fixture
def deployed(app: Flask) -> FlaskClient:
    """A client of the site as it stands behind a public address, on the database of the test."""
    here = app.config["MARKET"]
    config = Config(
        instance=here.instance, database_url=here.database_url, secret_key="p" * 40, public_url="https://market.example.cn", testing=True
    )
    return create_app(config).test_client()


def test_cookies_are_for_this_host_alone_and_never_travel_in_the_clear(deployed: FlaskClient, cast: Cast) -> None:
    answer = deployed.get("/sign-in", base_url="https://market.example.cn")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-market=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")} and "Domain=" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_on_this_machine_alone_plain_http_is_not_told_to_be_secure(app: Flask, cast: Cast) -> None:
    answer = app.test_client().get("/")
    assert "Strict-Transport-Security" not in answer.headers


def test_another_host_is_not_answered(deployed: FlaskClient, cast: Cast) -> None:
    assert deployed.get("/", base_url="https://evil.example").status_code == 400
    assert deployed.get("/", base_url="https://market.example.cn").status_code == 200
