"""The cockpit and what hangs on it: figures lead to rows that sum to them, the goal, the public page."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from market.actions import forecasts, goals
from market.db import db, transaction
from market.domain import clock, money
from market.models import AccessLog, Adjustment, Contract, Goal, Release, Setting
from tests.bidding import actor
from tests.cast import Cast
from tests.factories import ContractFactory
from tests.page import Browser, Page
from tests.queries.test_statistics import ledger, statements


def registered(count: int, day: date = date(2026, 3, 1), **more: Any) -> list[Contract]:
    values = {
        "seller": None,
        "seller_region": "310107",
        "buyer": None,
        "buyer_region": "320100",
        "signed_on": day,
        "registered_on": day,
        "technical_amount_fen": 1,
    }
    return [
        ContractFactory(**{"registered": True, "seller_name": f"卖方{n}", "buyer_name": f"买方{n}", **values, **more}) for n in range(count)
    ]


def rows_links(page: Page) -> list[str]:
    return sorted({link for link in page.links() if link.startswith("/statistics/rows")})


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_linked_figure_is_the_sum_of_the_rows_it_leads_to(browser: Browser, cast: Cast, year: int) -> None:
    ledger(120)
    browser.sign_in(cast.leader)
    page = browser.see("statistics.cockpit", year=year)
    links = rows_links(page)
    assert len(links) > 30
    for link in links:
        behind = browser.get(link)
        total = behind.find(".stat-number")[0].text_content().replace("万元", "").replace(",", "").strip()
        cells = [cell.text_content() for cell in behind.find("tbody td.num .money")]
        amounts = [money.parse_wan(cell.replace("万元", "").strip()) for cell in cells]
        assert sum(amounts) == money.parse_wan(total), link


def test_what_was_first_reported_leads_to_rows_that_sum_to_it(browser: Browser, cast: Cast) -> None:
    row = registered(1, date(2026, 5, 5), amount_fen=700 * money.WAN)[0]
    with transaction() as session:
        session.add(Adjustment(contract_id=row.id, kind="change", on=date(2026, 6, 1), delta_fen=-200 * money.WAN, reason="调减"))
    page = browser.sign_in(cast.leader).see("statistics.cockpit", year=2026)
    first = next(link for link in rows_links(page) if "basis=first" in link)
    behind = browser.get(first)
    assert behind.find(".stat-number")[0].text_content().startswith("700") and "首次登记" in behind.main
    assert browser.get(first.replace("basis=first", "")).find(".stat-number")[0].text_content().startswith("500")


def test_the_page_opens_on_the_last_year_with_data_and_says_what_is_unknown(browser: Browser, cast: Cast) -> None:
    registered(2, date(2025, 5, 5))
    page = browser.sign_in(cast.clerk).see("statistics.cockpit")
    assert "2025 年目标" in page.main and "基数待录入" in page.main and "10.00 亿元" in page.main
    assert "推算年底" not in page.main


def test_the_leader_enters_the_goal_and_the_gauge_appears(browser: Browser, cast: Cast) -> None:
    registered(3, date(2026, 5, 5))
    page = browser.sign_in(cast.leader).see("statistics.goal", year=2026)
    page = page.submit("保存目标", baseline="0.01", increment="0.03")
    assert "请写明基数的来源" in page.main
    page = page.submit("保存目标", baseline="0.01", baseline_source="公报", increment="0.03", increment_source="计划")
    assert page.find(".gauge") and "距目标差 100 万元" in page.main
    page = browser.see("statistics.goal", year=2026).submit(
        "保存目标", curve="4，7，14，21，28，37，44，51，60，67，78，100", curve_source="全国登记进度"
    )
    assert "推算年底" not in page.main, "the page works nothing out itself"
    forecasts.refresh()
    page = browser.see("statistics.cockpit")
    assert "按季节推算年底" in page.main and "全国登记进度" in page.main
    page = browser.see("statistics.goal", year=2026).submit("保存目标", curve="4，3")
    assert "季节曲线是 12 个累计百分数" in page.main
    browser.sign_in(cast.clerk)
    assert browser.get(browser.url("statistics.goal", year=2026)).status == 403


def test_the_leader_enters_what_is_missing_right_there_and_keeps_the_season_curve(browser: Browser, cast: Cast) -> None:
    registered(3, date(2026, 5, 5))
    goals.set_season_curve([4, 7, 14, 21, 28, 37, 44, 51, 60, 67, 78, 100], "全国登记进度", actor(cast.leader))
    page = browser.sign_in(cast.leader).see("statistics.cockpit")
    assert "基数待录入，增量待录入" in page.main and not page.find(".gauge")
    page = page.submit("保存 2026 年目标", baseline="0.01", baseline_source="公报")
    assert "增量待录入" in page.main and "基数待录入" not in page.main
    assert page.find("[name=baseline]")[0].get("value") == "0.01", "what is known is filled in"
    page = page.submit("保存 2026 年目标", increment="0.03", increment_source="计划")
    assert page.find(".gauge") and not page.find("[name=increment]")
    assert goals.queries.season_curve() is not None and goals.queries.season_curve()[1] == "全国登记进度"
    goals.set_goal(2026, {"baseline_fen": 1, "baseline_source": "公报"}, actor(cast.leader))
    page = browser.sign_out().sign_in(cast.clerk).see("statistics.cockpit")
    assert "增量待录入" in page.main and not page.find("[name=increment]")


def test_this_year_is_always_among_the_tabs(browser: Browser, cast: Cast) -> None:
    registered(2, date(2025, 5, 5))
    page = browser.sign_in(cast.leader).see("statistics.cockpit")
    assert browser.url("statistics.cockpit", year=2026) in page.links() and "2025 年目标" in page.main


def test_each_figure_is_copied_as_a_sentence_with_its_day_and_meaning(browser: Browser, cast: Cast) -> None:
    registered(3, date(2026, 5, 5))
    page = browser.sign_in(cast.clerk).see("statistics.cockpit")
    for figure in [*page.find(".stat"), *page.find("#by-month"), *page.find("#cumulative"), *page.find(".bars")]:
        panel = figure if figure.tag != "table" else figure.getparent()
        said = [button.get("data-copy") for button in panel.cssselect("[data-copy]")]
        if "无" in figure.text_content().split():
            continue
        assert len(said) == 1 and "2026-06-10" in said[0] and "口径：" in said[0], figure.text_content()
    rows = browser.get(rows_links(page)[0])
    assert rows.find(".stat [data-copy]")


def test_the_first_page_prints_the_goal_as_released_and_not_as_it_stands_now(browser: Browser, cast: Cast) -> None:
    assert "目标" not in browser.see("home.index").find("main")[0].text_content()
    registered(6, date(2026, 5, 5))
    goals.set_goal(
        2026,
        {"baseline_fen": 400_000_000, "baseline_source": "公报", "increment_fen": 800_000_000, "increment_source": "计划"},
        actor(cast.leader),
    )
    goals.release(2026, date(2026, 6, 1), actor(cast.leader))
    registered(5, date(2026, 6, 5))
    page = browser.see("home.index")
    assert page.find(".released .gauge") and "已登记 6 份合同、0.06 亿元" in page.main and "完成 50.0%" in page.main
    assert "数据截至 2026-06-01" in page.main
    assert "0.12" in browser.see("statistics.public").find(".gauge")[0].text_content()


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ("clerk", 200),
        ("reviewer", 200),
        ("leader", 200),
        ("auditor", 200),
        ("bureau", 200),
        ("seeker", 403),
        ("tto", 403),
        ("sysadmin", 403),
    ],
)
def test_who_sees_the_cockpit(browser: Browser, cast: Cast, part: str, status: int) -> None:
    browser.sign_in(cast.people()[part])
    assert browser.get(browser.url("statistics.cockpit")).status == status
    assert browser.get(browser.url("statistics.rows")).status == status


def test_a_bureau_sees_neither_the_goal_nor_deals_of_other_cities(browser: Browser, cast: Cast) -> None:
    registered(1, title="卖到南京的")
    registered(1, title="卖到苏州的", buyer_region="320500")
    browser.sign_in(cast.bureau)
    assert "年目标" not in browser.see("statistics.cockpit").main
    page = browser.see("statistics.rows", within="320500")
    assert "卖到南京的" in page.main and "卖到苏州的" not in page.main


def test_registering_a_contract_moves_the_goal_by_exactly_its_amount(browser: Browser, cast: Cast) -> None:
    def shown() -> int:
        total = browser.see("statistics.rows", year=2026, until="2026-06-10").find(".stat-number")[0].text_content()
        return money.parse_wan(total.replace("万元", "").strip())

    registered(1)
    here = ContractFactory(seller=cast.institute, buyer=cast.enterprise, signed=True, amount_fen=12_345_600, technical_amount_fen=1)
    there = ContractFactory(seller=None, seller_name="南京某院", seller_region="320100", buyer=cast.enterprise, signed=True)
    browser.sign_in(cast.leader)
    before = shown()
    for contract in (here, there):
        with transaction():
            contract.state, contract.registration_number, contract.registered_on = "registered", f"{contract.id:016d}", date(2026, 6, 10)
    assert shown() == before + 12_345_600
    assert "100 万元" in browser.see("statistics.rows", year=2026, flow="intake").main.replace("100万元", "100 万元")


def test_the_figures_say_so_while_sample_rows_remain(browser: Browser, cast: Cast) -> None:
    registered(6, is_sample=True)
    browser.sign_in(cast.leader)
    for page in (
        browser.see("statistics.cockpit"),
        browser.see("statistics.rows", year=2026),
        browser.see("statistics.release", year=2026),
    ):
        assert "含示例数据" in page.main
    sentences = [button.get("data-copy") for button in browser.see("statistics.cockpit").find("[data-copy]")]
    assert len(sentences) > 10 and all("含示例数据" in said and re.search(r"截至|至 \d+ 月", said) for said in sentences)


def test_nothing_is_public_until_the_leader_releases_it_and_small_cells_never_are(browser: Browser, cast: Cast) -> None:
    registered(8, field="06")
    registered(1, field="08", amount_fen=77_000_000)
    assert "还没有发布过数据" in browser.see("statistics.public").main
    browser.sign_in(cast.leader)
    browser.see("statistics.release", year=2026).submit("发布 2026 年数据")
    page = browser.sign_out().see("statistics.public")
    assert "0.09 亿元" in page.main.replace("0.09亿元", "0.09 亿元") and "数据截至 2026-06-10" in page.main
    assert page.main.count("为保护商业信息不公布") >= 4  # the small field, and the next one with it
    cells = [cell.text_content() for cell in page.find("td")]
    assert "877 万元" in cells and "77 万元" not in cells and "800 万元" not in cells
    release = db.session.query(Release).one()
    assert all(row["cell"] is None for row in release.figures["by_field"])


def test_a_release_that_would_give_a_deal_away_is_refused(browser: Browser, cast: Cast) -> None:
    registered(4)
    page = browser.sign_in(cast.leader).see("statistics.release", year=2026)
    assert "暂不能发布" in page.submit("发布 2026 年数据").main
    registered(2)
    page.submit("发布 2026 年数据")
    assert db.session.query(Release).count() == 1
    registered(1)
    page = browser.see("statistics.release", year=2026).submit("发布 2026 年数据")
    assert "只差 1 份合同" in page.main and db.session.query(Release).count() == 1


def test_sample_goals_are_labelled_and_made_once(browser: Browser, cast: Cast) -> None:
    registered(3, date(2025, 5, 5), is_sample=True)
    registered(3, date(2026, 5, 5), is_sample=True)
    with transaction() as session:
        session.add(Setting(name="sample_market", value=True, changed_at=clock.now()))
    goals.ensure_goals()
    goals.ensure_goals()
    goal = db.session.get(Goal, 2026)
    assert goal is not None and goal.baseline_fen == 300_000_000 and goal.is_sample and "示例" in goal.baseline_source
    page = browser.sign_in(cast.leader).see("statistics.cockpit", year=2026)
    assert "示例市场上一年的登记合计" in page.main and "增量待录入" in page.main


def test_the_cockpit_page_asks_the_same_few_questions_for_any_number_of_contracts(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.leader)
    registered(2)
    db.session.remove()
    with statements() as few:
        browser.see("statistics.cockpit")
    registered(30)
    db.session.remove()
    with statements() as many:
        browser.see("statistics.cockpit")
    assert len(few) == len(many) == 19


def test_downloads_are_files_for_those_who_may_and_leave_a_trace(browser: Browser, cast: Cast) -> None:
    registered(3)
    browser.sign_in(cast.leader)
    for what in ("statistics", "contracts", "rows", "monthly"):
        for form, start in (("xlsx", b"PK"), ("csv", "﻿".encode())):
            answer = browser.client.get(browser.url("statistics.export", what=what, format=form, year=2026))
            assert answer.status_code == 200 and answer.data.startswith(start), (what, form)
            assert "attachment" in answer.headers["Content-Disposition"]
    lines = db.session.query(AccessLog).filter_by(act="export").all()
    assert len(lines) == 8 and {line.user_id for line in lines} == {cast.leader.id}
    assert browser.get(browser.url("statistics.export", what="nothing")).status == 404
    browser.sign_in(cast.auditor)
    assert browser.get(browser.url("statistics.export")).status == 403
