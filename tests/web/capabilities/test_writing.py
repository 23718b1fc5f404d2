"""A professor drafts, the authorised person submits, the owner confirms."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from market.actions import capabilities as actions
from market.db import db
from market.domain import clock
from market.models import Capability, IpRight, Notice, Outbox, Version
from tests.cast import Cast
from tests.conftest import NOON
from tests.factories import CapabilityFactory, OrganisationFactory, UserFactory
from tests.page import Browser

WORDS = {"title": "弱溶剂化低温电解液", "summary": "调控低温界面阻抗，-30℃ 保持率 82%", "disclosable": "y", "stage": "pilot"}


def _only() -> Capability:
    return db.session.scalars(select(Capability)).one()


def test_a_professor_saves_a_draft_but_cannot_submit_it(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.professor).see("capabilities.create")
    assert "成果转化负责人提交" in page.main
    page.submit("保存", **WORDS)
    assert _only().state == "draft"
    assert browser.send("capabilities.take_step", capability_id=_only().id, step="submit").status == 403
    assert _only().state == "draft"


def test_the_tto_submits_and_a_version_is_kept(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.tto).see("capabilities.create").submit("提交审核", **WORDS)
    capability = _only()
    assert (capability.state, capability.trl, capability.answer_due) == ("submitted", 6, date(2026, 6, 15))
    assert "6 月 15 日" in page.text
    assert db.session.scalars(select(Version.number)).all() == [1]


def test_what_is_missing_is_said_beside_the_field_and_nothing_is_lost(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.tto).see("capabilities.create").submit("提交审核", title="", summary="只写了简介", stage="pilot")
    assert "请填写名称" in page.main and "请勾选" in page.main and "只写了简介" in page.body


def test_rows_of_rights_come_and_go_without_scripts(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.tto).see("capabilities.create").submit("再加一行", title="保留我")
    assert len(page.find("select[name$='-type']")) == 2 and "保留我" in page.body
    page = page.submit("删除第 1 行")
    assert len(page.find("select[name$='-type']")) == 1
    page.submit("保存草稿", **{"ip-0-type": "invention", "ip-0-number": "示例ZL20260001", "ip-0-status": "granted"})
    capability = db.session.scalars(select(Capability)).one()
    db.session.refresh(capability, ["ip_rights"])
    assert [row.number for row in capability.ip_rights] == ["示例ZL20260001"]


@pytest.mark.parametrize("part", ["stranger", "rival", "seeker", "broker", "sysadmin"])
def test_a_draft_of_others_is_not_found(browser: Browser, cast: Cast, part: str) -> None:
    capability = CapabilityFactory(organisation=cast.institute)
    browser.sign_in(cast.people()[part])
    assert browser.get(browser.url("capabilities.detail", capability_id=capability.id)).status == 404
    assert browser.get(browser.url("capabilities.edit", capability_id=capability.id)).status in {403, 404}
    assert browser.send("capabilities.take_step", capability_id=capability.id, step="submit").status in {403, 404}


def test_a_stale_form_is_stopped_and_says_what_differs(browser: Browser, cast: Cast) -> None:
    capability = CapabilityFactory(organisation=cast.institute)
    page = browser.sign_in(cast.tto).see("capabilities.edit", capability_id=capability.id)
    actions.edit(db.session.get(Capability, capability.id), {"summary": "别人改过"}, _actor(cast))
    page = page.submit("保存草稿", summary="我的改动")
    assert page.status == 409 and "别人改过" in page.text and "我的改动" in page.text


def _actor(cast: Cast):  # type: ignore[no-untyped-def]
    from market.queries.accounts import actor_of, get_user

    return actor_of(get_user(cast.tto.id))


def test_major_words_of_a_published_one_need_a_new_review_and_say_so(browser: Browser, cast: Cast) -> None:
    capability = CapabilityFactory(organisation=cast.institute, published=True, trl=6)
    title = capability.title
    page = browser.sign_in(cast.tto).see("capabilities.edit", capability_id=capability.id)
    refused = page.submit("保存修改", title="换个名字", summary="新的简介")
    assert "要先撤下" in refused.main and "新的简介" in refused.body and _only().summary != "新的简介"
    page.submit("保存修改", summary="新的简介")
    changed = _only()
    assert (changed.title, changed.summary) == (title, "新的简介")


def test_everybody_reads_a_published_one(browser: Browser, cast: Cast) -> None:
    capability = CapabilityFactory(organisation=cast.institute, published=True, contact_phone="13911110000")
    page = browser.see("capabilities.detail", capability_id=capability.id)
    assert capability.title in page.main and "登录后联系对方" in page.main and "13911110000" not in page.body
    assert browser.see("capabilities.one_page", capability_id=capability.id).find("svg")


def links(body: str) -> list[str]:
    """Return the paths of the renewal links in a mail."""
    return re.findall(r"/renew/[\w-]{43}", body)


def test_all_authorised_people_are_reminded_once_a_month_of_everything_in_one_mail(browser: Browser, cast: Cast) -> None:
    second = UserFactory(name="王转化", organisation=cast.institute, roles=["tto"])
    rows = [CapabilityFactory(organisation=cast.institute, published=True, confirmed_on=None, title=f"从未确认 {n}") for n in range(12)]
    CapabilityFactory(organisation=cast.institute, published=True, title="刚刚确认")
    CapabilityFactory(organisation=cast.institute, title="还是草稿", confirmed_on=None)
    assert actions.remind_renewals() == 2
    mails = db.session.scalars(select(Outbox).order_by(Outbox.id)).all()
    assert [mail.to_address for mail in mails] == [cast.tto.email, second.email]
    assert mails[0].subject == "请确认 12 项成果仍然有效" and "刚刚确认" not in mails[0].body and "还是草稿" not in mails[0].body
    assert "还没有确认过" in mails[0].body and "另有 2 项" in mails[0].body
    assert len(links(mails[0].body)) == 10 and links(mails[0].body) == links(mails[1].body)
    assert actions.remind_renewals() == 0
    notice = db.session.scalars(select(Notice).where(Notice.user_id == second.id)).one()
    assert notice.link == "/capabilities/renew" and "/renew/" not in notice.text, "the links stand in the mail only"
    assert "12 项" in browser.sign_in(cast.tto).see("home.todo").main
    page = browser.see("capabilities.renew_many")
    assert page.main.count("从未确认") == 12 and len(page.find("input[name=capability][checked]")) == 1
    assert "已确认 13 项" in page.submit("都仍然有效").text
    clock.fix(NOON + timedelta(days=31))
    assert actions.remind_renewals() == 0, "all were confirmed"
    assert {row.confirmed_on for row in db.session.scalars(select(Capability).where(Capability.state == "published"))} == {NOON.date()}
    assert rows


def test_without_an_authorised_person_the_administrators_are_reminded_and_the_next_month_again(cast: Cast) -> None:
    institute = OrganisationFactory(kind="institute", name="只有管理员")
    admin = UserFactory(name="管", organisation=institute, roles=["org_admin"])
    UserFactory(name="教", organisation=institute, roles=["org_member"])
    CapabilityFactory(organisation=institute, published=True, confirmed_on=clock.today() - timedelta(days=350))
    CapabilityFactory(organisation=OrganisationFactory(state="unclaimed", verified_at=None), published=True, confirmed_on=None)
    assert actions.remind_renewals() == 1
    assert db.session.scalars(select(Outbox.to_address)).all() == [admin.email]
    clock.fix(NOON + timedelta(days=31))
    assert actions.remind_renewals() == 1


def test_an_earlier_listing_is_copied_into_a_new_form_and_stays_as_it_is(browser: Browser, cast: Cast) -> None:
    earlier = CapabilityFactory(
        organisation=cast.institute, published=True, author_id=cast.professor.id, title="低温电解液", team="陈教授团队，8 人", modes="joint;licence",
        price_stated=True, price_fen=6_000_000, trl=6, contact_name="陈教授",
    )  # fmt: skip
    db.session.add(IpRight(capability_id=earlier.id, type="invention", number="示例ZL20260001", status="granted"))
    db.session.commit()
    page = browser.sign_in(cast.professor).see("capabilities.mine")
    page = browser.get(next(link for link in page.links() if "copy=" in link))
    assert "已照抄「低温电解液」" in page.main and not page.find("#disclosable[checked]")
    page.submit("保存", title="高温电解液")
    made = db.session.scalars(select(Capability).where(Capability.id != earlier.id)).one()
    db.session.refresh(made, ["ip_rights"])
    assert (made.title, made.team, made.mode_list, made.price_fen, made.trl) == (
        "高温电解液",
        "陈教授团队，8 人",
        ["joint", "licence"],
        6_000_000,
        6,
    )
    assert ([right.number for right in made.ip_rights], made.state, made.disclosable) == (["示例ZL20260001"], "draft", False)
    db.session.expire_all()
    assert db.session.get_one(Capability, earlier.id).title == "低温电解液"


def test_the_form_offers_the_own_listings_to_copy_and_never_those_of_others(browser: Browser, cast: Cast) -> None:
    CapabilityFactory(organisation=cast.institute, author_id=cast.tto.id, title="别的老师写的")
    own = CapabilityFactory(organisation=cast.institute, author_id=cast.professor.id, title="自己写的")
    foreign = CapabilityFactory(published=True, title="别家的", team="别家团队")
    page = browser.sign_in(cast.professor).see("capabilities.create")
    assert [option.text_content() for option in page.find("#copy option")] == ["自己写的", "别的老师写的"]
    assert page.submit("照抄过来", copy=str(own.id)).find("input#title")[0].get("value") == "自己写的"
    assert "别家团队" not in browser.see("capabilities.create", copy=foreign.id).body


def test_a_renewal_link_works_once_and_a_get_changes_nothing(browser: Browser, cast: Cast) -> None:
    old = clock.today() - timedelta(days=350)
    capability = CapabilityFactory(organisation=cast.institute, published=True, confirmed_on=old)
    assert actions.remind_renewals() == 1
    assert actions.remind_renewals() == 0
    path = links(db.session.scalars(select(Outbox.body)).one())[0]
    assert browser.get(path).status == 200 and _only().confirmed_on == old
    assert "已确认" in browser.get(path).submit("确认仍然有效").main
    assert _only().confirmed_on == clock.today()
    assert browser.post(path).status == 404
    assert capability.id == _only().id


def test_the_tto_confirms_many_at_once_and_only_its_own(browser: Browser, cast: Cast) -> None:
    old = clock.today() - timedelta(days=100)
    own = [CapabilityFactory(organisation=cast.institute, published=True, confirmed_on=old) for _ in range(2)]
    foreign = CapabilityFactory(published=True, confirmed_on=old)
    data = {"capability": [str(row.id) for row in [*own, foreign]]}
    assert "已确认 2 项" in browser.sign_in(cast.tto).send("capabilities.renew_many", data).text
    db.session.expire_all()
    assert db.session.get(Capability, foreign.id).confirmed_on == old
