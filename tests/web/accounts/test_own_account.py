"""One's own account: password, sessions, profile; resets by mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from market.actions import notices, passwords, sign_in
from market.actions.sign_in import Visit
from market.db import db
from market.domain import clock
from market.domain.errors import NotVisible
from market.models import HistoryEntry, Outbox, Token, User, UserSession
from market.queries import accounts
from tests.cast import Cast
from tests.conftest import NOON
from tests.factories import UserFactory
from tests.page import Browser
from tests.web.accounts.conftest import OTHER, SECRET, mailed_path, mails_to
from tests.web.accounts.test_sign_in import come_in, copy_of, is_in


def test_changing_the_password_ends_the_other_sessions_only(app: Flask, browser: Browser, seeker: User) -> None:
    email = seeker.email
    elsewhere = Browser(app)
    come_in(elsewhere, email)
    come_in(browser, email)
    page = browser.see("accounts.change_password").submit("更换密码", present=SECRET, password=OTHER, again=OTHER)
    assert "密码已更换" in page.text
    assert is_in(browser) and not is_in(elsewhere)
    browser.send("accounts.sign_out")
    assert come_in(browser, email).status == 422
    come_in(browser, email, OTHER)
    assert is_in(browser)
    assert any("密码已更换" in mail.subject for mail in mails_to(email))


BAD = [
    ("Short-1-a", "至少 12 个字符"),
    ("alllowercaseletters", "三类"),
    ("Password1234", "很常见"),
    ("Aa1Aa1Aa1Aa1Aa1", "重复"),
    ("a" * 300 + "A1", "太长"),
    ("王厂长王厂长-Aa1王厂长", None),
]


@pytest.mark.parametrize(("password", "said"), BAD)
def test_a_weak_password_is_refused_beside_the_field(browser: Browser, seeker: User, password: str, said: str | None) -> None:
    page = browser.sign_in(seeker).see("accounts.change_password")
    page = page.submit("更换密码", present=SECRET, password=password, again=password)
    if said is None:
        assert "密码已更换" in page.text
    else:
        assert said in page.find("#password-error")[0].text_content()


def test_the_present_password_is_asked_and_limited(browser: Browser, seeker: User) -> None:
    page = browser.sign_in(seeker).see("accounts.change_password")
    for _ in range(5):
        answer = page.submit("更换密码", present=OTHER, password=OTHER, again=OTHER)
        assert "目前的密码不正确" in answer.find("#present-error")[0].text_content()
    assert sign_in.BLOCKED in page.submit("更换密码", present=SECRET, password=OTHER, again=OTHER).main


def test_one_session_is_ended_and_anothers_is_not(app: Flask, browser: Browser, cast: Cast, seeker: User) -> None:
    email = seeker.email
    come_in(browser, email)
    elsewhere = copy_of(app, browser)
    come_in(browser, email)
    stranger = Browser(app).sign_in(cast.stranger)
    first = db.session.query(UserSession).order_by(UserSession.id).first()
    assert first is not None
    stranger.send("accounts.end_sessions", {"session_id": str(first.id)})
    assert is_in(elsewhere)
    page = browser.see("accounts.sessions").submit("结束", follow=True)
    assert "已结束" in page.text
    assert not is_in(elsewhere) and is_in(browser)


def test_all_other_sessions_are_ended_together(app: Flask, browser: Browser, seeker: User) -> None:
    email = seeker.email
    others = [Browser(app) for _ in range(2)]
    for other in others:
        come_in(other, email)
    come_in(browser, email)
    browser.see("accounts.sessions").submit("全部结束")
    assert is_in(browser) and not any(is_in(other) for other in others)


def test_the_profile_is_changed_and_nothing_else_with_it(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.engineer).see("accounts.profile")
    user_id, email, organisation = cast.engineer.id, cast.engineer.email, cast.engineer.organisation_id
    foreign = {
        "email": "x@example.org", "organisation_id": "1", "roles": "sysadmin", "role": "sysadmin", "is_sample": "1",
        "disabled_at": "", "password_hash": "x", "totp_secret": "x", "id": "1", "email_confirmed_at": "",
    }  # fmt: skip
    page.submit("保存", person_name="赵工程师", title="总工", phone="13900000009", **foreign)
    db.session.expire_all()
    user = accounts.get_user(user_id)
    assert user is not None
    assert (user.name, user.title, user.phone) == ("赵工程师", "总工", "13900000009")
    assert (user.email, user.organisation_id, user.is_sample, user.password_hash) == (email, organisation, False, None)
    assert [role.role for role in user.roles] == ["org_member"]


def test_a_bad_telephone_is_refused_beside_the_field(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.engineer).see("accounts.profile").submit("保存", phone="12")
    assert "11 位手机号" in page.find("#phone-error")[0].text_content()


def test_a_reset_link_sets_a_new_password_once(app: Flask, browser: Browser, seeker: User) -> None:
    email = seeker.email
    elsewhere = Browser(app)
    come_in(elsewhere, email)
    browser.see("accounts.forgot_password").submit("发送重设链接", email=email.upper())
    path = mailed_path(email)
    page = browser.get(path).submit("设置新密码", password=OTHER, again=OTHER)
    assert "密码已重设" in page.text and not is_in(elsewhere)
    assert browser.get(path).status == 404
    assert browser.post(path, {"password": SECRET, "again": SECRET}).status == 404
    come_in(browser, email, OTHER)
    assert is_in(browser)


def test_a_reset_ends_the_block_of_the_account(browser: Browser, seeker: User) -> None:
    email = seeker.email
    for _ in range(6):
        last = come_in(browser, email, OTHER)
    assert last.status == 429
    browser.see("accounts.forgot_password").submit("发送重设链接", email=email)
    browser.get(mailed_path(email)).submit("设置新密码", password=OTHER, again=OTHER)
    come_in(browser, email, OTHER)
    assert is_in(browser)


def test_a_reset_link_lives_thirty_minutes_and_only_the_newest_works(app: Flask, browser: Browser, seeker: User) -> None:
    email = seeker.email
    sign_in.ask_reset(email, Visit("10.0.0.1"))
    first = mailed_path(email)
    sign_in.ask_reset(email, Visit("10.0.0.1"))
    second = mailed_path(email)
    assert browser.get(first).status == 404 and browser.get(second).status == 200
    clock.fix(NOON + timedelta(minutes=30))
    assert browser.get(second).status == 404
    with pytest.raises(NotVisible):
        sign_in.reset(second.rsplit("/", 1)[1], passwords.make(OTHER))


def test_asking_says_the_same_for_an_unknown_address_and_mails_nobody(browser: Browser, seeker: User) -> None:
    answers = [browser.see("accounts.forgot_password").submit("发送", email=email) for email in (seeker.email, "nobody@example.org")]
    assert answers[0].main == answers[1].main and answers[0].status == answers[1].status
    assert db.session.query(Outbox).count() == 1


def test_only_three_reset_mails_an_hour_go_to_one_person(app: Flask, seeker: User) -> None:
    email = seeker.email
    for _ in range(5):
        sign_in.ask_reset(email, Visit("10.0.0.1"))
    assert len(mails_to(email)) == 3


def test_the_token_itself_is_stored_nowhere_but_in_the_mail(browser: Browser, seeker: User) -> None:
    sign_in.ask_reset(seeker.email, Visit("10.0.0.1"))
    raw = mailed_path(seeker.email).rsplit("/", 1)[1]
    assert raw not in {row.token_hash for row in db.session.query(Token)}
    assert raw not in {row.dedupe_key for row in db.session.query(Outbox)}
    assert not [entry for entry in db.session.query(HistoryEntry) if raw in str(entry.detail)]


def test_somebody_who_never_set_a_password_gets_no_reset_link(app: Flask, cast: Cast) -> None:
    sign_in.ask_reset(cast.engineer.email, Visit("10.0.0.1"))
    assert mails_to(cast.engineer.email) == []


def test_an_address_is_confirmed_by_the_button_not_by_opening_the_link(browser: Browser, cast: Cast) -> None:
    user = UserFactory(email="new@example.org", email_confirmed_at=None)
    sign_in.send_confirmation(user)
    path = mailed_path("new@example.org")
    page = browser.get(path)
    assert db.session.get_one(User, user.id).email_confirmed_at is None
    page.submit("确认邮箱")
    db.session.expire_all()
    assert db.session.get_one(User, user.id).email_confirmed_at is not None
    assert browser.get(path).status == 404


def test_a_token_of_one_purpose_opens_no_other_door(browser: Browser, seeker: User) -> None:
    sign_in.ask_reset(seeker.email, Visit("10.0.0.1"))
    raw = mailed_path(seeker.email).rsplit("/", 1)[1]
    for door in ("confirm-email", "invitations", "claim"):
        assert browser.get(f"/{door}/{raw}").status == 404


def test_reading_notices_leads_to_no_other_site(browser: Browser, cast: Cast) -> None:
    notices.notify([cast.seeker], "account", "题", "话", "https://evil.example/", dedupe="x")
    answer = browser.sign_in(cast.seeker).see("accounts.notices").submit("打开", follow=False)
    assert answer.response.location == "/notices"
