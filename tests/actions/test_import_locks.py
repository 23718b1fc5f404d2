"""A long list on its way in keeps nobody from writing: whatever takes long is done between short writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from market import db as database
from market.actions import import_check, import_write, imports, jobs, spreadsheets
from market.db import db
from market.domain import clock
from market.domain.permissions import SYSTEM
from market.models import AccessLog, Capability, ImportBatch
from tests.factories import OrganisationFactory

ROWS = 60


def somebody_writes() -> None:
    """Write on a connection of one's own, as another process would; on SQLite it waits for whoever holds the lock."""
    with database.journal() as session:
        session.add(AccessLog(at=clock.now(), act="write", detail="meanwhile"))


def with_a_writer(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, called: list[str]) -> None:
    """Let somebody write each time that a function is called."""
    plain: Callable[..., Any] = getattr(place, name)

    def meanwhile(*args: Any, **more: Any) -> Any:
        somebody_writes()
        called.append(name)
        return plain(*args, **more)

    monkeypatch.setattr(place, name, meanwhile)


def test_others_write_while_a_list_is_read_checked_and_cut(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_check, "CHUNK", 20)
    monkeypatch.setattr(import_write, "CHUNK", 20)
    OrganisationFactory(kind="institute", name="江南研究院")
    lines = "".join(f"低温电解液{n},中试配方{n},新能源,江南研究院,南京\n" for n in range(ROWS))
    content = f"标题,描述,领域,单位,地区\n{lines}".encode()
    batch, _new = imports.start(imports.Upload("capabilities", "清单.csv", content), SYSTEM)
    batch_id = batch.id
    called: list[str] = []
    for place, name in (
        (spreadsheets, "read"), (import_check, "in_market"), (import_check, "_staged"),
        (import_write, "in_market"), (import_write, "index_terms"),
    ):  # fmt: skip
        with_a_writer(monkeypatch, place, name, called)
    database.release()
    assert jobs.run_next(imports.HANDLERS)
    checked = db.session.get_one(ImportBatch, batch_id)
    assert (checked.state, checked.summary["counts"]["good"]) == ("checked", ROWS)
    imports.confirm(checked, SYSTEM)
    assert jobs.run_next(imports.HANDLERS)
    assert db.session.scalar(select(func.count()).select_from(Capability)) == ROWS
    assert (called.count("read"), called.count("_staged"), called.count("index_terms")) == (1, ROWS, ROWS)
    assert called.count("in_market") == 2
