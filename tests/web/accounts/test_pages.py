"""Every page of the room opens for those it is for, and shows its words."""

from __future__ import annotations

import pytest

from market.actions import notices
from tests.cast import Cast
from tests.page import Browser

PAGES = [
    (None, "accounts.sign_in", "登录"),
    (None, "accounts.register", "单位注册"),
    (None, "accounts.forgot_password", "忘记密码"),
    (None, "accounts.mail_sent", "请查收邮件"),
    ("seeker", "accounts.register", "您已登录"),
    ("seeker", "accounts.profile", "我的账户"),
    ("seeker", "accounts.change_password", "更换密码"),
    ("seeker", "accounts.sessions", "这台设备"),
    ("seeker", "accounts.totp", "开启两步验证"),
    ("seeker", "accounts.recovery_codes", "恢复码"),
    ("seeker", "accounts.notices", "还没有通知"),
    ("seeker", "accounts.members", "赵工"),
    ("clerk", "accounts.verify_organisations", "没有等待核验的单位"),
    ("clerk", "accounts.outbox", "没有设置邮件服务器"),
    ("sysadmin", "accounts.staff", "钱经办"),
    ("sysadmin", "accounts.settings", "时限和口径"),
    ("sysadmin", "accounts.holidays", "公示期会重新计算"),
    ("auditor", "accounts.log", "没有符合的记录"),
]


@pytest.mark.parametrize(("part", "endpoint", "words"), PAGES)
def test_the_page_opens_and_says_what_it_is_for(browser: Browser, cast: Cast, part: str | None, endpoint: str, words: str) -> None:
    if part:
        browser.sign_in(getattr(cast, part))
    assert words in browser.see(endpoint).main


REFUSED = [
    ("engineer", "accounts.members"),
    ("seeker", "accounts.staff"),
    ("clerk", "accounts.settings"),
    ("clerk", "accounts.staff"),
    ("clerk", "accounts.log"),
    ("leader", "accounts.outbox"),
    ("sysadmin", "accounts.log"),
    ("sysadmin", "accounts.verify_organisations"),
]


@pytest.mark.parametrize(("part", "endpoint"), REFUSED)
def test_others_are_refused(browser: Browser, cast: Cast, part: str, endpoint: str) -> None:
    browser.sign_in(getattr(cast, part)).see(endpoint, status=403)


def test_a_notice_is_read_and_leads_to_its_page(browser: Browser, cast: Cast) -> None:
    notices.notify([cast.seeker], "account", "密码已更换", "换好了", "/account/sessions", dedupe="x")
    page = browser.sign_in(cast.seeker).see("accounts.notices")
    assert "未读" in page.main and "密码已更换" in page.main
    opened = page.submit("打开")
    assert opened.response.request.path == "/account/sessions"
    assert "未读" not in browser.see("accounts.notices").main


def test_a_notice_of_another_person_is_not_touched(browser: Browser, cast: Cast) -> None:
    notices.notify([cast.seeker], "account", "给王厂长", "话", "/account", dedupe="x")
    browser.sign_in(cast.stranger).send("accounts.read_notices", {"notice_id": "1", "open": "1"})
    assert "未读" in browser.sign_in(cast.seeker).see("accounts.notices").main
