"""Shares of a joint contract: they sum exactly, and a district has one of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.domain import joint
from market.domain.errors import Invalid

NANJING = joint.Share("南京某院", "320100", 40, 30)


def test_what_the_others_do_not_take_stays_here() -> None:
    assert joint.own_share(100, 80, "310107", [NANJING]) == (60, 50)


@pytest.mark.parametrize(
    "others",
    [
        [],
        [joint.Share("同区某所", "310107", 40, 30)],
        [NANJING, joint.Share("另一家南京院", "320100", 10, 10)],
        [joint.Share("南京某院", "320100", 100, 30)],
        [joint.Share("南京某院", "320100", 40, 41)],
        [joint.Share("南京某院", "320100", 90, 30)],
        [joint.Share("南京某院", "999999", 40, 30)],
    ],
)
def test_shares_that_cannot_be_are_refused(others: list[joint.Share]) -> None:
    with pytest.raises(Invalid):
        joint.own_share(100, 80, "310107", others)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=6), st.integers(1, 99))
def test_scaled_instalments_sum_to_the_own_share(parts: list[int], percent: int) -> None:
    own = sum(parts) * percent // 100
    assert sum(joint.scaled(parts, sum(parts), own)) == own
