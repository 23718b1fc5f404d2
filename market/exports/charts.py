"""Charts as SVG drawn on the server: Vega-Lite specifications in, clean inline SVG out. Numbers come in 分."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from market.domain import money

FONTS = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, Source Han Sans SC, WenQuanYi Micro Hei, sans-serif"
INK, SOFT, LINE = "#1c2128", "#4b5563", "#dde1e6"
DARK, LIGHT = "#174a8b", "#9dbbe0"  # differ in lightness, not only in hue: readable without colour and in print
UNITS = {"亿元": money.YI, "万元": money.WAN}
_SIZE = re.compile(r'<svg([^>]*?) width="[\d.]+" height="[\d.]+"')
_STYLE = re.compile(r'\sstyle="([^"]*)"')
_FORBIDDEN = re.compile(r"<(?:style|script|foreignObject)\b|\son\w+=|javascript:", re.IGNORECASE)


def config(size: int) -> dict[str, Any]:
    """Return the look shared by all charts: the site's type and colours, few lines."""
    return {
        "font": FONTS,
        "background": "transparent",
        "view": {"stroke": None},
        "axis": {
            "labelFontSize": size, "titleFontSize": size, "titleFontWeight": "normal", "labelColor": SOFT, "titleColor": SOFT, "gridColor": LINE,
            "domainColor": SOFT, "tickColor": LINE, "labelPadding": 6, "titlePadding": 8,
        },
        "legend": {"labelFontSize": size, "labelColor": INK, "title": None, "orient": "top", "symbolType": "square", "symbolSize": 140, "offset": 4},
        "text": {"fontSize": size, "color": INK},
    }  # fmt: skip


def clean(svg: str, label: str) -> str:
    """Return an SVG fit to stand inline under a strict content policy, scaling with its box.

    Takes out the fixed size and style attributes (written as attributes instead), names the picture,
    and raises ValueError for anything that could run or style the page.
    """
    svg = _STYLE.sub(lambda match: _as_attributes(match.group(1)), svg)
    svg = _SIZE.sub(r"<svg\1", svg, count=1).replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    svg = re.sub(r' (?:aria-(?:label|roledescription)|role)="[^"]*"', "", svg).replace(' class="marks"', ' class="chart"')
    svg = svg.replace("<svg", f'<svg role="img" aria-label="{_quoted(label)}"', 1)
    if _FORBIDDEN.search(svg):
        raise ValueError("the drawing holds something that could run or style the page")
    return svg


def _as_attributes(style: str) -> str:
    pairs = [part.split(":", 1) for part in style.split(";") if ":" in part]
    return "".join(f' {name.strip()}="{_quoted(value.strip())}"' for name, value in pairs)


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


@lru_cache(maxsize=128)
def _draw(spec: str, label: str) -> str:
    import vl_convert  # starts a JavaScript engine: only where a chart is really drawn

    return clean(vl_convert.vegalite_to_svg(spec), label)


def draw(spec: dict[str, Any], label: str, size: int = 13) -> str:
    """Return a Vega-Lite specification as SVG; the same one is drawn only once in a process."""
    whole = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "config": config(size), **spec}
    return _draw(json.dumps(whole, ensure_ascii=False, sort_keys=True), label)


def responsive(wide: str, narrow: str) -> str:
    """Return both drawings of one chart; the page shows the one that fits, with letters that can be read on either."""
    return f'<div class="d-none d-md-block">{wide}</div><div class="d-md-none">{narrow}</div>'


def by_month(this: tuple[int, ...], last: tuple[int, ...], year: int, unit: str) -> str:
    """Return the months of a year beside those of the year before, as columns (wide) and as bars (narrow)."""
    rows = [
        {"month": f"{n} 月", "year": f"{name} 年", "value": in_unit(fen, unit)}
        for name, values in ((year - 1, last), (year, this))
        for n, fen in enumerate(values, 1)
    ]
    months = [f"{n} 月" for n in range(1, 13)]
    names = [f"{year - 1} 年", f"{year} 年"]
    colour = {"field": "year", "type": "nominal", "scale": {"domain": names, "range": [LIGHT, DARK]}}
    month = {"field": "month", "type": "ordinal", "sort": months, "title": None, "axis": {"labelAngle": 0, "ticks": False}}
    amount = {"field": "value", "type": "quantitative", "title": unit, "axis": {"tickCount": 5}}
    common: dict[str, Any] = {"data": {"values": rows}, "mark": {"type": "bar"}}
    label = f"{year} 年与 {year - 1} 年各月登记成交额，单位{unit}"
    offset = {"field": "year", "sort": names}
    wide = {**common, "width": 520, "height": 240, "encoding": {"x": month, "xOffset": offset, "y": amount, "color": colour}}
    narrow = {
        **common,
        "width": 230,
        "height": 400,
        "encoding": {"y": month, "yOffset": offset, "x": {**amount, "axis": {"tickCount": 3}}, "color": colour},
    }
    return responsive(draw(wide, label), draw(narrow, label, 12))


