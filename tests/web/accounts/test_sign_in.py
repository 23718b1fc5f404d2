"""Signing in: one answer to every mistake, limits that all workers share, sessions that are over when they are over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from flask import Flask

from market.actions import passwords, sign_in
from market.actions.sign_in import Visit
from market.db import db, transaction
from market.domain import clock
from market.domain.errors import Invalid, TooMany
from market.models import AccessLog, User, UserSession
from tests.cast import Cast
from tests.conftest import NOON
from tests.factories import UserFactory
from tests.page import Browser, Page
from tests.web.accounts.conftest import OTHER, SECRET, give_password


def come_in(browser: Browser, email: str, password: str = SECRET, follow: bool = True, **query: str) -> Page:
    return browser.post(browser.url("accounts.sign_in", **query), {"email": email, "password": password}, follow=follow)


def is_in(browser: Browser) -> bool:
    return browser.get("/account", follow=False).status == 200


def test_the_right_password_opens_a_new_session_and_leads_where_one_was_going(browser: Browser, seeker: User) -> None:
    answer = come_in(browser, seeker.email, follow=False, next="/account/sessions")
    assert answer.status == 302 and answer.response.location == "/account/sessions"
    assert is_in(browser)


def test_the_address_may_be_typed_in_any_case_with_spaces(browser: Browser, seeker: User) -> None:
    come_in(browser, f"  {seeker.email.upper()} ", follow=False)
    assert is_in(browser)


@pytest.mark.parametrize("case", ["unknown", "wrong", "disabled", "unconfirmed", "no password"])
def test_every_mistake_gets_the_same_answer(browser: Browser, cast: Cast, case: str) -> None:
    email, password = "nobody@example.org", SECRET
    if case != "unknown":
        person = UserFactory(email="nobody@example.org")
        if case != "no password":
            give_password(person)
        with transaction():
            person.disabled_at = clock.now() if case == "disabled" else None
            person.email_confirmed_at = None if case == "unconfirmed" else clock.now()
        password = OTHER if case == "wrong" else SECRET
    page = come_in(browser, email, password)
    assert page.status == 422
    assert page.find(".error-summary")[0].text_content().split("没有登录成功")[1].strip() == sign_in.WRONG
    assert not is_in(browser)


def test_an_unknown_address_costs_a_hash_like_a_wrong_password(app: Flask, seeker: User, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    class Counting:
        def verify(self, stored: str, _password: str) -> bool:
            checked.append(stored.split("$")[3])
            raise VerifyMismatchError

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    for email in (seeker.email, "nobody@example.org"):
        with pytest.raises(Invalid):
            sign_in.sign_in(email, OTHER, Visit(address="10.0.0.1"))
    assert checked == ["m=19456,t=2,p=1"] * 2


def test_an_older_hash_is_renewed_at_sign_in_whatever_the_rules_say_now(browser: Browser, cast: Cast) -> None:
    with transaction():
        cast.seeker.password_hash = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("short")
    user_id = cast.seeker.id
    come_in(browser, cast.seeker.email, "short")
    assert is_in(browser)
    assert "m=19456,t=2,p=1" in str(db.session.get_one(User, user_id).password_hash)


def test_a_password_of_megabytes_is_not_hashed(app: Flask, seeker: User, monkeypatch: pytest.MonkeyPatch) -> None:
    class Short:
        def verify(self, _stored: str, password: str) -> bool:
            assert len(password) <= 256
            raise VerifyMismatchError

    monkeypatch.setattr(passwords, "_HASHER", Short())
    with pytest.raises(Invalid):
        sign_in.sign_in(seeker.email, "x" * 2_000_000, Visit(address="10.0.0.1"))


def test_the_sixth_try_of_an_account_is_refused_even_with_the_right_password(browser: Browser, seeker: User) -> None:
    email = seeker.email
    for _ in range(5):
        assert come_in(browser, email, OTHER).status == 422
    page = come_in(browser, email)
    assert page.status == 429 and sign_in.BLOCKED in page.main
    clock.fix(NOON + timedelta(minutes=16))
    come_in(browser, email)
    assert is_in(browser)


def test_an_unknown_account_is_limited_in_the_same_way(browser: Browser, cast: Cast) -> None:
    answers = [come_in(browser, "nobody@example.org", OTHER).status for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_strangers_never_lock_the_owner_out_of_a_known_browser(app: Flask, browser: Browser, seeker: User) -> None:
    email = seeker.email
    come_in(browser, email)
    browser.send("accounts.sign_out")
    stranger = Browser(app)
    for _ in range(7):
        last = come_in(stranger, email, OTHER)
    assert last.status == 429
    come_in(browser, email)
    assert is_in(browser)
    assert come_in(stranger, email).status == 429


def test_a_known_browser_is_limited_too(browser: Browser, seeker: User) -> None:
    email = seeker.email
    come_in(browser, email)
    browser.send("accounts.sign_out")
    assert [come_in(browser, email, OTHER).status for _ in range(6)] == [422] * 5 + [429]


def test_a_forged_device_cookie_counts_as_a_stranger(app: Flask, browser: Browser, seeker: User) -> None:
    email = seeker.email
    for n in range(6):
        browser.client.set_cookie("market-device", f"WyJkIixbXV0.{n}", domain="localhost")
        last = come_in(browser, email, OTHER)
    assert last.status == 429


def test_one_address_is_limited_over_all_accounts(app: Flask, cast: Cast) -> None:
    for n in range(sign_in.BY_ADDRESS):
        with pytest.raises(Invalid):
            sign_in.sign_in(f"nobody{n}@example.org", OTHER, Visit(address="10.0.0.1"))
    with pytest.raises(TooMany):
        sign_in.sign_in("nobody@example.org", OTHER, Visit(address="10.0.0.1"))
    with pytest.raises(Invalid):
        sign_in.sign_in("nobody@example.org", OTHER, Visit(address="10.0.0.2"))


def test_right_passwords_use_up_no_tries(browser: Browser, seeker: User) -> None:
    email = seeker.email
    for _ in range(8):
        come_in(browser, email)
        assert is_in(browser)
        browser.send("accounts.sign_out")


def test_tries_are_noted_without_what_was_typed(browser: Browser, seeker: User) -> None:
    email, user_id = seeker.email, seeker.id
    come_in(browser, email, OTHER)
    come_in(browser, "nobody@example.org", OTHER)
    come_in(browser, email)
    rows = [(row.act, row.user_id, row.detail) for row in db.session.query(AccessLog).order_by(AccessLog.id)]
    assert rows == [("sign_in_refused", user_id, ""), ("sign_in_refused", None, ""), ("sign_in", user_id, "")]


def test_a_copied_cookie_is_dead_after_sign_out(app: Flask, browser: Browser, seeker: User) -> None:
    come_in(browser, seeker.email)
    thief = copy_of(app, browser)
    assert is_in(thief)
    browser.send("accounts.sign_out")
    assert not is_in(thief) and not is_in(browser)


def test_signing_in_again_makes_another_session(browser: Browser, seeker: User) -> None:
    email = seeker.email
    come_in(browser, email)
    first = browser.client.get_cookie("market")
    come_in(browser, email)
    assert first is not None and browser.client.get_cookie("market") != first
    assert db.session.query(UserSession).count() == 2


def test_disabling_ends_the_session_at_once(browser: Browser, seeker: User) -> None:
    come_in(browser, seeker.email)
    with transaction():
        db.session.get_one(User, seeker.id).disabled_at = clock.now()
    assert not is_in(browser)


@pytest.mark.parametrize(("minutes", "alive"), [(119, True), (121, False)])
def test_an_idle_session_ends(browser: Browser, seeker: User, minutes: int, alive: bool) -> None:
    come_in(browser, seeker.email)
    with transaction():
        db.session.query(UserSession).one().seen_at = datetime.now(UTC) - timedelta(minutes=minutes)
    assert is_in(browser) is alive


def test_a_session_ends_after_twelve_hours_however_busy(browser: Browser, seeker: User) -> None:
    come_in(browser, seeker.email)
    with transaction():
        db.session.query(UserSession).one().created_at = datetime.now(UTC) - timedelta(hours=12, minutes=1)
    assert not is_in(browser)


def test_signing_out_by_following_a_link_is_impossible(browser: Browser, seeker: User) -> None:
    come_in(browser, seeker.email)
    assert browser.get("/sign-out", follow=False).status == 405
    assert is_in(browser)


HOSTILE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "http://evil.example/", "https:evil.example",
    "http:///evil.example", "javascript:alert(1)", "/\tevil", "/%0d%0aSet-Cookie:x", "/account\r\nX: y", " /account", "/no-such-page",
    "account", "", "/sign-out", "/\u0000/evil.example", "//account", "/.//evil.example", "https://127.0.0.1@evil.example/",
]  # fmt: skip


@pytest.mark.parametrize("target", HOSTILE)
def test_a_hostile_next_leads_home(browser: Browser, seeker: User, target: str) -> None:
    answer = browser.client.post("/sign-in", query_string={"next": target}, data={"email": seeker.email, "password": SECRET})
    assert answer.status_code == 302 and answer.headers["Location"] == "/todo"


@pytest.mark.parametrize("target", ["/account", "/challenges?q=%E7%94%B5%E6%B1%A0&field=06", "/organisations/1"])
def test_a_page_of_this_site_is_a_good_next(browser: Browser, seeker: User, target: str) -> None:
    answer = browser.client.post("/sign-in", query_string={"next": target}, data={"email": seeker.email, "password": SECRET})
    assert answer.headers["Location"] == target


def copy_of(app: Flask, browser: Browser) -> Browser:
    """Return another browser with the same session cookie."""
    thief = Browser(app)
    cookie = browser.client.get_cookie("market")
    assert cookie is not None
    thief.client.set_cookie("market", cookie.decoded_value, domain="localhost")
    return thief
