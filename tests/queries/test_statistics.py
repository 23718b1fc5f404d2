"""Every figure equals its rows, partitions agree, first reports never change, and the number of statements does not grow."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from market.db import db, transaction
from market.domain import clock, codes
from market.domain import statistics as rules
from market.domain.statistics import Cell, Filter
from market.models import Adjustment, Contract, Payment
from market.queries import figure_rows
from market.queries import statistics as queries
from tests.cast import Cast
from tests.factories import ContactFactory, OrganisationFactory

REGIONS = ("310107", "310107", "310107", "310115", "320100", "320115", "110000")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the questions (SELECT) that are asked inside."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def ledger(count: int = 300, seed: int = 7) -> None:
    """Write contracts of three years in every state, with adjustments and payments."""
    dice = random.Random(seed)
    states = ["draft", "signed", "filed", "registered", "registered", "registered", "cancelled", "refused", "abandoned"]
    with transaction() as session:
        for n in range(count):
            state = dice.choice(states)
            day = date(2024, 1, 1) + timedelta(days=dice.randrange(892))  # … 2026-06-10
            kind = dice.choice(list(codes.CONTRACT_TYPES))
            amount = dice.randrange(1, 10**10)
            row = Contract(
                title=f"合同 {n}", type=kind, subtype=next(iter(codes.CONTRACT_SUBTYPES[kind])), amount_fen=amount, technical_amount_fen=dice.randrange(1, amount + 1),
                seller_name=dice.choice(["甲研究院", "乙大学", "丙公司"]), seller_region=dice.choice(REGIONS), buyer_name=dice.choice(["丁公司", "戊医院", "己"]),
                buyer_region=dice.choice(REGIONS), field=dice.choice([*codes.FIELDS, None]), state=state, signed_on=None if state in {"draft", "abandoned"} else day,
            )  # fmt: skip
            if state in {"registered", "cancelled"}:
                row.registered_on, row.registration_number = day, f"{n:016d}"
            session.add(row)
            session.flush()
            if state == "cancelled":
                session.add(adjustment(row, "cancel", -amount, -(row.technical_amount_fen or 0)))
            elif state == "registered" and dice.random() < 0.2:
                session.add(adjustment(row, "change", -(amount // 3), 0))
                session.add(adjustment(row, "change", amount // 5, 0))
            if row.signed_on and dice.random() < 0.5:
                session.add(Payment(contract_id=row.id, paid_on=day, amount_fen=dice.randrange(1, amount + 1)))
                session.add(Payment(contract_id=row.id, paid_on=min(day + timedelta(days=40), clock.today()), amount_fen=1))


def adjustment(row: Contract, kind: str, delta: int, technical: int) -> Adjustment:
    return Adjustment(contract_id=row.id, kind=kind, on=row.registered_on, delta_fen=delta, technical_delta_fen=technical, reason="测试")


def shown(view: queries.Cockpit) -> dict[str, tuple[Filter, Cell]]:
    """Return every figure of the cockpit with the filter that its link carries."""
    base = Filter(year=view.year, until=view.until)
    found = {f"stage {stage}": (base.but(stage=stage), cell) for stage, cell in view.stages.items()}
    found |= {f"flow {flow}": (base.but(flow=flow), cell) for flow, cell in view.flows.items()}
    found |= {f"month {n}": (base.but(month=n), this) for n, (this, _last) in enumerate(view.months, 1)}
    found |= {f"last year's month {n}": (Filter(year=view.year - 1, month=n), last) for n, (_this, last) in enumerate(view.months, 1)}
    found |= {f"type {key}": (base.but(type=key), cell) for key, cell in view.by_type.items()}
    found |= {f"field {key}": (base.but(field=key), cell) for key, cell in view.by_field.items()}
    found |= {f"region {key}": (base.but(region=key), cell) for key, cell in view.by_region.items()}
    found |= {f"buyer {key}": (base.but(buyer=key), cell) for key, cell in view.by_buyer.items()}
    cut = rules.same_day(view.until, view.year - 1)
    return found | {
        "same period": (Filter(year=view.year - 1, until=cut), view.same_period),
        "last year": (Filter(year=view.year - 1), view.last_year),
    }


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_figure_of_the_cockpit_is_the_sum_of_its_rows(app: Flask, cast: Cast, year: int) -> None:
    ledger()
    ContactFactory(seeker=cast.enterprise, provider=cast.institute, expected_fen=123, accepted=True)
    ContactFactory(seeker=cast.enterprise, provider=OrganisationFactory(kind="institute", region="320100"), expected_fen=5, accepted=True)
    figures = shown(queries.cockpit(year))
    assert len(figures) >= 50
    for name, (wanted, cell) in figures.items():
        rows = figure_rows.rows(rules.parse(wanted.query(), 1999))
        standing = [row for row in rows if wanted.stage != "registered" or row.state == "registered"]
        assert (len(standing), sum(row.amount_fen for row in rows)) == (cell.count, cell.amount_fen), name
        if wanted.stage == "registered":
            assert sum(row.technical_fen for row in rows) == cell.technical_fen, name
        assert queries.figure(wanted) in (cell, Cell(cell.count, cell.amount_fen)), name


def test_all_partitions_of_the_same_contracts_agree(app: Flask) -> None:
    ledger()
    view = queries.cockpit(2025)
    whole = view.stages["registered"]
    for part in (view.by_type, view.by_field, view.by_region, view.by_buyer):
        assert rules.total(part.values()) == whole
    assert rules.total(this for this, _last in view.months) == whole == view.flows["output"] + view.flows["inner"]
    assert rules.total(last for _this, last in view.months) == view.last_year


def test_an_adjustment_changes_what_stands_but_never_what_was_first_reported(app: Flask) -> None:
    ledger(seed=3)
    before = queries.cockpit(2025)
    row = (
        db.session.query(Contract)
        .filter_by(state="registered", seller_region="310107")
        .filter(Contract.registered_on.between(date(2025, 1, 1), date(2025, 12, 31)))
        .first()
    )
    assert row is not None
    with transaction() as session:
        session.add(adjustment(row, "change", -1, 0))
    after = queries.cockpit(2025)
    assert after.first_reported == before.first_reported
    assert after.stages["registered"].amount_fen == before.stages["registered"].amount_fen - 1


@pytest.mark.parametrize("within", ["", "320100"])
def test_the_cockpit_asks_ten_times_for_few_and_for_many_contracts(app: Flask, within: str) -> None:
    ledger(20)
    with statements() as few:
        queries.cockpit(within=within)
    ledger_more: Callable[[], None] = lambda: ledger_offset(200)  # noqa: E731
    ledger_more()
    with statements() as many:
        queries.cockpit(within=within)
    assert len(few) == len(many) == 10


def ledger_offset(count: int) -> None:
    """Write more registered contracts with other numbers."""
    with transaction() as session:
        for n in range(count):
            day = date(2026, 1 + n % 5, 1 + n % 28)
            session.add(
                Contract(title="更多", type="KF", subtype="entrusted", amount_fen=1000 + n, technical_amount_fen=1, seller_name="甲", seller_region="310107", buyer_name="乙", buyer_region="320100",
                         state="registered", signed_on=day, registered_on=day, registration_number=f"9{n:015d}")
            )  # fmt: skip


def test_a_bureau_counts_only_what_touches_its_city(app: Flask) -> None:
    ledger()
    view = queries.cockpit(2025, within="320100")
    rows = figure_rows.rows(Filter(year=2025, until=view.until, within="320100"))
    assert rows and all(row.buyer_region.startswith("3201") or row.seller_region.startswith("3201") for row in rows)
    assert (
        sum(row.amount_fen for row in rows) == view.stages["registered"].amount_fen < queries.cockpit(2025).stages["registered"].amount_fen
    )


def test_a_year_without_contracts_is_all_noughts_and_the_page_opens_on_the_last_year_with_data(app: Flask) -> None:
    view = queries.cockpit()
    assert (view.year, view.stages["registered"], view.months[0]) == (2026, Cell(), (Cell(), Cell()))
    with transaction() as session:
        session.add(
            Contract(title="早年", type="KF", subtype="entrusted", amount_fen=5, seller_name="甲", seller_region="310107", buyer_name="乙", buyer_region="310107", state="registered",
                     signed_on=date(2023, 12, 31), registered_on=date(2023, 12, 31), registration_number="1" * 16)
        )  # fmt: skip
    view = queries.cockpit()
    assert (view.year, view.until, view.stages["registered"].count, view.by_field) == (2023, date(2023, 12, 31), 1, {"none": Cell(1, 5, 0)})


@pytest.mark.parametrize(
    ("seller", "buyer", "counted", "flow"),
    [
        ("310107", "320100", 7, "output"),
        ("310107", "310107", 7, "inner"),
        ("320100", "310107", 0, "intake"),
        ("320100", "320200", 0, "outside"),
    ],
)
def test_only_a_seller_in_the_district_moves_the_goal(app: Flask, seller: str, buyer: str, counted: int, flow: str) -> None:
    with transaction() as session:
        session.add(
            Contract(title="一份", type="KF", subtype="entrusted", amount_fen=7, technical_amount_fen=7, seller_name="甲", seller_region=seller, buyer_name="乙", buyer_region=buyer,
                     state="registered", signed_on=clock.today(), registered_on=clock.today(), registration_number="1" * 16)
        )  # fmt: skip
    view = queries.cockpit(2026)
    assert view.stages["registered"].amount_fen == counted
    assert view.flows == {flow: Cell(1, 7, 7)}


def test_the_increment_of_2025_is_known_and_everything_else_waits_to_be_entered(app: Flask) -> None:
    assert queries.goal(2025).increment_fen == 1_000_000_000_00 and queries.goal(2025).target_fen is None
    assert queries.goal(2026).increment_fen is None and queries.goal(2026).baseline_fen is None