def cumulative(this: tuple[int, ...], last: tuple[int, ...], year: int, unit: str, target: int | None) -> str:
    """Return the running sums of a year (as far as it has gone) and the year before, with the target where it is known."""
    rows = [
        {"month": n, "year": f"{name} 年", "value": in_unit(fen, unit)}
        for name, values in ((year - 1, last), (year, this))
        for n, fen in enumerate(values, 1)
    ]
    names = [f"{year - 1} 年", f"{year} 年"]
    month = {"field": "month", "type": "quantitative", "title": None, "scale": {"domain": [1, 12]}, "axis": {"values": list(range(1, 13)), "labelExpr": "datum.value + ' 月'", "labelFlush": False, "grid": False}}  # fmt: skip
    encoding = {
        "x": month,
        "y": {"field": "value", "type": "quantitative", "title": unit, "axis": {"tickCount": 5}},
        "color": {
            "field": "year",
            "type": "nominal",
            "scale": {"domain": names, "range": [LIGHT, DARK]},
            "legend": {"symbolType": "stroke"},
        },
        "strokeDash": {"field": "year", "type": "nominal", "scale": {"domain": names, "range": [[6, 4], [1, 0]]}},
    }
    layers: list[dict[str, Any]] = [
        {"data": {"values": rows}, "mark": {"type": "line", "strokeWidth": 2.5, "point": {"size": 30}}, "encoding": encoding}
    ]
    label = f"{year} 年与 {year - 1} 年登记成交额逐月累计，单位{unit}"
    if target is not None:
        goal = {"data": {"values": [{"value": in_unit(target, unit), "text": "目标"}]}}
        at = {"y": {"field": "value", "type": "quantitative"}}
        layers.append({**goal, "mark": {"type": "rule", "color": INK, "strokeDash": [2, 3], "strokeWidth": 1.5}, "encoding": at})
        layers.append(
            {
                **goal,
                "mark": {"type": "text", "align": "left", "baseline": "top", "x": 6, "dy": 5},
                "encoding": {**at, "text": {"field": "text"}},
            }
        )
        label += f"，目标 {in_unit(target, unit)}"
    wide = {"width": 520, "height": 240, "layer": layers}
    narrow_layers = json.loads(json.dumps(layers))
    narrow_layers[0]["encoding"]["x"]["axis"]["values"] = [1, 3, 5, 7, 9, 11]
    return responsive(draw(wide, label), draw({"width": 230, "height": 230, "layer": narrow_layers}, label, 12))


def reliability(bars: Sequence[tuple[float, float, float, float, int]]) -> str:
    """Return what was said of pairs against what was judged: (said, judged, low, high, n) for each step of scores.

    A point on the line says what is true; its whisker is the 95 % interval, its size the number of judged pairs.
    """
    rows = [{"said": said, "judged": judged, "low": low, "high": high, "n": n} for said, judged, low, high, n in bars]
    scale = {"domain": [0, 1]}
    axis = {"format": ".0%", "tickCount": 5}
    x = {"field": "said", "type": "quantitative", "title": "页面上说的", "scale": scale, "axis": axis}
    y = {"field": "judged", "type": "quantitative", "title": "实际被判为对口的", "scale": scale, "axis": axis}
    line = {
        "data": {"values": [{"said": 0, "judged": 0}, {"said": 1, "judged": 1}]},
        "mark": {"type": "line", "color": SOFT, "strokeDash": [4, 4], "strokeWidth": 1.5},
        "encoding": {"x": x, "y": y},
    }
    whiskers = {"data": {"values": rows}, "mark": {"type": "rule", "color": DARK, "strokeWidth": 2}, "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}}  # fmt: skip
    size = {"field": "n", "type": "quantitative", "scale": {"range": [40, 300]}, "legend": None}
    points = {"data": {"values": rows}, "mark": {"type": "circle", "color": DARK, "opacity": 1}, "encoding": {"x": x, "y": y, "size": size}}
    label = "可信度图：" + "；".join(f"说 {said:.0%} 的，实际 {judged:.0%}（{n} 对）" for said, judged, _, _, n in bars)
    layers = [line, whiskers, points]
    return responsive(
        draw({"width": 360, "height": 300, "layer": layers}, label), draw({"width": 230, "height": 230, "layer": layers}, label, 12)
    )


def in_unit(fen: int, unit: str) -> Any:
    """Return an amount as the number the drawing needs (two decimals; a picture, not a record)."""
    return json.loads(money.in_unit(fen, UNITS[unit]).replace(",", ""))
