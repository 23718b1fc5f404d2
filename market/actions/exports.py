"""Files that leave the market: put together from the same queries as the pages, and noted in the access log."""

from __future__ import annotations

import calendar
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

from market.db import journal
from market.domain import clock, codes, money
from market.domain.contracts import CONTRACT, FLOW_WORDS
from market.domain.crosstabs import DIMENSIONS, marked
from market.domain.errors import IllegalStep, Invalid
from market.domain.permissions import PUBLIC, SYSTEM, Actor, demand
from market.domain.permissions import Permission as P
from market.domain.statistics import DEFINITIONS, Cell, Filter
from market.exports import columns, documents, lines, writers
from market.exports import crosstabs as crossed
from market.exports.writers import Column, Conditions, Sheet
from market.models import AccessLog, Addendum, Challenge
from market.queries import challenges, contract_ledger, crosstabs, figure_rows, settings
from market.queries import statistics as queries
from market.queries.contracts import ListFilter
from market.queries.settings import MarketSettings

FORMATS = {"xlsx": writers.XLSX_TYPE, "csv": writers.CSV_TYPE}
LARGE = 5_000  # rows: a longer file is written in the background
STEP = 500  # rows between two words about the progress
Progress = Callable[[int, int], None]


def quiet(_done: int, _total: int) -> None:
    """The progress of somebody who watches nothing."""


@dataclass(frozen=True)
class File:
    """A finished file."""

    name: str
    media_type: str
    content: bytes
    rows: int


def _check(form: str, actor: Actor) -> None:
    if actor is not SYSTEM:
        demand(actor, P.EXPORT)
    if form not in FORMATS:
        raise Invalid({"format": "只能导出为 xlsx 或 csv"})


def _conditions(title: str, period: str, actor: Actor, whole: Cell | None = None, extra: tuple[tuple[str, str], ...] = ()) -> Conditions:
    sums = () if whole is None else (("合计", f"{whole.count} 份（笔），{money.in_unit(whole.amount_fen, money.YUAN)} 元"),)
    said = (("数据截至", f"{clock.today()}，按当时的登记、变更和到账"), *sums, *extra)
    return Conditions(title, period, actor.name, clock.now(), queries.has_sample(), said)


def _file(name: str, form: str, sheet: Sheet, conditions: Conditions, count: int) -> File:
    out = io.BytesIO()
    write(out, form, sheet, conditions)
    return File(file_name(name, form, conditions), FORMATS[form], out.getvalue(), count)


def write(out: BinaryIO, form: str, sheet: Sheet, conditions: Conditions) -> None:
    """Write a table as XLSX or CSV."""
    if form == "xlsx":
        writers.write_xlsx(out, [sheet], conditions)
    else:
        writers.write_csv(out, sheet.columns, sheet.rows, conditions)


def file_name(name: str, form: str, conditions: Conditions) -> str:
    """Return what a file is called; one with sample rows says so."""
    return f"{name}{'-含示例数据' if conditions.sample else ''}.{form}"


@dataclass(frozen=True)
class Ledger:
    """A table of rows that may be long: what it is called, what its conditions say, and the rows, read as they are written."""

    name: str
    title: str
    sheet: str
    columns: Sequence[Column]
    period: str
    whole: Cell
    rows: Callable[[], Iterable[Any]]
    total: int
    extra: tuple[tuple[str, str], ...] = ()


def contracts_ledger(wanted: ListFilter) -> Ledger:
    """Return the contracts of a filter of the list, with the registration form's columns."""
    whole = contract_ledger.whole(wanted)
    parts = [f"{wanted.year} 年登记（未登记的按签订）的技术合同" if wanted.year else "全部技术合同"]
    parts += [CONTRACT.states[wanted.state]] if wanted.state else []
    parts += [codes.label("contract_type", wanted.type)] if wanted.type else []
    parts += [FLOW_WORDS[wanted.flow]] if wanted.flow else []
    parts += [f"名称或编号含“{wanted.q}”"] if wanted.q else []
    parts += ["有提示的"] if wanted.flagged else []
    name, rows = f"技术合同-{wanted.year or '全部'}", lambda: contract_ledger.contracts(wanted)
    return Ledger(name, "技术合同明细", "技术合同", columns.CONTRACTS, " · ".join(parts), whole, rows, whole.count)


