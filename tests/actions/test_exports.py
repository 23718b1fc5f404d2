"""Files that leave the market: their sums are the pages' sums, the poster stays anonymous, the terminal writes the same."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from flask import Flask

from market.actions import amendments, exports
from market.domain import clock
from market.domain.errors import Forbidden, IllegalStep, Invalid
from market.domain.permissions import PUBLIC, SYSTEM, Actor, Role
from market.domain.statistics import Filter
from market.exports.lines import year_lines
from market.queries import challenges, figure_rows, settings
from market.queries import statistics as queries
from tests.bidding import actor, call, fresh_call
from tests.cast import Cast
from tests.factories import ChallengeFactory, ContractFactory, IndicatorFactory, OrganisationFactory
from tests.queries.test_statistics import ledger

LEADER = Actor(id=None, name="郑主任", roles=frozenset({Role.LEADER}))


def sheet(file: exports.File, name: str) -> list[dict[str, Any]]:
    """Return a table of the workbook as dicts."""
    rows = list(openpyxl.load_workbook(io.BytesIO(file.content))[name].values)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def fen(value: Any) -> int:
    return round(value * 100) if value is not None else 0


def test_the_exported_rows_sum_to_the_figure_on_the_page(app: Flask) -> None:
    ledger(150)
    for wanted in (
        Filter(year=2025),
        Filter(year=2025, stage="paid"),
        Filter(year=2025, stage="signed", flow="all"),
        Filter(year=2025, type="KF"),
    ):
        rows = sheet(exports.rows_file(wanted, "xlsx", LEADER), "明细")
        assert sum(fen(row["计入金额(元)"]) for row in rows) == queries.figure(wanted).amount_fen
        assert len(rows) == len(figure_rows.rows(wanted))


def test_the_statistics_sheet_says_what_the_cockpit_says(app: Flask) -> None:
    ledger(150)
    view = queries.cockpit(2025)
    rows = {(row["指标"], row["项目"]): row for row in sheet(exports.statistics_file(2025, "xlsx", LEADER), "统计")}
    assert fen(rows[("四项", "登记")]["成交额(元)"]) == view.stages["registered"].amount_fen
    assert rows[("四项", "登记")]["份数"] == view.stages["registered"].count
    for section in ("分类型", "分领域", "分地区", "分买方", "分月"):
        assert sum(fen(row["成交额(元)"]) for key, row in rows.items() if key[0] == section) == view.stages["registered"].amount_fen, (
            section
        )


def test_the_contracts_sheet_holds_every_contract_of_the_year_with_the_forms_columns(app: Flask) -> None:
    ledger(60)
    rows = sheet(exports.contracts_file(2025, "xlsx", LEADER), "技术合同")
    net = sum(fen(row["成交额(元)"]) + fen(row["变更(元)"]) for row in rows if row["登记日期"] and row["卖方地区代码"] == "310107")
    assert net == queries.figure(Filter(year=2025)).amount_fen
    assert {"合同登记编号", "社会经济目标", "卖方信用代码", "买方是否上市", "预计新增产值(元)"} <= set(rows[0])


def test_the_monthly_table_adds_up_and_compares_with_the_same_days_of_last_year(app: Flask) -> None:
    ledger(200)
    rows = {row["指标"]: row for row in sheet(exports.monthly_file(2025, 2, "xlsx", LEADER), "汇总表")}
    whole = rows["登记合计（卖方在普陀区）"]
    assert round(whole["本月成交额(万元)"] * 10**6) == queries.figure(Filter(year=2025, month=2)).amount_fen
    assert round(whole["累计成交额(万元)"] * 10**6) == queries.figure(Filter(year=2025, until=date(2025, 2, 28))).amount_fen
    assert round(whole["去年同期累计(万元)"] * 10**6) == queries.figure(Filter(year=2024, until=date(2024, 2, 29))).amount_fen
    for start in ("类型：", "领域：", "　其中："):
        parts = [row for label, row in rows.items() if label.startswith(start)]
        assert sum(row["本月份数"] for row in parts) == whole["本月份数"], start
    with pytest.raises(Invalid):
        exports.monthly_file(2026, 7, "xlsx", LEADER)


@pytest.mark.parametrize("sample", [True, False])
def test_the_file_says_whether_sample_rows_are_in_it(app: Flask, sample: bool) -> None:
    ContractFactory(registered=True, is_sample=sample)
    for file in (
        exports.statistics_file(2026, "csv", LEADER),
        exports.contracts_file(2026, "csv", LEADER),
        exports.rows_file(Filter(year=2026), "csv", LEADER),
    ):
        assert ("含示例数据，不可对外引用" in file.content.decode("utf-8-sig")) is sample
        assert ("-含示例数据" in file.name) is sample


def test_nobody_exports_without_the_permission_and_only_known_formats(app: Flask) -> None:
    for person in (PUBLIC, Actor(id=1, roles=frozenset({Role.ORG_ADMIN})), Actor(id=1, roles=frozenset({Role.AUDITOR}))):
        with pytest.raises(Forbidden):
            exports.contracts_file(2026, "csv", person)
    with pytest.raises(Invalid):
        exports.contracts_file(2026, "exe", SYSTEM)


def test_the_announcement_is_a_document_that_keeps_an_anonymous_poster_anonymous(app: Flask) -> None:
    owner = OrganisationFactory(name="绝密电池厂")
    made = ChallengeFactory(organisation=owner, open_call=True, anonymous=True, title="低温续航", modes="joint", budget_fen=80_000_000)
    IndicatorFactory(challenge=made)
    challenge = challenges.get(made.id)
    assert challenge is not None
    document = docx.Document(io.BytesIO(exports.announcement_file(challenge, LEADER, settings.current()).content))
    words = "\n".join(paragraph.text for paragraph in document.paragraphs)
    cells = [cell.text for row in document.tables[0].rows for cell in row.cells]
    assert "低温续航" in words and "榜金：80 万元" in words and "合作开发" in words and "2026 年 6 月 10 日" in words
    assert "绝密" not in words + "".join(cells) and challenges.poster(challenge, PUBLIC) in words
    assert "≥85" in cells and "必达" in cells


def test_there_is_no_announcement_before_publication(app: Flask) -> None:
    challenge = challenges.get(ChallengeFactory().id)
    assert challenge is not None
    with pytest.raises(IllegalStep):
        exports.announcement_file(challenge, LEADER, settings.current())


@pytest.mark.parametrize(("what", "form"), [("statistics", "xlsx"), ("contracts", "csv")])
def test_the_terminal_writes_the_same_files(app: Flask, tmp_path: Path, what: str, form: str) -> None:
    ledger(20)
    out = tmp_path / "out"
    result = app.test_cli_runner().invoke(args=["export", what, "--year", "2025", "--format", form, "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert out.read_bytes().startswith(b"PK" if form == "xlsx" else b"\xef\xbb\xbf")


def test_months_that_have_not_come_are_no_fall_of_a_hundred_per_cent(cast: Cast) -> None:
    view = queries.cockpit(2026)
    months = [line for line in year_lines(view) if line.section == "分月"]
    assert [line.label for line in months] == [f"{n} 月" for n in range(1, 7)], "it is the tenth of June"
    assert months[-1].unfinished and months[-1].growth_bp is None and not months[0].unfinished


def test_the_notice_tells_of_a_later_deadline_and_of_a_band_of_money(cast: Cast) -> None:
    challenge = call(cast, budget_stated=True, budget_fen=80_000_000, budget_max_fen=120_000_000)
    day = clock.local(challenge.closes_at).date() + timedelta(days=9)
    amendments.extend(fresh_call(challenge), day, "样品要晚两周", actor(cast.seeker))
    clerk = actor(cast.clerk)
    file = exports.announcement_file(fresh_call(challenge), clerk, settings.current())
    document = docx.Document(io.BytesIO(file.content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "80至120 万元" in text and "五、补充说明" in text and "样品要晚两周" in text
    assert f"推迟到 {day.year} 年 {day.month} 月 {day.day} 日" in text
    table = document.tables[0]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None, "the header stands on every page"
    assert "PAGE" in document.sections[0].footer._element.xml


def test_a_cross_table_is_exported_cell_by_cell_with_its_margins(app: Flask) -> None:
    ledger(120)
    wanted = Filter(year=2025)
    rows = sheet(exports.crosstab_file(wanted, "type", "quarter", "xlsx", LEADER), "交叉统计")
    whole = queries.figure(wanted)
    inner = [row for row in rows if "合计" not in (row["合同类型"], row["季度"])]
    last = rows[-1]
    assert (last["合同类型"], last["季度"], last["份数"], fen(last["成交额(元)"])) == ("合计", "合计", whole.count, whole.amount_fen)
    assert sum(fen(row["成交额(元)"]) for row in inner) == whole.amount_fen and len(rows) == (len(inner) // 4 + 1) * 5
    single = sheet(exports.crosstab_file(wanted, "field", "", "xlsx", LEADER), "交叉统计")
    assert "技术领域" in single[0] and sum(fen(row["成交额(元)"]) for row in single[:-1]) == whole.amount_fen
    with pytest.raises(Forbidden):
        exports.crosstab_file(wanted, "type", "", "csv", PUBLIC)
