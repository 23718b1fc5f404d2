"""Charts of the year's end: what three forecasts say, the way there, what past forecasts were worth, types over the years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from market.exports.charts import DARK, INK, LIGHT, LINE, SOFT, UNITS, draw, responsive
from market.exports.charts import in_unit as _in

NARROW_MOST = 6  # columns whose numbers can be read on a phone
MIDDLE = "#4f7fb8"
SHADES = ("#174a8b", "#c1440e", "#3b7d5a", "#7a4fa3", "#6b6b6b")  # differ in lightness too, and each has its own shape and dash
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")
DASHES = ([1, 0], [8, 3], [2, 2], [8, 3, 2, 3], [4, 4])


def year_end(rows: Sequence[tuple[str, int, int | None, int | None]], so_far: int, target: int | None, unit: str) -> str:
    """Return each forecast (label, value, low, high; 分) as a dot with its interval, beside what is registered and the target."""
    data = [
        {"name": name, "value": _in(value, unit), "low": _in(low if low is not None else value, unit), "high": _in(high if high is not None else value, unit), "text": f"{_in(value, unit):,.2f}"}
        for name, value, low, high in rows
    ]  # fmt: skip
    marks = [{"at": _in(so_far, unit), "word": "已登记", "dash": "so"}]
    marks += [{"at": _in(target, unit), "word": "目标", "dash": "target"}] if target is not None else []
    names = [name for name, *_rest in rows]
    y = {"field": "name", "type": "nominal", "sort": names, "title": None, "axis": {"labelLimit": 200, "ticks": False, "domain": False}}
    edges = [one[key] for one in data for key in ("low", "high")] + [mark["at"] for mark in marks]
    scale = {"domain": [min(edges) * 0.97, max(edges) * 1.03], "nice": True, "zero": False}

    def x(field: str, count: int) -> dict[str, Any]:
        return {"field": field, "type": "quantitative", "title": unit, "scale": scale, "axis": {"tickCount": count}}

    def layers(count: int) -> list[dict[str, Any]]:
        values = {"values": data}
        rule = {"field": "at", "type": "quantitative"}
        dash = {"field": "dash", "type": "nominal", "scale": {"domain": ["so", "target"], "range": [[1, 0], [3, 3]]}, "legend": None}
        return [
            {"data": {"values": marks}, "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5}, "encoding": {"x": {**x("at", count), **rule}, "strokeDash": dash}},
            {"data": {"values": marks}, "mark": {"type": "text", "align": "left", "dx": 4, "y": 0, "dy": -8}, "encoding": {"x": x("at", count), "text": {"field": "word"}}},
            {"data": values, "mark": {"type": "bar", "height": 12, "color": LIGHT}, "encoding": {"y": y, "x": x("low", count), "x2": {"field": "high"}}},
            {"data": values, "mark": {"type": "point", "filled": True, "size": 130, "color": DARK, "opacity": 1}, "encoding": {"y": y, "x": x("value", count)}},
            {"data": values, "mark": {"type": "text", "dy": -15, "fontWeight": "bold"}, "encoding": {"y": y, "x": x("value", count), "text": {"field": "text"}}},
        ]  # fmt: skip

    said = "；".join(f"{one['name']} {one['text']}" for one in data)
    label = f"年底推算，单位{unit}：{said}；已登记 {_in(so_far, unit):,.2f}" + (
        f"，目标 {_in(target, unit):,.2f}" if target is not None else ""
    )
    height = {"step": 58}
    return responsive(
        draw({"width": 620, "height": height, "layer": layers(6)}, label),
        draw({"width": 175, "height": height, "layer": layers(3)}, label, 12),
    )


def way(
    registered: Sequence[int],
    path: Sequence[int],
    limits: tuple[int, int] | None,
    last: Sequence[int],
    target: int | None,
    year: int,
    unit: str,
) -> str:
    """Return the year's running sum so far, the seasonal way on from there, its interval at the end, last year's sum and the target.

    `registered`: 分 by month end as far as the year has gone; `path`: twelve month ends by the season; `last`: twelve of last year.
    """
    done = len(registered)
    names = [f"{year} 年已登记", f"{year} 年按季节", f"{year - 1} 年"]
    rows = [{"month": n, "line": names[2], "value": _in(fen, unit)} for n, fen in enumerate(last, 1)]
    rows += [{"month": n, "line": names[0], "value": _in(fen, unit)} for n, fen in enumerate(registered, 1)]
    ahead = [(done, registered[-1])] if registered else []
    rows += [
        {"month": n, "line": names[1], "value": _in(fen, unit)} for n, fen in [*ahead, *((n, path[n - 1]) for n in range(done + 1, 13))]
    ]
    month: dict[str, Any] = {"field": "month", "type": "quantitative", "title": None, "scale": {"domain": [1, 12.4]}}
    axis = {"labelExpr": "datum.value + ' 月'", "labelFlush": False, "grid": False}
    amount = {"field": "value", "type": "quantitative", "title": unit, "axis": {"tickCount": 5}}
    colour = {"field": "line", "type": "nominal", "scale": {"domain": names, "range": [DARK, DARK, LIGHT]}, "legend": {"symbolType": "stroke", "columns": 1}}  # fmt: skip
    dash = {"field": "line", "type": "nominal", "scale": {"domain": names, "range": [[1, 0], [3, 3], [8, 4]]}}
    ends = {"data": {"values": [{"month": 12, "value": _in(limits[0], unit), "high": _in(limits[1], unit)}]}} if limits else None
    goal = {"data": {"values": [{"value": _in(target, unit), "text": "目标", "month": 1}]}} if target is not None else None

    def layers(months: list[int]) -> list[dict[str, Any]]:
        x = {**month, "axis": {**axis, "values": months}}
        found: list[dict[str, Any]] = [
            {"data": {"values": rows}, "mark": {"type": "line", "strokeWidth": 2.5, "point": {"size": 28}}, "encoding": {"x": x, "y": amount, "color": colour, "strokeDash": dash}}
        ]  # fmt: skip
        if ends:
            found.append({**ends, "mark": {"type": "rule", "strokeWidth": 8, "color": MIDDLE, "opacity": 0.5}, "encoding": {"x": x, "y": amount, "y2": {"field": "high"}}})  # fmt: skip
        if goal:
            at = {"y": amount}
            found.append({**goal, "mark": {"type": "rule", "color": INK, "strokeDash": [2, 3], "strokeWidth": 1.5}, "encoding": at})
            found.append({**goal, "mark": {"type": "text", "align": "left", "baseline": "top", "x": 6, "dy": 5}, "encoding": {**at, "text": {"field": "text"}}})  # fmt: skip
        return found

    label = f"{year} 年登记成交额逐月累计与按季节的走势，单位{unit}，年底 {_in(path[11], unit):,.2f}"
    return responsive(
        draw({"width": 560, "height": 280, "layer": layers(list(range(1, 13)))}, label),
        draw({"width": 240, "height": 240, "layer": layers([1, 4, 7, 10, 12])}, label, 12),
    )


def tried(points: Sequence[tuple[str, int, int | None, int | None]], method: str) -> str:
    """Return what a method said at each past month's end, in percent of how that year ended: (yyyy-mm, value, low, high) in basis points."""
    rows = [
        {"month": when, "value": value / 100, "low": (low if low is not None else value) / 100, "high": (high if high is not None else value) / 100}
        for when, value, low, high in points
    ]  # fmt: skip
    order = [when for when, *_rest in points]
    y: dict[str, Any] = {
        "type": "quantitative",
        "title": "占实际年底数的百分比",
        "axis": {"tickCount": 5, "labelExpr": "datum.value + '%'"},
    }
    true = {"data": {"values": [{"value": 100}]}, "mark": {"type": "rule", "color": INK, "strokeDash": [3, 3], "strokeWidth": 1.5}, "encoding": {"y": {**y, "field": "value"}}}  # fmt: skip

    def layers(shown: list[str]) -> list[dict[str, Any]]:
        x = {"field": "month", "type": "ordinal", "sort": order, "title": None, "axis": {"values": shown, "labelAngle": 0}}
        return [
            true,
            {"data": {"values": rows}, "mark": {"type": "rule", "color": LIGHT, "strokeWidth": 5}, "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
            {"data": {"values": rows}, "mark": {"type": "point", "filled": True, "size": 50, "color": DARK, "opacity": 1}, "encoding": {"x": x, "y": {**y, "field": "value"}}},
        ]  # fmt: skip

    label = f"{method}的回测：" + "；".join(f"{when} 说 {value / 100:.0f}%" for when, value, _low, _high in points)
    return responsive(
        draw({"width": 430, "height": 220, "layer": layers(order[::6])}, label),
        draw({"width": 235, "height": 220, "layer": layers(order[::11])}, label, 12),
    )


def over_years(series: Mapping[int, Mapping[str, int]], words: Mapping[str, str], unit: str, broken_at: int | None) -> str:
    """Return the types over the years as lines; `broken_at` marks the year from which two of them are counted apart."""
    years = sorted(series)
    names = list(words.values())
    rows = [
        {"year": str(year), "type": word, "value": _in(series[year].get(key, 0), unit)} for key, word in words.items() for year in years
    ]
    x = {"field": "year", "type": "ordinal", "title": None, "axis": {"labelAngle": 0, "ticks": False}}
    y = {"field": "value", "type": "quantitative", "title": unit, "axis": {"tickCount": 5}}

    def by(scale: Sequence[Any]) -> dict[str, Any]:
        return {"field": "type", "type": "nominal", "scale": {"domain": names, "range": list(scale)}}

    legend = {"title": None, "orient": "top", "columns": 3, "symbolType": "circle"}
    encoding = {"x": x, "y": y, "color": {**by(SHADES), "legend": legend}, "strokeDash": by(DASHES), "shape": by(SHAPES)}
    layers: list[dict[str, Any]] = [
        {"data": {"values": rows}, "mark": {"type": "line", "strokeWidth": 2}, "encoding": {key: encoding[key] for key in ("x", "y", "color", "strokeDash")}},
        {"data": {"values": rows}, "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1}, "encoding": {key: encoding[key] for key in ("x", "y", "color", "shape")}},
    ]  # fmt: skip
    if broken_at is not None and years and years[0] < broken_at <= years[-1]:
        cut = {"data": {"values": [{"year": str(broken_at), "text": "许可单列"}]}}
        layers.append({**cut, "mark": {"type": "rule", "color": SOFT, "strokeDash": [4, 3]}, "encoding": {"x": x}})
        layers.append({**cut, "mark": {"type": "text", "align": "left", "dx": 4, "y": 6, "color": SOFT}, "encoding": {"x": x, "text": {"field": "text"}}})  # fmt: skip
    label = f"{years[0]}–{years[-1]} 年各类合同登记成交额，单位{unit}" if years else "没有数据"
    return responsive(
        draw({"width": 560, "height": 260, "layer": layers}, label), draw({"width": 240, "height": 240, "layer": layers}, label, 12)
    )


def heat(cells: Mapping[tuple[str, str], tuple[int, str]], rows: Sequence[str], columns: Sequence[str], label: str) -> str:
    """Return a two-way table as shaded squares with their text: (row word, column word) → (value, text). Dark is much.

    Empty for narrow screens where both ways have more than `NARROW_MOST` columns.
    """
    data: list[dict[str, Any]] = [{"row": row, "column": column, "value": cells.get((row, column), (0, ""))[0], "text": cells.get((row, column), (0, ""))[1]} for row in rows for column in columns]  # fmt: skip
    top = max((one["value"] for one in data), default=0) or 1
    for one in data:
        one["dark"] = one["value"] * 1_000 > top * 735  # from here on white is clearer than black; both stay above 4.5 : 1
    shade = {"field": "value", "type": "quantitative", "scale": {"domain": [0, top], "range": ["#f4f7fb", DARK]}, "legend": None}
    ink = {"condition": {"test": "datum.dark", "value": "white"}, "value": "black"}

    def spec(across: str, down: str, order: tuple[Sequence[str], Sequence[str]], step: tuple[int, int], angle: int) -> dict[str, Any]:
        axis = {"ticks": False, "domain": False, "labelLimit": 150}
        x = {
            "field": across,
            "type": "nominal",
            "sort": list(order[0]),
            "title": None,
            "axis": {**axis, "orient": "top", "labelAngle": angle},
        }
        y = {"field": down, "type": "nominal", "sort": list(order[1]), "title": None, "axis": axis}
        return {
            "data": {"values": data}, "width": {"step": step[0]}, "height": {"step": step[1]},
            "layer": [
                {"mark": {"type": "rect", "stroke": LINE}, "encoding": {"x": x, "y": y, "color": shade}},
                {"mark": {"type": "text"}, "encoding": {"x": x, "y": y, "text": {"field": "text"}, "color": ink}},
            ],
        }  # fmt: skip

    flip = len(columns) > len(rows)
    narrow_order = (rows, columns) if flip else (columns, rows)
    across, down = ("row", "column") if flip else ("column", "row")
    wide = draw(spec("column", "row", (columns, rows), (56 if len(columns) > 7 else 84, 32), -35 if len(columns) > 6 else 0), label, 12)
    if min(len(rows), len(columns)) > NARROW_MOST:
        return responsive(wide, "")
    narrow = draw(spec(across, down, narrow_order, (max(30, 190 // max(len(narrow_order[0]), 1)), 34), -60), label, 12)
    return responsive(wide, narrow)


__all__ = ["UNITS", "heat", "over_years", "tried", "way", "year_end"]