def figure_ledger(wanted: Filter) -> Ledger:
    """Return the rows behind a figure; their sum is the figure."""
    whole, extra, rows = queries.figure(wanted), (("口径", DEFINITIONS[wanted.stage]),), lambda: figure_rows.stream(wanted)
    total = figure_rows.count(wanted)
    return Ledger(f"明细-{wanted.year}", "数字背后的明细", "明细", columns.FIGURE_ROWS, wanted.words(), whole, rows, total, extra)


def write_ledger(out: BinaryIO, ledger: Ledger, form: str, actor: Actor, progress: Progress = quiet) -> str:
    """Write a table of any length row by row and return what the file is called. Raises Forbidden, Invalid."""
    _check(form, actor)
    conditions = _conditions(ledger.title, ledger.period, actor, ledger.whole, ledger.extra)
    write(out, form, Sheet(ledger.sheet, ledger.columns, _counted(ledger, progress)), conditions)
    return file_name(ledger.name, form, conditions)


def _counted(ledger: Ledger, progress: Progress) -> Iterator[Any]:
    done = 0
    for done, row in enumerate(ledger.rows(), 1):
        if done % STEP == 0:
            progress(done, ledger.total)
        yield row
    progress(done, ledger.total)


def contracts_file(year: int | None, form: str, actor: Actor) -> File:
    """Return all contracts (of a year by registration, else signing) with the registration form's columns. Raises Forbidden, Invalid."""
    return ledger_file(contracts_ledger(ListFilter(year=year)), form, actor)


def rows_file(wanted: Filter, form: str, actor: Actor) -> File:
    """Return the rows behind a figure; their sum is the figure. Raises Forbidden, Invalid."""
    return ledger_file(figure_ledger(wanted), form, actor)


def ledger_file(ledger: Ledger, form: str, actor: Actor) -> File:
    """Return a table as a file in memory: for those of up to LARGE rows. Raises Forbidden, Invalid."""
    out = io.BytesIO()
    name = write_ledger(out, ledger, form, actor)
    return File(name, FORMATS[form], out.getvalue(), ledger.total)


def statistics_file(year: int | None, form: str, actor: Actor) -> File:
    """Return the figures of a year as the cockpit shows them. Raises Forbidden, Invalid."""
    _check(form, actor)
    view = queries.cockpit(year)
    found = lines.year_lines(view)
    goal = view.goal

    def said(fen: int | None, source: str) -> str:
        return "待录入" if fen is None else f"{money.in_unit(fen, money.YUAN)} 元{f'（{source}）' if source else ''}"

    extra = (
        ("基数", said(goal.baseline_fen, goal.baseline_source)),
        ("增量", said(goal.increment_fen, goal.increment_source)),
        ("提示", "意向、签约、登记、到账是不同阶段，不可相加"),
    )
    conditions = _conditions("技术合同统计", f"{view.year} 年，截至 {view.until}", actor, view.stages["registered"], extra)
    return _file(f"技术合同统计-{view.year}", form, Sheet("统计", columns.LINES, found), conditions, len(found))


def crosstab_file(wanted: Filter, row: str, column: str, form: str, actor: Actor) -> File:
    """Return a cross-table, one line a cell with its margins. Raises Forbidden, Invalid, KeyError for an unknown dimension."""
    _check(form, actor)
    broken = settings.rule("licence_break_year")
    table = marked(crosstabs.crosstab(wanted, row, column), broken.value if broken else None)
    found = list(crossed.lines(table))
    title = "技术合同交叉统计：" + " × ".join(DIMENSIONS[name].label for name in (row, column) if name)
    conditions = _conditions(title, wanted.words(), actor, table.at())
    return _file(f"交叉统计-{wanted.year}", form, Sheet("交叉统计", crossed.columns(table), found), conditions, len(found))


