"""Writing a challenge: from the first words to the queue of the commission."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from market.db import db
from market.models import Challenge, HistoryEntry, Indicator, Notice, Version
from tests.cast import Cast
from tests.factories import ChallengeFactory, IndicatorFactory
from tests.page import Browser

WORDS = {"title": "电池包冬天续航掉得厉害", "pain": "-20℃ 只剩六成，客户冬天投诉集中。", "no_secrets": "y", "anonymous": "y"}
CHOICES = {
    "procedure": "negotiated",
    "visibility": "on_arrival",
    "publicity_days": "0",
    "need_type": "",
    "ip_wish": "",
    "field": "",
    "track": "",
}


def _only() -> Challenge:
    return db.session.scalars(select(Challenge).execution_options(populate_existing=True)).one()


def test_title_and_pain_are_enough_to_submit(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.engineer).see("challenges.create")
    page = page.submit("提交审核", **WORDS)
    assert "已提交审核，最迟 6 月 15 日答复您" in page.text
    made = _only()
    assert (made.state, made.organisation_id, made.anonymous) == ("submitted", cast.enterprise.id, True)
    assert str(made.answer_due) == "2026-06-15"
    assert db.session.scalars(select(Version.number).where(Version.subject_id == made.id)).all() == [1]
    assert [e.step for e in db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.seq))] == ["create", "submit"]
    assert db.session.scalars(select(Notice.user_id)).all() == [cast.clerk.id]


def test_what_is_missing_is_said_beside_the_field_and_nothing_typed_is_lost(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.seeker).see("challenges.create")
    page = page.submit("提交审核", title="只有标题", no_secrets="y")
    assert "请写明要解决的难题" in page.main
    assert page.find("#title")[0].get("value") == "只有标题"
    assert db.session.scalar(select(Challenge.id)) is None


def test_a_draft_needs_nothing_and_can_be_taken_up_again(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.seeker).see("challenges.create").submit("保存草稿", title="先记一笔")
    assert "草稿已保存" in page.text
    page = page.submit("保存草稿", pain="后来补的难题", budget="80", budget_max="120", modes=["joint"])
    made = _only()
    assert (made.pain, made.budget_fen, made.budget_max_fen, made.modes) == ("后来补的难题", 80_000_000, 120_000_000, "joint")
    assert "先记一笔" in browser.see("challenges.mine").main


def test_indicator_rows_are_added_and_taken_away_without_scripts(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.seeker).see("challenges.create")
    row = {"indicators-0-name": "低温保持率", "indicators-0-target": "≥85", "indicators-0-unit": "%"}
    page = page.submit("加一行指标", **row)
    assert len(page.find("tr[data-row]")) == 2
    assert page.find("[name=indicators-0-name]")[0].get("value") == "低温保持率"
    page = page.submit("加一行指标", **{"indicators-1-name": "循环寿命"})
    page = page.submit("删除第 2 行")
    assert len(page.find("tr[data-row]")) == 2
    page.submit("保存草稿", title="有指标")
    assert db.session.scalars(select(Indicator.name)).all() == ["低温保持率"]


def test_a_row_with_a_target_but_no_name_is_refused(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.seeker).see("challenges.create").submit("保存草稿", title="有指标", **{"indicators-0-target": "85"})
    assert "请写指标名称" in page.main


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("budget", "八十", "请填写数字"),
        ("contact_phone", "123", "请填写 11 位手机号"),
        ("title", "长" * 61, "最多 60 个字"),
        ("period_months", "0", "请填 1 到 120 个月"),
    ],
)
def test_bad_input_is_said_in_chinese(browser: Browser, cast: Cast, field: str, value: str, said: str) -> None:
    page = browser.sign_in(cast.seeker).see("challenges.create").submit("提交审核", **{**WORDS, field: value})
    assert said in page.main
    assert db.session.scalar(select(Challenge.id)) is None


def test_the_upper_bound_of_a_budget_is_not_below_the_lower(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.seeker).see("challenges.create").submit("提交审核", **WORDS, budget="120", budget_max="80")
    assert "上限不能低于下限" in page.main


def test_a_deadline_in_the_past_is_refused_at_submission(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.seeker).see("challenges.create").submit("提交审核", **WORDS, closes_on="2026-06-09")
    assert "截止日期应在今天之后" in page.main


def test_a_draft_saves_itself_and_the_form_goes_on_with_the_same_one(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.seeker)
    key = browser.see("challenges.create").find("[name=draft_key]")[0].get("value")
    first = browser.send("challenges.autosave", {**CHOICES, "draft_key": key, "title": "写到一半", "anonymous": "y"})
    assert first.status == 200
    answer = first.response.get_json()
    again = browser.send("challenges.autosave", {**CHOICES, "draft_key": key, "title": "写到一半多", "anonymous": "y"})
    assert again.response.get_json()["action"] == answer["action"]
    later = browser.post(
        again.response.get_json()["autosave_url"],
        {**CHOICES, "title": "快写完了", "anonymous": "y", "version": again.response.get_json()["version"]},
    )
    assert later.status == 200
    page = browser.send("challenges.create", {**WORDS, **CHOICES, "draft_key": key})
    assert "已提交审核" in page.text
    assert _only().title == WORDS["title"]


def test_an_empty_form_does_not_save_itself(browser: Browser, cast: Cast) -> None:
    assert browser.sign_in(cast.seeker).send("challenges.autosave", {"draft_key": "k"}).status == 422


def test_a_stale_form_is_told_what_stands_now(browser: Browser, cast: Cast) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, title="原来的标题")
    page = browser.sign_in(cast.seeker).see("challenges.edit", challenge_id=challenge.id)
    challenge.title = "同事改过的标题"
    db.session.commit()
    stale = page.submit("保存草稿", title="我的标题")
    assert stale.status == 409
    assert "同事改过的标题" in stale.main and "我的标题" in stale.main
    assert _only().title == "同事改过的标题"


def test_a_double_click_makes_one(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.seeker)
    page = browser.see("challenges.create")
    key = page.find("[name=idempotency_key]")[0].get("value")
    draft_key = page.find("[name=draft_key]")[0].get("value")
    for _ in range(2):
        answer = browser.send("challenges.create", {**WORDS, **CHOICES, "idempotency_key": key, "draft_key": draft_key})
        assert answer.status == 200
    assert _only().state == "submitted"
    assert len(db.session.scalars(select(HistoryEntry)).all()) == 2


def test_a_member_of_an_unverified_organisation_may_write_but_not_submit(browser: Browser, cast: Cast) -> None:
    cast.enterprise.state = "pending"
    db.session.commit()
    page = browser.sign_in(cast.seeker).see("challenges.create")
    assert not [b for b in page.find("button") if "提交审核" in b.text_content()]
    browser.send("challenges.create", {**WORDS, **CHOICES})
    assert _only().state == "draft"


@pytest.mark.parametrize("state", ["submitted", "published", "withdrawn", "completed"])
def test_what_has_left_the_desk_cannot_be_edited(browser: Browser, cast: Cast, state: str) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, state=state, published_at=cast.enterprise.verified_at)
    browser.sign_in(cast.seeker)
    assert "不能修改" in browser.see("challenges.edit", challenge_id=challenge.id).text
    assert "不能修改" in browser.send("challenges.edit", {**WORDS, **CHOICES}, challenge_id=challenge.id).text
    assert _only().title == challenge.title


@pytest.mark.parametrize("part", ["stranger", "rival", "tto", "broker", "liaison", "bureau"])
def test_a_draft_does_not_exist_for_others(browser: Browser, cast: Cast, part: str) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise)
    IndicatorFactory(challenge=challenge)
    browser.sign_in(cast.people()[part])
    for endpoint in ("detail", "edit", "preview", "one_page", "files"):
        browser.see(f"challenges.{endpoint}", status=404, challenge_id=challenge.id)
    for endpoint, more in (
        ("edit", {}),
        ("autosave_draft", {}),
        ("files", {}),
        ("take_step", {"step": "submit"}),
        ("take_step", {"step": "withdraw"}),
    ):
        answer = browser.send(f"challenges.{endpoint}", WORDS, challenge_id=challenge.id, **more)
        assert answer.status in {403, 404}, (endpoint, answer.status)
    assert _only().state == "draft"


def test_the_list_of_ones_own_shows_nobody_elses(browser: Browser, cast: Cast) -> None:
    ChallengeFactory(organisation=cast.enterprise, title="我们厂的难题")
    assert "我们厂的难题" in browser.sign_in(cast.engineer).see("challenges.mine").main
    assert "我们厂的难题" not in browser.sign_out().sign_in(cast.stranger).see("challenges.mine").main
