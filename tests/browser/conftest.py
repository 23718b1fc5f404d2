"""A real Chromium before the real application, on the database of the test. Nothing here is ever skipped.

`visitor` is a page whose console errors and CSP violations fail the test at its end, as does a request that leaves
for another host; `site` is the address; `check_axe(page)` fails on anything serious. `sign_in(page, user)` goes
through the form, with the code of the phone where one is owed, as a person would.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright
from werkzeug.serving import make_server

from market.actions import passwords, second_factor
from market.db import db, release, transaction
from market.domain import clock
from market.domain.permissions import NEEDS_TOTP
from market.models import User
from market.queries import accounts
from tests.browser.carried import carried_engine, warm
from tests.browser.people import Enter, Person
from tests.conftest import NOON

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PASSWORD = "correct horse battery staple 7"
PATIENCE = 30_000  # milliseconds; the machine of a CI is slow, the site is not
expect.set_options(timeout=PATIENCE)


def find_chromium(own: str) -> str:
    """Return the Chromium to use: MARKET_CHROMIUM, the system's, Playwright's; fails with one line when there is none."""
    named = os.environ.get("MARKET_CHROMIUM", "")
    candidates = [named] if named else [*(shutil.which(name) or "" for name in NAMES), own]
    for candidate in candidates:
        if candidate and Path(candidate).exists():
            return candidate
    where = f"MARKET_CHROMIUM names {named}, which is not there" if named else "no Chromium on this machine"
    pytest.exit(f"{where}: install one (Debian: apt-get install chromium) or name it in MARKET_CHROMIUM", returncode=1)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless Chromium a worker; before it the engine is warmed, or the first sentence would wait for it."""
    warm()
    with sync_playwright() as playwright:
        path = find_chromium(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=SWITCHES)
        yield browser
        browser.close()


class SiteClock:
    """The clock of the site's threads; `site_clock.hold(moment)` moves it and the test's own."""

    def __init__(self) -> None:
        self.moment = NOON

    def hold(self, moment: datetime) -> None:
        """Put both clocks at `moment`."""
        self.moment = moment
        clock.fix(moment)


@pytest.fixture
def site_clock() -> SiteClock:
    """The clock that the site goes by."""
    return SiteClock()


@contextmanager
def serving(app: Flask, site_clock: SiteClock) -> Iterator[str]:
    """Serve the application with threads and with CSRF on, on a free port of this machine; yields the address."""
    app.config.update(WTF_CSRF_ENABLED=True, SEND_FILE_MAX_AGE_DEFAULT=3600)

    def held(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        clock.fix(site_clock.moment)  # a context variable: each thread has its own
        return app(environ, start_response)

    server = make_server("127.0.0.1", 0, held, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    with carried_engine():
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
    server.server_close()
    app.config.update(WTF_CSRF_ENABLED=False, SEND_FILE_MAX_AGE_DEFAULT=None)


@pytest.fixture
def site(app: Flask, site_clock: SiteClock) -> Iterator[str]:
    """The address of the application of this test."""
    with serving(app, site_clock) as address:
        yield address


class Windows:
    """The windows of several people, each with own cookies, and what went wrong in any of them."""

    def __init__(self, chromium: Browser, site: str) -> None:
        self.chromium, self.site = chromium, site
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def open(self, width: int = 1280, height: int = 900, javascript: bool = True) -> Page:
        """Open one more."""
        context = self.chromium.new_context(
            base_url=self.site,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
        )
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self.complaints.append(f"{page.url}: {message.text}") if _is_complaint(message) else None)
        page.on("request", lambda request: self._watch(page, request.url))
        return page

    def _watch(self, page: Page, url: str) -> None:
        if not url.startswith((f"{self.site}/", "data:", "blob:")):
            self.complaints.append(f"{page.url} asks another host: {url}")

    def close(self) -> None:
        """Close all; fails when a window complained."""
        for context in self.contexts:
            context.close()
        assert not self.complaints, "\n".join(self.complaints)


@pytest.fixture
def open_window(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Call it for a person's own window (own cookies); every window's complaints fail the test at its end."""
    windows = Windows(chromium, site)
    yield windows.open
    windows.close()


def _is_complaint(message: object) -> bool:
    text = message.text  # type: ignore[attr-defined]
    refused_on_purpose = "Failed to load resource" in text and any(f"status of {code}" in text for code in (401, 403, 404, 409, 422, 429))
    return (message.type == "error" and not refused_on_purpose) or "Content Security Policy" in text  # type: ignore[attr-defined]


@pytest.fixture
def visitor(open_window: Callable[..., Page]) -> Page:
    """A window of somebody without an account."""
    return open_window()


def no_barriers(page: Page) -> None:
    """Fail when axe finds something serious or critical on the page, or something hangs over its side."""
    found = Axe().run(page).response["violations"]
    bad = [f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in {"serious", "critical"}]
    assert not bad, f"{page.url}\n" + "\n".join(bad)
    fits(page)


def fits(page: Page) -> None:
    """Fail when the document is wider than the window."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than the window"


@pytest.fixture
def check_axe() -> Callable[[Page], None]:
    """Call it with a page: nothing serious or critical may be found, and nothing may hang over the side."""
    return no_barriers


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Page, User], None]:
    """Call it with a page and a person to sign in through the form, with the phone's code where one is owed."""

    def enter(page: Page, user: User) -> None:
        email, secret = _keys_of(user, app.config["MARKET"].key())
        page.goto("/sign-in")
        page.get_by_label("邮箱").fill(email)
        page.get_by_label("密码", exact=False).first.fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        if secret:
            page.get_by_label("验证码").fill(pyotp.TOTP(secret).now())
            page.get_by_role("button", name="继续", exact=True).click()
        try:
            page.wait_for_url(lambda url: "/sign-in" not in url and "/second-factor" not in url)
        except Error as error:
            raise AssertionError(f"{email} could not sign in: {page.locator('main').inner_text()[:300]}") from error

    return enter


def _keys_of(user: User, key: str) -> tuple[str, str | None]:
    """Give the person a password, and those who owe it a phone; return the address and the phone's secret."""
    with transaction():
        person = db.session.get_one(User, user.id)
        person.password_hash = passwords.make(PASSWORD)
        email = person.email
    found = accounts.get_user(user.id)
    assert found is not None
    owes = accounts.actor_of(found).roles & NEEDS_TOTP
    release()  # or this thread would keep the database's one writer's lock
    if not owes:
        return email, None
    second_factor.begin(user.id, key)
    with transaction():
        person = db.session.get_one(User, user.id)
        secret = second_factor.waiting_secret(person, key)
        person.totp_confirmed_at = clock.now()
    return email, secret


@pytest.fixture
def somebody(open_window: Callable[..., Page]) -> Person:
    """Somebody without an account."""
    return Person(open_window())


@pytest.fixture
def enter(open_window: Callable[..., Page], sign_in: Callable[[Page, User], None]) -> Enter:
    """Call it with a person of the cast: opens a window of their own and signs in."""

    def come(user: User, **window: Any) -> Person:
        page = open_window(**window)
        sign_in(page, user)
        return Person(page)

    return come