def monthly_file(year: int, month: int, form: str, actor: Actor) -> File:
    """Return the monthly 汇总表. Raises Forbidden, Invalid (a month that has not begun)."""
    _check(form, actor)
    first = date(year, month, 1)
    if first > clock.today():
        raise Invalid({"month": "这个月还没有开始"})
    until = min(date(year, month, calendar.monthrange(year, month)[1]), clock.today())
    found = lines.month_lines(queries.month_parts(year, month, until))
    period = f"{year} 年 {month} 月（{first} 至 {until}），累计自 {year}-01-01"
    conditions = _conditions(f"{year} 年 {month} 月技术合同登记汇总表", period, actor, None, (("口径", DEFINITIONS["registered"]),))
    return _file(f"技术合同登记汇总表-{year}-{month:02d}", form, Sheet("汇总表", columns.MONTHLY, found), conditions, len(found))


def note_export(actor: Actor, what: str, detail: str, address: str, subject_id: int | None = None) -> None:
    """Write one line about an export into the access log; one short write of its own, allowed during a GET."""
    with journal() as session:
        session.add(log_line(actor, what, detail, address, subject_id))


def log_line(actor: Actor, what: str, detail: str, address: str, subject_id: int | None = None) -> AccessLog:
    """Return the line of the access log about an export."""
    return AccessLog(
        at=clock.now(),
        user_id=actor.id,
        act="export",
        subject_kind=what[:20],
        subject_id=subject_id,
        address=address[:64],
        detail=detail[:300],
    )


def announcement_file(challenge: Challenge, actor: Actor, site: MarketSettings) -> File:
    """Return the 发榜公告 of a published challenge as DOCX; the poster is called as the public may call it.

    Raises Forbidden, IllegalStep before publication.
    """
    demand(actor, P.EXPORT)
    if not challenge.is_public:
        raise IllegalStep("发布之后才有发榜公告")
    closes, sealed = challenge.closes_at, challenge.visibility == "at_deadline"
    adviser = challenge.adviser.name if challenge.adviser else "服务专员"
    facts = documents.Announcement(
        title=challenge.title,
        number=challenge.number or "",
        poster=challenges.poster(challenge, PUBLIC),
        pain=challenge.pain,
        background=challenge.background,
        requirements=challenge.requirements,
        facts=(
            ("技术领域", codes.label("field", challenge.field)),
            ("榜金", _budget(challenge)),
            ("期限", f"{challenge.period_months} 个月" if challenge.period_months else "双方商定"),
            ("合作方式", "、".join(codes.label("mode", mode) for mode in challenge.mode_list) or "双方商定"),
            ("知识产权", codes.label("ip_wish", challenge.ip_wish) if challenge.ip_wish else "双方商定"),
        ),
        indicators=[
            (row.name, row.present, row.target, row.unit, row.method, "必达" if row.must else "期望") for row in challenge.indicators
        ],
        deadline=f"{_chinese_day(closes)} {clock.local(closes):%H:%M}（北京时间）" if closes else "长期有效",
        addenda=[_addendum(row) for row in challenge.addenda],
        how=f"申报单位登录{site.name}，在榜单页面点击“揭榜申报”{'提交完整方案' if sealed else '提交意向；发榜方邀请后提交完整方案'}。",
        contact=f"{adviser}，电话 {site.phone}" if site.phone else f"{adviser}，通过{site.name}联系",
        organiser=site.organiser,
        on=clock.today(),
        sample=challenge.is_sample,
    )
    return File(f"发榜公告-{challenge.number or challenge.id}.docx", documents.DOCX_TYPE, documents.announcement(facts), 1)


def _budget(challenge: Challenge) -> str:
    """Return the budget as the notice says it: one amount, a band, or 面议."""
    low, high = challenge.budget_fen, challenge.budget_max_fen
    if low is not None and high is not None and low != high:
        return f"{money.in_unit(low, money.WAN)}至{money.wan(high)}"
    known = low if low is not None else high
    return money.wan(known) if known is not None else "面议"


def _chinese_day(at: datetime) -> str:
    local = clock.local(at)
    return f"{local.year} 年 {local.month} 月 {local.day} 日"


def _addendum(row: Addendum) -> str:
    """Return what was added, as one paragraph with its number and day."""
    head = f"第 {row.number} 号（{_chinese_day(row.at)}）："
    if row.closes_before and row.closes_after:
        head += f"申报截止由 {_chinese_day(row.closes_before)}推迟到 {_chinese_day(row.closes_after)}。"
    return head + row.text
