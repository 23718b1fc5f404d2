"""Pictures and linked numbers of the statistics pages, as markup that the drawing functions have cleaned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from markupsafe import Markup

from market.domain import codes, money
from market.domain import crosstabs as tables
from market.domain import statistics as rules
from market.domain.crosstabs import DIMENSIONS, WHOLE, Crosstab
from market.domain.gap_map import ELEMENTS, GapMap
from market.domain.statistics import Filter
from market.exports import forecast_charts, maps
from market.exports.lines import field_word

HEAT_MOST = 13  # columns (or rows) that a picture of a table still shows


def linked(href: str, text: str) -> Markup:
    """Return a link."""
    return Markup('<a href="{}">{}</a>').format(href, text)


def address(wanted: Filter) -> str:
    """Return the address of the rows behind a figure."""
    return url_for("statistics.rows", **wanted.query())  # type: ignore[arg-type]


def link(wanted: Filter, text: str) -> Markup:
    """Return a number that leads to the rows behind it."""
    return linked(address(wanted), text)


def amount(fen: int) -> str:
    """Return an amount in 亿元 from one 亿 on, else in 万元."""
    return " ".join(rules.big(fen))


def picture(svg: str) -> Markup:
    """Return a drawing of market.exports, which cleans and escapes what it draws."""
    return Markup(svg)  # noqa: S704


def year_end(rows: list[tuple[str, int, int | None, int | None]], figures: Mapping[str, Any], unit: str) -> Markup:
    """Return the chart of the forecasts."""
    return picture(forecast_charts.year_end(rows, figures["so_far_fen"], figures["target_fen"], unit))


def way(figures: Mapping[str, Any], registered: list[int], last: list[int], year: int, unit: str) -> Markup:
    """Return the chart of the year's way by the season."""
    end = figures["seasonal"]["value_fen"] or figures["so_far_fen"]
    path = [end * share // 10_000 for share in figures["curve"]["shares"]]
    limits = figures["seasonal"]["limits"]
    bounds = (limits[0], limits[1]) if limits else None
    return picture(forecast_charts.way(registered, path, bounds, last, figures["target_fen"], year, unit))


def tried(points: list[tuple[str, int, int | None, int | None]], method: str) -> Markup:
    """Return the chart of a method's back-test."""
    return picture(forecast_charts.tried(points, method))


def over_years(series: Mapping[int, Mapping[str, rules.Cell]], broken_at: int | None) -> Markup:
    """Return the types over the years."""
    plain = {year: {key: cell.amount_fen for key, cell in cells.items()} for year, cells in series.items()}
    largest = max((fen for cells in plain.values() for fen in cells.values()), default=0)
    unit = "亿元" if largest >= 10_000_000_000 else "万元"
    return picture(forecast_charts.over_years(plain, codes.CONTRACT_TYPES, unit, broken_at))


def heat(table: Crosstab, measure: str) -> Markup | None:
    """Return a two-way table as a picture; None for one dimension and where it would be too large to read."""
    if not table.columns or not table.rows or max(len(table.columns), len(table.rows)) > HEAT_MOST:
        return None
    row_word, column_word = DIMENSIONS[table.row].word, DIMENSIONS[table.column].word
    values = {(row, column): tables.value(table, measure, row, column) for row in table.rows for column in table.columns}
    unit = heat_unit(table, measure)
    cells = {
        (row_word(row), column_word(column)): (max(value, 0), bare(value, unit) if unit else short(value, measure))
        for (row, column), value in values.items()
        if value
    }
    label = f"{DIMENSIONS[table.row].label} × {DIMENSIONS[table.column].label}，{tables.MEASURES[measure]}{unit}"
    return picture(forecast_charts.heat(cells, [row_word(key) for key in table.rows], [column_word(key) for key in table.columns], label))


def heat_unit(table: Crosstab, measure: str) -> str:
    """Return the one unit of all squares of a picture; "" where a measure is no amount."""
    if measure not in {"amount", "average", "technical"}:
        return ""
    values = [tables.value(table, measure, row, column) or 0 for row in table.rows for column in table.columns]
    return "亿元" if max(values, default=0) >= money.YI else "万元"


def bare(fen: int, unit: str) -> str:
    """Return an amount without its unit: two decimals of 亿元, whole 万元."""
    return money.yi(fen).split()[0] if unit == "亿元" else money.in_unit(fen, money.WAN, 0)


def short(value: int | None, measure: str) -> str:
    """Return a value of a table as short as a square of the picture allows."""
    if value is None:
        return ""
    if measure == "count":
        return str(value)
    if measure in {"part", "share", "growth"}:
        return rules.percent(value, signed=measure == "growth")
    number, unit = rules.big(value)
    return f"{number} 亿" if unit == "亿元" else f"{number.split('.')[0]} 万"


def said(table: Crosstab, measure: str, row: str = WHOLE, column: str = WHOLE) -> Markup | str:
    """Return a cell of a table, leading to its rows; 断点 where the type before was another."""
    if measure == "growth" and table.broken(row, column):
        return "口径变化"
    value = tables.value(table, measure, row, column)
    if value is None or (not table.at(row, column).count and measure != "growth"):
        return "—"
    words = str(value) if measure == "count" else short(value, measure) if measure in {"part", "share", "growth"} else amount(value)
    return link(table.filter_of(row, column), words)


def flow_pictures(table: Crosstab) -> tuple[Markup, Markup]:
    """Return the flow map for wide and narrow screens, from a table of regions × flow."""
    flows = {
        city: maps.Flow(
            codes.region_name(city),
            table.at(city, "output"),
            table.at(city, "intake"),
            address(table.filter_of(city, "output")),
            address(table.filter_of(city, "intake")),
        )
        for city in table.rows
    }
    wide, narrow = maps.flow_map(
        flows, amount, f"{table.wanted.year} 年普陀区与沪宁沿线城市的技术合同流向：每座城市写明输出和吸纳的登记成交额"
    )
    return picture(wide), picture(narrow)


def gap_picture(found: GapMap) -> Markup | None:
    """Return the map of what is asked and not answered: fields × elements."""
    fields = [code for code in (*codes.FIELDS, "none") if any(place[0] == code for place in found.squares)]
    if not fields:
        return None
    cells = {
        (field_word(code), word): (square.missing, f"{square.missing}/{square.asked}")
        for code in fields
        for kind, word in ELEMENTS.items()
        if (square := found.squares.get((code, kind)))
    }
    label = "供需缺口：各技术领域的需求里，没有任何成果回应的要素数，斜线后是问到的要素数"
    return picture(forecast_charts.heat(cells, [field_word(code) for code in fields], list(ELEMENTS.values()), label))
