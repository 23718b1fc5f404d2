"""Changing the own address: a link to the new one, a word to the old one, nothing before the link is opened."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from market.actions import address_change, sign_in
from market.db import db
from market.domain import clock
from market.domain.errors import Invalid, NotVisible
from market.domain.permissions import Actor
from market.models import HistoryEntry, User
from tests.cast import Cast
from tests.conftest import NOON
from tests.factories import UserFactory
from tests.page import Browser
from tests.web.accounts.conftest import SECRET, mailed_path, mails_to
from tests.web.accounts.test_sign_in import come_in, is_in

NEW = "wang.new@example.org"


def ask(browser: Browser, email: str = NEW, present: str = SECRET) -> str:
    """Ask for another address and return the page's words."""
    return browser.see("accounts.change_email").submit("发确认链接", email=email, present=present).text


def email_of(user_id: int) -> str:
    db.session.expire_all()
    return db.session.get_one(User, user_id).email


def test_the_new_address_holds_once_its_link_was_opened_and_the_old_one_is_told(app: Flask, browser: Browser, seeker: User) -> None:
    user_id, old = seeker.id, seeker.email
    come_in(browser, old)
    assert "确认链接已发到新邮箱" in ask(browser)
    assert email_of(user_id) == old
    assert "有人申请更换您的登录邮箱" in mails_to(old)[-1].subject
    path = mailed_path(NEW)
    page = Browser(app).get(path)  # perhaps on another device, signed out
    assert NEW in page.main and email_of(user_id) == old, "opening alone changes nothing"
    page.submit("换成这个邮箱")
    assert email_of(user_id) == NEW
    assert mails_to(old)[-1].subject == "您的登录邮箱已更换" and NEW not in mails_to(old)[-1].body
    steps = [row.step for row in db.session.query(HistoryEntry).filter_by(subject_kind="user", subject_id=user_id)]
    assert steps == ["ask_change_email", "change_email"]
    fresh = Browser(app)
    assert come_in(fresh, old).status == 422
    come_in(fresh, NEW)
    assert is_in(fresh)
    assert Browser(app).get(path).status == 404, "a link holds once"


def test_links_that_went_to_the_old_address_are_useless_afterwards(app: Flask, browser: Browser, seeker: User) -> None:
    old = seeker.email
    come_in(browser, old)
    ask(browser)
    sign_in.ask_reset(old, sign_in.Visit("10.0.0.1"))
    reset = mailed_path(old)
    browser.get(mailed_path(NEW)).submit("换成这个邮箱")
    assert Browser(app).get(reset).status == 404


def test_the_password_is_asked(browser: Browser, seeker: User) -> None:
    come_in(browser, seeker.email)
    assert "目前的密码不正确" in ask(browser, present="Wrong-Horse-9-Battery") and not mails_to(NEW)


@pytest.mark.parametrize(("email", "said"), [("no-address", "邮箱格式不对"), ("SAME", "就是您现在的登录邮箱")])
def test_a_bad_address_is_refused_beside_the_field(browser: Browser, seeker: User, email: str, said: str) -> None:
    come_in(browser, seeker.email)
    assert said in ask(browser, email=seeker.email if email == "SAME" else email)


def test_an_address_with_an_account_is_not_given_away(browser: Browser, seeker: User, cast: Cast) -> None:
    user_id, old = seeker.id, seeker.email
    taken = cast.stranger.email
    come_in(browser, old)
    assert "确认链接已发到新邮箱" in ask(browser, email=taken)
    assert [mail.subject for mail in mails_to(taken)] == ["您在本站已有账户"] and email_of(user_id) == old


def test_an_address_taken_in_between_is_refused_and_the_old_one_stays(app: Flask, seeker: User) -> None:
    user_id, old = seeker.id, seeker.email
    address_change.ask(user_id, NEW, Actor(id=user_id, name=seeker.name))
    path = mailed_path(NEW)
    UserFactory(name="后来者", email=NEW)
    assert "已经不能使用" in Browser(app).get(path).submit("换成这个邮箱").text
    with pytest.raises(Invalid):
        address_change.confirm(path.rpartition("/")[2])
    assert email_of(user_id) == old


def test_the_link_runs_out_and_a_newer_one_replaces_it(app: Flask, seeker: User) -> None:
    who = Actor(id=seeker.id, name=seeker.name)
    address_change.ask(seeker.id, NEW, who)
    first = mailed_path(NEW).rpartition("/")[2]
    address_change.ask(seeker.id, NEW, who)
    with pytest.raises(NotVisible):
        address_change.confirm(first)
    second = mailed_path(NEW).rpartition("/")[2]
    clock.fix(NOON + timedelta(days=1, seconds=1))
    with pytest.raises(NotVisible):
        address_change.confirm(second)
