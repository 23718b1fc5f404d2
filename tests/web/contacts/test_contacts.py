"""对接 in the browser: ask, answer, note, introduce; who sees whom and when."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from market.actions import contacts as actions
from market.db import db
from market.domain import clock
from market.domain.errors import Duplicate, Forbidden, IllegalStep
from market.models import Capability, Challenge, Contact, Notice
from market.queries import accounts
from market.queries import contacts as queries
from tests.cast import Cast
from tests.factories import CapabilityFactory, ChallengeFactory, ContactFactory, ContractFactory
from tests.page import Browser


def offered(cast: Cast) -> Capability:
    capability: Capability = CapabilityFactory(organisation=cast.institute, published=True, title="低温电解液")
    return capability


def wanted(cast: Cast, **more: object) -> Challenge:
    challenge: Challenge = ChallengeFactory(organisation=cast.enterprise, published=True, title="冬天掉电", **more)
    return challenge


def running(cast: Cast) -> Contact:
    contact: Contact = ContactFactory(
        seeker=cast.enterprise, provider=cast.institute, capability=offered(cast), asked_by_id=cast.seeker.id, state="asked"
    )
    return contact


def only() -> Contact:
    return db.session.scalars(select(Contact)).one()


def test_one_sentence_asks_and_the_institute_is_told(cast: Cast, browser: Browser) -> None:
    capability = offered(cast)
    page = browser.sign_in(cast.seeker).see("contacts.create", capability=capability.id)
    page = page.submit("发出对接请求", message="想送样试装。")
    assert "等待答复" in page.main
    assert only().answer_due == date(2026, 6, 15)
    told = db.session.scalars(select(Notice.user_id).where(Notice.kind == "contact_asked")).all()
    assert told == [cast.tto.id]


def test_the_clock_counts_working_days_over_a_holiday(cast: Cast) -> None:
    clock.fix(datetime(2026, 9, 29, 4, 0, tzinfo=UTC))  # Tuesday; 1–7 October are holidays, 10 October is worked
    actions.ask("想送样。", accounts.actor_of(_loaded(cast.seeker.id)), capability=offered(cast))
    assert only().answer_due == date(2026, 10, 9)


def _loaded(user_id: int):  # type: ignore[no-untyped-def]
    db.session.expire_all()
    user = accounts.get_user(user_id)
    assert user is not None
    return user


def test_neither_sees_the_person_before_acceptance_and_both_after(cast: Cast, browser: Browser) -> None:
    cast.seeker.phone, cast.tto.phone = "13911112222", "13933334444"
    db.session.commit()
    contact = running(cast)
    for user in (cast.seeker, cast.tto, cast.clerk):
        page = browser.sign_in(user).see("contacts.detail", contact_id=contact.id)
        assert "13911112222" not in page.body and "13933334444" not in page.body
        assert ("王厂长" in page.main) is False and ("李转化" in page.main) is False
    page = browser.sign_in(cast.tto).see("contacts.detail", contact_id=contact.id)
    page.submit("发出答复", decision="accept")
    for user in (cast.seeker, cast.tto):
        page = browser.sign_in(user).see("contacts.detail", contact_id=contact.id)
        assert "13911112222" in page.main and "13933334444" in page.main and "王厂长" in page.main and "李转化" in page.main


def test_an_anonymous_poster_stays_anonymous_until_it_accepts(cast: Cast, browser: Browser) -> None:
    challenge = wanted(cast, anonymous=True)
    browser.sign_in(cast.professor).see("contacts.create", challenge=challenge.id).submit("发出对接请求", message="能做，先问节拍。")
    contact = only()
    for user in (cast.professor, cast.tto):
        for page in (browser.sign_in(user).see("contacts.detail", contact_id=contact.id), browser.see("contacts.index", tab="running")):
            assert "申城电池厂" not in page.main and "上海市某新能源企业" in page.main
    browser.sign_in(cast.seeker).see("contacts.detail", contact_id=contact.id).submit("发出答复", decision="accept")
    assert "申城电池厂" in browser.sign_in(cast.professor).see("contacts.detail", contact_id=contact.id).main


def test_an_attached_challenge_keeps_the_asker_anonymous(cast: Cast, browser: Browser) -> None:
    capability, challenge = offered(cast), wanted(cast, anonymous=True)
    browser.sign_in(cast.engineer).see("contacts.create", capability=capability.id).submit(
        "发出", message="请看附上的难题", attached=challenge.id
    )
    contact = only()
    assert contact.challenge_id == challenge.id
    assert "申城电池厂" not in browser.sign_in(cast.tto).see("contacts.detail", contact_id=contact.id).body


def test_declining_needs_a_reason_and_tells_the_asker(cast: Cast, browser: Browser) -> None:
    contact = running(cast)
    page = browser.sign_in(cast.tto).see("contacts.detail", contact_id=contact.id).submit("发出答复", decision="decline")
    assert "请选择婉拒的原因" in page.main
    page.submit("发出答复", decision="decline", reason="no_capacity")
    db.session.expire_all()
    assert (only().state, only().decline_reason) == ("declined", "no_capacity")
    assert db.session.scalars(select(Notice.user_id).where(Notice.kind == "contact_decline")).all() == [cast.seeker.id]


def test_only_the_asked_side_answers(cast: Cast, browser: Browser) -> None:
    contact = running(cast)
    for user, status in ((cast.seeker, 403), (cast.professor, 403), (cast.stranger, 404), (cast.rival, 404)):
        page = browser.sign_in(user).send("contacts.answer", {"decision": "accept"}, contact_id=contact.id)
        assert page.status == status, user.name
    assert only().state == "asked"


@pytest.mark.parametrize("endpoint", ["answer", "note", "expect", "take_step"])
def test_a_stranger_can_do_nothing(cast: Cast, browser: Browser, endpoint: str) -> None:
    contact = running(cast)
    arguments = {"contact_id": contact.id} | ({"step": "withdraw"} if endpoint == "take_step" else {})
    for user, expected in ((cast.stranger, 404), (cast.rival, 404)):
        page = browser.sign_in(user).send(f"contacts.{endpoint}", {"decision": "accept", "text": "x"}, **arguments)
        assert page.status == expected
    db.session.expire_all()
    assert only().state == "asked"


def test_strangers_find_no_contact_and_the_bureau_only_its_citys(cast: Cast, browser: Browser) -> None:
    contact = running(cast)
    for user in (cast.stranger, cast.rival, cast.bureau, cast.broker, cast.liaison):
        browser.sign_in(user).see("contacts.detail", status=404, contact_id=contact.id)
        assert contact.message not in browser.see("contacts.index", tab="waiting").body
    cast.institute.region = "320102"
    db.session.commit()
    assert contact.message in browser.sign_in(cast.bureau).see("contacts.detail", contact_id=contact.id).body
    assert contact.message in browser.see("contacts.index", tab="waiting").body


def test_a_double_click_asks_once_and_a_second_question_is_refused(cast: Cast, browser: Browser) -> None:
    capability = offered(cast)
    page = browser.sign_in(cast.seeker).see("contacts.create", capability=capability.id)
    page.submit("发出对接请求", message="想送样。")
    page.submit("发出对接请求", message="想送样。")
    assert only().message == "想送样。"
    again = browser.see("contacts.create", capability=capability.id).submit("发出对接请求", message="再问一次")
    assert "已有进行中的对接" in again.main
    with pytest.raises(Duplicate):
        actions.ask("又问", accounts.actor_of(_loaded(cast.engineer.id)), capability=db.session.get(Capability, capability.id))


def test_a_broker_introduces_and_the_seeker_may_withdraw(cast: Cast, browser: Browser) -> None:
    challenge, capability = wanted(cast, anonymous=True), offered(cast)
    page = browser.sign_in(cast.broker).see("contacts.introduce", challenge=challenge.id, capability=f"/capabilities/{capability.id}")
    page.submit("引荐", message="配方正好补上低温这一项。")
    contact = only()
    assert (contact.broker_id, contact.seeker_id, contact.state) == (cast.broker.id, cast.enterprise.id, "asked")
    assert "申城电池厂" not in browser.sign_in(cast.tto).see("contacts.detail", contact_id=contact.id).body
    browser.sign_in(cast.seeker).see("contacts.detail", contact_id=contact.id).submit("撤回对接请求")
    db.session.expire_all()
    assert only().state == "withdrawn"


@pytest.mark.parametrize(
    "typed", ["{id}", "/challenges/{id}", "http://localhost/challenges/{id}?x=1", "pt-jb-2026-0077", "PT-JB-2026-0001"]
)
def test_a_broker_names_the_challenge_by_id_address_or_number(cast: Cast, browser: Browser, typed: str) -> None:
    wanted(cast)
    challenge, capability = wanted(cast, number="PT-JB-2026-0077"), offered(cast)
    page = browser.sign_in(cast.broker).see("contacts.introduce", capability=capability.id)
    page = page.submit("引荐", challenge=typed.format(id=challenge.id), message="正好对口")
    made = db.session.scalars(select(Contact.challenge_id)).all()
    assert made == ([] if typed.endswith("0001") else [challenge.id])
    assert ("请先搜到并选定一条已发布的需求" in page.main) is typed.endswith("0001")


def test_lines_are_noted_by_either_side_and_the_clerk_once_both_have_met(cast: Cast, browser: Browser) -> None:
    contact = running(cast)
    before = browser.sign_in(cast.seeker).send(
        "contacts.note", {"happened_on": "2026-06-09", "kind": "visit", "text": "到厂"}, contact_id=contact.id
    )
    assert "同意对接之后才记经过" in before.main
    browser.sign_in(cast.tto).see("contacts.detail", contact_id=contact.id).submit("发出答复", decision="accept")
    for user, words in ((cast.seeker, "到厂看了产线"), (cast.professor, "寄出样品"), (cast.clerk, "电话回访")):
        page = browser.sign_in(user).see("contacts.detail", contact_id=contact.id)
        assert words in page.submit("记下", happened_on="2026-06-10", kind="visit", text=words).main
    late = page.submit("记下", happened_on="2026-06-11", kind="visit", text="还没发生")
    assert "日期不能晚于今天" in late.main


def test_the_expected_amount_is_edited_by_both_and_a_stale_form_is_refused(cast: Cast, browser: Browser) -> None:
    contact = running(cast)
    browser.sign_in(cast.tto).see("contacts.detail", contact_id=contact.id).submit("发出答复", decision="accept")
    old = browser.see("contacts.detail", contact_id=contact.id)
    page = browser.sign_in(cast.seeker).see("contacts.detail", contact_id=contact.id).submit("保存意向金额", expected="120.5")
    assert "120.5 万元" in page.main
    browser.sign_in(cast.tto)
    assert old.submit("保存意向金额", expected="90").status == 409
    assert page.find("a[href*='/contracts/new']")


def test_closing_needs_a_reason(cast: Cast) -> None:
    contact = running(cast)
    actions.answer(contact, True, accounts.actor_of(_loaded(cast.tto.id)))
    with pytest.raises(IllegalStep):
        actions.close(contact, accounts.actor_of(_loaded(cast.seeker.id)), " ")
    actions.close(contact, accounts.actor_of(_loaded(cast.seeker.id)), "价格谈不拢")
    assert only().state == "closed"


def test_withdrawing_is_for_the_asking_side(cast: Cast) -> None:
    contact = running(cast)
    with pytest.raises(Forbidden):
        actions.withdraw(contact, accounts.actor_of(_loaded(cast.tto.id)))
    actions.withdraw(contact, accounts.actor_of(_loaded(cast.engineer.id)))
    assert only().state == "withdrawn"


def test_the_todo_is_the_asked_sides(cast: Cast) -> None:
    contact = running(cast)
    assert [c.id for c in queries.todo(accounts.actor_of(_loaded(cast.tto.id)))] == [contact.id]
    for user in (cast.seeker, cast.professor, cast.rival):
        assert queries.todo(accounts.actor_of(_loaded(user.id))) == []


def test_a_contact_that_led_to_a_contract_points_to_it(cast: Cast, browser: Browser) -> None:
    contact = ContactFactory(seeker=cast.enterprise, provider=cast.institute, state="contracted", answered_at=clock.now())
    contract = ContractFactory(seller=cast.institute, buyer=cast.enterprise, signed=True, contact_id=contact.id, title="低温电解液开发")
    link = f"/contracts/{contract.id}"
    assert link in browser.sign_in(cast.seeker).see("contacts.detail", contact_id=contact.id).links()
    assert link in browser.sign_in(cast.clerk).see("contacts.detail", contact_id=contact.id).links()
