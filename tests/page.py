"""A browser for tests: every page that it opens is checked for the manners of the house, unasked."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Flask, g, url_for
from flask.testing import FlaskClient
from lxml import html as lxml_html
from werkzeug.test import TestResponse

from market.db import db, transaction
from market.models import User, UserSession
from market.queries.accounts import token_hash

# 标准, 标识, 标签 and 标注 may follow 公开 or 其中; these are other words.
FORBIDDEN_WORDS = re.compile(r"招标|投标|流标(?!准)|(?:中标|开标|评标)(?![准识签注])|标书|应答")


class Page:
    """A checked answer. `page.text`, `page.find(css)`, `page.submit(button, **fields)`."""

    def __init__(self, browser: Browser, response: TestResponse) -> None:
        self.browser = browser
        self.response = response
        self.status = response.status_code
        self.body = response.get_data(as_text=True)
        is_page = response.content_type.startswith("text/html") and self.body.strip().lower().startswith("<!doctype")
        self.tree = lxml_html.document_fromstring(self.body) if response.content_type.startswith("text/html") and self.body else None
        if is_page:
            check_manners(self)

    @property
    def text(self) -> str:
        """The words of the page, white space folded."""
        return re.sub(r"\s+", " ", self.tree.text_content()) if self.tree is not None else self.body

    @property
    def main(self) -> str:
        """The words of the page's main part."""
        return re.sub(r"\s+", " ", " ".join(e.text_content() for e in self.find("main")))

    def find(self, css: str) -> list[Any]:
        """Return the elements that a CSS selector names."""
        return list(self.tree.cssselect(css)) if self.tree is not None else []

    def links(self) -> list[str]:
        """Return every address the page links to."""
        return [str(a.get("href")) for a in self.find("a[href]")]

    def submit(self, button: str, follow: bool = True, **fields: Any) -> Page:
        """Press the button whose words contain `button`, with its form's values and those given."""
        for form in self.find("form"):
            for pressed in form.cssselect("button, input[type=submit]"):
                if button in (pressed.text_content() or pressed.get("value") or ""):
                    return self._send(form, pressed, fields, follow)
        raise AssertionError(f"no button {button!r} on the page: {self.text[:300]}")

    def _send(self, form: Any, pressed: Any, fields: dict[str, Any], follow: bool) -> Page:
        data: dict[str, Any] = {}
        for name, value in form.form_values():
            data.setdefault(name, []).append(value)
        if pressed.get("name"):
            data[pressed.get("name")] = pressed.get("value") or ""
        data.update(fields)
        action = pressed.get("formaction") or form.get("action") or self.response.request.path
        if (form.get("method") or "get").lower() == "get":
            return self.browser.get(action, query=data)
        return self.browser.post(action, data, follow=follow)


class Browser:
    """A client bound to one application; signs in by writing the session row a sign-in would write."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()

    def sign_in(self, user: User) -> Browser:
        """Become `user`, second factor passed."""
        token = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        with transaction():
            db.session.add(UserSession(token_hash=token_hash(token), user_id=user.id, created_at=now, seen_at=now, totp_at=now))
        with self.client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        return self

    def sign_out(self) -> Browser:
        """Forget the session's cookie."""
        self.client = self.app.test_client()
        return self

    def see(self, endpoint: str, status: int = 200, **values: Any) -> Page:
        """Open the page of `endpoint` and expect `status`."""
        page = self.get(self.url(endpoint, **values))
        assert page.status == status, f"{endpoint}: {page.status} instead of {status}: {page.text[:400]}"
        return page

    def get(self, path: str, query: dict[str, Any] | None = None, follow: bool = True) -> Page:
        """Open a path."""
        g.pop("_login_user", None)  # the tests' application context outlives a request
        return Page(self, self.client.get(path, query_string=query, follow_redirects=follow))

    def post(self, path: str, data: dict[str, Any] | None = None, follow: bool = True) -> Page:
        """Post to a path."""
        g.pop("_login_user", None)
        return Page(self, self.client.post(path, data=data or {}, follow_redirects=follow))

    def send(self, endpoint: str, data: dict[str, Any] | None = None, follow: bool = True, **values: Any) -> Page:
        """Post to an endpoint."""
        return self.post(self.url(endpoint, **values), data, follow)

    def url(self, endpoint: str, **values: Any) -> str:
        """Return the path of an endpoint."""
        with self.app.test_request_context():
            return url_for(endpoint, **values)


def check_manners(page: Page) -> None:
    """Fail when a page breaks the manners of the house; the sentence says which and where."""
    where = page.response.request.path
    problems = list(_problems(page))
    assert not problems, f"{where}: " + "; ".join(problems)


def _problems(page: Page) -> Iterator[str]:
    heads = page.find("h1")
    if len(heads) != 1:
        yield f"{len(heads)} h1 instead of one"
    title = (page.find("title") or [None])[0]
    words = re.sub(r"\s+", "", heads[0].text_content()) if heads else ""
    if title is None or not re.sub(r"\s+", "", title.text_content()).startswith(words[:6]):
        yield "the title does not start with the h1"
    ids = [e.get("id") for e in page.find("[id]")]
    if len(ids) != len(set(ids)):
        yield f"ids twice: {sorted({i for i in ids if ids.count(i) > 1})}"
    yield from _form_problems(page)
    if page.find("[style]") or page.find("style") or page.find("script:not([src])"):
        yield "inline style or script, which the CSP refuses"
    text = page.text
    for word in ("None", "undefined", "Undefined"):
        if re.search(rf"(?<![A-Za-z]){word}(?![A-Za-z])", text):
            yield f"the word {word} on the page"
    for found in FORBIDDEN_WORDS.finditer(text):
        yield f"the forbidden word {found.group()} in {text[max(0, found.start() - 10) : found.end() + 10]}"


def _form_problems(page: Page) -> Iterator[str]:
    labelled = {label.get("for") for label in page.find("label[for]")}
    for field in page.find("input, select, textarea"):
        if field.get("type") in {"hidden", "submit", "button"}:
            continue
        if (
            field.get("id") not in labelled
            and not field.get("aria-label")
            and not field.get("aria-labelledby")
            and not list(field.iterancestors("label"))
        ):
            yield f"no label for {field.get('name')}"
    for form in page.find("form"):
        if (form.get("method") or "get").lower() == "post":
            names = {e.get("name") for e in form.cssselect("input")}
            if "csrf_token" not in names:
                yield f"no CSRF token in the form to {form.get('action')}"
