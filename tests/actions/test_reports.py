"""The monthly report says what the pages count, in both formats; long tables are written by the worker."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
from flask import Flask
from sqlalchemy import update

from market.actions import exports, forecasts, jobs, large_exports, reports
from market.actions.large_exports import Wanted
from market.db import db, transaction
from market.domain import clock, money
from market.domain.errors import Forbidden, Invalid
from market.domain.permissions import Actor, Role
from market.domain.statistics import Filter
from market.exports import pdf, report, word
from market.exports.blocks import Heading, Paper, Picture, Table, Text
from market.models import Job
from market.queries import forecasts as outlooks
from market.queries import settings
from market.queries import statistics as queries
from market.queries.contracts import ListFilter
from tests.bidding import actor
from tests.cast import Cast
from tests.page import Browser
from tests.queries.test_statistics import ledger

LEADER = Actor(id=None, name="郑主任", roles=frozenset({Role.LEADER}))


def blocks_of(year: int, month: int) -> tuple[Paper, dict[str, Table]]:
    paper = report.paper(reports._month(year, month, LEADER, settings.current()))
    return paper, {block.caption or block.headers[0]: block for block in paper.blocks if isinstance(block, Table)}


def test_the_report_says_what_the_pages_count(app: Flask) -> None:
    ledger(200)
    paper, tables = blocks_of(2025, 11)
    stages = {row[0]: row for row in next(table for name, table in tables.items() if name.startswith("意向")).rows}
    until = date(2025, 11, 30)
    for word_, stage in (("签约", "signed"), ("登记", "registered"), ("到账", "paid")):
        month, year = (
            queries.figure(one) for one in (Filter(year=2025, stage=stage, month=11), Filter(year=2025, stage=stage, until=until))
        )
        assert stages[word_][1:5] == (
            str(month.count),
            money.in_unit(month.amount_fen, money.WAN),
            str(year.count),
            money.in_unit(year.amount_fen, money.WAN),
        )
    assert "意向" not in stages  # the stock of today is not a figure of an earlier month
    months = [row for table in tables.values() if table.headers[0] == "月份" for row in table.rows]
    assert len(months) == 11 and months[-1][3] == stages["登记"][4]
    classes = tables["2025 年签约的和登记的合同从哪里来"].rows
    assert [row[0] for row in classes] == ["平台促成", "平台协助", "仅登记"] and classes[2][3] == stages["登记"][3]
    assert "内部资料" in paper.subtitle and sum(isinstance(block, Picture) for block in paper.blocks) == 2
    assert any(isinstance(block, Text) and "基数待录入" in block.text for block in paper.blocks)


def test_the_running_month_ends_today_and_has_the_stock_of_intents(app: Flask) -> None:
    ledger(60)
    _paper, tables = blocks_of(2026, 6)
    stages = {row[0]: row for row in next(table for name, table in tables.items() if name.startswith("意向")).rows}
    assert "意向" in stages and stages["登记"][4] == money.in_unit(queries.figure(Filter(year=2026)).amount_fen, money.WAN)


def test_both_formats_carry_the_same_words_and_the_charts(app: Flask) -> None:
    ledger(40)
    site = settings.current()
    document = docx.Document(io.BytesIO(reports.monthly(2026, 5, "docx", LEADER, site).content))
    headings = [block.text for block in blocks_of(2026, 5)[0].blocks if isinstance(block, Heading)]
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert [text for text in texts if text in headings] == headings and len(document.inline_shapes) == 2
    file = reports.monthly(2026, 5, "pdf", LEADER, site)
    assert file.content.startswith(b"%PDF-") and file.name == "技术合同月报-2026-05.pdf"


def test_words_in_a_pdf_are_never_markup_and_need_no_font_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import typst

    real = typst.compile
    monkeypatch.setattr(typst, "compile", lambda *args, **more: real(*args, **more, ignore_system_fonts=True))
    text = '#panic("no") $x$ *b* _i_ <b> @ref "q" \\ `c` = 标题'
    content = pdf.paper(Paper(text, text, [Text(text), Table((text,), [(text,)], (1,)), Heading(text)], text))
    assert content.startswith(b"%PDF-") and b"NotoSansCJKsc" in content
    assert word.paper(Paper(text, "", [Text(text)], "x"))


def test_who_may_and_which_months(app: Flask) -> None:
    site = settings.current()
    with pytest.raises(Forbidden):
        reports.monthly(2026, 5, "pdf", Actor(id=1, roles=frozenset({Role.AUDITOR})), site)
    for year, month, form in ((2026, 7, "pdf"), (2026, 5, "html")):
        with pytest.raises(Invalid):
            reports.monthly(year, month, form, LEADER, site)


def test_a_long_table_is_written_in_the_background_and_is_the_same(
    app: Flask, browser: Browser, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger(40)
    monkeypatch.setattr(exports, "LARGE", 10)
    monkeypatch.setattr(exports, "STEP", 7)
    browser.sign_in(cast.clerk)
    page = browser.get("/statistics/export?what=contracts&format=csv&year=2025")
    assert "这份文件很长" in page.main
    waiting = page.submit("在后台生成")
    assert "排队等待" in waiting.main and waiting.find('meta[http-equiv="refresh"]')
    job = db.session.query(Job).filter_by(kind="export").one()
    number, folder = job.id, app.config["MARKET"].exports
    told: list[tuple[int, int]] = []
    real = jobs._note
    monkeypatch.setattr(jobs, "_note", lambda key, done, total: told.append((done, total)) or real(key, done, total))
    db.session.rollback()
    assert jobs.run_next(large_exports.handlers(folder))
    total = told[-1][0]
    assert told[0] == (7, total) and told[-1] == (total, total) and len(told) > 1
    page = browser.see("statistics.export_job", job_id=number)
    assert "已写好" in page.main
    file = browser.get(f"/statistics/exports/{number}/file")
    direct = exports.contracts_file(2025, "csv", actor(cast.clerk)).content
    assert _table(file.response.data) == _table(direct) and file.response.headers["Content-Disposition"].endswith(".csv")
    assert oct(next(folder.iterdir()).stat().st_mode & 0o777) == "0o600"
    browser.sign_in(cast.auditor)
    assert browser.get(f"/statistics/exports/{number}/file").status == 403


def _table(content: bytes) -> list[str]:
    return content.decode("utf-8-sig").split("\r\n\r\n")[0].split("\r\n")


def test_a_file_is_kept_a_day_and_other_jobs_are_not_shown(app: Flask, browser: Browser, cast: Cast, tmp_path: Path) -> None:
    import os

    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    for file, hours in ((old, 25), (new, 23)):
        file.write_text("x")
        then = (clock.datetime.now(clock.UTC) - timedelta(hours=hours)).timestamp()
        os.utime(file, (then, then))
    large_exports.forget(tmp_path)
    assert not old.exists() and new.exists()
    other = jobs.enqueue("import_check", {"batch_id": 1}).id
    gone = large_exports.start(Wanted(rows=Filter(year=2026)), "xlsx", actor(cast.clerk)).id
    with transaction() as session:
        session.execute(update(Job).where(Job.id == gone).values(state="done"))
    browser.sign_in(cast.leader)
    assert browser.get(f"/statistics/exports/{other}").status == 404
    assert "已过保留期" in browser.get(f"/statistics/exports/{gone}").main
    with pytest.raises(Forbidden):
        large_exports.start(Wanted(contracts=ListFilter()), "csv", actor(cast.auditor))


def test_an_export_of_the_list_holds_what_the_list_shows(browser: Browser, cast: Cast) -> None:
    ledger(60)
    browser.sign_in(cast.leader)
    page = browser.get("/contracts?year=2025&type=KF&state=registered")
    link = next(link for link in page.links() if "format=csv" in link)
    lines: Any = browser.get(link).response.data.decode("utf-8-sig")
    rows = lines.split("\r\n\r\n")[0].split("\r\n")[1:]
    assert rows and all('"技术开发"' in row and '"已登记"' in row for row in rows)
    assert "2025 年登记（未登记的按签订）的技术合同 · 已登记 · 技术开发" in lines


def test_the_years_end_stands_in_the_report_of_the_running_month_for_who_may_see_it(app: Flask, cast: Cast) -> None:
    ledger(60)
    forecasts.refresh()
    texts = [block.text for block in blocks_of(2026, 6)[0].blocks if isinstance(block, Heading)]
    assert texts[-1].endswith("年底推算")
    tables = blocks_of(2026, 6)[1]
    kept = outlooks.latest(2026)
    assert kept is not None and tables["口径"].rows[0] == (
        "只算已受理",
        money.in_unit(kept.figures["committed"]["value_fen"], money.WAN),
        "—",
    )
    assert not any("年底推算" in block.text for block in blocks_of(2026, 5)[0].blocks if isinstance(block, Heading))
    clerk = report.paper(reports._month(2026, 6, Actor(id=5, roles=frozenset({Role.BUREAU})), settings.current()))
    assert not any("年底推算" in block.text for block in clerk.blocks if isinstance(block, Heading))
