"""flask export: the files of the pages from the terminal, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
from flask import Flask

from market.actions import exports
from market.db import db
from market.domain.permissions import SYSTEM
from tests.factories import ChallengeFactory
from tests.queries.test_statistics import ledger


def test_each_command_writes_what_the_pages_give(app: Flask, tmp_path: Path) -> None:
    ledger(40)
    made = ChallengeFactory(published=True, title="公开的难题").id
    db.session.rollback()
    run = app.test_cli_runner().invoke
    out = tmp_path / "contracts.xlsx"
    said = run(args=["export", "contracts", "--year", "2025", "--out", str(out)])
    assert said.exit_code == 0, said.output
    rows = list(openpyxl.load_workbook(out)["技术合同"].values)
    whole = exports.contracts_file(2025, "csv", SYSTEM)
    assert len(rows) - 1 == whole.rows > 5 and f"{whole.rows} 行" in said.output
    said = run(args=["export", "statistics", "--year", "2025", "--format", "csv", "--out", str(tmp_path / "s.csv")])
    table = list(csv.reader(io.StringIO((tmp_path / "s.csv").read_text("utf-8-sig"))))
    assert said.exit_code == 0 and ["四项", "登记"] in [row[:2] for row in table]
    for kind in ("releases", "records"):
        said = run(args=["export", "ocds", "--year", "2026", "--kind", kind, "--out", str(tmp_path / f"{kind}.json")])
        assert said.exit_code == 0 and "1 个项目" in said.output
    record = json.loads((tmp_path / "records.json").read_text())["records"][0]
    assert record["ocid"].endswith(f"-{made}") and record["compiledRelease"]["tender"]["title"] == "公开的难题"
    assert not list(tmp_path.glob("*.part"))


def test_a_report_that_cannot_be_leaves_no_file(app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    for month in ("2026-07", "2026-13", "june"):
        said = run(args=["export", "report", "--month", month, "--out", str(tmp_path / "r.pdf")])
        assert said.exit_code != 0 and not list(tmp_path.iterdir())
    said = run(args=["export", "report", "--month", "2026-05", "--out", str(tmp_path / "r.pdf")])
    assert said.exit_code == 0 and (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_command_that_breaks_off_leaves_what_was_there(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    out = tmp_path / f"kept.{form}"
    out.write_text("as it was")

    def broken(*_args: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(exports, "write", broken)
    said = app.test_cli_runner().invoke(args=["export", "contracts", "--format", form, "--out", str(out)])
    assert said.exit_code != 0 and out.read_text() == "as it was" and list(tmp_path.iterdir()) == [out]
