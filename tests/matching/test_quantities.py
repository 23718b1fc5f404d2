"""Numbers with units: read as quantities, compared as what they measure."""

from __future__ import annotations

import math

import pytest

from market.matching.quantities import compared, meets, quantities


def only(text: str):  # type: ignore[no-untyped-def]
    found = quantities(text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("厚度≥5 mm", 0.005, math.inf),
        ("厚度不小于5毫米", 0.005, math.inf),
        ("厚度 5mm 以上", 0.005, math.inf),
        ("厚度≤0.02mm", -math.inf, 0.00002),
        ("厚度 ±0.02mm", -0.00002, 0.00002),
        ("厚度 5~8 cm", 0.05, 0.08),
        ("厚度5至8厘米", 0.05, 0.08),
        ("厚度 30 丝", 0.0003, 0.0003),
        ("长度 3,000.5 mm", 3.0005, 3.0005),
    ],
)
def test_bounds_and_units_of_length(text: str, low: float, high: float) -> None:
    found = only(text)
    assert found.low == pytest.approx(low)
    assert found.high == pytest.approx(high)
    assert found.measures == "[length]"


@pytest.mark.parametrize("text", ["-30℃", "零下30度", "负30摄氏度", "−30 °C"])
def test_cold_is_below_zero(text: str) -> None:
    assert only(text).low == pytest.approx(243.15)


@pytest.mark.parametrize(("text", "value"), [("含量 0.1 %", 0.001), ("含量 0.1％", 0.001), ("含量1000ppm", 0.001), ("含量 1‰", 0.001)])
def test_shares_are_one_measure(text: str, value: float) -> None:
    assert only(text).low == pytest.approx(value)


def test_ten_thousand_times_is_a_count() -> None:
    found = only("弯折 10 万次不坏")
    assert (found.low, found.measures) == (100_000, "次")


@pytest.mark.parametrize("text", ["3D打印", "5G基站", "PM2.5", "V2.0版本说明", "型号A380", "", "。", "２０２６年代号"])
def test_what_is_no_quantity_is_left_alone(text: str) -> None:
    assert [found for found in quantities(text) if found.measures not in {"代", "[time]"}] == []


def test_a_quantity_knows_what_it_measures() -> None:
    found = quantities("循环寿命≥3000次，容量保持率不低于 80%")
    assert [(q.name, q.surface) for q in found] == [("循环寿命", "≥3000次"), ("容量保持率", "不低于 80%")]


@pytest.mark.parametrize(
    ("wanted", "offered", "verdict"),
    [
        ("循环寿命≥3000次", "循环寿命 4500 次", True),
        ("循环寿命≥3000次", "循环寿命达到 2000 次", False),
        ("循环寿命≥3000次", "循环寿命超过5000次", True),
        ("噪声≤55dB", "噪声降到 52 分贝", True),
        ("噪声≤55dB", "噪声 60 dB", False),
        ("涂层厚度 20~30 μm", "涂层厚度 25微米", True),
        ("涂层厚度 20~30 μm", "涂层厚度 40微米", False),
        ("低温放电 -30℃", "容量 500 mAh", None),
        ("循环寿命≥3000次", "插拔 4500 次", None),
    ],
)
def test_an_offer_meets_a_wish_only_where_both_measure_the_same(wanted: str, offered: str, verdict: bool | None) -> None:
    assert meets(only(wanted), only(offered)) is verdict


def test_the_best_offer_counts() -> None:
    rows = compared(quantities("循环寿命≥3000次"), quantities("一代循环寿命 2000 次；二代循环寿命 4000 次"))
    assert [(offer.low, met) for _, offer, met in rows] == [(4000, True)]


def test_long_digits_and_odd_text_do_no_harm() -> None:
    assert quantities("9" * 5_000 + "mm") is not None
    assert quantities("≥" * 1_000 + "5mm" + "\x00🙂") is not None
