"""对接: from one sentence to names, phones and dated lines, and nobody else's business."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from market.db import db
from market.domain import clock
from market.models import Contact, Notice, Outbox
from tests.cast import Cast
from tests.factories import CapabilityFactory, ChallengeFactory, ContactFactory
from tests.page import Browser


def _asked(browser: Browser, cast: Cast) -> Contact:
    capability = CapabilityFactory(organisation=cast.institute, published=True)
    browser.sign_in(cast.seeker).see("contacts.create", capability_id=capability.id).submit("发给对方", message="想看看低温样品")
    return db.session.scalars(select(Contact)).one()


def test_one_sentence_reaches_the_other_side_with_a_clock_of_three_working_days(browser: Browser, cast: Cast) -> None:
    contact = _asked(browser, cast)
    assert (contact.state, contact.seeker_id, contact.provider_id) == ("asked", cast.enterprise.id, cast.institute.id)
    assert contact.answer_due == date(2026, 6, 15)  # Wednesday + 3 working days over a weekend
    assert db.session.scalars(select(Notice.user_id)).all() == [cast.tto.id]
    assert db.session.scalars(select(Outbox.to_address)).all() == [cast.tto.email]


def test_people_and_phones_are_seen_only_after_acceptance(browser: Browser, cast: Cast) -> None:
    contact = _asked(browser, cast)
    cast.seeker.phone, cast.tto.phone = "13911112222", "13933334444"
    db.session.commit()
    page = browser.sign_in(cast.tto).see("contacts.detail", contact_id=contact.id)
    assert "13911112222" not in page.body and "王厂长" not in page.main
    page = page.submit("同意对接")
    assert "13911112222" in page.body and "王厂长" in page.main
    assert "13933334444" in browser.sign_in(cast.seeker).see("contacts.detail", contact_id=contact.id).body


def test_declining_needs_a_reason_and_tells_it(browser: Browser, cast: Cast) -> None:
    contact = _asked(browser, cast)
    browser.sign_in(cast.tto)
    assert browser.send("contacts.decline", {"reason": ""}, contact_id=contact.id).status == 422
    page = browser.send("contacts.decline", {"reason": "too_early"}, contact_id=contact.id)
    assert "技术阶段太早" in page.main


def test_an_anonymous_poster_stays_hidden_until_it_accepts(browser: Browser, cast: Cast) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, anonymous=True, published=True)
    page = browser.sign_in(cast.tto).see("contacts.create", challenge_id=challenge.id)
    assert "申城电池厂" not in page.body
    page = page.submit("发给对方", message="我们做过类似的")
    contact = db.session.scalars(select(Contact)).one()
    assert contact.asked_by_seeker is False
    assert "申城电池厂" not in page.body and "申城电池厂" not in browser.see("contacts.index", tab="waiting").body
    browser.sign_in(cast.seeker).see("contacts.detail", contact_id=contact.id).submit("同意对接")
    assert "申城电池厂" in browser.sign_in(cast.tto).see("contacts.detail", contact_id=contact.id).body


@pytest.mark.parametrize("part", ["stranger", "rival", "broker", "sysadmin"])
def test_others_do_not_find_it(browser: Browser, cast: Cast, part: str) -> None:
    contact = ContactFactory(seeker=cast.enterprise, provider=cast.institute, accepted=True)
    browser.sign_in(cast.people()[part])
    page = browser.get(browser.url("contacts.detail", contact_id=contact.id))
    assert page.status in {403, 404}
    for act in ("accept", "decline", "close", "add_line", "expected", "withdraw"):
        assert browser.send(f"contacts.{act}", {"reason": "other", "text": "x"}, contact_id=contact.id).status in {403, 404}


def test_the_asking_side_cannot_accept_for_the_other(browser: Browser, cast: Cast) -> None:
    contact = _asked(browser, cast)
    assert browser.send("contacts.accept", contact_id=contact.id).status == 403
    assert db.session.get(Contact, contact.id).state == "asked"


def test_lines_are_noted_by_both_sides_and_not_in_the_future(browser: Browser, cast: Cast) -> None:
    contact = ContactFactory(seeker=cast.enterprise, provider=cast.institute, accepted=True)
    page = browser.sign_in(cast.engineer).see("contacts.detail", contact_id=contact.id)
    page = page.submit("记下", kind="visit", happened_on=clock.today().isoformat(), text="到中试线看了样品")
    assert "到中试线看了样品" in page.main and "赵工" in page.main
    later = (clock.today() + timedelta(days=1)).isoformat()
    assert "不能在今天之后" in page.submit("记下", kind="visit", happened_on=later, text="明天去").main


def test_a_second_open_contact_about_the_same_is_refused(browser: Browser, cast: Cast) -> None:
    contact = _asked(browser, cast)
    page = browser.see("contacts.create", capability_id=contact.capability_id).submit("发给对方", message="再问一次")
    assert "已经有一条进行中的对接" in page.main
    assert len(db.session.scalars(select(Contact)).all()) == 1


def test_a_double_click_asks_once(browser: Browser, cast: Cast) -> None:
    capability = CapabilityFactory(organisation=cast.institute, published=True)
    browser.sign_in(cast.seeker)
    path = browser.url("contacts.create", capability_id=capability.id)
    data = {"message": "想看看样品", "attach_id": "0", "idempotency_key": "k1"}
    first, second = browser.post(path, data, follow=False), browser.post(path, data, follow=False)
    assert first.response.location == second.response.location
    assert len(db.session.scalars(select(Contact)).all()) == 1


def test_a_broker_introduces_both_sides_and_the_hour_is_kept(browser: Browser, cast: Cast) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, published=True)
    capability = CapabilityFactory(organisation=cast.institute, published=True)
    page = browser.sign_in(cast.broker).see("contacts.introduce", challenge_id=challenge.id, capability_id=capability.id)
    page = page.submit("引荐双方", message="两家很合适")
    contact = db.session.scalars(select(Contact)).one()
    assert contact.broker_id == cast.broker.id and contact.created_at == clock.now() and "周经理" in page.main
    assert {cast.seeker.id, cast.tto.id} <= set(db.session.scalars(select(Notice.user_id)).all())


def test_the_expected_amount_is_in_wan_and_stays_beside_a_wrong_one(browser: Browser, cast: Cast) -> None:
    contact = ContactFactory(seeker=cast.enterprise, provider=cast.institute, accepted=True)
    page = browser.sign_in(cast.seeker).see("contacts.detail", contact_id=contact.id).submit("更新意向", expected="120")
    assert db.session.get(Contact, contact.id).expected_fen == 120_000_000
    assert "请填写数字" in page.submit("更新意向", expected="一百二").main
