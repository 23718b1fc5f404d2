"""Cross-tables, rows and ledger tell the same of any filter; a published bulletin comes out again as it went in."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from market.actions import goals
from market.db import db, reading, transaction
from market.domain import clock, codes, money
from market.domain import crosstabs as tables
from market.domain import ledger as books
from market.domain import statistics as rules
from market.domain.contracts import PARTY_KINDS
from market.domain.crosstabs import DIMENSIONS
from market.domain.statistics import Cell, Filter
from market.models import Contract
from market.queries import crosstabs, figure_rows
from market.queries import ledger as lines
from market.queries import statistics as figures
from tests.queries.test_statistics import adjustment, ledger, statements

PAIRS = [
    ("type", ""),
    ("field", "type"),
    ("seller", "buyer"),
    ("flow", "quarter"),
    ("region", "flow"),
    ("ip", "month"),
    ("month", "type"),
    ("quarter", ""),
]


def some_filters(count: int, seed: int) -> list[Filter]:
    """Return filters of every kind, most of them narrow."""
    dice = random.Random(seed)

    def maybe(values: Any, chance: float = 0.25) -> Any:
        return dice.choice(list(values)) if dice.random() < chance else ""

    return [
        Filter(
            year=dice.choice([2024, 2025, 2026]),
            flow=dice.choice([*rules.FLOWS, "counted", "all"]),
            until=dice.choice([None, date(2025, 8, 31), date(2026, 2, 28)]),
            month=maybe(range(1, 13), 0.15) or None,
            quarter=maybe(range(1, 5), 0.15) or None,
            type=maybe(codes.CONTRACT_TYPES),
            field=maybe([*codes.FIELDS, "none"]),
            region=maybe(["320100", "310115", "110000"], 0.15),
            seller=maybe(PARTY_KINDS, 0.1),
            buyer=maybe(PARTY_KINDS, 0.1),
            ip=maybe(codes.IP_KEYS, 0.1),
            basis=dice.choice(list(rules.BASES)),
            within=maybe(["320100"], 0.1),
        )
        for _ in range(count)
    ]


def mixed_ledger() -> None:
    """Write the ledger of the statistics' tests with several kinds of 知识产权."""
    ledger(260, seed=11)
    with transaction() as session:
        for n, row in enumerate(session.scalars(select(Contract).order_by(Contract.id))):
            row.ip_type = [*codes.IP_TYPES, ""][n % (len(codes.IP_TYPES) + 1)]


def test_total_rows_and_ledger_say_the_same_of_any_filter(app: Flask) -> None:
    mixed_ledger()
    seen = 0
    for wanted in some_filters(60, seed=5):
        figure, rows, entries = figures.figure(wanted), figure_rows.rows(wanted), lines.entries(wanted)
        assert (sum(row.amount_fen for row in rows), sum(row.technical_fen for row in rows)) == (figure.amount_fen, figure.technical_fen)
        assert books.total(entries) == (figure.amount_fen, figure.technical_fen), wanted
        assert figure.count == sum(wanted.basis == "first" or row.state == "registered" for row in rows)
        assert all(type(value) is int for row in rows for value in (row.amount_fen, row.technical_fen, row.first_fen))
        assert rules.parse(wanted.query(), 1999, wanted.within) == wanted
        seen += figure.count
    assert seen > 200


def test_every_cell_of_every_table_is_the_figure_its_link_leads_to(app: Flask) -> None:
    mixed_ledger()
    asked = (
        Filter(year=2025),
        Filter(year=2026, flow="all", until=date(2026, 4, 20), basis="first"),
        Filter(year=2025, type="KF", quarter=2),
    )
    for row, column in PAIRS:
        for wanted in asked:
            check_table(crosstabs.crosstab(wanted, row, column))


def check_table(table: tables.Crosstab) -> None:
    assert table.at() == figures.figure(table.wanted)
    assert rules.total(table.at(key) for key in table.rows) == table.at(), "the rows part the whole"
    assert not table.column or rules.total(table.at("", key) for key in table.columns) == table.at(), "and so do the columns"
    places = [(one, two) for one in table.rows for two in (*table.columns, "")]
    for place in random.Random(3).sample(places, min(len(places), 5)):
        behind = table.filter_of(*place)
        assert figures.figure(rules.parse(behind.query(), 1999)) == table.at(*place), place
        assert figures.figure(table.filter_before(*place)) == table.before(*place), place


