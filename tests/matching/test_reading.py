"""The firm's profile is no part of a query."""

from __future__ import annotations

import pytest

from market.matching.engine import HybridEngine
from market.matching.reading import about_the_matter
from tests.matching.conftest import OFFERS_FOR_READING, challenge

PROFILE = "公司成立于2009年，员工320人，厂房占地两万平方米，年产值三亿元，是国家高新技术企业。"
MATTER = "电池一到低温就掉电，充电也慢。"


@pytest.mark.parametrize(
    "text",
    [
        f"{PROFILE}{MATTER}",
        f"{MATTER}{PROFILE}",
        f"企业简介：我们做轴承和齿轮。\n需求内容：{MATTER}",
        f"需求内容：{MATTER}\n现有工作基础：已有轴承试验线两条，齿轮检测设备齐全。",
    ],
)
def test_the_profile_is_left_out_and_the_matter_kept(text: str) -> None:
    kept = about_the_matter(text)
    assert MATTER in kept
    for word in ("高新技术企业", "占地", "我们做轴承", "试验线"):
        assert word not in kept


@pytest.mark.parametrize("text", ["", MATTER, "成本太高，客户投诉多。", "公司的轴承异响。", PROFILE])
def test_a_text_that_is_all_matter_or_all_profile_is_read_whole(text: str) -> None:
    assert about_the_matter(text) == text


def test_a_profile_does_not_lead_to_what_the_firm_makes(engine: HybridEngine) -> None:
    engine.sync(OFFERS_FOR_READING, revision=1)
    plain = engine.rank(challenge(1, "掉电", MATTER))
    dressed = engine.rank(challenge(1, "掉电", f"企业情况：主营轴承、齿轮，{PROFILE}需求背景：{MATTER}"))
    assert plain[0].id == dressed[0].id == 1
    assert not [hit for hit in dressed if hit.id == 2 and hit.score > 0.5 * dressed[0].score]
