"""From three sentences to a challenge: assign, fill in, confirm by link, or close."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from market.actions import challenges
from market.db import db, transaction
from market.domain import clock
from market.models import Challenge, Lead, Organisation, Outbox
from market.queries import leads
from tests.cast import Cast
from tests.factories import OrganisationFactory
from tests.page import Browser
from tests.statements import counted


def make_lead(**values: object) -> Lead:
    """Keep a lead as the web form would."""
    facts = {
        "wrong": "电池包冬天掉电",
        "wanted": "多跑一成",
        "company": "申江客车厂",
        "phone": "13912345678",
        "contact_name": "王工",
        "region": "310107",
    }
    with transaction() as session:
        lead = Lead(**(facts | values))
        session.add(lead)
        session.flush()
    return lead


DRAFT = {"title": "电池包冬天续航掉得厉害", "name": "申江客车厂", "region": "310107", "budget": "80", "credit_code": ""}


def fill_in(browser: Browser, lead: Lead) -> Challenge:
    """Fill in the challenge of a lead as the signed-in person."""
    browser.see("leads.draft", lead_id=lead.id).submit("存成草稿", **DRAFT)
    challenge = leads.challenge_of(lead.id)
    assert challenge is not None
    return challenge


def link_of(browser: Browser, lead: Lead) -> str:
    """Make the confirmation link and return its path as the page shows it."""
    page = browser.see("leads.detail", lead_id=lead.id).submit("请企业确认")
    found = re.search(r"(/confirm/[\w-]+)", page.body)
    assert found, page.main
    return found.group(1)


def test_the_clerk_assigns_a_liaison_who_then_finds_it(cast: Cast, browser: Browser) -> None:
    lead = make_lead()
    page = (
        browser.sign_in(cast.clerk)
        .see("leads.detail", lead_id=lead.id)
        .submit("分派", assignee_id=str(cast.liaison.id), next_step="周三上门")
    )
    assert "已分派" in page.text
    assert "孙联络" in page.main
    assert "周三上门" in page.main
    browser.sign_out().sign_in(cast.liaison)
    assert "申江客车厂" in browser.see("leads.index", state="assigned").main
    assert "1 条线索由您跟进" in browser.see("home.todo").main


def test_assigning_from_an_old_page_is_refused(cast: Cast, browser: Browser) -> None:
    lead = make_lead()
    old = browser.sign_in(cast.clerk).see("leads.detail", lead_id=lead.id)
    browser.see("leads.detail", lead_id=lead.id).submit("分派", assignee_id=str(cast.liaison.id))
    assert old.submit("分派", assignee_id=str(cast.broker.id)).status == 409


def test_nobody_who_does_not_work_leads_can_be_assigned(cast: Cast, browser: Browser) -> None:
    lead = make_lead()
    page = browser.sign_in(cast.clerk).send("leads.assign", {"assignee_id": str(cast.seeker.id)}, lead_id=lead.id)
    assert page.status == 200
    assert db.session.get(Lead, lead.id).state == "new"


def test_a_stranger_a_broker_and_another_city_see_none_of_it(cast: Cast, browser: Browser) -> None:
    lead = make_lead()
    for person in (cast.stranger, cast.broker, cast.bureau):
        browser.sign_out().sign_in(person)
        browser.see("leads.detail", 404, lead_id=lead.id)
        assert "申江客车厂" not in browser.see("leads.index").body
    lead_there = make_lead(region="320100", company="金陵机床厂")
    assert "金陵机床厂" in browser.sign_out().sign_in(cast.bureau).see("leads.index").main
    browser.see("leads.detail", lead_id=lead_there.id)


@pytest.mark.parametrize("part", ["clerk", "liaison", "broker"])
def test_the_whole_way_to_moderation(cast: Cast, browser: Browser, part: str) -> None:
    worker = getattr(cast, part)
    lead = make_lead(assignee_id=worker.id, state="assigned", email="wang@example.com")
    challenge = fill_in(browser.sign_in(worker), lead)
    assert (challenge.state, challenge.confirmed, challenge.organisation.name) == ("draft", False, "申江客车厂")
    assert challenge.budget_fen == 80_000_000
    path = link_of(browser, lead)
    assert path in db.session.scalars(select(Outbox.body).where(Outbox.to_address == "wang@example.com")).one()

    browser.sign_out()
    page = browser.get(path)
    assert "电池包冬天续航掉得厉害" in page.main
    assert "确认前请勾选" in page.submit("确认，提交审核").main
    done = browser.get(path).submit("确认，提交审核", no_secrets="y")
    assert "已确认并提交审核" in done.text
    db.session.expire_all()
    challenge = leads.challenge_of(lead.id)
    assert (challenge.state, challenge.confirmed, challenge.no_secrets) == ("submitted", True, True)
    assert db.session.get(Lead, lead.id).state == "confirmed"
    assert browser.get(path).status == 404
    assert [e["title"] for e in leads.timeline(lead.id)] == ["代填需求", "代填完成，请企业确认", "企业已确认"]


def test_who_filled_it_in_can_go_on_in_the_full_form(cast: Cast, browser: Browser) -> None:
    lead = make_lead(assignee_id=cast.clerk.id, state="assigned")
    challenge = fill_in(browser.sign_in(cast.clerk), lead)
    browser.see("challenges.edit", challenge_id=challenge.id)


def test_the_enterprise_asks_for_changes_and_gets_a_new_link(cast: Cast, browser: Browser) -> None:
    lead = make_lead(assignee_id=cast.liaison.id, state="assigned")
    fill_in(browser.sign_in(cast.liaison), lead)
    path = link_of(browser, lead)
    browser.sign_out()
    assert "请写明哪里要改" in browser.get(path).submit("退给专员修改").main
    browser.get(path).submit("退给专员修改", words="年产量写错了")
    db.session.expire_all()
    assert db.session.get(Lead, lead.id).state == "assigned"
    assert browser.get(path).status == 404
    browser.sign_in(cast.liaison)
    assert "年产量写错了" in browser.see("leads.detail", lead_id=lead.id).main
    assert browser.sign_out().get(link_of(browser.sign_in(cast.liaison), lead)).status == 200


def test_a_newer_link_and_an_old_one_cannot_both_hold(cast: Cast, browser: Browser) -> None:
    lead = make_lead(assignee_id=cast.clerk.id, state="assigned")
    fill_in(browser.sign_in(cast.clerk), lead)
    first = link_of(browser, lead)
    page = browser.see("leads.detail", lead_id=lead.id).submit("重新生成确认链接")
    assert first not in page.body
    assert browser.get(first).status == 404


def test_a_link_ends_with_its_time(cast: Cast, browser: Browser) -> None:
    lead = make_lead(assignee_id=cast.clerk.id, state="assigned")
    fill_in(browser.sign_in(cast.clerk), lead)
    path = link_of(browser, lead)
    clock.fix(clock.now() + timedelta(days=15))
    assert browser.sign_out().get(path).status == 404


def test_a_text_that_changed_while_it_was_read_is_not_confirmed(cast: Cast, browser: Browser) -> None:
    lead = make_lead(assignee_id=cast.clerk.id, state="assigned")
    fill_in(browser.sign_in(cast.clerk), lead)
    path = link_of(browser, lead)
    read = browser.sign_out().get(path)
    db.session.expire_all()
    challenge = leads.challenge_of(lead.id)
    with transaction():
        challenge.pain = "换成了别的话"
    assert read.submit("确认，提交审核", no_secrets="y").status == 409
    db.session.expire_all()
    assert leads.challenge_of(lead.id).state == "draft"


def test_a_challenge_that_moderation_returned_is_mended_and_confirmed_again(cast: Cast, browser: Browser) -> None:
    lead = make_lead(assignee_id=cast.clerk.id, state="assigned")
    fill_in(browser.sign_in(cast.clerk), lead)
    browser.sign_out().get(link_of(browser.sign_in(cast.clerk), lead)).submit("确认，提交审核", no_secrets="y")
    db.session.expire_all()
    with transaction():
        leads.challenge_of(lead.id).state = "returned"
    path = link_of(browser.sign_out().sign_in(cast.clerk), lead)
    browser.sign_out().get(path).submit("确认，提交审核", no_secrets="y")
    db.session.expire_all()
    assert leads.challenge_of(lead.id).state == "submitted"


def test_a_known_organisation_is_found_by_code_or_name_and_an_unknown_one_is_unclaimed(cast: Cast, browser: Browser) -> None:
    known = OrganisationFactory(name="申江客车股份有限公司")
    browser.sign_in(cast.clerk)
    lead = make_lead(assignee_id=cast.clerk.id, state="assigned")
    browser.see("leads.draft", lead_id=lead.id).submit("存成草稿", **(DRAFT | {"credit_code": known.credit_code}))
    assert leads.challenge_of(lead.id).organisation_id == known.id
    other = make_lead(assignee_id=cast.clerk.id, state="assigned")
    made = fill_in(browser, other).organisation
    assert (made.name, made.state, made.credit_code) == ("申江客车厂", "unclaimed", None)
    third = make_lead(assignee_id=cast.clerk.id, state="assigned")
    assert fill_in(browser, third).organisation_id == made.id
    assert len(db.session.scalars(select(Organisation).where(Organisation.name == "申江客车厂")).all()) == 1


def test_a_wrong_credit_code_is_said_beside_the_field(cast: Cast, browser: Browser) -> None:
    lead = make_lead(assignee_id=cast.clerk.id, state="assigned")
    page = browser.sign_in(cast.clerk).see("leads.draft", lead_id=lead.id).submit("存成草稿", **(DRAFT | {"credit_code": "123"}))
    assert "校验位" in page.main
    assert leads.challenge_of(lead.id) is None


def test_people_of_a_known_organisation_are_told_that_somebody_wrote_for_them(cast: Cast, browser: Browser) -> None:
    lead = make_lead(assignee_id=cast.broker.id, state="assigned")
    browser.sign_in(cast.broker).see("leads.draft", lead_id=lead.id).submit("存成草稿", **(DRAFT | {"name": cast.enterprise.name}))
    link_of(browser, lead)
    told = set(db.session.scalars(select(Outbox.to_address).where(Outbox.subject.contains("有人替贵单位"))))
    assert told == {cast.seeker.email, cast.engineer.email}


def test_closing_needs_a_reason_and_ends_the_link(cast: Cast, browser: Browser) -> None:
    lead = make_lead(assignee_id=cast.clerk.id, state="assigned")
    fill_in(browser.sign_in(cast.clerk), lead)
    path = link_of(browser, lead)
    assert browser.send("leads.close", {"reason": " "}, lead_id=lead.id).status == 409
    page = browser.send("leads.close", {"reason": "企业自己解决了"}, lead_id=lead.id)
    assert "企业自己解决了" in page.main
    assert browser.sign_out().get(path).status == 404


def test_a_visit_is_noted_on_the_phone_and_is_the_visitors(cast: Cast, browser: Browser) -> None:
    page = browser.sign_in(cast.liaison).see("leads.visit").submit("记下", wrong="焊缝误判太多", company="普陀机械厂", phone="021-52564588")
    assert "普陀机械厂的线索" in page.main
    lead = db.session.scalars(select(Lead)).one()
    assert (lead.source, lead.state, lead.assignee_id) == ("visit", "assigned", cast.liaison.id)


def test_a_bureaus_visit_stands_in_its_own_city(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.bureau).see("leads.visit").submit("记下", wrong="漏水", company="江宁泵厂", phone="13900000000", region="310107")
    assert db.session.scalars(select(Lead.region)).one() == "320100"


def test_late_leads_are_marked(cast: Cast, browser: Browser) -> None:
    make_lead(due=clock.today() - timedelta(days=1))
    assert "已逾期" in browser.sign_in(cast.clerk).see("leads.index").main


def test_an_unconfirmed_draft_cannot_be_submitted_by_anybody(cast: Cast, browser: Browser) -> None:
    lead = make_lead(assignee_id=cast.clerk.id, state="assigned")
    challenge = fill_in(browser.sign_in(cast.clerk), lead)
    with transaction():
        challenge.no_secrets = True
    with pytest.raises(Exception, match="由企业确认"):
        challenges.submit(challenge, challenges.SYSTEM)


def test_the_list_costs_the_same_for_two_and_twenty(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.clerk)
    for _ in range(2):
        make_lead(assignee_id=cast.liaison.id)
    with counted() as few:
        browser.see("leads.index")
    for _ in range(18):
        make_lead(assignee_id=cast.broker.id)
    with counted() as many:
        browser.see("leads.index")
    assert len(few) == len(many)


def test_what_needs_work_stands_before_what_is_over(cast: Cast, browser: Browser) -> None:
    today = clock.today()
    for name, state, days in (("已经结束厂", "closed", -9), ("不急厂", "assigned", 5), ("最急厂", "new", 1), ("等确认厂", "filled", 3)):
        db.session.add(Lead(wrong="x", company=name, phone="13900000001", state=state, due=today + timedelta(days=days)))
    db.session.commit()
    page = browser.sign_in(cast.clerk).see("leads.index")
    found = [link.text_content() for link in page.find(".listing-title a")]
    assert found == ["最急厂", "等确认厂", "不急厂", "已经结束厂"]
