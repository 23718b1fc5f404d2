"""The cockpit's figures are remembered, and exact right after each kind of write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from market.actions import goals
from market.db import db, transaction
from market.domain import clock
from market.domain.statistics import Cell
from market.models import Adjustment, Contact, Contract, Goal, Organisation, Payment
from market.queries import statistics as queries
from tests.cast import Cast
from tests.factories import ContactFactory, ContractFactory, OrganisationFactory
from tests.page import Browser
from tests.statements import counted

HERE = "310107"


def new_contract() -> None:
    ContractFactory(registered=True, seller_region=HERE)


def bulk_insert() -> None:
    row = db.session.query(Contract).first()
    assert row is not None
    values = {column.name: getattr(row, column.name) for column in Contract.__table__.columns if column.name not in ("id", "version")}
    with transaction() as session:
        session.execute(insert(Contract), [{**values, "registration_number": f"20263101079{n:05d}"} for n in range(3)])


def bulk_update() -> None:
    with transaction() as session:
        session.execute(update(Contract).values(amount_fen=Contract.amount_fen + 1))


def bulk_delete() -> None:
    with transaction() as session:
        number = session.query(Contract.id).order_by(Contract.id.desc()).limit(1).scalar()
        session.execute(delete(Contract).where(Contract.id == number))


def change() -> None:
    row = db.session.query(Contract).first()
    assert row is not None
    with transaction() as session:
        session.add(
            Adjustment(contract_id=row.id, on=clock.today(), kind="change", delta_fen=-1, technical_delta_fen=0, reason="变更", by_id=None)
        )


def payment() -> None:
    row = db.session.query(Contract).first()
    assert row is not None
    with transaction() as session:
        session.add(Payment(contract_id=row.id, paid_on=clock.today(), amount_fen=7))


def intention() -> None:
    ContactFactory(provider=OrganisationFactory(kind="institute", region=HERE), expected_fen=11)


def intention_grows() -> None:
    with transaction() as session:
        session.execute(update(Contact).values(expected_fen=13))


def provider_moves() -> None:
    with transaction() as session:
        session.execute(update(Organisation).where(Organisation.kind == "institute").values(region="320100"))


def goal_entered() -> None:
    with transaction() as session:
        session.add(Goal(year=clock.today().year, baseline_fen=5, increment_fen=6, changed_at=clock.now()))


WRITES: list[Callable[[], None]] = [
    new_contract, bulk_insert, bulk_update, bulk_delete, change, payment, intention, intention_grows, provider_moves, goal_entered,
]  # fmt: skip


def shown(browser: Browser) -> str:
    """Return the words of the cockpit as a visitor reads them now."""
    return browser.see("statistics.cockpit").main


def test_every_kind_of_write_shows_at_once(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.leader)
    for _ in range(3):
        new_contract()
    before = shown(browser)
    assert shown(browser) == before
    for write in WRITES:
        write()
        db.session.remove()
        view = queries._cockpit(None, "", clock.today())
        db.session.remove()
        assert shown(browser) is not None
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(queries, "_cockpit", lambda *_: pytest.fail("counted again although nothing changed"))
            shown(browser)
            kept = next(reversed(queries._memory._kept.values()))[1]
        assert kept == view, write.__name__


def test_while_nothing_changes_one_statement_answers(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.leader)
    new_contract()
    shown(browser)
    db.session.remove()
    with counted() as statements:
        shown(browser)
    assert not [one for one in statements if "FROM contract" in one]
    assert len([one for one in statements if "figure_change" in one]) == 1


def test_a_new_day_and_another_city_are_counted_apart(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.leader)
    new_contract()
    assert "2026 年至 6 月 10 日" in shown(browser)
    clock.fix(clock.now() + timedelta(days=1))
    assert "2026 年至 6 月 11 日" in shown(browser)
    browser.sign_in(cast.bureau).see("statistics.cockpit")
    kept = [value for _at, value in queries._memory._kept.values()]
    assert sorted(view.stages["registered"].count for view in kept) == [0, 1, 1]


def test_a_write_that_is_taken_back_is_not_remembered(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.leader)
    new_contract()
    before = shown(browser)

    def fail_half_way() -> None:
        with transaction():
            bulk_update()
            assert queries.cockpit().stages["registered"].amount_fen == 100_000_001
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    bulk_update()  # takes the number that the change before had
    with transaction() as session:
        session.execute(update(Contract).values(amount_fen=100_000_000))
    db.session.remove()
    assert shown(browser) == before
    assert queries.cockpit().stages["registered"] == Cell(1, 100_000_000, 80_000_000)


def test_old_numbers_of_changes_go_and_the_figures_stay_right(browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(goals, "KEPT_CHANGES", 2)
    browser.sign_in(cast.leader)
    new_contract()
    before = shown(browser)
    goals.forget_old_changes()
    db.session.remove()
    assert shown(browser) == before
    bulk_update()
    assert goals.forget_old_changes() <= 2
    db.session.remove()
    assert shown(browser)
    assert queries.cockpit().stages["registered"].amount_fen == 100_000_001
    db.session.remove()
    kept = next(reversed(queries._memory._kept.values()))[1]
    assert kept.stages["registered"].amount_fen == 100_000_001
