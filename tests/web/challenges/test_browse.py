"""The public list of challenges."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
from flask import Flask

from market.actions import search
from market.db import db, transaction
from market.domain import clock
from market.models import Challenge
from tests.factories import ChallengeFactory, OrganisationFactory
from tests.page import Browser, Page
from tests.statements import counted


def published(**values: object) -> Challenge:
    """Make a published challenge that search finds."""
    challenge: Challenge = ChallengeFactory(published=True, **values)
    with transaction():
        search.refresh(challenge)
    return challenge


def titles(page: Page) -> list[str]:
    """Return the titles of the cards, in order."""
    return [title.text_content().strip() for title in page.find(".listing-title a")]


def options(page: Page, facet: str) -> dict[str, str]:
    """Return the words of one facet's options with their counts, as they stand on the page."""
    found = {}
    for box in page.find(f"input[name={facet}]:not([type=hidden])"):
        row = box.getparent()
        found[row.cssselect(".facet-label")[0].text_content()] = "".join(
            c for c in row.cssselect(".facet-count")[0].text_content() if c.isdigit()
        )
    return found


def test_only_what_is_published_is_listed_newest_first(browser: Browser) -> None:
    published(title="旧的难题", published_at=clock.now() - timedelta(days=3))
    published(title="新的难题")
    ChallengeFactory(title="还是草稿")
    ChallengeFactory(title="待审核的", state="submitted")
    assert titles(browser.see("challenges.index")) == ["新的难题", "旧的难题"]


def test_a_visitor_sees_an_anonymous_poster_only_by_city_and_track(browser: Browser) -> None:
    published(anonymous=True, organisation=OrganisationFactory(name="隐名工场"), track="新能源")
    published(anonymous=False, organisation=OrganisationFactory(name="明光动力"))
    page = browser.see("challenges.index")
    assert "隐名工场" not in page.body
    assert "上海市某新能源企业" in page.main
    assert "明光动力" in page.main
    assert titles(browser.see("challenges.index", q="隐名工场")) == []
    assert len(titles(browser.see("challenges.index", q="明光动力"))) == 1


@pytest.mark.parametrize("words", ["电", "电池", "电池 续航", "冬天掉电的电池"])
def test_words_of_any_length_find_the_challenge(browser: Browser, words: str) -> None:
    published(title="电池包冬天续航掉得厉害", pain="零下二十度放电只剩六成。")
    published(title="焊缝外观检测误判太多", pain="人工复检跟不上节拍。")
    assert titles(browser.see("challenges.index", q=words))[0] == "电池包冬天续航掉得厉害"


def test_words_that_no_challenge_holds_together_are_loosened_and_said_so(browser: Browser) -> None:
    published(title="电池包冬天续航掉得厉害", pain="放电只剩六成。")
    page = browser.see("challenges.index", q="电池 焊缝")
    assert titles(page) == ["电池包冬天续航掉得厉害"]
    assert "没有哪一条同时写到这几个词" in page.main


def test_punctuation_alone_finds_nothing_and_breaks_nothing(browser: Browser) -> None:
    published()
    for words in ('"', "'", "* OR", "（）", "a:b", "\\", "%", "NEAR("):
        assert browser.see("challenges.index", q=words).status == 200


def test_facets_count_what_they_would_leave_and_narrow_the_list(browser: Browser) -> None:
    published(title="新能源一", field="06", budget_fen=80_000_000)
    published(title="新能源二", field="06", budget_fen=None)
    published(title="电子一", field="01", track="集成电路", region="320100")
    page = browser.see("challenges.index")
    assert options(page, "field") == {"新能源与高效节能": "2", "电子信息": "1"}
    assert options(page, "region") == {"上海市普陀区": "2", "南京市": "1"}
    narrowed = browser.see("challenges.index", field="06")
    assert titles(narrowed) == ["新能源二", "新能源一"]
    assert options(narrowed, "field") == {"新能源与高效节能": "2", "电子信息": "1"}, "a facet does not narrow itself"
    assert options(narrowed, "region") == {"上海市普陀区": "2"}
    assert options(narrowed, "budget") == {"50–100 万": "1", "面议或待补": "1"}
    assert titles(browser.see("challenges.index", field=["06", "01"])) == ["电子一", "新能源二", "新能源一"]


