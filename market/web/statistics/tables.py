"""The cross-tables of the bulletins and the maps: what is asked stands in the address, each cell leads to its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.domain import clock, codes, rules_of_law
from market.domain import crosstabs as tables
from market.domain import statistics as rules
from market.domain.contracts import PARTY_KINDS
from market.domain.crosstabs import DIMENSIONS, MEASURES, WHOLE, Crosstab
from market.domain.gap_map import ELEMENTS, GapMap
from market.domain.permissions import Permission as P
from market.domain.permissions import Scope, scope_of
from market.domain.statistics import Filter
from market.exports.forecast_charts import NARROW_MOST
from market.exports.lines import field_word
from market.queries import crosstabs as queries
from market.queries import gap_map, settings, statistics
from market.web import access
from market.web.statistics import drawn
from market.web.statistics.blueprint import bp

CHOICES: dict[str, tuple[str, Mapping[str, str]]] = {  # filters of the table, beside year, month and quarter
    "flow": ("流向", rules.FLOWS),
    "type": ("合同类型", codes.CONTRACT_TYPES),
    "field": ("技术领域", {**codes.FIELDS, "none": "未填领域"}),
    "seller": ("卖方性质", PARTY_KINDS),
    "buyer": ("买方性质", PARTY_KINDS),
    "region": ("另一方地区", codes.REGIONS),
    "ip": ("知识产权", codes.IP_KEYS),
    "quarter": ("季度", {str(n): f"第 {n} 季度" for n in range(1, 5)}),
    "month": ("月份", {str(n): f"{n} 月" for n in range(1, 13)}),
    "basis": ("口径", {key: word for key, word in rules.BASES.items() if key}),
}


def within() -> str:
    """Return the city a person's statistics are limited to; empty for the staff of the commission."""
    who = access.actor()
    return "" if scope_of(who, P.SEE_STATISTICS) is Scope.ANY else (who.city or "none")


def asked() -> Filter:
    """Return the filter in the address: registered contracts of a year, up to today where it runs."""
    today = clock.today()
    wanted = rules.parse(request.args, today.year, within()).but(stage="registered")
    year = min(wanted.year, today.year)
    until = rules.as_of(year, today)
    return wanted.but(year=year, until=min(wanted.until, until) if wanted.until and wanted.until.year == year else until)


@bp.route("/cockpit/crosstab")
@access.requires(P.SEE_STATISTICS)
def crosstab() -> ResponseReturnValue:
    """Registered contracts by any one or two dimensions."""
    wanted = asked()
    row, column, measure = tables.pick(request.args)
    table = queries.crosstab(wanted, row, column)
    broken = settings.rule("licence_break_year")
    table = tables.marked(table, broken.value if broken else None)
    sample = statistics.has_sample()
    series = queries.by_year(wanted.but(month=None, quarter=None), "type") if row == "type" and not column else None
    return render_template(
        "statistics/crosstab.html",
        table=table,
        wanted=wanted,
        measure=measure,
        page=_page(table, measure, sample),
        series=_series(series, broken) if series else None,
        definitions=rules.DEFINITIONS,
        fields=_fields(wanted),
        chips=_chips(wanted, row, column, measure),
        years=sorted({*statistics.years_with_data(wanted.within)[:8], wanted.year, clock.today().year}, reverse=True),
        dimensions=DIMENSIONS,
        measures=MEASURES,
        keep=_keep(wanted),
        sample=sample,
    )


def _keep(wanted: Filter) -> dict[str, str]:
    """Return the conditions that stay in the address when the table is turned."""
    return {name: value for name, value in wanted.query().items() if name not in {"stage", "until"}}


def _fields(wanted: Filter) -> list[dict[str, Any]]:
    """Return the filters as selects."""
    return [
        {
            "name": name,
            "label": label,
            "options": [("", "现行口径" if name == "basis" else "全部"), *options.items()] if name != "flow" else list(options.items()),
            "chosen": str(getattr(wanted, name) or ""),
        }
        for name, (label, options) in CHOICES.items()
    ]


def _chips(wanted: Filter, row: str, column: str, measure: str) -> list[dict[str, str]]:
    """Return the filters that hold, each with the page without it."""
    table = {"rows": row, "columns": column, "measure": measure}
    found = []
    for name, (label, options) in CHOICES.items():
        value = str(getattr(wanted, name) or "")
        if not value or (name == "flow" and value == "counted"):
            continue
        rest = {key: kept for key, kept in _keep(wanted).items() if key != name}
        found.append({"label": f"{label}：{options.get(value, value)}", "href": url_for("statistics.crosstab", **rest, **table)})  # type: ignore[arg-type]
    return found


