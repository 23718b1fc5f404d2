"""The pasted arrangement of a year is read line by line, or refused with the line."""

from __future__ import annotations

from datetime import date

import pytest

from market.domain import holidays
from market.domain.errors import Invalid


def test_days_and_ranges_in_the_usual_spellings_are_read() -> None:
    text = "2027-01-01 元旦\n1月2日：元旦\n\n2027年2月5日至2月7日 春节\n2027/2/14，补班\n2027.2.20 调休上班"
    entries = holidays.parse(text, 2027)
    assert [(e.day, e.worked) for e in entries] == [
        (date(2027, 1, 1), False), (date(2027, 1, 2), False),
        (date(2027, 2, 5), False), (date(2027, 2, 6), False), (date(2027, 2, 7), False),
        (date(2027, 2, 14), True), (date(2027, 2, 20), True),
    ]  # fmt: skip
    assert entries[2].name == "春节"


def test_a_range_over_the_end_of_a_month_is_whole() -> None:
    assert len(holidays.parse("9月29日—10月3日 国庆", 2027)) == 5


WRONG = [
    ("放假通知", "第 1 行读不懂"),
    ("1月1日\n13月1日", "第 2 行没有这一天"),
    ("2月29日", "没有这一天"),
    ("2026-12-31", "不在 2027 年"),
    ("1月3日至1月1日", "起止日期不对"),
    ("1月1日至12月31日", "起止日期不对"),
    ("1月1日至1月3日\n1月2日 上班", "前面已经写过"),
    ("１月１日", "读不懂"),
    (" \n ", "至少写一天"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_cannot_be_read_is_named(text: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        holidays.parse(text, 2027)