def test_a_mode_is_found_among_several(browser: Browser) -> None:
    published(title="两种方式", modes="commissioned;joint")
    published(title="一种方式", modes="joint")
    assert titles(browser.see("challenges.index", mode="commissioned")) == ["两种方式"]
    assert options(browser.see("challenges.index"), "mode") == {"合作开发": "2", "委托开发": "1"}


def test_a_chip_takes_its_own_condition_out_and_keeps_the_rest(browser: Browser) -> None:
    published(field="06", region="310107")
    page = browser.see("challenges.index", q="电池", field="06", region="310107")
    hrefs = {chip.text_content(): unquote(chip.get("href")) for chip in page.find("a.chip")}
    assert hrefs == {
        "去掉条件：技术领域：新能源与高效节能": "/challenges?q=电池&region=310107",
        "去掉条件：地区：上海市普陀区": "/challenges?q=电池&field=06",
    }


def test_a_passed_deadline_leaves_the_open_tab_by_itself(browser: Browser) -> None:
    ChallengeFactory(title="还在征集", open_call=True)
    ChallengeFactory(title="截止了", open_call=True, closes_at=clock.now() - timedelta(minutes=1))
    ChallengeFactory(title="有效期过了", published=True, valid_until=clock.today() - timedelta(days=1))
    ChallengeFactory(title="签约了", published=True, state="contracted")
    ChallengeFactory(title="撤回了", published=True, state="withdrawn")
    page = browser.see("challenges.index")
    assert titles(page) == ["还在征集"]
    assert [int(count.text_content()) for count in page.find(".tab-count")] == [1, 2, 1, 5]
    assert set(titles(browser.see("challenges.index", tab="choosing"))) == {"截止了", "有效期过了"}
    assert titles(browser.see("challenges.index", tab="done")) == ["签约了"]


def test_sorting_by_deadline_puts_the_nearest_first_and_the_endless_last(browser: Browser) -> None:
    for days in (9, 2, 30):
        ChallengeFactory(title=f"还有 {days} 天", open_call=True, closes_at=clock.now() + timedelta(days=days))
    ChallengeFactory(title="长期", published=True)
    assert titles(browser.see("challenges.index", sort="closing")) == ["还有 2 天", "还有 9 天", "还有 30 天", "长期"]


def test_twenty_a_page_and_the_last_page_has_the_rest(browser: Browser) -> None:
    for _ in range(21):
        ChallengeFactory(published=True)
    first = browser.see("challenges.index")
    assert len(titles(first)) == 20
    assert first.find("a[rel=next]")
    assert len(titles(browser.see("challenges.index", page=2))) == 1
    assert len(titles(browser.see("challenges.index", page=999))) == 1
    assert browser.see("challenges.index", page="-1' OR 1").status == 200


def test_values_that_no_table_knows_are_dropped(browser: Browser) -> None:
    published()
    page = browser.see("challenges.index", field="99", region="<b>", sort="x", tab="y", budget="z")
    assert len(titles(page)) == 1
    assert not page.find("a.chip")


def test_the_number_of_statements_does_not_grow_with_the_list(app: Flask, browser: Browser) -> None:
    for _ in range(2):
        published()
    with counted() as few:
        browser.see("challenges.index", q="电池")
    for _ in range(18):
        published()
    with counted() as many:
        browser.see("challenges.index", q="电池")
    first = db.engine.dialect.name == "postgresql"  # which transactions run, asked once by a process
    assert len(few) - first == len(many) == 6


def test_counts_are_remembered_until_something_changes(browser: Browser) -> None:
    published()
    browser.see("challenges.index")
    with counted() as again:
        browser.see("challenges.index")
    assert len(again) == 3
    published()
    assert len(titles(browser.see("challenges.index"))) == 2


def test_an_empty_list_offers_the_box(browser: Browser) -> None:
    page = browser.see("challenges.index", q="量子纠缠通信")
    assert "没有符合条件的需求" in page.main
    assert browser.url("leads.try_match") in page.links()


def test_sample_rows_are_marked(browser: Browser) -> None:
    published(is_sample=True)
    assert "示例" in browser.see("challenges.index").main