def test_any_two_partitions_agree_and_the_cockpit_with_them(app: Flask) -> None:
    mixed_ledger()
    view = figures.cockpit(2025)
    wanted = Filter(year=2025, until=view.until)
    wholes = {name: crosstabs.crosstab(wanted, name) for name in DIMENSIONS}
    assert {table.at() for table in wholes.values()} == {view.stages["registered"]}
    assert {table.before() for table in wholes.values()} == {view.same_period}
    assert {key: wholes["type"].at(key) for key in wholes["type"].rows} == view.by_type
    assert crosstabs.by_year(wanted, "type")[2025] == view.by_type


def test_an_adjustment_never_changes_what_was_first_reported_in_any_table(app: Flask) -> None:
    mixed_ledger()
    first, now = Filter(year=2025, basis="first"), Filter(year=2025)
    before = [crosstabs.crosstab(first, row, column).cells for row, column in PAIRS]
    whole = figures.figure(now)
    row = db.session.scalars(select(Contract).where(*figures.conditions(now), Contract.state == "registered").limit(1)).one()
    with transaction() as session:
        session.add(adjustment(row, "change", -7, 0))
    assert [crosstabs.crosstab(first, row_, column).cells for row_, column in PAIRS] == before
    assert figures.figure(now).amount_fen == whole.amount_fen - 7


def test_a_table_is_one_statement_and_remembered_until_a_figure_changes(app: Flask) -> None:
    mixed_ledger()
    with reading(), statements() as asked:
        first = crosstabs.crosstab(Filter(year=2025), "field", "type")
        again = crosstabs.crosstab(Filter(year=2025), "field", "type")
    assert again is first and len(asked) == 3  # the revision twice, the table once
    with transaction() as session:
        session.add(adjustment(session.scalars(select(Contract).where(*figures.conditions(Filter(year=2025)))).first(), "change", -1, 0))  # type: ignore[arg-type]
    with reading():
        assert crosstabs.crosstab(Filter(year=2025), "field", "type").at().amount_fen == first.at().amount_fen - 1


