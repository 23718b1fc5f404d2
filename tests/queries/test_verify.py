"""flask verify finds what was tampered with, and nothing where all is well."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from market.actions import history, search
from market.db import db, transaction
from market.domain.permissions import SYSTEM
from market.models import Adjustment, HistoryEntry, Instalment
from market.queries import verify
from tests.factories import CapabilityFactory, ChallengeFactory, ContractFactory
from tests.queries.test_statistics import ledger


def tamper(*statements: str) -> None:
    """Change what the database itself protects, as somebody with a shell could."""
    sqlite = db.engine.dialect.name == "sqlite"
    with transaction() as session:
        if sqlite:
            for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'history_entry'")).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            session.execute(text("ALTER TABLE history_entry DISABLE TRIGGER USER"))
        for statement in statements:
            session.execute(text(statement))
        if not sqlite:
            session.execute(text("ALTER TABLE history_entry ENABLE TRIGGER USER"))


def chain() -> None:
    for step in ("create", "sign", "register"):
        history.record("contract", 7, step, SYSTEM, detail={"金额": 100})
    history.record("challenge", 7, "submit", SYSTEM)


def test_all_is_well_after_honest_work(app: Flask) -> None:
    ledger(80)
    chain()
    search.refresh(ChallengeFactory(published=True))
    search.refresh(CapabilityFactory(published=True))
    search.refresh(ChallengeFactory())
    reports = verify.everything()
    assert [report.problems for report in reports] == [[], [], []]
    assert all(report.looked_at for report in reports)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE history_entry SET reason = '改过' WHERE subject_kind = 'contract' AND seq = 2", "内容被改过"),
        ("UPDATE history_entry SET actor_name = '别人' WHERE subject_kind = 'contract' AND seq = 1", "内容被改过"),
        ("DELETE FROM history_entry WHERE subject_kind = 'contract' AND seq = 2", "前面缺了记录"),
        ("DELETE FROM history_entry WHERE subject_kind = 'contract' AND seq = 3", "链尾与登记的不一致"),
        ("DELETE FROM history_entry WHERE subject_kind = 'challenge'", "链尾与登记的不一致"),
        ("DELETE FROM history_head WHERE subject_kind = 'challenge'", "链尾与登记的不一致"),
    ],
)
def test_a_changed_or_missing_entry_is_found(place: object, app: Flask, statement: str, said: str) -> None:
    chain()
    assert verify.chains().problems == []
    tamper(statement)
    assert said in "".join(verify.chains().problems)
    db.session.remove()


def test_a_cancelled_contract_that_still_counts_and_instalments_that_do_not_add_up_are_found(app: Flask) -> None:
    cancelled = ContractFactory(registered=True, state="cancelled")
    split = ContractFactory(signed=True)
    with transaction() as session:
        session.add(Adjustment(contract_id=cancelled.id, kind="cancel", on=cancelled.registered_on, delta_fen=-1, reason="少减了"))
        session.add(Instalment(contract_id=split.id, position=1, name="一", amount_fen=1))
    problems = "".join(verify.totals().problems)
    assert "已注销，变更之和却不为零" in problems and "分期之和" in problems


def test_a_figure_that_counts_differently_from_the_ledger_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger(60)
    assert verify.totals().problems == []
    monkeypatch.setattr(verify.statistics, "SIGNED_STATES", ("signed",))
    assert any("signed" in problem for problem in verify.totals().problems)


def test_a_public_listing_that_cannot_be_found_and_a_hidden_one_that_can_are_found(app: Flask) -> None:
    shown, hidden = ChallengeFactory(published=True), ChallengeFactory(published=True)
    search.refresh(hidden)
    with transaction():
        hidden.state = "suspended"
    problems = verify.index().problems
    assert f"challenge {shown.id}：已公开，却搜不到" in problems and f"challenge {hidden.id}：没有公开，却能搜到" in problems


def test_the_command_ends_with_one_when_something_is_wrong(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["verify"]).exit_code == 0
    ChallengeFactory(published=True)
    result = runner.invoke(args=["verify"])
    assert result.exit_code == 1 and "却搜不到" in result.output
    assert db.session.query(HistoryEntry).count() == 0
