"""A challenge's page, sheet, preview and steps: what each person reads and may do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from market.db import db
from market.domain import clock
from market.domain.challenges import CHALLENGE
from market.models import Bid, Challenge, HistoryEntry, Notice, Organisation
from tests.cast import Cast
from tests.factories import ChallengeFactory, ContactFactory, IndicatorFactory, OrganisationFactory
from tests.page import Browser

SECRET = "申城电池厂"


def _state(challenge_id: int) -> str:
    return db.session.scalars(select(Challenge.state).where(Challenge.id == challenge_id)).one()


def _published(cast: Cast, **more: Any) -> Challenge:
    challenge: Challenge = ChallengeFactory(organisation=cast.enterprise, author_id=cast.engineer.id, published=True, **more)
    return challenge


def test_everybody_reads_the_words_indicators_and_terms(browser: Browser, cast: Cast) -> None:
    challenge = _published(
        cast, budget_stated=True, budget_fen=80_000_000, budget_max_fen=120_000_000, period_months=12, modes="joint;licence"
    )
    IndicatorFactory(challenge=challenge)
    page = browser.see("challenges.detail", challenge_id=challenge.id)
    for words in ("零下二十度放电只剩六成", "-20℃ 放电容量保持率", "≥85", "80–120", "12 个月", "合作开发", "技术许可", "新能源与高效节能"):
        assert words in page.main, words
    assert "登录后联系对方" in page.main
    assert challenge.contact_phone not in page.body and challenge.contact_name not in page.body


def test_the_page_can_be_passed_on_by_code_text_and_sheet(browser: Browser, cast: Cast) -> None:
    challenge = _published(cast)
    page = browser.see("challenges.detail", challenge_id=challenge.id)
    assert page.find(".qr svg")
    assert f"/challenges/{challenge.id}" in page.find("#share-text")[0].text_content()
    sheet = browser.see("challenges.one_page", challenge_id=challenge.id)
    assert sheet.find("body.print-one-page") and challenge.title in sheet.main


@pytest.mark.parametrize(
    ("part", "words"),
    [("tto", "联系对方"), ("stranger", "联系对方"), ("seeker", "查看对接"), ("engineer", "查看对接")],
)
def test_each_person_has_one_next_action(browser: Browser, cast: Cast, part: str, words: str) -> None:
    challenge = _published(cast)
    page = browser.sign_in(cast.people()[part]).see("challenges.detail", challenge_id=challenge.id)
    actions = [e.text_content().strip() for e in page.find(".next-action .btn-primary")]
    assert actions == [words]


def test_an_open_call_asks_for_bids_until_its_deadline(browser: Browser, cast: Cast) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, open_call=True, number="PT-JB-2026-0007")
    browser.sign_in(cast.tto)
    page = browser.see("challenges.detail", challenge_id=challenge.id)
    assert [e.text_content().strip() for e in page.find(".next-action .btn-primary")] == ["揭榜申报"]
    assert "PT-JB-2026-0007" in page.main
    clock.fix(challenge.closes_at + timedelta(seconds=1))
    page = browser.see("challenges.detail", challenge_id=challenge.id)
    assert "已截止" in page.main and not page.find(".next-action")


def test_an_unverified_organisation_is_told_why_it_cannot_yet(browser: Browser, cast: Cast) -> None:
    challenge = _published(cast)
    cast.institute.state = "pending"
    db.session.commit()
    page = browser.sign_in(cast.tto).see("challenges.detail", challenge_id=challenge.id)
    assert "单位通过核验后" in page.main and not page.find(".next-action .btn-primary")


def _anonymous(cast: Cast) -> Challenge:
    challenge = _published(cast, anonymous=True)
    for step, state in (("create", "draft"), ("submit", "submitted"), ("publish", "published")):
        from market.actions import history
        from market.domain.permissions import Actor

        history.record("challenge", challenge.id, step, Actor(id=cast.seeker.id, name=f"{SECRET}的{cast.seeker.name}"), to_state=state)
    return challenge


@pytest.mark.parametrize("part", ["", "stranger", "rival", "tto", "bureau", "broker", "liaison", "sysadmin"])
def test_the_name_of_an_anonymous_poster_is_nowhere_on_its_pages(browser: Browser, cast: Cast, part: str) -> None:
    challenge = _anonymous(cast)
    if part:
        browser.sign_in(cast.people()[part])
    for endpoint in ("detail", "one_page"):
        page = browser.see(f"challenges.{endpoint}", challenge_id=challenge.id)
        for hidden in (SECRET, cast.seeker.name, cast.engineer.name, challenge.contact_phone, cast.enterprise.credit_code):
            assert hidden not in page.body, (endpoint, hidden)
        assert "某新能源企业" in page.main


def test_the_canary_is_seen_by_its_owner_and_by_staff(browser: Browser, cast: Cast) -> None:
    challenge = _anonymous(cast)
    for user in (cast.engineer, cast.clerk):
        assert SECRET in browser.sign_out().sign_in(user).see("challenges.detail", challenge_id=challenge.id).main
    assert SECRET not in browser.see("challenges.one_page", challenge_id=challenge.id).main  # a sheet is for the public, whoever prints it


def test_after_an_accepted_contact_the_other_side_reads_the_name(browser: Browser, cast: Cast) -> None:
    challenge = _anonymous(cast)
    ContactFactory(seeker=cast.enterprise, provider=cast.institute, challenge_id=challenge.id, accepted=True)
    assert SECRET in browser.sign_in(cast.tto).see("challenges.detail", challenge_id=challenge.id).main


def test_the_public_timeline_tells_no_inner_step_and_no_reason(browser: Browser, cast: Cast) -> None:
    challenge = _anonymous(cast)
    browser.sign_in(cast.seeker).send("challenges.take_step", {"reason": "因为城西新厂停建"}, challenge_id=challenge.id, step="withdraw")
    page = browser.sign_out().see("challenges.detail", challenge_id=challenge.id)
    titles = [e.text_content() for e in page.find(".timeline-title")]
    assert titles == ["发布", "撤回需求"]
    assert "城西新厂" not in page.body


def test_rare_tags_are_hidden_and_the_preview_warns(browser: Browser, cast: Cast) -> None:
    challenge = ChallengeFactory(
        organisation=cast.enterprise, anonymous=True, pain=f"我们{SECRET}年产 12.6 GWh，全国最大，电话 13900000001。", title="低温"
    )
    cast.enterprise.tags = "链主;专精特新"
    db.session.commit()
    page = browser.sign_in(cast.seeker).see("challenges.preview", challenge_id=challenge.id)
    for words in ("单位名称「", "联系方式「13900000001」", "全国最大", "年产 12.6", "已对公众隐去"):
        assert words in page.main, words
    for n in range(3):
        OrganisationFactory(tags="专精特新;链主", name=f"同类{n}")
    challenge.pain = "低温放电只剩六成"
    db.session.commit()
    page = browser.see("challenges.preview", challenge_id=challenge.id)
    assert "没有发现会让人猜到您的内容" in page.main and "链主" in page.main


STEPS = {"submit": {}, "take_back": {}, "withdraw": {"reason": "需求变化"}, "terminate": {"reason": "需求变化"}, "complete": {}}


@pytest.mark.parametrize("state", list(CHALLENGE.states))
@pytest.mark.parametrize("name", list(STEPS))
def test_a_step_is_taken_exactly_where_the_table_allows_it(browser: Browser, cast: Cast, state: str, name: str) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, state=state, published_at=clock.now())
    page = browser.sign_in(cast.seeker).send("challenges.take_step", STEPS[name], challenge_id=challenge.id, step=name)
    step = CHALLENGE.step(name)
    if state in step.sources:
        assert page.status == 200 and _state(challenge.id) == step.target
    else:
        assert page.status == 409 and _state(challenge.id) == state


@pytest.mark.parametrize("name", ["publish", "return", "contract", "open_bids", "choose", "no_such_step"])
def test_other_rooms_steps_are_not_taken_here(browser: Browser, cast: Cast, name: str) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, state="submitted")
    assert browser.sign_in(cast.seeker).send("challenges.take_step", {"reason": "x"}, challenge_id=challenge.id, step=name).status == 409
    assert _state(challenge.id) == "submitted"


@pytest.mark.parametrize("name", ["withdraw", "terminate"])
def test_ending_needs_a_reason(browser: Browser, cast: Cast, name: str) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, state=CHALLENGE.step(name).sources[0], published_at=clock.now())
    page = browser.sign_in(cast.seeker).send("challenges.take_step", {"reason": "  "}, challenge_id=challenge.id, step=name)
    assert page.status == 409 and "需要写明理由" in page.main


@pytest.mark.parametrize(("part", "status"), [("engineer", 403), ("stranger", 403), ("tto", 403), ("liaison", 403), ("clerk", 403)])
def test_only_the_owners_authorised_people_withdraw(browser: Browser, cast: Cast, part: str, status: int) -> None:
    challenge = _published(cast)
    page = browser.sign_in(cast.people()[part]).send("challenges.take_step", {"reason": "x"}, challenge_id=challenge.id, step="withdraw")
    assert page.status == status and _state(challenge.id) == "published"


def test_a_withdrawn_open_call_lets_its_bids_lapse_and_tells_the_bidders(browser: Browser, cast: Cast) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, open_call=True, anonymous=True)
    db.session.add(Bid(challenge_id=challenge.id, organisation_id=cast.institute.id, state="intention"))
    db.session.commit()
    browser.sign_in(cast.seeker).send("challenges.take_step", {"reason": "已自行解决"}, challenge_id=challenge.id, step="withdraw")
    db.session.expire_all()
    assert db.session.scalars(select(Bid.state)).all() == ["lapsed"]
    told = db.session.scalars(select(Notice).where(Notice.user_id == cast.tto.id)).one()
    assert SECRET not in told.title + told.text


def test_a_double_click_withdraws_once(browser: Browser, cast: Cast) -> None:
    challenge = _published(cast)
    browser.sign_in(cast.seeker)
    for _ in range(2):
        data = {"reason": "已解决", "idempotency_key": "once"}
        assert browser.send("challenges.take_step", data, challenge_id=challenge.id, step="withdraw").status == 200
    assert len(db.session.scalars(select(HistoryEntry).where(HistoryEntry.step == "withdraw")).all()) == 1


def test_the_page_asks_the_database_no_more_for_many_indicators(browser: Browser, cast: Cast) -> None:
    challenge = _published(cast)
    counted: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    browser.see("challenges.detail", challenge_id=challenge.id)
    few = len(counted)
    for _ in range(20):
        IndicatorFactory(challenge=challenge)
    counted.clear()
    browser.see("challenges.detail", challenge_id=challenge.id)
    assert len(counted) == few <= 15


def test_similar_is_for_people_with_an_account_and_stores_nothing(browser: Browser, cast: Cast) -> None:
    data = {"title": "电池包冬天续航掉得厉害", "pain": "零下二十度只剩六成"}
    assert browser.send("challenges.similar", data).status == 401
    page = browser.sign_in(cast.seeker).send("challenges.similar", data)
    assert page.status == 200 and "看起来属于：新能源与高效节能" in page.text
    assert db.session.scalar(select(Challenge.id)) is None and db.session.scalar(select(Organisation.id).limit(1)) is not None
