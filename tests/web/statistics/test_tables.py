"""Cross-tables and maps: what is asked stands in the address, every number leads to its rows, a bureau sees its city."""

from __future__ import annotations

from datetime import date

from market.db import db, transaction
from market.domain import money
from market.models import Match
from tests.cast import Cast
from tests.factories import CapabilityFactory, ChallengeFactory
from tests.page import Browser
from tests.queries.test_statistics import ledger
from tests.web.statistics.test_cockpit import registered, rows_links


def amount(text: str) -> int:
    number, unit = text.replace(",", "").split()[:2]
    return money.parse(number, money.YI if unit == "亿元" else money.WAN)


def test_every_cell_of_a_table_leads_to_rows_that_sum_to_it(browser: Browser, cast: Cast) -> None:
    ledger(60)
    browser.sign_in(cast.clerk)
    page = browser.get(browser.url("statistics.crosstab", year=2025, rows="field", columns="type"))
    links = rows_links(page)
    assert len(links) > 15 and page.find("svg.chart")
    cells = {link.get("href"): link.text_content() for link in page.find("table.table tbody td a")}
    for href in links[::5]:
        behind = browser.get(href)
        total = behind.find(".stat-number")[0].text_content().replace("万元", "").replace(",", "").strip()
        assert abs(money.parse_wan(total) - amount(cells[href])) <= money.YI // 200, "a cell is rounded, its rows are exact"


def test_one_dimension_shows_all_measures_and_the_years_with_the_break(browser: Browser, cast: Cast) -> None:
    for year in (2020, 2021, 2022):
        registered(2, date(year, 5, 5), type="XK" if year > 2020 else "ZR", subtype="")
    page = browser.sign_in(cast.clerk).get(browser.url("statistics.crosstab", year=2021))
    for word in ("成交额", "份数", "占合计", "平均每份", "技术交易额占比", "同比", "2020 年同期", "口径变化", "许可单列", "待核"):
        assert word in page.main, word
    page = browser.get(browser.url("statistics.crosstab", year=2022))
    assert "口径变化" not in page.main


def test_filters_stand_in_the_address_and_nonsense_is_left_out(browser: Browser, cast: Cast) -> None:
    registered(3, date(2026, 5, 5))
    registered(1, date(2026, 5, 5), type="ZX", subtype="consulting")
    browser.sign_in(cast.clerk)
    asked = {"rows": "quarter", "columns": "flow", "type": "ZX", "month": 5, "basis": "first"}
    page = browser.get(browser.url("statistics.crosstab", **asked))
    assert "合同类型：技术咨询" in page.main and "月份：5 月" in page.main and "首次登记口径" in page.main
    assert {"1"} == {
        cell.text_content()
        for cell in browser.get(browser.url("statistics.crosstab", measure="count", **asked)).find("table.table tbody td a")
    }
    page = browser.get(browser.url("statistics.crosstab", rows="nonsense", columns="type", measure="9", year=99999, month=13))
    assert page.status == 200 and "合同类型" in page.main
    assert "没有符合条件的合同" in browser.get(browser.url("statistics.crosstab", year=2019)).main


def test_a_bureau_sees_what_touches_its_city(browser: Browser, cast: Cast) -> None:
    registered(2, date(2026, 5, 5), buyer_region="320100")
    registered(3, date(2026, 5, 5), buyer_region="320500")
    browser.sign_in(cast.bureau)
    page = browser.get(browser.url("statistics.crosstab", rows="region", measure="count"))
    assert "南京市" in page.find("table.bars")[0].text_content() and "苏州市" not in page.find("table.bars")[0].text_content()
    assert browser.see("statistics.maps").status == 200


def test_the_flow_map_names_every_city_with_both_directions_and_leads_to_the_rows(browser: Browser, cast: Cast) -> None:
    registered(2, date(2026, 5, 5), buyer_region="320100", amount_fen=3 * money.WAN)
    registered(1, date(2026, 5, 5), seller_region="320500", buyer_region="310107", amount_fen=5 * money.WAN)
    page = browser.sign_in(cast.clerk).see("statistics.maps")
    said = [link.get("aria-label") for link in page.find("svg.chart a")]
    assert "南京市出 6 万元，2 份" in said and "苏州市入 5 万元，1 份" in said
    assert "泰州市" in page.find("svg.chart")[0].text_content()
    behind = browser.get(next(link.get("href") for link in page.find("svg.chart a") if "苏州市" in link.get("aria-label")))
    assert behind.find(".stat-number")[0].text_content().replace("万元", "").strip() == "5"


def test_the_gap_map_counts_what_no_listing_answers_and_leads_to_the_demands(browser: Browser, cast: Cast) -> None:
    demand = ChallengeFactory(organisation=cast.enterprise, published=True, field="06", title="低温电池包")
    alone = ChallengeFactory(organisation=cast.enterprise, published=True, field="08", title="没有匹配过的需求")
    offers = [CapabilityFactory(organisation=cast.institute, published=True, field="06") for _ in range(2)]
    said = {"kind": "method", "text": "弱溶剂化", "sentence": "采用弱溶剂化", "share": 0.9, "met": None}
    asked = {"kind": "method", "text": "预热", "sentence": "", "share": 0.0, "met": None}
    below = {"kind": "quantity", "text": "≥85%", "sentence": "82%", "share": 0.9, "met": False}
    with transaction() as session:
        for rank, (offer, elements) in enumerate(
            zip(offers, ([asked | {"text": "弱溶剂化"}, asked, below], [said, asked]), strict=True), 1
        ):
            session.add(Match(query_kind="challenge", query_id=demand.id, item_kind="capability", item_id=offer.id, rank=rank, score=1.0, elements=elements, reasons=[], engine_version="x", computed_at=demand.published_at))  # fmt: skip
    browser.sign_in(cast.clerk)
    page = browser.see("statistics.maps")
    row = next(line.text_content() for line in page.find("table.table tbody tr") if "新能源" in line.text_content())
    assert "1 / 2" in row and "1 / 1" in row and "供求都有" in row, "one of two methods, the one figure"
    assert "有求无供" in page.main and "有 1 条需求后台还没有匹配过" in page.main and alone.title not in page.main
    page = browser.get(browser.url("statistics.maps", gap="06", element="method"))
    assert "低温电池包" in page.main and "预热" in page.main and "弱溶剂化" not in page.find("#behind")[0].text_content()
    db.session.remove()
