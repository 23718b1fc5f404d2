"""The box and the three sentences: no account, an answer at once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from market.actions import leads as actions
from market.db import db
from market.matching import ENGINE_VERSION
from market.models import Consent, HistoryEntry, Impression, Lead, Notice
from market.queries import engine
from tests.cast import Cast
from tests.factories import CapabilityFactory
from tests.page import Browser, Page
from tests.web.leads.conftest import SharedCharacters

VERSION = f"{ENGINE_VERSION}/shared-characters"
SENTENCES = {
    "wrong": "电池包一到冬天掉电，零下二十度只剩五成六",
    "wanted": "零下二十度还有八成五",
    "company": "申江客车厂",
    "contact_name": "王工",
    "phone": "13912345678",
    "region": "310107",
    "consent": "y",
}


def count(model: type) -> int:
    """Return how many rows there are."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def ask(browser: Browser, **changed: str) -> Page:
    """Fill in the form as a stranger does and send it."""
    return browser.see("leads.ask").submit("提交", **(SENTENCES | changed))


def test_three_sentences_are_answered_at_once_with_reasons(browser: Browser) -> None:
    CapabilityFactory(title="低温电池电解液", published=True)
    page = ask(browser)
    assert "收到了，先看看谁能解" in page.main
    assert "低温电池电解液" in page.main
    assert "都提到「低温」" in page.main
    assert "不会公开" in page.main


def test_they_are_kept_with_consent_history_and_a_notice_to_the_clerk(cast: Cast, browser: Browser) -> None:
    ask(browser)
    lead = db.session.scalars(select(Lead)).one()
    assert (lead.state, lead.company, lead.phone, lead.source) == ("new", "申江客车厂", "13912345678", "web")
    assert {(c.document, c.document_version) for c in db.session.scalars(select(Consent).where(Consent.lead_id == lead.id))} == {
        ("privacy", "2026-11"),
        ("phone", "2026-11"),
    }
    assert db.session.scalars(select(HistoryEntry.step).where(HistoryEntry.subject_kind == "lead")).all() == ["ask"]
    told = db.session.scalars(select(Notice)).all()
    assert [notice.user_id for notice in told] == [cast.clerk.id]
    assert "13912345678" not in "".join(notice.title + notice.text for notice in told)


def test_without_consent_or_phone_nothing_is_kept_and_nothing_typed_is_lost(browser: Browser) -> None:
    page = browser.see("leads.ask").submit("提交", **(SENTENCES | {"consent": "", "phone": "12"}))
    assert page.status == 200
    assert "请先勾选" in page.main
    assert "申江客车厂" in page.body
    page = ask(browser, phone="12")
    assert "11 位手机号" in page.main
    assert count(Lead) == 0
    assert count(Consent) == 0


def test_the_same_form_twice_makes_one_lead(browser: Browser) -> None:
    form = browser.see("leads.ask")
    first = form.submit("提交", **SENTENCES)
    second = form.submit("提交", **SENTENCES)
    assert first.response.request.path == second.response.request.path
    assert count(Lead) == 1


def test_only_the_browser_that_asked_and_the_staff_may_read_the_answer(cast: Cast, browser: Browser) -> None:
    ask(browser)
    lead_id = db.session.scalars(select(Lead.id)).one()
    assert browser.see("leads.answered", lead_id=lead_id).response.headers["Cache-Control"] == "no-store"
    browser.sign_out()
    browser.see("leads.answered", 404, lead_id=lead_id)
    browser.sign_in(cast.stranger).see("leads.answered", 404, lead_id=lead_id)
    browser.sign_in(cast.clerk).see("leads.answered", lead_id=lead_id)


def test_one_address_may_ask_only_so_often(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "ASKS_AN_ADDRESS", 2)
    for _ in range(2):
        ask(browser)
    page = ask(browser)
    assert page.status == 429
    assert "太多" in page.text
    assert count(Lead) == 2


def test_the_box_ranks_without_an_account_and_stores_nothing(browser: Browser, ranking: SharedCharacters) -> None:
    CapabilityFactory(title="低温电池电解液", published=True)
    CapabilityFactory(title="草稿不该出现", summary="电池低温。")
    page = browser.see("home.index").submit("看看谁能解", text="电池低温掉电，想找人解决")
    assert page.status == 200
    assert "低温电池电解液" in page.main
    assert "草稿不该出现" not in page.main
    assert ranking.asked == ["电池低温掉电，想找人解决"]
    assert "电池低温掉电" not in page.response.request.url
    assert count(Lead) == 0


def shown() -> list[tuple[object, ...]]:
    """Return what was recorded as shown: surface, person, query, listing, rank, engine version."""
    rows = db.session.scalars(select(Impression).order_by(Impression.id))
    return [
        (
            row.surface,
            row.user_id,
            row.organisation_id,
            row.query_kind,
            row.query_id,
            row.item_kind,
            row.item_id,
            row.rank,
            row.engine_version,
        )
        for row in rows
    ]


def test_of_the_box_only_listing_rank_and_engine_version_are_recorded(browser: Browser, cast: Cast) -> None:
    best = CapabilityFactory(title="低温电池电解液掉电", published=True)
    other = CapabilityFactory(title="电", summary="电。", published=True)
    browser.sign_in(cast.seeker).send("leads.try_match", {"text": "低温电池掉电"})
    blank = ("try", None, None, "text", None, "capability")
    assert shown() == [(*blank, best.id, 1, VERSION), (*blank, other.id, 2, VERSION)]
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            assert "低温电池掉电" not in str(row), f"the text is kept in {table.name}"


def test_the_answer_to_three_sentences_is_recorded_with_the_lead(browser: Browser) -> None:
    capability = CapabilityFactory(title="低温电池电解液", published=True)
    ask(browser)
    lead = db.session.scalars(select(Lead.id)).one()
    assert shown() == [("lead", None, None, "lead", lead, "capability", capability.id, 1, VERSION)]


def test_opening_the_box_records_nothing(browser: Browser) -> None:
    CapabilityFactory(published=True)
    browser.see("leads.try_match")
    browser.send("leads.try_match", {"text": "电"})
    assert shown() == []


def test_the_box_without_words_shows_the_box(browser: Browser) -> None:
    assert "您的难题" in browser.see("leads.try_match").main
    assert "再多写几个字" in browser.send("leads.try_match", {"text": "电"}).main


def test_the_box_reads_two_thousand_characters_at_most(browser: Browser, ranking: SharedCharacters) -> None:
    CapabilityFactory(published=True)
    browser.send("leads.try_match", {"text": "电" * 50_000})
    assert len(ranking.asked[0]) == 2_000


def test_when_the_engine_fails_the_page_says_so_and_keeps_the_words(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("no model")

    CapabilityFactory(published=True)
    monkeypatch.setattr(engine, "engine", broken)
    page = browser.send("leads.try_match", {"text": "电池冬天掉电"})
    assert page.status == 200
    assert "现在算不出来" in page.main
    assert "电池冬天掉电" in page.main
