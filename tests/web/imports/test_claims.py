"""What an import left with the commission is handed over by links: by hand, one and in bulk, once, to the right people."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from market.db import db, transaction
from market.domain import clock
from market.models import Capability, Challenge, HistoryEntry, Organisation, Token, User
from market.queries import accounts
from tests.cast import Cast
from tests.conftest import NOON
from tests.factories import OrganisationFactory, UserFactory, credit_code
from tests.page import Browser, Page
from tests.web.accounts.conftest import SECRET, mailed_path, mails_to
from tests.web.imports.test_imports import _check, _upload, _write

LIST = (
    "项目名称,描述,技术领域,地区,单位\n膜污染,膜总是堵,05,南京,城西水处理厂\n除镍,出水超标,07,南京,城西水处理厂\n"
    "轴承过热,温升太快,03,南京,城东轴承厂\n无主一,没有写单位,03,南京,\n无主二,也没有写,03,南京,\n"
)
CODE = credit_code(900_101)


@pytest.fixture
def batch(browser: Browser, cast: Cast) -> int:
    """A written batch: two unknown organisations, two rows without one."""
    browser.sign_in(cast.clerk)
    _upload(browser, "challenges", LIST)
    batch_id = _check()
    _write(browser, batch_id)
    return batch_id


def links(page: Page) -> dict[str, str]:
    """Return the paths on the page of links by the name beside each."""
    found = {}
    for section in page.find("section.panel"):
        match = re.search(r"(/claim/[\w-]{43})", section.cssselect("textarea")[0].text_content())
        assert match is not None
        found[section.cssselect("h2")[0].text_content()] = match.group(1)
    return found


def kept(name: str) -> Organisation:
    db.session.expire_all()
    return db.session.query(Organisation).filter_by(name=name).one()


def owner_of(title: str) -> str:
    db.session.expire_all()
    listing = db.session.query(Challenge).filter_by(title=title).one()
    return db.session.get_one(Organisation, listing.organisation_id).name


def fill(page: Page, **changes: str) -> Page:
    fields = {
        "credit_code": CODE, "region": "320100", "person_name": "梁总", "phone": "13900000004", "email": "liang@example.org",
        "password": SECRET, "again": SECRET, "terms": "y", "privacy": "y",
    }  # fmt: skip
    return page.submit("认领", **(fields | changes))


def test_links_are_made_in_bulk_with_a_text_to_copy_and_the_claimer_gets_the_listings(app: Flask, browser: Browser, batch: int) -> None:
    page = browser.see("imports.detail", batch_id=batch)
    assert "城西水处理厂" in page.main and "2 条：膜污染、除镍" in page.main and "没有注明单位的（2 条）" in page.main
    page = page.submit("为全部未认领的生成")
    found = links(page)
    assert set(found) == {"城西水处理厂", "城东轴承厂", "无主一", "无主二"} and len(set(found.values())) == 4
    text = page.find("textarea")[0].text_content()
    assert "请单位负责人在 2026-07-10 以前" in text and "链接只能用一次" in text and "「膜污染」" in page.text
    assert browser.see("imports.detail", batch_id=batch).main.count("链接已发") == 4
    stranger = Browser(app)
    page = stranger.get(found["城西水处理厂"])
    assert "认领 城西水处理厂" in page.main and "膜污染" in page.main and "除镍" in page.main
    page = fill(page)
    assert "请查收邮件" in page.main
    stranger.get(mailed_path("liang@example.org")).submit("确认邮箱")
    organisation = kept("城西水处理厂")
    user = accounts.user_by_email("liang@example.org")
    assert user is not None and (organisation.state, user.organisation_id) == ("pending", organisation.id)
    inside = Browser(app).sign_in(user)
    assert "膜污染" in inside.see("challenges.mine").main and "除镍" in inside.see("challenges.mine").main
    assert "已认领" in browser.see("imports.detail", batch_id=batch).main
    assert any("等待核验" in mail.subject for mail in mails_to(db.session.query(User).filter_by(name="钱经办").one().email))


def test_one_link_is_made_for_the_chosen_only(browser: Browser, batch: int) -> None:
    page = browser.send("imports.claim_links", {"organisation": [str(kept("城东轴承厂").id)]}, batch_id=batch)
    assert set(links(page)) == {"城东轴承厂"}
    assert db.session.query(Token).filter_by(purpose="claim").count() == 1
    assert "请先勾选" in browser.send("imports.claim_links", {}, batch_id=batch).text


def test_a_link_holds_once_a_newer_one_replaces_it_and_it_runs_out(app: Flask, browser: Browser, batch: int) -> None:
    one = {"organisation": [str(kept("城东轴承厂").id)]}
    first = links(browser.send("imports.claim_links", one, batch_id=batch))["城东轴承厂"]
    second = links(browser.send("imports.claim_links", one, batch_id=batch))["城东轴承厂"]
    stranger = Browser(app)
    page = stranger.get(first)
    assert page.status == 404 and "联系发链接给您的科委工作人员" in page.main
    fill(stranger.get(second))
    assert stranger.get(second).status == 404 and kept("城东轴承厂").state == "pending"
    other = links(browser.send("imports.claim_links", {"organisation": [str(kept("城西水处理厂").id)]}, batch_id=batch))
    clock.fix(NOON + timedelta(days=30))
    assert stranger.get(other["城西水处理厂"]).status == 404
    assert "链接已过期" in browser.see("imports.detail", batch_id=batch).main


def test_an_organisation_that_is_here_already_takes_the_listings_in_and_the_kept_one_is_closed(
    app: Flask, browser: Browser, cast: Cast, batch: int
) -> None:
    path = links(browser.send("imports.claim_links", {"all": "1"}, batch_id=batch))["城西水处理厂"]
    own = Browser(app).sign_in(cast.seeker)
    page = own.get(path)
    assert "归到 申城电池厂 名下" in page.main and "膜污染" in page.main
    assert "2 条资料已归到您的单位" in page.submit("归到 申城电池厂").text
    assert (owner_of("膜污染"), owner_of("除镍")) == ("申城电池厂", "申城电池厂")
    gone = kept("城西水处理厂")
    assert gone.state == "suspended" and gone.state_reason == "资料已并入 申城电池厂"
    entry = db.session.query(HistoryEntry).filter_by(subject_kind="challenge", step="hand_over").first()
    assert entry is not None and entry.actor_name == "王厂长"
    assert own.get(path).status == 404
    assert any("待认领的资料已被认领" in mail.subject for mail in mails_to(cast.clerk.email))
    assert "膜污染" in own.see("challenges.index", q="膜污染").main, "it is still found"


@pytest.mark.parametrize("part", ["engineer", "clerk", "broker"])
def test_who_does_not_speak_for_an_organisation_cannot_take_it_in(app: Flask, browser: Browser, cast: Cast, batch: int, part: str) -> None:
    path = links(browser.send("imports.claim_links", {"all": "1"}, batch_id=batch))["城西水处理厂"]
    person = Browser(app).sign_in(getattr(cast, part))
    assert "不能认领" in person.get(path).main
    person.post(path)
    assert kept("城西水处理厂").state == "unclaimed" and owner_of("膜污染") == "城西水处理厂"


def test_an_unverified_organisation_cannot_take_it_in(app: Flask, browser: Browser, batch: int) -> None:
    path = links(browser.send("imports.claim_links", {"all": "1"}, batch_id=batch))["城西水处理厂"]
    waiting = OrganisationFactory(name="未核验厂", state="pending", verified_at=None)
    person = Browser(app).sign_in(UserFactory(name="未核验", organisation=waiting, roles=["org_admin"]))
    assert "不能认领" in person.get(path).main
    person.post(path)
    assert owner_of("膜污染") == "城西水处理厂"


def test_a_row_without_an_organisation_is_handed_over_alone(app: Flask, browser: Browser, cast: Cast, batch: int) -> None:
    found = links(browser.send("imports.claim_links", {"all": "1"}, batch_id=batch))
    page = Browser(app).get(found["无主一"])
    assert "认领一条资料" in page.main and "无主二" not in page.main and "未注明单位" not in page.main
    fill(page, name="城北机械厂")
    assert owner_of("无主一") == "城北机械厂" and kept("城北机械厂").state == "pending"
    assert owner_of("无主二") == "未注明单位" and kept("未注明单位").state == "unclaimed"
    Browser(app).sign_in(cast.seeker).get(found["无主二"]).submit("归到 申城电池厂")
    assert owner_of("无主二") == "申城电池厂" and kept("未注明单位").state == "unclaimed"


def test_an_address_with_an_account_is_told_by_mail_only_and_the_link_stays_good(
    app: Flask, browser: Browser, cast: Cast, batch: int
) -> None:
    path = links(browser.send("imports.claim_links", {"all": "1"}, batch_id=batch))["城东轴承厂"]
    page = fill(Browser(app).get(path), email=cast.stranger.email)
    assert "请查收邮件" in page.main, "the same answer as for a new address"
    assert [mail.subject for mail in mails_to(cast.stranger.email)] == ["您在本站已有账户"]
    assert kept("城东轴承厂").state == "unclaimed" and Browser(app).get(path).status == 200


def test_a_code_that_is_registered_says_what_to_do_and_keeps_what_was_typed(app: Flask, browser: Browser, cast: Cast, batch: int) -> None:
    path = links(browser.send("imports.claim_links", {"all": "1"}, batch_id=batch))["城东轴承厂"]
    page = fill(Browser(app).get(path), credit_code=cast.enterprise.credit_code)
    assert "请本单位管理员登录以后再打开这个链接" in page.find("#credit_code-error")[0].text_content()
    assert page.find("#person_name")[0].get("value") == "梁总" and Browser(app).get(path).status == 200


def test_a_claim_by_the_wrong_person_is_taken_back_and_the_right_one_claims(app: Flask, browser: Browser, batch: int) -> None:
    path = links(browser.send("imports.claim_links", {"all": "1"}, batch_id=batch))["城东轴承厂"]
    wrong = Browser(app)
    fill(wrong.get(path))
    organisation = kept("城东轴承厂")
    user = accounts.user_by_email("liang@example.org")
    assert user is not None
    inside = Browser(app).sign_in(user)
    page = browser.see("accounts.organisation", organisation_id=organisation.id)
    assert browser.send("accounts.take_back_claim", {"reason": " "}, organisation_id=organisation.id).status == 409
    page = page.submit("收回", reason="电话核实，不是本单位的人")
    assert "重新待认领" in page.text
    again = kept("城东轴承厂")
    assert (again.state, again.credit_code, owner_of("轴承过热")) == ("unclaimed", None, "城东轴承厂")
    assert inside.get("/todo").response.request.path == "/sign-in", "the wrong person is out at once"
    path = links(browser.send("imports.claim_links", {"all": "1"}, batch_id=batch))["城东轴承厂"]
    fill(Browser(app).get(path), email="right@example.org")
    assert kept("城东轴承厂").state == "pending" and kept("城东轴承厂").credit_code == CODE


def test_what_was_never_claimed_is_not_taken_back(browser: Browser, cast: Cast) -> None:
    waiting = OrganisationFactory(name="自己注册", state="pending", verified_at=None)
    browser.sign_in(cast.clerk)
    assert "认领的人不对" not in browser.see("accounts.organisation", organisation_id=waiting.id).main
    assert browser.send("accounts.take_back_claim", {"reason": "x"}, organisation_id=waiting.id).status == 409


def test_results_go_to_institutes_and_an_enterprise_cannot_take_them(app: Flask, browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.clerk)
    _upload(browser, "capabilities", "成果名称,简介,技术领域,地区,单位\n电解液,低温机理,06,南京,江北学院\n")
    batch_id = _check()
    _write(browser, batch_id)
    path = links(browser.send("imports.claim_links", {"all": "1"}, batch_id=batch_id))["江北学院"]
    assert "请高校院所或服务机构来认领" in Browser(app).sign_in(cast.seeker).get(path).submit("归到").text
    Browser(app).sign_in(cast.tto).get(path).submit("归到 江南研究院")
    db.session.expire_all()
    assert db.session.query(Capability).one().organisation_id == cast.institute.id


@pytest.mark.parametrize("part", ["tto", "leader", "auditor", "bureau", "sysadmin"])
def test_only_who_verifies_makes_links(browser: Browser, cast: Cast, batch: int, part: str) -> None:
    browser.sign_out().sign_in(getattr(cast, part))
    assert browser.send("imports.claim_links", {"all": "1"}, batch_id=batch).status in {403, 404}
    assert db.session.query(Token).filter_by(purpose="claim").count() == 0


def test_undoing_a_batch_leaves_what_was_claimed(app: Flask, browser: Browser, cast: Cast, batch: int) -> None:
    path = links(browser.send("imports.claim_links", {"all": "1"}, batch_id=batch))["城西水处理厂"]
    Browser(app).sign_in(cast.seeker).get(path).submit("归到")
    browser.see("imports.detail", batch_id=batch).submit("撤销")
    with transaction():
        assert {row.title for row in db.session.query(Challenge)} == {"膜污染", "除镍"}


@pytest.mark.parametrize(
    ("part", "kind", "status"),
    [
        ("clerk", "contracts", 200),
        ("tto", "capabilities", 200),
        ("tto", "contracts", 404),
        ("clerk", "nonsense", 404),
        ("engineer", "capabilities", 403),
    ],
)
def test_templates_are_for_those_who_may_import_the_list(browser: Browser, cast: Cast, part: str, kind: str, status: int) -> None:
    browser.sign_in(getattr(cast, part))
    answer = browser.client.get(f"/imports/templates/{kind}.xlsx")
    assert answer.status_code == status
    if status == 200:
        assert answer.get_data()[:2] == b"PK"


def test_the_template_goes_in_with_its_example_left_out(browser: Browser, cast: Cast) -> None:
    import io

    browser.sign_in(cast.clerk)
    content = browser.client.get("/imports/templates/challenges.xlsx").get_data()
    browser.send("imports.create", {"kind": "challenges", "file": (io.BytesIO(content), "模板.xlsx")})
    page = browser.see("imports.detail", batch_id=_check())
    assert "模板的示例行，不导入" in page.main and "确认导入" not in page.main
