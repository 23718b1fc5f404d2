"""A real Chromium before the real application, on the database of the test. Nothing here is ever skipped.

`visitor` is a page whose console errors and CSP violations fail the test at its end; `site` is the address;
`check_axe(page)` fails on anything serious. `sign_in(page, user)` goes through the form, as a person would.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright
from werkzeug.serving import make_server

from market.actions import passwords
from market.db import db, transaction
from market.domain import clock
from market.models import User
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
PATIENCE = 15_000  # milliseconds; the machine of a CI is slow, the site is not


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
    """One headless Chromium a worker."""
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


@pytest.fixture
def site(app: Flask, site_clock: SiteClock) -> Iterator[str]:
    """The address of the application, served with threads and with CSRF on, on a free port of this machine."""
    app.config["WTF_CSRF_ENABLED"] = True

    def held(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        clock.fix(site_clock.moment)  # a context variable: each thread has its own
        return app(environ, start_response)

    server = make_server("127.0.0.1", 0, held, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def open_window(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Call it for a person's own window (own cookies); every window's console errors fail the test at its end."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(width: int = 1280, height: int = 900) -> Page:
        context = chromium.new_context(
            base_url=site, locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": width, "height": height}
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}") if _is_complaint(message) else None)
        page.on(
            "requestfailed", lambda request: complaints.append(f"left this machine: {request.url}") if site not in request.url else None
        )
        return page

    yield make
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


def _is_complaint(message: object) -> bool:
    text = message.text  # type: ignore[attr-defined]
    refused_on_purpose = "Failed to load resource" in text and any(f"status of {code}" in text for code in (401, 403, 404, 409, 422, 429))
    return (message.type == "error" and not refused_on_purpose) or "Content Security Policy" in text  # type: ignore[attr-defined]


@pytest.fixture
def visitor(open_window: Callable[..., Page]) -> Page:
    """A window of somebody without an account."""
    return open_window()


@pytest.fixture
def check_axe() -> Callable[[Page], None]:
    """Call it with a page: nothing serious or critical may be found, and nothing may hang over the side."""

    def check(page: Page) -> None:
        found = Axe().run(page).response["violations"]
        bad = [f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in {"serious", "critical"}]
        assert not bad, f"{page.url}\n" + "\n".join(bad)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url} is {wide} px wider than the window"

    return check


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Page, User], None]:
    """Call it with a page and a person (without second factor) to sign in through the form."""

    def enter(page: Page, user: User) -> None:
        with transaction():
            person = db.session.get(User, user.id)
            assert person is not None
            person.password_hash = passwords.make(PASSWORD)
            email = person.email
        page.goto("/sign-in")
        page.get_by_label("邮箱").fill(email)
        page.get_by_label("密码", exact=False).first.fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        try:
            page.wait_for_url(lambda url: "/sign-in" not in url)
        except Error as error:
            raise AssertionError(f"{email} could not sign in: {page.locator('main').inner_text()[:300]}") from error

    return enter
