"""The class of a contract: only what was recorded before the signing counts, and nothing before the first contact is 平台促成."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.domain import attribution as rules
from market.domain.attribution import Evidence, Person

SIGNED = date(2026, 6, 10)
DAY = timedelta(days=1)
NOON = datetime(2026, 6, 10, 4, tzinfo=UTC)  # noon of the day of signing in Shanghai
MOMENTS = st.none() | st.integers(-60, 60).map(lambda hours: NOON + timedelta(hours=hours))


def kind(evidence: Evidence) -> str | None:
    rule = rules.classify(evidence)
    return rule.kind if rule else None


@settings(max_examples=300)
@given(asked=MOMENTS, accepted=MOMENTS, shown=MOMENTS, bid=MOMENTS, chosen=MOMENTS, met=MOMENTS)
def test_a_contract_signed_before_the_first_contact_is_never_originated(
    asked: datetime | None,
    accepted: datetime | None,
    shown: datetime | None,
    bid: datetime | None,
    chosen: datetime | None,
    met: datetime | None,
) -> None:
    found = kind(Evidence(SIGNED, asked=asked, accepted=accepted, impression=shown, bid=bid, chosen=chosen, met=met))
    first = min((rules.day_of(at) for at in (asked, bid) if at), default=None)
    if first is None or first >= SIGNED:
        assert found != "originated"
    if all(at is None or rules.day_of(at) > SIGNED for at in (asked, bid, chosen, met)):
        assert found == "recorded"
    assert found in rules.CLASSES


BEFORE = Evidence(SIGNED, asked=NOON - 9 * DAY, accepted=NOON - 8 * DAY)
BY_CALL = Evidence(SIGNED, by_call=True, view=NOON - 20 * DAY, bid=NOON - 9 * DAY, chosen=NOON - 2 * DAY)


@pytest.mark.parametrize(
    ("evidence", "wanted"),
    [
        (BEFORE, "originated"),
        (replace(BEFORE, accepted=None), "assisted"),  # nobody agreed
        (replace(BEFORE, accepted=NOON), "assisted"),  # agreed on the day of the signing
        (replace(BEFORE, asked=NOON, accepted=NOON), "assisted"),
        (replace(BEFORE, asked=NOON + DAY, accepted=NOON + DAY), "recorded"),
        (BY_CALL, "originated"),
        (replace(BY_CALL, view=None), "assisted"),  # the market did not bring the bidder to it
        (replace(BY_CALL, view=NOON - DAY), "assisted"),  # seen only after the bid
        (replace(BY_CALL, view=None, impression=NOON - 30 * DAY), "originated"),
        (replace(BY_CALL, chosen=NOON + DAY), "assisted"),  # signed before the choice
        (Evidence(SIGNED, met=NOON - DAY, met_on=SIGNED - DAY), "assisted"),
        (Evidence(SIGNED, met=NOON + DAY, met_on=SIGNED - 9 * DAY), "recorded"),  # written down only afterwards
        (Evidence(SIGNED), "recorded"),
        (Evidence(None, asked=NOON, accepted=NOON), None),
    ],
)
def test_each_row_of_the_table(evidence: Evidence, wanted: str | None) -> None:
    assert kind(evidence) == wanted


def test_the_day_is_shanghais() -> None:
    late = datetime(2026, 6, 9, 16, 0, tzinfo=UTC)  # 10 June 00:00 in Shanghai
    assert kind(replace(BEFORE, asked=late, accepted=late)) == "assisted"
    just = late - timedelta(seconds=1)
    assert kind(replace(BEFORE, asked=just, accepted=just)) == "originated"


def test_missing_links_are_shown_as_missing_and_late_ones_as_late() -> None:
    chain = rules.chain(7, replace(BEFORE, met=NOON + DAY, met_on=SIGNED - DAY, registered_on=SIGNED + 5 * DAY, number="1" * 16))
    states = {link.name: link.state for link in chain.links}
    assert states == {
        "impression": "missing", "view": "missing", "contact": "done", "meeting": "late", "bid": "other", "award": "other", "contract": "done", "registration": "done",
    }  # fmt: skip
    assert chain.missing == ["平台列出", "打开查看"]
    by_call = rules.chain(7, replace(BY_CALL, bid=None, chosen=None))
    assert {"揭榜申报", "选定"} <= set(by_call.missing)


def test_the_check_code_changes_with_the_records() -> None:
    first = rules.chain(7, BEFORE, [Person("broker", 3, "周经理")])
    assert first.digest == rules.chain(7, BEFORE, [Person("broker", 3, "周经理")]).digest
    others = [
        rules.chain(8, BEFORE, [Person("broker", 3, "周经理")]),
        rules.chain(7, BEFORE),
        rules.chain(7, replace(BEFORE, asked=NOON - 10 * DAY)),
    ]
    assert first.digest not in {other.digest for other in others}
