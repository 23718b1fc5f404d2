"""The page of the year's end only reads what the worker kept; the chance of making the goal is for the leader and whom the leader named."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from market.actions import forecasts, goals
from market.db import db, transaction
from market.domain import clock, money
from market.domain.errors import Forbidden, Invalid
from market.models import Bid, Contract, Forecast
from market.queries import forecasts as queries
from market.queries import tracks
from tests.bidding import actor
from tests.cast import Cast
from tests.factories import ChallengeFactory, ContactFactory, ContractFactory
from tests.page import Browser
from tests.statements import counted
from tests.web.statistics.test_cockpit import registered


def goal(cast: Cast, target: int = 10 * money.YI) -> None:
    goals.set_goal(
        2026,
        {"baseline_fen": target // 2, "baseline_source": "公报", "increment_fen": target // 2, "increment_source": "计划"},
        actor(cast.leader),
    )


def kept() -> int:
    return db.session.scalar(select(func.count()).select_from(Forecast)) or 0


def test_the_page_reads_what_the_worker_kept_and_works_nothing_out(browser: Browser, cast: Cast) -> None:
    registered(4, date(2026, 4, 1), amount_fen=5_000_000_000)
    ContractFactory(
        state="filed",
        filed_on=date(2026, 5, 1),
        signed_on=date(2026, 4, 1),
        amount_fen=3_000_000_000,
        seller_region="310107",
        title="在登记的合同",
    )
    goal(cast)
    page = browser.sign_in(cast.leader).see("statistics.forecast")
    assert "还没有推算" in page.main and kept() == 0, "a visit works nothing out"
    assert forecasts.refresh()
    page = browser.see("statistics.forecast")
    assert "2.30 亿元" in page.main, "registered and accepted"
    assert "默认曲线" in page.main and "默认值，待核" in page.main and "在登记的合同" in page.main
    assert "内部测算" in page.main and "不到 1%" in page.main
    assert page.find("svg.chart") and page.find("[data-gap]")
    assert kept() == 1


def test_the_same_inputs_are_worked_out_once_and_a_change_is_said_until_it_is_worked_in(
    browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(2, date(2026, 4, 1))
    assert forecasts.refresh() and not forecasts.refresh()
    browser.sign_in(cast.leader)
    assert "数据有变化" not in browser.see("statistics.forecast").main
    goals.set_season_curve([4, 7, 14, 21, 28, 37, 44, 51, 60, 67, 78, 100], "全国登记进度", actor(cast.leader))
    assert "数据有变化" in browser.see("statistics.forecast").main
    assert not forecasts.refresh(), "not twice within five minutes"
    monkeypatch.setattr(forecasts, "PAUSE", timedelta())
    before = queries.latest(2026)
    assert forecasts.refresh()
    after = queries.latest(2026)
    assert before and after and before.inputs_hash != after.inputs_hash and "数据有变化" not in browser.see("statistics.forecast").main
    assert kept() == 1, "the last of each day is kept"
    ContactFactory(seeker=cast.enterprise, provider=cast.institute, expected_fen=None)  # moves the revision, not the inputs
    assert not forecasts.refresh()
    assert (queries.latest(2026) or after).stale is False and kept() == 1


def test_another_day_is_another_forecast(app: object, cast: Cast) -> None:
    registered(1, date(2026, 4, 1))
    assert forecasts.refresh()
    clock.fix(clock.now() + timedelta(days=1))
    assert forecasts.refresh() and kept() == 2


def test_only_the_leader_and_whom_the_leader_named_see_the_chance(browser: Browser, cast: Cast) -> None:
    registered(2, date(2026, 4, 1))
    goal(cast)
    forecasts.refresh()
    assert "内部测算" not in browser.sign_in(cast.clerk).see("statistics.forecast").main
    page = browser.sign_out().sign_in(cast.leader).see("statistics.forecast")
    assert "内部测算" in page.main
    page = page.submit("保存名单", readers=[str(cast.clerk.id)])
    assert "已保存" in page.text
    assert "内部测算" in browser.sign_out().sign_in(cast.clerk).see("statistics.forecast").main
    with pytest.raises(Forbidden):
        forecasts.name_readers([], actor(cast.clerk))
    with pytest.raises(Invalid):
        forecasts.name_readers([cast.seeker.id], actor(cast.leader))
    browser.sign_out().sign_in(cast.bureau).see("statistics.forecast", status=403)


def test_more_contracts_close_the_gap_by_a_plain_form(browser: Browser, cast: Cast) -> None:
    registered(2, date(2026, 4, 1), amount_fen=money.YI)
    goal(cast)
    forecasts.refresh()
    browser.sign_in(cast.clerk)
    page = browser.get(browser.url("statistics.forecast") + "?more=8&average=10000")
    row = page.find("[data-gap-base]")[0].text_content()
    assert "10.00 亿元" in row and "超出 0 万元" in row and "8" in row
    page = browser.get(browser.url("statistics.forecast") + "?more=501&average=一千")
    assert "0 到 500" in page.main and "请填写数字" in page.main
    assert page.find("[name=average]")[0].get("value") == "一千", "what was typed stays"


def test_a_deal_is_followed_through_its_steps_and_counted_once(app: object, cast: Cast) -> None:
    june = clock.now()
    challenge = ChallengeFactory(organisation=cast.enterprise, published=True, budget_fen=7, budget_stated=True)
    sealed = ChallengeFactory(organisation=cast.enterprise, open_call=True, budget_fen=9, budget_stated=True)
    with transaction() as session:
        session.add(Bid(challenge_id=sealed.id, organisation_id=cast.institute.id, state="submitted", received_at=june))
    contact = ContactFactory(seeker=cast.enterprise, provider=cast.institute, expected_fen=11, accepted=True, challenge=challenge)
    found = {(track.kind, track.id): track for track in tracks.all_tracks()}
    today = clock.today()
    assert found[("challenge", sealed.id)].stage_on(today) == "call", "nobody learns of a sealed bid"
    assert found[("challenge", challenge.id)].stage_on(today) is None, "it goes on as the contact"
    assert (found[("contact", contact.id)].stage_on(today), found[("contact", contact.id)].amount_fen) == ("contact", 11)
    late = ContractFactory(seller=cast.institute, buyer=cast.enterprise, contact_id=contact.id, signed=True, registered_on=None)
    found = {(track.kind, track.id): track for track in tracks.all_tracks()}
    assert found[("contact", contact.id)].stage_on(today) is None and found[("contract", late.id)].stage_on(today) == "signed"
    with transaction() as session:
        session.get_one(Contract, late.id).source = "registry"
    assert ("contract", late.id) not in {(track.kind, track.id) for track in tracks.all_tracks()}


def test_the_cockpit_shows_the_kept_forecasts_to_the_staff_only(browser: Browser, cast: Cast) -> None:
    registered(2, date(2026, 4, 1), buyer_region="320100")
    forecasts.refresh()
    page = browser.sign_in(cast.clerk).see("statistics.cockpit")
    assert "在手项目加权" in page.main and browser.url("statistics.forecast") in page.links()
    page = browser.sign_out().sign_in(cast.bureau).see("statistics.cockpit")
    assert "在手项目加权" not in page.main and browser.url("statistics.forecast") not in page.links()


def test_reading_the_page_takes_the_same_statements_for_few_and_many(browser: Browser, cast: Cast) -> None:
    registered(2, date(2026, 4, 1))
    forecasts.refresh()
    browser.sign_in(cast.clerk)
    browser.see("statistics.forecast")
    with counted() as few:
        browser.see("statistics.forecast")
    for n in range(20):
        ContactFactory(seeker=cast.enterprise, provider=cast.institute, expected_fen=n + 1, accepted=True)
    clock.fix(clock.now() + timedelta(minutes=6))
    forecasts.refresh()
    browser.see("statistics.forecast")
    with counted() as many:
        browser.see("statistics.forecast")
    assert len(few) == len(many)
