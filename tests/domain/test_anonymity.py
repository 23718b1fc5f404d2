"""What gives an anonymous poster away."""

from __future__ import annotations

import pytest

from market.domain.anonymity import giveaways, name_cores

NAMES = ("上海申城动力电池股份有限公司", "申城动力")


def test_the_telling_part_of_a_name_is_found_without_place_and_legal_form() -> None:
    assert "申城动力电池" in name_cores(NAMES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("我们申城动力的电池包", "申城动力"),
        ("请打 13912345678", "13912345678"),
        ("写信到 li@example.com", "li@example.com"),
        ("我们是全国最大的电池厂", "全国最大"),
        ("年产 12.6 GWh 的产线", "年产 12.6"),
        ("员工 312 人", "员工 312"),
    ],
)
def test_a_text_that_points_at_the_firm_is_said_to(text: str, said: str) -> None:
    assert any(said in words for words in giveaways(text, NAMES, 9, [], "上海市普陀区"))


@pytest.mark.parametrize("text", ["电池包冬天续航掉得厉害，-20℃ 只剩六成", "放电容量保持率要到 85%，循环 2000 次", "要在 12 个月内做完"])
def test_symptoms_and_targets_give_nobody_away(text: str) -> None:
    assert giveaways(text, NAMES, 9, ["高企"], "上海市普陀区") == []


def test_being_one_of_few_is_said() -> None:
    assert giveaways("掉电快", NAMES, 1, ["链主"], "上海市普陀区") == [
        "上海市普陀区同赛道带有「链主」标签的单位在集市里只有 1 家，容易被猜到"
    ]
    assert giveaways("掉电快", NAMES, 3, ["链主"], "上海市普陀区") == []
