"""The first page, search over both kinds, and the texts about the site."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market.actions import search
from market.db import transaction
from market.domain import clock
from market.domain.permission_words import PERMISSION_WORDS
from market.domain.permissions import Permission
from market.models import Capability, Challenge, Release
from tests.factories import CapabilityFactory, ChallengeFactory
from tests.page import Browser
from tests.statements import counted


def find_it(listing: Challenge | Capability) -> None:
    """Let search find a listing."""
    with transaction():
        search.refresh(listing)


def test_a_stranger_sees_what_is_open_what_closes_soon_and_what_is_new(browser: Browser) -> None:
    ChallengeFactory(title="下周截止的榜", open_call=True, closes_at=clock.now() + timedelta(days=6))
    ChallengeFactory(title="昨天截止的榜", open_call=True, closes_at=clock.now() - timedelta(days=1))
    ChallengeFactory(title="长期有效的需求", published=True)
    CapabilityFactory(title="新的成果", published=True)
    page = browser.see("home.index")
    closing = page.find("ul[aria-label=即将截止的需求] .listing-title a")
    assert [title.text_content() for title in closing] == ["下周截止的榜"]
    assert "长期有效的需求" in page.main
    assert "新的成果" in page.main
    assert "昨天截止的榜" not in page.main
    assert [number.text_content() for number in page.find(".hero-counts strong")] == ["2", "1"]


def test_an_empty_market_still_says_what_to_do(browser: Browser) -> None:
    page = browser.see("home.index")
    assert "还没有正在征集的需求" in page.main
    assert browser.url("leads.ask") in page.links()


def test_figures_are_shown_only_once_the_leader_has_released_them(browser: Browser) -> None:
    assert "数据截至" not in browser.see("home.index").main
    with transaction() as session:
        session.add(Release(year=2025, data_until=clock.today(), figures={}))
    assert "数据截至 2026-06-10" in browser.see("home.index").main


def test_the_first_page_costs_the_same_for_two_and_twenty(browser: Browser) -> None:
    for _ in range(2):
        find_it(ChallengeFactory(published=True))
        find_it(CapabilityFactory(published=True))
    with counted() as few:
        browser.see("home.index")
    for _ in range(18):
        find_it(ChallengeFactory(published=True))
        find_it(CapabilityFactory(published=True))
    with counted() as many:
        browser.see("home.index")
    assert len(few) == len(many) == 11


@pytest.mark.parametrize("words", ["电", "低温", "电池 低温"])
def test_search_finds_both_kinds_also_ended_ones(browser: Browser, words: str) -> None:
    find_it(ChallengeFactory(title="电池低温掉电", published=True, state="contracted"))
    find_it(CapabilityFactory(title="电池低温电解液", published=True))
    page = browser.see("home.search", q=words)
    assert "电池低温掉电" in page.main
    assert "电池低温电解液" in page.main
    assert "技术需求 1 条" in page.main
    assert "成果与能力 1 项" in page.main


def test_search_without_words_and_without_hits_helps(browser: Browser) -> None:
    assert "把难题原样写下来" in browser.see("home.search").main
    assert "没有找到「量子纠缠」" in browser.see("home.search", q="量子纠缠").main


def test_search_prints_what_was_typed_as_text(browser: Browser) -> None:
    page = browser.see("home.search", q="<script>alert(1)</script>")
    assert "<script>alert(1)" not in page.body


@pytest.mark.parametrize("name", ["about", "terms", "privacy", "permissions"])
def test_the_texts_about_the_site_are_public(browser: Browser, name: str) -> None:
    assert len(browser.see(f"home.{name}").main) > 400


def test_terms_and_privacy_name_their_version(browser: Browser) -> None:
    assert "版本 2026-11" in browser.see("home.terms").main
    assert "版本 2026-11" in browser.see("home.privacy").main


def test_every_permission_has_its_words() -> None:
    assert set(PERMISSION_WORDS) == set(Permission)
