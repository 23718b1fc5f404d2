"""The commission keeps the bureaus of cities and invites the first person of each."""

from __future__ import annotations

import pytest
from flask import Flask

from market.db import db
from market.models import HistoryEntry, Organisation
from market.queries import accounts
from tests.cast import Cast
from tests.factories import OrganisationFactory
from tests.page import Browser
from tests.web.accounts.conftest import SECRET, mailed_path, mails_to
from tests.web.accounts.test_members import roles_of


def bureau_of(region: str) -> Organisation:
    db.session.expire_all()
    return db.session.query(Organisation).filter_by(kind="bureau", region=region).one()


def test_a_bureau_is_made_and_its_first_person_comes_in_and_sees_the_own_city(app: Flask, browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.clerk).see("accounts.create_bureau")
    page = page.submit("新建", name="苏州市科学技术局", region="320500", phone="0512-65121234", email="gu@suzhou.example.org")
    assert "邀请已放入待发邮件" in page.text and "苏州市科学技术局" in page.main
    made = bureau_of("320500")
    assert made.verified and made.phone == "0512-65121234"
    steps = [row.step for row in db.session.query(HistoryEntry).filter_by(subject_kind="organisation", subject_id=made.id)]
    assert steps == ["create_bureau", "invite_first"]
    page = Browser(app).get(mailed_path("gu@suzhou.example.org"))
    assert "苏州市科学技术局" in page.main
    page.submit("开通账户", person_name="顾局长", phone="13900000006", password=SECRET, again=SECRET, terms="y", privacy="y")
    user = accounts.user_by_email("gu@suzhou.example.org")
    assert user is not None and roles_of(user.id) == ["bureau", "org_admin"]
    assert accounts.actor_of(user).city == "320500"
    inside = Browser(app).sign_in(user)
    assert inside.see("leads.index").status == 200 and inside.see("accounts.members").status == 200


def test_a_bureau_is_mended_and_a_stale_form_is_stopped(browser: Browser, cast: Cast) -> None:
    nanjing = bureau_of("320100")
    page = browser.sign_in(cast.clerk).see("accounts.edit_bureau", organisation_id=nanjing.id)
    stale = browser.see("accounts.edit_bureau", organisation_id=nanjing.id)
    page.submit("保存", short_name="南京科技局", address="成贤街118号")
    assert (bureau_of("320100").short_name, bureau_of("320100").address) == ("南京科技局", "成贤街118号")
    assert stale.submit("保存", short_name="别的").status == 409 and bureau_of("320100").short_name == "南京科技局"


REFUSED = [
    ({"region": "320100"}, "这个城市已有科技局"),
    ({"region": "310107"}, "本区以外的城市"),
    ({"credit_code": "12345"}, "校验位"),
    ({"phone": "12"}, "11 位手机号"),
    ({"email": "不是邮箱"}, "邮箱格式不对"),
]


@pytest.mark.parametrize(("wrong", "said"), REFUSED)
def test_a_wrong_bureau_is_refused_beside_the_field_and_nothing_is_made(
    browser: Browser, cast: Cast, wrong: dict[str, str], said: str
) -> None:
    right = {"name": "无锡市科学技术局", "region": "320200", "email": ""}
    page = browser.sign_in(cast.clerk).see("accounts.create_bureau").submit("新建", **right | wrong)
    assert said in page.find(f"#{next(iter(wrong))}-error")[0].text_content()
    assert page.find("#name")[0].get("value") == "无锡市科学技术局"
    assert db.session.query(Organisation).filter_by(name="无锡市科学技术局").count() == 0


def test_an_empty_bureau_is_invited_later_and_only_while_it_is_empty(browser: Browser, cast: Cast) -> None:
    empty = OrganisationFactory(kind="bureau", name="镇江市科学技术局", region="321100")
    page = browser.sign_in(cast.reviewer).see("accounts.edit_bureau", organisation_id=empty.id)
    assert "已有账户" in page.submit("发邀请", email=cast.seeker.email).text and not mails_to(cast.seeker.email)
    page.submit("发邀请", email="first@example.org")
    first = mailed_path("first@example.org")
    browser.see("accounts.edit_bureau", organisation_id=empty.id).submit("发邀请", email="second@example.org")
    assert browser.sign_out().get(first).status == 404, "a newer invitation replaces the older"
    browser.sign_in(cast.reviewer)
    page = browser.send("accounts.invite_to_bureau", {"email": "x@example.org"}, organisation_id=bureau_of("320100").id)
    assert ("已有管理员" in page.text) is bool([r for r in roles_of(cast.bureau.id) if r == "org_admin"])


@pytest.mark.parametrize("part", ["seeker", "bureau", "liaison", "leader", "auditor", "sysadmin"])
def test_others_keep_no_bureaus(browser: Browser, cast: Cast, part: str) -> None:
    browser.sign_in(getattr(cast, part)).see("accounts.bureaus", status=403)
    assert browser.send("accounts.create_bureau", {"name": "某局", "region": "320200"}).status == 403


def test_an_enterprise_is_no_bureau(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.clerk).see("accounts.edit_bureau", status=404, organisation_id=cast.enterprise.id)
