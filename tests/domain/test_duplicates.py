"""Which contracts may be one: figures in titles, same deals, and that the fast search finds what the slow one finds."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.domain.duplicates import Deal, Likeness, among, compare, likeness_bp, party_key, party_keys

DAY = date(2026, 6, 10)


def deal(number: int, title: str = "低温电解液开发", seller: str = "甲", buyer: str = "乙", day: date | None = DAY, fen: int = 100) -> Deal:
    return Deal(number, title, seller, buyer, day, fen)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("叉车电池包低温自加热策略开发", "叉车电池包低温自加热策略开发。", True),
        ("叉车电池包低温自加热策略与控制系统开发", "叉车电池包低温自加热策略与控制系统的开发", True),
        ("2025 年度水质检测技术服务", "2026 年度水质检测技术服务", False),
        ("智慧园区平台开发一期", "智慧园区平台开发二期", False),
        ("低温电解液开发", "高温隔膜涂层开发", False),
    ],
)
def test_titles_are_near_only_where_every_figure_agrees(one: str, other: str, near: bool) -> None:
    assert (likeness_bp(one, other) >= 9_000) is near


def test_the_same_parties_day_and_amount_are_one_deal_whatever_the_title() -> None:
    assert compare(deal(2, "甲项目"), deal(1, "别的名字")) == Likeness(1, 2, "deal", 0)
    assert compare(deal(1, "甲项目"), deal(2, "别的名字", fen=101)) is None
    assert compare(deal(1, "甲项目", day=None), deal(2, "别的名字", day=None)) is None


def test_a_near_title_needs_one_party_in_common() -> None:
    assert compare(deal(1), deal(2, seller="丙", day=None)) == Likeness(1, 2, "title", 10_000)
    assert compare(deal(1), deal(2, seller="丙", buyer="丁")) is None


def test_a_party_is_known_by_its_code_before_its_name() -> None:
    assert party_key("某 厂", {"credit_code": "91310107ma1g0abc1x"}) == "91310107MA1G0ABC1X"
    assert party_key("某　厂（上海）", None) == party_key("某厂(上海)", {})


def test_one_code_under_two_names_and_one_name_without_its_code_are_one_party() -> None:
    code = {"credit_code": "91310107MA1G0ABC1Y"}
    keys = party_keys([("申城 厂", code), ("申城有限公司", code), ("申城厂", None), ("别家", {})])
    assert len({keys["申城 厂", code["credit_code"]], keys["申城有限公司", code["credit_code"]], keys["申城厂", ""]}) == 1
    assert len(set(keys.values())) == 2


TITLES = ["低温电解液开发", "低温电解液的开发", "低温电解液开发二期", "叉车电池包自加热", "叉车电池包自加热策略", "检测", "检测服务"]
DEALS = st.lists(
    st.tuples(st.sampled_from(TITLES), st.sampled_from("甲乙丙"), st.sampled_from("丁戊"), st.sampled_from([DAY, None]), st.integers(1, 2)),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(rows=DEALS)
def test_the_fast_search_finds_what_comparing_all_pairs_finds(rows: list[tuple[str, str, str, date | None, int]]) -> None:
    deals = [Deal(number, *row) for number, row in enumerate(rows, 1)]
    slow = [found for one, other in combinations(deals, 2) if (found := compare(one, other))]
    assert among(deals, [one.id for one in deals]) == sorted(slow, key=lambda found: (found.first, found.second))
    assert among(deals, [1]) == [found for found in among(deals, [one.id for one in deals]) if found.first == 1]