def _page(table: Crosstab, measure: str, sample: bool) -> dict[str, Any]:
    """Return headers and rows of a table: all measures of one dimension, or one measure of two."""
    rows: list[list[Any]] = []
    word = DIMENSIONS[table.row].word
    if not table.column:
        headers = [DIMENSIONS[table.row].label, *MEASURES.values(), f"{table.wanted.year - 1} 年同期"]
        for key in (*table.rows, WHOLE):
            before = table.before(key)
            last = drawn.link(table.filter_before(key), drawn.amount(before.amount_fen)) if before.count else "—"
            rows.append([word(key) if key else "合计", *(drawn.said(table, one, key) for one in MEASURES), last])
    else:
        headers = [DIMENSIONS[table.row].label, *(DIMENSIONS[table.column].word(key) for key in table.columns), "合计"]
        rows = [
            [word(key) if key else "合计", *(drawn.said(table, measure, key, column) for column in (*table.columns, WHOLE))]
            for key in (*table.rows, WHOLE)
        ]
    bars = [
        {
            "label": word(key),
            "value": max(table.at(key).amount_fen, 0),
            "text": f"{table.at(key).count} 份 · {drawn.amount(table.at(key).amount_fen)} · {rules.percent(table.part_bp(key))}",
            "href": drawn.address(table.filter_of(key)),
        }
        for key in table.rows
    ]
    whole = table.at()
    said = f"{whole.count} 份，{drawn.amount(whole.amount_fen)}"
    dimension = DIMENSIONS[table.row].label + (f" × {DIMENSIONS[table.column].label}" if table.column else "")
    return {
        "headers": headers,
        "rows": rows,
        "bars": bars if not table.column else [],
        "heat": drawn.heat(table, measure),
        "unit": drawn.heat_unit(table, measure),
        "too_wide": min(len(table.rows), len(table.columns)) > NARROW_MOST,
        "title": f"{dimension}{f'（{MEASURES[measure]}）' if table.column else ''}",
        "broken": any(table.broken(key) for key in (*table.rows, WHOLE)) or any(table.broken(WHOLE, key) for key in table.columns),
        "sentence": rules.sentence(f"普陀区技术合同按{dimension}，合计", said, table.wanted, table.wanted.until or rules.as_of(table.wanted.year, clock.today()), rules.DEFINITIONS["registered"], sample),
    }  # fmt: skip


def _series(series: Mapping[int, Mapping[str, rules.Cell]], broken: rules_of_law.Value | None) -> dict[str, Any]:
    """Return the types over the years: the chart and its table."""
    years = sorted(series)
    rows = [
        [word, *(drawn.amount(series[year].get(key, rules.Cell()).amount_fen) if series[year].get(key) else "—" for year in years)]
        for key, word in codes.CONTRACT_TYPES.items()
    ]
    note = (
        f"{broken.value} 年起许可从转让中单列，之前的转让包含许可，两者不可跨这一年比较{'' if broken.checked else '（待核）'}。"
        if broken
        else ""
    )
    headers = ["合同类型", *(f"{year} 年" for year in years)]
    return {"chart": drawn.over_years(series, broken.value if broken else None), "headers": headers, "rows": rows, "note": note}


@bp.route("/cockpit/maps")
@access.requires(P.SEE_STATISTICS)
def maps() -> ResponseReturnValue:
    """Where contracts flow along the corridor, and which demands nobody answers."""
    wanted = asked().but(flow="all")
    table = queries.crosstab(wanted, "region", "flow")
    wide, narrow = drawn.flow_pictures(table)
    found = gap_map.gap_map()
    code, kind = request.args.get("gap", ""), request.args.get("element", "")
    code, kind = code if code in {*codes.FIELDS, "none"} else "", kind if kind in ELEMENTS else ""
    return render_template(
        "statistics/maps.html",
        wanted=wanted,
        wide=wide,
        narrow=narrow,
        flows=_flow_rows(table),
        gaps=_gap_rows(found, wanted.year),
        gap_chart=drawn.gap_picture(found),
        found=found,
        behind=_behind(found, code, kind) if code or kind else None,
        elements=ELEMENTS,
        years=sorted({*statistics.years_with_data(wanted.within)[:5], wanted.year}, reverse=True),
        sample=statistics.has_sample(),
        definitions=rules.DEFINITIONS,
    )


def _flow_rows(table: Crosstab) -> list[list[Any]]:
    """Return every region with its output and intake, the corridor first; both lead to their rows."""
    found = []
    for city in table.rows:
        line: list[Any] = [codes.region_name(city)]
        for flow in ("output", "intake", "inner"):
            cell = table.at(city, flow)
            line += [cell.count or "—", drawn.link(table.filter_of(city, flow), drawn.amount(cell.amount_fen)) if cell.count else "—"]
        if any(table.at(city, flow).count for flow in ("output", "intake", "inner")):
            found.append(line)
    return found


def _gap_rows(found: GapMap, year: int) -> list[list[Any]]:
    """Return each field with its demands, its listings and, for each kind of element, how many nobody answers."""
    rows = []
    for code in (*codes.FIELDS, "none"):
        if not found.demand.get(code) and not found.supply.get(code):
            continue
        cells: list[Any] = []
        for kind in ELEMENTS:
            square = found.squares.get((code, kind))
            href = url_for("statistics.maps", year=year, gap=code, element=kind) + "#behind"
            cells.append(
                drawn.linked(href, f"{square.missing} / {square.asked}")
                if square and square.missing
                else f"0 / {square.asked}"
                if square
                else "—"
            )
        rows.append([field_word(code), found.demand.get(code, 0), found.supply.get(code, 0), found.quadrant(code), *cells])
    return rows


def _behind(found: GapMap, code: str, kind: str) -> dict[str, Any]:
    """Return the demands behind a square, each with what nobody answers."""
    demands: dict[int, dict[str, Any]] = {}
    for one in found.behind(code, kind):
        row = demands.setdefault(
            one.challenge_id, {"title": one.title, "href": url_for("challenges.detail", challenge_id=one.challenge_id), "texts": []}
        )
        row["texts"].append(one.text)
    words = [field_word(code)] if code else []
    return {"title": " · ".join([*words, *([ELEMENTS[kind]] if kind else [])]), "rows": list(demands.values())}
