"""Open data: anybody takes it, nobody is named who wants not to be, small cells stay hidden, what is not public is not in it."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta

from flask import Flask

from market.actions import goals, selection
from market.db import db, transaction
from market.domain import clock
from market.models import Setting
from tests import bidding
from tests.bidding import actor
from tests.cast import Cast
from tests.factories import ChallengeFactory, ContractFactory, OrganisationFactory
from tests.page import Browser


def test_the_page_names_licence_dates_and_meanings(browser: Browser, cast: Cast) -> None:
    ChallengeFactory(organisation=cast.enterprise, published=True)
    page = browser.get("/open-data")
    assert page.status == 200 and "CC BY 4.0" in page.main and "2026-06-10" in page.main and "数据字典" in page.main
    assert "前缀还没有向标准的发布方登记" in page.main
    assert {"/open-data/ocds?kind=releases&year=2026", "/open-data/ocds?kind=records&year=2026"} <= set(page.links())


def test_packages_hold_published_challenges_and_never_an_anonymous_poster(browser: Browser, cast: Cast) -> None:
    with transaction():
        cast.enterprise.name = "绝密电池厂"
    shown = ChallengeFactory(organisation=cast.enterprise, published=True, anonymous=True, title="公开的难题")
    ChallengeFactory(organisation=cast.enterprise, title="没有发布的草稿")
    ChallengeFactory(organisation=cast.enterprise, title="等待审核的需求", state="submitted", submitted_at=clock.now())
    for kind in ("releases", "records"):
        text = browser.get(f"/open-data/ocds?kind={kind}&year=2026").body
        assert "公开的难题" in text and "绝密" not in text and "草稿" not in text and "等待审核" not in text
        assert f"unregistered-market-{shown.id}" in text and "/challenges/" in text
    assert browser.get("/open-data/ocds?kind=all").status == 404 and browser.get("/open-data/ocds?part=2").status == 200


def test_a_chosen_side_is_named_only_where_the_choice_was_published(browser: Browser, cast: Cast) -> None:
    for days, number in ((5, "PT-JB-2026-0021"), (0, "PT-JB-2026-0022")):
        call = ChallengeFactory(organisation=cast.enterprise, open_call=True, number=number, publicity_days=days, title=f"公示 {days} 天")
        bid = bidding.sent(bidding.fresh_call(call), cast.tto)
        with transaction():
            bidding.fresh_call(call).closes_at = clock.now() - timedelta(hours=1)
        selection.open_all(bidding.fresh_call(call), actor(cast.seeker))
        selection.choose(bidding.fresh(bid), actor(cast.seeker), "指标最好")
    records = json.loads(browser.get("/open-data/ocds?kind=records&year=2026").body)["records"]
    awards = {record["compiledRelease"]["tender"]["title"]: record["compiledRelease"].get("awards") for record in records}
    assert awards["公示 0 天"] is None
    assert awards["公示 5 天"][0]["suppliers"][0]["name"] == "江南研究院" and awards["公示 5 天"][0]["status"] == "pending"


def test_released_totals_are_a_file_without_small_cells(browser: Browser, cast: Cast) -> None:
    assert "还没有发布过合计" in browser.get("/open-data/totals").main  # leads to the page
    for n in range(12):
        ContractFactory(
            registered=True, signed_on=date(2026, 1, 2), registered_on=date(2026, 1, 9), registration_number=f"{n:016d}", type="KF" if n < 9 else "ZX",
            seller=None, seller_name=f"卖方{n}", seller_region="310107", buyer=OrganisationFactory(),
        )  # fmt: skip
    goals.release(2026, clock.today(), actor(cast.leader))
    answer = browser.get("/open-data/totals?year=2026&format=csv")
    rows = list(csv.reader(io.StringIO(answer.response.get_data().decode("utf-8-sig"))))
    told = {(row[2], row[3]): row for row in rows if len(row) > 4}
    assert told["合计", "登记合计"][4:6] == ["12", "12000000"]
    assert told["按合同类型", "技术咨询"][4:8] == ["", "", "", "少于 5 份合同，或一家占七成以上，或相减会得出，不公布"]
    assert any(row[:1] == ["许可"] for row in rows) and any(row[:1] == ["数据截至"] for row in rows)
    assert browser.get("/open-data/totals?year=2020").status == 404


def test_the_prefix_and_the_licence_are_settings(app: Flask, browser: Browser, cast: Cast) -> None:
    ChallengeFactory(organisation=cast.enterprise, published=True)
    with transaction():
        db.session.add(Setting(name="ocds_prefix", value="ocds-ab12cd", changed_at=clock.now()))
        db.session.add(Setting(name="open_licence_url", value="", changed_at=clock.now()))
    package = json.loads(browser.get("/open-data/ocds?year=2026").body)
    assert package["releases"][0]["ocid"].startswith("ocds-ab12cd-") and "license" not in package
