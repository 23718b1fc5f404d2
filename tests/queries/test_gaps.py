"""The form asks for what is missing and not for what was said; a gain is told only where it was measured."""

from __future__ import annotations

import pytest

from market import matching
from market.queries import gaps

FULL = "注塑的家电外壳用再生聚丙烯，车间 150℃ 高温下气味等级四级，要求降到三级以下；加过香精，只能盖一个月。"


def codes(text: str) -> list[str]:
    """Return what is asked for."""
    return [gap.code for gap in gaps.of_text(text)]


def test_a_demand_that_says_all_is_asked_nothing() -> None:
    assert codes(FULL) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("注塑的家电外壳用再生聚丙烯，车间 150℃ 高温下气味很重；加过香精，只能盖一个月。", "target"),
        ("注塑的家电外壳用再生聚丙烯，气味等级四级，要求降到三级以下；加过香精，盖得住一个月。", "condition"),
        ("注塑的家电外壳用再生聚丙烯，车间 150℃ 高温下气味等级四级，要求降到三级以下。", "tried"),
    ],
)
def test_what_is_not_said_is_asked_for_by_one_concrete_question(text: str, code: str) -> None:
    assert codes(text) == [code]
    assert gaps.of_text(text)[0].ask.endswith("？")


def test_a_demand_that_names_no_product_and_no_material_is_asked_for_it() -> None:
    assert "object" in codes("每天都不对劲，想请人看看怎么办才好。")


def test_a_field_that_is_filled_is_not_asked_for_whatever_its_words() -> None:
    values = {
        "title": "外壳气味重",
        "pain": "再生聚丙烯外壳气味重",
        "tried": "没办法",
        "indicators": [{"name": "气味等级", "target": "3", "unit": "级"}],
    }
    assert {gap.code for gap in gaps.of_values(values)} == {"condition"}


def test_too_short_a_text_and_an_engine_that_fails_ask_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert gaps.of_text("气味重") == []
    monkeypatch.setattr(matching, "lacking", lambda text: 1 / 0)
    assert gaps.of_text("再生聚丙烯外壳气味重") == []


def test_a_gain_is_told_only_where_its_whole_interval_is_above_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = {"n": 60, "without": 0.5, "with": 0.55, "gain": 0.05, "low": 0.01, "high": 0.09}
    monkeypatch.setattr(matching, "gains", lambda: {"gaps": {"target": measured, "tried": measured | {"low": -0.01}}})
    told = {gap.code: (gap.percent, gap.n) for gap in gaps.of_text("再生聚丙烯的外壳在车间气味很重")}
    assert told == {"target": (10, 60), "tried": (None, 0)}
