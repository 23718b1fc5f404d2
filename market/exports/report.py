"""The monthly report of the leadership in blocks: figures as the cockpit counts them, said in sentences, tables and charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from market.domain import attribution, codes, money
from market.domain import statistics as rules
from market.domain.backtest import METHODS
from market.domain.contracts import FLOW_WORDS
from market.domain.statistics import DEFINITIONS, STAGES, Cell
from market.exports import charts, drawings
from market.exports.blocks import Block, Heading, Paper, Picture, Signature, Table, Text
from market.exports.lines import field_word

Periods = tuple[Mapping[str, Cell], Mapping[str, Cell], Mapping[str, Cell]]  # the month, the year so far, the same period of last year
NUMERALS = "一二三四五六七八九十"
MONEY = frozenset({1, 2, 3, 4, 5, 6})


@dataclass(frozen=True)
class Waiting:
    """A contract that is signed and not registered."""

    title: str
    seller: str
    signed_on: date | None
    amount_fen: int


@dataclass(frozen=True)
class Month:
    """Everything the report of a month says. `stages` maps registered, signed and paid to month, so far, last year."""

    site: str
    organiser: str
    year: int
    month: int
    until: date
    stages: Mapping[str, tuple[Cell, Cell, Cell]]
    intent: Cell | None  # the stock of today; None in the report of an earlier month
    first_reported: Cell | None
    parts: Mapping[str, Periods]  # flow, type, field
    this: Sequence[int]  # 分 of each month so far
    last: Sequence[int]  # 分 of the twelve months of last year
    target_fen: int | None
    baseline: str
    classes: Mapping[str, Mapping[str, Cell]]  # signed and registered → class
    people: Sequence[tuple[str, str, int, int]]  # name, what they did, contracts, 分
    waiting: Sequence[Waiting]
    waiting_whole: Cell
    extra: Sequence[tuple[str, Sequence[Block]]]  # sections of other rooms: forecasts, campaign
    by: str
    on: date
    sample: bool


def paper(month: Month) -> Paper:
    """Return the report in blocks."""
    sections = [
        ("总体情况", _whole(month)),
        ("逐月进度", _months(month)),
        ("输出、区内循环、吸纳", _flows(month)),
        ("登记数的构成", _parts(month)),
        ("平台的作用", _classes(month)),
        ("已签订、未登记", _waiting(month)),
        *month.extra,
    ]
    blocks: list[Block] = []
    if month.sample:
        blocks.append(Text("本报告含示例数据，只用来看样子，不可对外引用。"))
    for number, (title, found) in enumerate(sections):
        blocks += [Heading(f"{NUMERALS[number]}、{title}"), *found]
    blocks.append(Signature([month.organiser, f"{month.on.year} 年 {month.on.month} 月 {month.on.day} 日"]))
    title = f"{month.year} 年 {month.month} 月技术合同情况月报"
    return Paper(title, f"数据截至 {month.until}　内部资料　{month.by} 生成于 {month.on}", blocks, month.organiser)


def _fen(fen: int) -> str:
    return " ".join(rules.big(fen))


def _whole(month: Month) -> list[Block]:
    of_month, so_far, last = month.stages["registered"]
    growth = rules.growth_bp(so_far.amount_fen, last.amount_fen)
    said = [
        f"{month.month} 月登记技术合同 {of_month.count} 份，成交额 {_fen(of_month.amount_fen)}",
        f"1 至 {month.month} 月累计 {so_far.count} 份，{_fen(so_far.amount_fen)}，"
        + ("去年同期没有可比数据" if growth is None else f"比去年同期 {rules.percent(growth, signed=True)}"),
    ]
    if month.target_fen is None:
        said.append(f"目标尚不能计算：{month.baseline}")
    else:
        gap = month.target_fen - so_far.amount_fen
        said.append(f"全年目标 {_fen(month.target_fen)}，" + (f"还差 {_fen(gap)}" if gap > 0 else f"已超过 {_fen(-gap)}"))
    rows = [_stage_row(STAGES[stage], month.stages[stage]) for stage in ("signed", "registered", "paid")]
    if month.intent is not None:
        rows.insert(0, (STAGES["intent"], "—", "—", str(month.intent.count), money.in_unit(month.intent.amount_fen, money.WAN), "—", "—"))
    blocks: list[Block] = [
        Text("；".join(said) + "。"),
        Table(_HEADERS, rows, _WIDTHS, MONEY, "意向、签约、登记、到账（四项是同一笔生意的不同阶段，不相加）"),
    ]
    if month.first_reported is not None:
        cell = month.first_reported
        blocks.append(
            Text(f"按首次登记口径，累计 {cell.count} 份，{_fen(cell.amount_fen)}；上面的登记数已加减变更和注销登记。", small=True)
        )
    meanings = ["registered"] + (["intent"] if month.intent is not None else [])
    blocks.append(Text("".join(f"{STAGES[stage]}：{DEFINITIONS[stage]}" for stage in meanings), small=True))
    return blocks


_HEADERS = ("项目", "本月份数", "本月（万元）", "累计份数", "累计（万元）", "去年同期（万元）", "增长")
_WIDTHS = (9, 5, 8, 5, 9, 9, 7)


def _stage_row(word: str, cells: tuple[Cell, Cell, Cell]) -> tuple[str, ...]:
    of_month, so_far, last = cells
    growth = rules.growth_bp(so_far.amount_fen, last.amount_fen)
    amounts = [money.in_unit(cell.amount_fen, money.WAN) for cell in cells]
    return (word, str(of_month.count), amounts[0], str(so_far.count), amounts[1], amounts[2], _growth(growth))


def _growth(basis_points: int | None) -> str:
    return "无可比" if basis_points is None else rules.percent(basis_points, signed=True)


def _months(month: Month) -> list[Block]:
    this, last = tuple(month.this), tuple(month.last)
    most = max([*this, *last, sum(this), sum(last), month.target_fen or 0])
    unit = "亿元" if most >= money.YI else "万元"
    sums = [tuple(sum(values[: n + 1]) for n in range(len(values))) for values in (this, last)]
    rows = [
        (f"{n} 月", *(money.in_unit(fen, money.WAN) for fen in (a, b, c, d)))
        for n, (a, b, c, d) in enumerate(zip(this, last, *sums, strict=False), 1)
    ]
    headers = ("月份", f"{month.year} 年（万元）", f"{month.year - 1} 年（万元）", "累计（万元）", "去年累计（万元）")
    return [
        Picture(drawings.one(charts.by_month(this, last, month.year, unit)), f"{month.year} 年各月登记成交额，数见下表", "每月登记成交额"),
        Picture(
            drawings.one(charts.cumulative(sums[0], sums[1], month.year, unit, month.target_fen)),
            f"{month.year} 年登记成交额逐月累计，数见下表",
            "逐月累计" + ("" if month.target_fen is None else "（点线是目标）"),
        ),
        Table(headers, rows, (2, 4, 4, 4, 4), MONEY),
    ]


def _flows(month: Month) -> list[Block]:
    rows = [_part_row(month.parts["flow"], flow, FLOW_WORDS[flow]) for flow in ("output", "inner", "intake")]
    return [Table(_HEADERS, rows, _WIDTHS, MONEY), Text(DEFINITIONS["flow"], small=True)]


def _part_row(periods: Periods, key: str, word: str) -> tuple[str, ...]:
    of_month, so_far, last = (cells.get(key, Cell()) for cells in periods)
    return _stage_row(word, (of_month, so_far, last))


def _parts(month: Month) -> list[Block]:
    types, fields = month.parts["type"], month.parts["field"]
    known = [*codes.FIELDS, "none"]
    shown = [key for key in known if any(key in cells for cells in fields)]
    return [
        Table(_HEADERS, [_part_row(types, key, word) for key, word in codes.CONTRACT_TYPES.items()], _WIDTHS, MONEY, "按合同类型"),
        Text(DEFINITIONS["by_type"], small=True),
        Table(_HEADERS, [_part_row(fields, key, field_word(key)) for key in shown], _WIDTHS, MONEY, "按技术领域"),
    ]


def _classes(month: Month) -> list[Block]:
    rows = []
    for kind, word in attribution.CLASSES.items():
        signed, registered = month.classes["signed"][kind], month.classes["registered"][kind]
        amounts = [money.in_unit(cell.amount_fen, money.WAN) for cell in (signed, registered)]
        rows.append((word, str(signed.count), amounts[0], str(registered.count), amounts[1]))
    headers = ("类别", "签约份数", "签约（万元）", "登记份数", "登记（万元）")
    table = Table(headers, rows, (4, 3, 4, 3, 4), MONEY, f"{month.year} 年签约的和登记的合同从哪里来")
    ways = {kind: "或者".join(rule.words.rstrip("。") for rule in attribution.RULES if rule.kind == kind) for kind in attribution.CLASSES}
    words = "；".join(f"{word}：{ways[kind]}" for kind, word in attribution.CLASSES.items())
    blocks: list[Block] = [table, Text(f"三类分开看，不相加。{words}。", small=True)]
    if month.people:
        people = [(name, did, str(count), money.in_unit(fen, money.WAN)) for name, did, count, fen in month.people]
        blocks.append(
            Table(("经由", "身份", "份数", "成交额（万元）"), people, (3, 3, 2, 4), frozenset({2, 3}), "签约的合同经由技术经理人和联络员")
        )
    return blocks


def _waiting(month: Month) -> list[Block]:
    whole = month.waiting_whole
    if not whole.count:
        return [Text(f"{month.year} 年签订的合同里，没有已签订未登记的。")]
    said = f"{month.year} 年签订、至 {month.on} 还没有登记的合同 {whole.count} 份，{_fen(whole.amount_fen)}；由卖方登记之后才计入。"
    rows = [(row.title, row.seller, str(row.signed_on or ""), money.in_unit(row.amount_fen, money.WAN)) for row in month.waiting]
    caption = f"金额最大的 {len(rows)} 份"
    return [Text(said), Table(("项目", "卖方", "签订日期", "成交额（万元）"), rows, (7, 5, 3, 3), frozenset({3}), caption)]


def outlook(figures: Mapping[str, Any], as_of: date) -> tuple[str, Sequence[Block]]:
    """Return the section about the year's end from what the worker kept: three forecasts apart, and the deals that move it most."""
    rows = []
    for method in ("committed", "pipeline", "seasonal"):
        said = figures[method]
        if said["value_fen"] is not None:
            limits = said.get("limits")
            reach = " – ".join(money.in_unit(fen, money.WAN) for fen in limits) if limits else "—"
            rows.append((METHODS[method], money.in_unit(said["value_fen"], money.WAN), reach))
    blocks: list[Block] = [
        Text(f"推算不是统计数，三种口径分开看；后台按截至 {as_of} 的数据算出。"),
        Table(("口径", "年底（万元）", "区间（万元）"), rows, (4, 4, 6), frozenset({1, 2})),
    ]
    deals = [
        (str(deal["title"]), money.in_unit(deal["amount_fen"], money.WAN), rules.percent(deal["bp"])) for deal in figures["deals"][:10]
    ]
    if deals:
        blocks.append(Table(("在手项目", "金额（万元）", "今年登记的可能性"), deals, (8, 4, 4), frozenset({1, 2}), "对年底影响最大的项目"))
    return "年底推算", blocks
