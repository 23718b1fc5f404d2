"""技术交易额 from a cost list: what is taken out, what stays in, and what a list must add up to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.domain import costs, money
from market.domain.errors import Invalid

OUT = [code for code, kind in costs.KINDS.items() if not kind.counted]
IN = [code for code, kind in costs.KINDS.items() if kind.counted]
FEN = st.integers(1, money.MAX_FEN // 20)


def lines(codes: list[str]) -> st.SearchStrategy[list[costs.Line]]:
    return st.lists(st.tuples(st.sampled_from(codes), st.just("甲"), FEN), min_size=1, max_size=5)


@given(lines(IN), lines(OUT))
@settings(max_examples=40)
def test_a_list_that_covers_the_price_leaves_what_is_technology_to_the_fen(counted: list[costs.Line], out: list[costs.Line]) -> None:
    price = sum(fen for _k, _n, fen in counted + out)
    assert costs.technical_amount(price, counted + out) == sum(fen for _k, _n, fen in counted)
    for wrong in (price + 1, price - 1):
        with pytest.raises(Invalid) as refused:
            costs.technical_amount(wrong, counted + out)
        assert set(refused.value.fields) == {"costs"}


@given(lines(OUT), FEN)
@settings(max_examples=40)
def test_a_list_of_what_is_taken_out_need_not_cover_the_price(out: list[costs.Line], rest: int) -> None:
    price = rest + sum(fen for _k, _n, fen in out)
    assert costs.technical_amount(price, out) == rest


def test_nothing_left_for_technology_no_amount_and_no_such_kind_are_refused() -> None:
    for price, wrong in ((100, [("equipment", "", 100)]), (100, [("material", "", 0)]), (100, [("wages", "", 10)])):
        with pytest.raises(Invalid) as refused:
            costs.technical_amount(price, wrong)
        assert "costs" in refused.value.fields


def test_equipment_parts_material_and_outside_fees_go_out_and_carriers_stay_in() -> None:
    assert set(OUT) == {"equipment", "parts", "material", "outside"}
    assert costs.KINDS["carrier"].counted


def test_the_sentence_says_how_the_figure_came_about() -> None:
    said = costs.sentence(128_600_000, [("technology", "", 110_000_000), ("equipment", "", 18_600_000)])
    assert said == "128.6 万元 − 设备、仪器 18.6 万元 = 110 万元"
    assert costs.sentence(100, []) == "没有要扣除的费用，技术交易额等于成交额 0 万元"
