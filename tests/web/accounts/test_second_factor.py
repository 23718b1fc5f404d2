"""The second factor: owed by staff, used once a step, with recovery codes that work once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask

from market.actions import second_factor, sign_in
from market.actions.sign_in import Visit
from market.db import db, transaction
from market.domain import clock
from market.domain.errors import Forbidden, Invalid, TooMany
from market.models import RecoveryCode, User, UserSession
from market.queries import accounts
from tests.cast import Cast
from tests.conftest import NOON
from tests.page import Browser
from tests.web.accounts.conftest import OTHER, SECRET, give_password
from tests.web.accounts.test_sign_in import come_in, copy_of

KEY = "t" * 40


def code_now(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30 * steps))


def enrolled(user: User) -> tuple[str, list[str]]:
    """Give a person a confirmed second factor; returns its secret and the recovery codes."""
    second_factor.begin(user.id, KEY)
    person = accounts.get_user(user.id)
    assert person is not None
    secret = second_factor.waiting_secret(person, KEY)
    assert secret is not None
    codes = second_factor.confirm(user.id, code_now(secret, -1), KEY, accounts.actor_of(person))
    return secret, codes


def test_staff_must_enrol_before_anything_else(browser: Browser, cast: Cast) -> None:
    email = give_password(cast.clerk).email
    page = come_in(browser, email)
    assert page.response.request.path == "/second-factor" and "科委账户必须开启" in page.main
    assert browser.get("/organisations/to-verify").response.request.path == "/second-factor"
    assert browser.get("/", follow=False).status == 200  # what is public stays so


def test_half_signed_in_staff_hold_no_role_on_public_pages(browser: Browser, cast: Cast) -> None:
    come_in(browser, give_password(cast.clerk).email)
    path = browser.url("accounts.organisation", organisation_id=cast.enterprise.id)
    assert browser.get(path).status == 404
    browser.sign_in(cast.clerk)
    assert browser.get(path).status == 200


def test_enrolment_leads_from_password_over_code_to_recovery_codes(app: Flask, browser: Browser, cast: Cast) -> None:
    user_id, email = cast.clerk.id, give_password(cast.clerk).email
    page = come_in(browser, email)
    assert "目前的密码不正确" in page.submit("下一步", present=OTHER).main
    page = page.submit("下一步", present=SECRET)
    secret = "".join(page.find("figcaption code")[0].text_content().split())
    (drawing,) = page.find("figure.qr svg")
    assert drawing.get("viewbox") and not drawing.get("width")  # scaled to its frame: a fixed size would be cut off
    assert second_factor.WRONG in page.submit("开启", code="000000").main
    thief = copy_of(app, browser)
    page = page.submit("开启", code=code_now(secret))
    codes = [code.text_content() for code in page.find("main code")]
    assert len(codes) == 10 and "只显示这一次" in page.main
    assert browser.get("/organisations/to-verify").status == 200
    # The session before the step is over: its cookie leads to the sign-in, no longer to the second factor.
    assert thief.get("/account").response.request.path == "/sign-in"
    stored = db.session.get_one(User, user_id).totp_secret or ""
    assert secret not in stored and stored.startswith("gAAAA")
    assert not {row.code_hash for row in db.session.query(RecoveryCode)} & set(codes)


def test_the_next_sign_in_asks_for_the_code(browser: Browser, cast: Cast) -> None:
    give_password(cast.clerk)
    secret, _codes = enrolled(cast.clerk)
    page = come_in(browser, cast.clerk.email)
    assert "6 位数字" in page.main
    assert browser.get("/todo", follow=False).status == 302
    page.submit("继续", code=code_now(secret))
    assert browser.get("/organisations/to-verify").status == 200


def test_whoever_switched_it_on_is_asked_too(browser: Browser, seeker: User) -> None:
    enrolled(seeker)
    assert come_in(browser, seeker.email).response.request.path == "/second-factor"


def test_a_code_is_refused_the_second_time(app: Flask, cast: Cast) -> None:
    secret, _codes = enrolled(cast.clerk)
    user_id, code = cast.clerk.id, code_now(secret)
    session_id = open_session(user_id)
    second_factor.pass_with(user_id, session_id, code, KEY, Visit("10.0.0.1"))
    with pytest.raises(Invalid, match="已用过"):
        second_factor.pass_with(user_id, session_id, code, KEY, Visit("10.0.0.1"))


def test_an_older_step_is_refused_after_a_newer_one(app: Flask, cast: Cast) -> None:
    secret, _codes = enrolled(cast.clerk)
    user_id = cast.clerk.id
    second_factor.pass_with(user_id, open_session(user_id), code_now(secret, 1), KEY, Visit("10.0.0.1"))
    with pytest.raises(Invalid):
        second_factor.pass_with(user_id, open_session(user_id), code_now(secret), KEY, Visit("10.0.0.1"))


@pytest.mark.parametrize("typed", ["12345", "１２３４５６", "abcdef", "1234567", "", " ", "½½½½½½"])
def test_what_is_no_code_is_refused(app: Flask, cast: Cast, typed: str) -> None:
    enrolled(cast.clerk)
    user_id = cast.clerk.id
    with pytest.raises(Invalid):
        second_factor.pass_with(user_id, open_session(user_id), typed, KEY, Visit("10.0.0.1"))


def test_six_wrong_codes_in_five_minutes_are_too_many(app: Flask, cast: Cast) -> None:
    secret, _codes = enrolled(cast.clerk)
    user_id, session_id = cast.clerk.id, open_session(cast.clerk.id)
    for _ in range(5):
        with pytest.raises(Invalid):
            second_factor.pass_with(user_id, session_id, "000000", KEY, Visit("10.0.0.1"))
    with pytest.raises(TooMany):
        second_factor.pass_with(user_id, session_id, code_now(secret), KEY, Visit("10.0.0.1"))
    clock.fix(NOON + timedelta(minutes=5))
    second_factor.pass_with(user_id, session_id, code_now(secret), KEY, Visit("10.0.0.1"))


def test_a_recovery_code_works_once(app: Flask, cast: Cast) -> None:
    _secret, codes = enrolled(cast.clerk)
    user_id = cast.clerk.id
    second_factor.pass_with(user_id, open_session(user_id), f" {codes[0].upper()} ", KEY, Visit("10.0.0.1"))
    assert accounts.recovery_codes_left(user_id) == 9
    with pytest.raises(Invalid):
        second_factor.pass_with(user_id, open_session(user_id), codes[0], KEY, Visit("10.0.0.1"))


def test_a_recovery_code_of_another_person_is_worth_nothing(app: Flask, cast: Cast) -> None:
    _secret, codes = enrolled(cast.clerk)
    enrolled(cast.reviewer)
    with pytest.raises(Invalid):
        second_factor.pass_with(cast.reviewer.id, open_session(cast.reviewer.id), codes[0], KEY, Visit("10.0.0.1"))


def test_staff_cannot_switch_it_off_and_others_can(app: Flask, cast: Cast) -> None:
    enrolled(cast.clerk)
    enrolled(cast.seeker)
    with pytest.raises(Forbidden):
        second_factor.switch_off(cast.clerk.id, accounts.actor_of(person(cast.clerk.id)))
    second_factor.switch_off(cast.seeker.id, accounts.actor_of(person(cast.seeker.id)))
    assert person(cast.seeker.id).totp_confirmed_at is None


def test_the_administrator_resets_anothers_but_not_the_own(app: Flask, cast: Cast) -> None:
    enrolled(cast.clerk)
    enrolled(cast.sysadmin)
    open_session(cast.clerk.id)
    admin = accounts.actor_of(person(cast.sysadmin.id))
    with pytest.raises(Forbidden):
        second_factor.take_away(person(cast.sysadmin.id), admin)
    with pytest.raises(Forbidden):
        second_factor.take_away(person(cast.clerk.id), accounts.actor_of(person(cast.reviewer.id)))
    second_factor.take_away(person(cast.clerk.id), admin)
    assert person(cast.clerk.id).totp_secret is None and accounts.recovery_codes_left(cast.clerk.id) == 0
    assert all(row.ended_at is not None for row in db.session.query(UserSession).filter_by(user_id=cast.clerk.id))


def test_sample_accounts_are_exempt(browser: Browser, cast: Cast) -> None:
    with transaction():
        give_password(cast.clerk).is_sample = True
    assert come_in(browser, cast.clerk.email).response.request.path == "/todo"


def test_new_recovery_codes_replace_the_old(browser: Browser, seeker: User) -> None:
    _secret, codes = enrolled(seeker)
    user_id = seeker.id
    page = browser.sign_in(seeker).see("accounts.recovery_codes").submit("更换恢复码", present=SECRET)
    assert len(page.find("main code")) == 10
    with pytest.raises(Invalid):
        second_factor.pass_with(user_id, open_session(user_id), codes[0], KEY, Visit("10.0.0.1"))


def open_session(user_id: int) -> int:
    """Return the id of a new session of a person, second factor not passed."""
    sign_in.start_session(user_id, Visit("10.0.0.1"))
    return int(db.session.query(UserSession).filter_by(user_id=user_id).order_by(UserSession.id.desc()).first().id)


def person(user_id: int) -> User:
    """Return a person as the database has it now."""
    db.session.expire_all()
    found = accounts.get_user(user_id)
    assert found is not None
    return found
