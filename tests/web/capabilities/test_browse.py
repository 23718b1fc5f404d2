"""The public list of capabilities."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market.actions import search
from market.db import db, transaction
from market.domain import clock
from market.models import Capability
from tests.factories import CapabilityFactory, OrganisationFactory
from tests.page import Browser, Page
from tests.statements import counted


def published(**values: object) -> Capability:
    """Make a published capability that search finds."""
    capability: Capability = CapabilityFactory(published=True, **values)
    with transaction():
        search.refresh(capability)
    return capability


def titles(page: Page) -> list[str]:
    """Return the titles of the cards, in order."""
    return [title.text_content().strip() for title in page.find(".listing-title a")]


def test_unconfirmed_ones_stand_lower_and_long_unconfirmed_ones_are_hidden(browser: Browser) -> None:
    today = clock.today()
    published(title="一年多没确认", confirmed_on=today - timedelta(days=400))
    published(title="两年没确认", confirmed_on=today - timedelta(days=730))
    published(title="上月确认", confirmed_on=today - timedelta(days=30), published_at=clock.now() - timedelta(days=300))
    page = browser.see("capabilities.index")
    assert titles(page) == ["上月确认", "一年多没确认"]
    assert len(page.find(".freshness-stale")) == 1
    assert page.find(".total strong")[0].text_content() == "2"


def test_pages_go_on_from_the_fresh_to_the_stale_without_a_gap(browser: Browser) -> None:
    for _ in range(15):
        published(confirmed_on=clock.today() - timedelta(days=400))
    for _ in range(12):
        published()
    first, second = titles(browser.see("capabilities.index")), titles(browser.see("capabilities.index", page=2))
    assert (len(first), len(second)) == (20, 7)
    assert len({*first, *second}) == 27


def test_the_owner_is_named_and_its_name_finds_the_capability(browser: Browser) -> None:
    published(title="低温电解液", organisation=OrganisationFactory(kind="institute", name="长江口材料研究所"))
    published(title="机器视觉")
    page = browser.see("capabilities.index", q="长江口材料")
    assert titles(page) == ["低温电解液"]
    assert "长江口材料研究所" in page.main


@pytest.mark.parametrize("words", ["液", "电解", "电解液 低温", "低温下用的电解液"])
def test_words_of_any_length_find_the_capability(browser: Browser, words: str) -> None:
    published(title="弱溶剂化低温电解液", summary="调控低温界面阻抗。")
    published(title="视觉质检", summary="小样本识别焊缝缺陷。")
    assert titles(browser.see("capabilities.index", q=words))[0] == "弱溶剂化低温电解液"


def test_found_words_are_marked(browser: Browser) -> None:
    published(title="弱溶剂化低温电解液", summary="调控低温界面阻抗。")
    assert {mark.text_content() for mark in browser.see("capabilities.index", q="低温").find("mark")} == {"低温"}


def test_a_tab_shows_one_kind_and_a_facet_one_stage(browser: Browser) -> None:
    published(title="成果甲", kind="result", stage="pilot")
    published(title="设备乙", kind="equipment", stage="mass")
    assert titles(browser.see("capabilities.index", tab="equipment")) == ["设备乙"]
    assert titles(browser.see("capabilities.index", stage="pilot")) == ["成果甲"]


def test_drafts_and_withdrawn_ones_are_not_listed(browser: Browser) -> None:
    CapabilityFactory(title="草稿甲")
    published(title="撤下乙", state="withdrawn")
    published(title="洽谈丙", state="reserved")
    assert titles(browser.see("capabilities.index")) == ["洽谈丙"]


def test_sorting_by_price_puts_the_open_ones_last(browser: Browser) -> None:
    published(title="面议", price_fen=None)
    published(title="贵", price_fen=90_000_000)
    published(title="便宜", price_fen=10_000_000)
    assert titles(browser.see("capabilities.index", sort="price")) == ["便宜", "贵", "面议"]


def test_the_number_of_statements_does_not_grow_with_the_list(browser: Browser) -> None:
    for _ in range(2):
        published()
    with counted() as few:
        browser.see("capabilities.index")
    for _ in range(18):
        published()
    with counted() as many:
        browser.see("capabilities.index")
    first = db.engine.dialect.name == "postgresql"  # which transactions run, asked once by a process
    assert len(few) - first == len(many) == 6
