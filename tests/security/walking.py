"""Open any address as any person, with nothing kept: every commit of a walk is rolled back, so no request sees another's."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, g
from werkzeug.test import TestResponse

from market.db import db
from tests.page import Browser
from tests.security.world import World, people


class Walker:
    """Browsers of everybody by part; `open` answers as if each request were the first."""

    def __init__(self, app: Flask, world: World, crowd: frozenset[str] | None = None) -> None:
        self.app = app
        self.broken: list[str] = []
        self.browsers: dict[str, Browser] = {}
        for part, user in people(world).items():
            if crowd is not None and part not in crowd:
                continue
            self.browsers[part] = Browser(app) if user is None else Browser(app).sign_in(user)
        self.cookies = {part: browser.client.get_cookie("market") for part, browser in self.browsers.items()}
        db.session.remove()

    def open(self, part: str, method: str, path: str, **more: Any) -> TestResponse:
        """Send one request; the browser's cookie is what it was before any."""
        g.pop("_login_user", None)  # the tests' application context outlives a request
        client = self.browsers[part].client
        client._cookies.clear()
        cookie = self.cookies[part]
        if cookie is not None:
            client.set_cookie("market", cookie.value)
        response = client.open(path, method=method, **more)
        db.session.remove()
        return response


@contextmanager
def walking(app: Flask, world: World, crowd: frozenset[str] | None = None) -> Iterator[Walker]:
    """Yield a walker whose requests leave nothing behind; `crowd` limits who walks."""
    walker = Walker(app, world, crowd)
    noted = _Noted(walker.broken)
    logging.getLogger("market").addHandler(noted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(db.session()), "commit", _undo)
        try:
            yield walker
        finally:
            logging.getLogger("market").removeHandler(noted)
            db.session.remove()


def _undo(session: Any) -> None:
    session.flush()
    session.rollback()


class _Noted(logging.Handler):
    """Keeps the last line of what went wrong inside, for the sentence of a failure."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.lines.append(f"{type(error).__name__}: {str(error)[:200]}" if error else record.getMessage())


def answer(response: TestResponse) -> str:
    """Return what a person got: `yes` (let in), `sign-in`, or the status of a refusal or an error."""
    status, location = response.status_code, response.headers.get("Location", "")
    if status in {301, 302, 303} and location.startswith("/sign-in?next="):
        return "sign-in"
    return str(status) if status in {401, 403, 404, 405} or status >= 500 else "yes"  # 200, 302, 400, 409, 422: let in