@pytest.mark.parametrize(("moment", "day"), [(datetime(2025, 12, 31, 15, 59, tzinfo=UTC), date(2025, 12, 31)), (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), date(2026, 1, 1)), (datetime(2026, 2, 28, 16, 0, tzinfo=UTC), date(2026, 3, 1))])  # fmt: skip
def test_months_and_years_end_at_midnight_in_shanghai(app: Flask, moment: datetime, day: date) -> None:
    clock.fix(moment)
    with transaction() as session:
        session.add(Contract(title="一份", type="KF", subtype="entrusted", amount_fen=5, seller_name="甲", seller_region="310107", buyer_name="乙", buyer_region="310107", state="registered",
                             signed_on=clock.today(), registered_on=clock.today(), registration_number="1" * 16))  # fmt: skip
    view = figures.cockpit()
    assert (view.year, view.until) == (day.year, day)
    assert [n for n, (this, _last) in enumerate(view.months, 1) if this.count] == [day.month]
    assert crosstabs.crosstab(Filter(year=day.year), "quarter").rows == (str((day.month + 2) // 3),)


def test_licences_cannot_be_compared_across_the_year_in_which_they_became_a_type(app: Flask) -> None:
    with transaction() as session:
        for n, (kind, year) in enumerate((("ZR", 2020), ("ZR", 2021), ("XK", 2021), ("KF", 2020), ("KF", 2021))):
            session.add(Contract(title="一份", type=kind, amount_fen=100 + n, seller_name="甲", seller_region="310107", buyer_name="乙", buyer_region="310107", state="registered",
                                 signed_on=date(year, 5, 5), registered_on=date(year, 5, 5), registration_number=f"{n:016d}"))  # fmt: skip
    table = tables.marked(crosstabs.crosstab(Filter(year=2021), "type"), 2021)
    assert [table.broken(key) for key in table.rows] == [False, True, True]
    assert table.growth_bp("ZR") is None and table.growth_bp("KF") is not None and table.growth_bp() is not None
    assert not tables.marked(crosstabs.crosstab(Filter(year=2022), "type"), 2021).broken("XK")


# ── bulletins as published: 合肥市 2017 (m.handmsg.com/page/2018/1120/13919553.shtml), 全国 2013 (科技统计报告 2015 年第 2 期),
#    北京市 2015 (cbtm.gov.cn, 统计年报). What a bulletin does not part further stands as one rest.

YI = money.YI
HEFEI_TYPES = {
    "FW": (7_417, 7_128 * YI // 100),
    "ZX": (2_221, 948 * YI // 100),
    "KF": (5_663, 6_367 * YI // 100),
}  # KF: 开发 and 转让 together
HEFEI_FIELDS = {"01": (5_070, 5_510 * YI // 100), "11": (3_665, 3_840 * YI // 100), None: (6_566, 5_093 * YI // 100)}
CHINA_2013 = {"FW": 34_169 * YI // 10, "KF": 27_734 * YI // 10, "ZR": (74_691 - 34_169 - 27_734) * YI // 10}  # ZR: 转让 and 咨询 together


def spread(rows: dict[Any, int], columns: dict[Any, int]) -> dict[tuple[Any, Any], int]:
    """Return whole numbers in proportion whose sums are exactly those of the rows and of the columns."""
    whole, last_row, last_column = sum(rows.values()), list(rows)[-1], list(columns)[-1]
    found = {(r, c): rows[r] * columns[c] // whole for r in rows for c in columns}
    for r in rows:
        found[(r, last_column)] = rows[r] - sum(found[(r, c)] for c in columns if c != last_column)
    for c in columns:
        found[(last_row, c)] = columns[c] - sum(found[(r, c)] for r in rows if r != last_row)
    return found


def enter(kind: str, field: str | None, count: int, amount: int, year: int, number: int, technical_bp: int = 10_000) -> int:
    """Write `count` registered contracts that sum to `amount`, over all days of the year; returns the next number."""
    base, rest = divmod(amount, count)
    rows = [
        {
            "title": "公报里的合同", "type": kind, "field": field, "amount_fen": (each := base + (n < rest)), "technical_amount_fen": each * technical_bp // 10_000,
            "seller_name": f"卖方{n % 50}", "seller_region": "310107", "seller_kind": "enterprise", "buyer_name": f"买方{n % 70}", "buyer_region": "340100", "buyer_kind": "enterprise",
            "state": "registered", "signed_on": date(year, 1, 1), "registered_on": date.fromordinal(date(year, 1, 1).toordinal() + n % 365), "registration_number": f"{number + n:016d}",
            "seller_facts": {}, "buyer_facts": {}, "created_at": clock.now(),
        }
        for n in range(count)
    ]  # fmt: skip
    with transaction() as session:
        session.execute(insert(Contract), rows)
    return number + count


def test_the_bulletin_of_hefei_2017_comes_out_again_with_the_same_shares(app: Flask) -> None:
    counts = spread({key: value[0] for key, value in HEFEI_TYPES.items()}, {key: value[0] for key, value in HEFEI_FIELDS.items()})
    amounts = spread({key: value[1] for key, value in HEFEI_TYPES.items()}, {key: value[1] for key, value in HEFEI_FIELDS.items()})
    number = 0
    for (kind, field), count in counts.items():
        number = enter(kind, field, count, amounts[(kind, field)], 2017, number)
    table = crosstabs.crosstab(Filter(year=2017), "type", "field")
    assert table.at().count == 15_301 and money.yi(table.at().amount_fen) == "144.43 亿元"
    assert money.in_unit(table.at().average_fen or 0, money.WAN, 0) == "94"
    services, computing = table.at("FW"), table.at("", "01")
    assert (services.count, money.yi(services.amount_fen)) == (7_417, "71.28 亿元")
    shares = [rules.ratio(part * 10_000, whole) for part, whole in ((services.count, 15_301), (computing.count, 15_301))]
    assert shares == [4_847, 3_314]  # 48.47 % and 33.14 % as published
    assert (table.part_bp("FW"), table.part_bp("", "01")) == (4_935, 3_815)  # 49.35 % and 38.15 % as published
    assert money.yi(table.at("", "11").amount_fen) == "38.40 亿元" and table.at("", "11").count == 3_665
    public = goals.public_figures(2017, date(2017, 12, 31))
    assert {row["key"]: row["cell"]["amount_fen"] for row in public["by_type"]} == {key: value[1] for key, value in HEFEI_TYPES.items()}


def test_the_bulletins_of_china_2013_and_beijing_2015_come_out_again(app: Flask) -> None:
    number = 0
    for kind, amount in CHINA_2013.items():
        number = enter(kind, None, 120, amount, 2013, number)
    enter("FW", "01", 100, 34_526 * YI // 10, 2015, number, technical_bp=8_020)
    china, beijing = (crosstabs.crosstab(Filter(year=year), "type") for year in (2013, 2015))
    assert [rules.percent(china.part_bp(key)) for key in ("FW", "KF")] == ["45.8%", "37.1%"]  # as published
    assert money.yi(china.at().amount_fen) == "7,469.10 亿元"
    assert rules.percent(beijing.at().technical_share_bp) == "80.2%"
    assert isinstance(beijing.at(), Cell)
