"""The flow map of the 沪宁 corridor, drawn by hand: places roughly where they lie, arrows as wide as what flows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

from market.domain import codes
from market.domain.statistics import Cell

HERE = (612, 268)  # 普陀
PLACES: dict[str, tuple[int, int, str]] = {  # city → x, y on the wide map, side of its label
    "320100": (66, 150, "s"),
    "321100": (168, 118, "n"),
    "321200": (286, 66, "n"),
    "320400": (276, 190, "s"),
    "320200": (374, 228, "s"),
    "320600": (520, 96, "n"),
    "320500": (476, 258, "s"),
}
OUTPUT, INTAKE = "#174a8b", "#c1440e"  # differ in lightness; output is also a whole line, intake a dashed one
RIVER = "M0 128 C50 150 110 132 168 140 S330 120 420 138 S560 160 720 176"
RAIL = ("320100", "321100", "320400", "320200", "320500")
WIDEST, THINNEST = 13, 2


@dataclass(frozen=True)
class Flow:
    """One place on the map: what it bought from the district (输出) and sold to it (吸纳), with the addresses of the rows."""

    name: str
    output: Cell
    intake: Cell
    output_href: str
    intake_href: str


def flow_map(flows: Mapping[str, Flow], words: Callable[[int], str], label: str) -> tuple[str, str]:
    """Return the map for wide and for narrow screens as SVG. `flows` by city code; `words` says an amount with its unit.

    Cities of the corridor stand on the map even with nothing; whatever is not on it belongs into the table beside it.
    """
    known = {city: flows.get(city) or Flow(codes.region_name(city), Cell(), Cell(), "", "") for city in PLACES}
    top = max((cell.amount_fen for flow in known.values() for cell in (flow.output, flow.intake)), default=0)
    return _wide(known, top, words, label), _narrow(known, top, words, label)


def _width(fen: int, top: int) -> int:
    """Return the width of an arrow in whole pixels: in step with the amount, never invisible."""
    return 0 if fen <= 0 or top <= 0 else max(THINNEST, WIDEST * fen // top)


def _open(view: str, label: str) -> str:
    heads = "".join(
        f'<marker id="{name}-{view.split()[2]}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>'
        for name, colour in (("out", OUTPUT), ("in", INTAKE))
    )
    return f'<svg class="chart" viewBox="{view}" role="group" aria-label="{escape(label)}"><defs>{heads}</defs>'


def _text(x: int, y: int, said: str, anchor: str = "middle", size: int = 13, colour: str = "#1c2128", bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    halo = ' stroke="#fff" stroke-width="4" paint-order="stroke" stroke-linejoin="round"'  # letters stay clear where an arrow crosses
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"{weight}{halo}>{escape(said)}</text>'


def _linked(href: str, said: str, inside: str) -> str:
    return f'<a href="{escape(href)}" aria-label="{escape(said)}">{inside}</a>' if href else inside


def _wide(flows: Mapping[str, Flow], top: int, words: Callable[[int], str], label: str) -> str:
    parts = [_open("0 0 720 326", label), f'<path d="{RIVER}" fill="none" stroke="#d6e4f3" stroke-width="12"/>', _text(694, 166, "长江", size=12, colour="#4b5563")]  # fmt: skip
    rail = " ".join(f"L{PLACES[city][0]} {PLACES[city][1]}" for city in RAIL)
    parts.append(f'<path d="M{rail[1:]} L{HERE[0]} {HERE[1]}" fill="none" stroke="#b8c0ca" stroke-width="3" stroke-dasharray="2 4"/>')
    parts.append(_text(150, 186, "沪宁铁路", size=12, colour="#4b5563"))
    for city, flow in flows.items():
        x, y, _side = PLACES[city]
        parts.append(_arrow(flow, "output", (x, y), top))
        parts.append(_arrow(flow, "intake", (x, y), top))
    for city, flow in flows.items():
        x, y, side = PLACES[city]
        parts.append(f'<circle cx="{x}" cy="{y}" r="7" fill="#fff" stroke="#1c2128" stroke-width="2"/>')
        parts += _names(flow, x, y, side, words)
    parts.append(f'<circle cx="{HERE[0]}" cy="{HERE[1]}" r="13" fill="{OUTPUT}"/>')
    parts.append(_text(HERE[0] + 20, HERE[1] + 5, "普陀区", "start", 15, bold=True))
    return "".join(parts) + "</svg>"


def _arrow(flow: Flow, way: str, place: tuple[int, int], top: int) -> str:
    """Return the curved arrow of one direction; the two directions bend to opposite sides."""
    cell = flow.output if way == "output" else flow.intake
    width = _width(cell.amount_fen, top)
    if not width:
        return ""
    (x1, y1), (x2, y2) = (HERE, place) if way == "output" else (place, HERE)
    bend = 6 if way == "output" else 9
    middle_x, middle_y = (x1 + x2) // 2 - (y2 - y1) // bend, (y1 + y2) // 2 + (x2 - x1) // bend
    x2, y2 = x2 + (middle_x - x2) * 14 // 100, y2 + (middle_y - y2) * 14 // 100  # end before the dot
    colour, mark, dash = (OUTPUT, "out", "") if way == "output" else (INTAKE, "in", ' stroke-dasharray="9 4"')
    return (
        f'<path d="M{x1} {y1}Q{middle_x} {middle_y} {x2} {y2}" fill="none" stroke="{colour}" stroke-opacity="0.75" stroke-width="{width}"'
        f'{dash} marker-end="url(#{mark}-720)"/>'
    )


def _names(flow: Flow, x: int, y: int, side: str, words: Callable[[int], str]) -> list[str]:
    """Return the name of a place and its two amounts, each leading to its rows."""
    first = y - 42 if side == "n" else y + 24
    lines = [_text(x, first, flow.name, bold=True)]
    for n, (word, cell, href, colour) in enumerate(
        (("出", flow.output, flow.output_href, OUTPUT), ("入", flow.intake, flow.intake_href, INTAKE)), 1
    ):
        said = f"{word} {words(cell.amount_fen)}" if cell.count else f"{word} 无"
        lines.append(
            _linked(
                href if cell.count else "", f"{flow.name}{said}，{cell.count} 份", _text(x, first + 16 * n, said, size=12, colour=colour)
            )
        )
    return lines


def _narrow(flows: Mapping[str, Flow], top: int, words: Callable[[int], str], label: str) -> str:
    """Return the line of stations from 南京 down to 普陀; left what came in, right what went out, as bars."""
    height = 62 * len(flows) + 80
    parts = [_open(f"0 0 340 {height}", label)]
    parts += [_text(80, 18, "吸纳（买入）", colour=INTAKE, bold=True), _text(260, 18, "输出（卖出）", colour=OUTPUT, bold=True)]
    parts.append(f'<path d="M170 34V{height - 32}" stroke="#b8c0ca" stroke-width="4"/>')
    for n, flow in enumerate(flows.values()):
        y = 56 + 62 * n
        parts.append(_text(170, y - 12, flow.name, bold=True))
        parts.append(f'<circle cx="170" cy="{y + 8}" r="7" fill="#fff" stroke="#1c2128" stroke-width="2"/>')
        for way, cell, href, colour in (("in", flow.intake, flow.intake_href, INTAKE), ("out", flow.output, flow.output_href, OUTPUT)):
            long = 145 * cell.amount_fen // top if top and cell.amount_fen > 0 else 0
            x, anchor, text_x = (184, "start", 186) if way == "out" else (156 - long, "end", 154)
            bar = f'<rect x="{x}" y="{y + 2}" width="{long}" height="12" fill="{colour}" fill-opacity="0.8"/>'
            said = words(cell.amount_fen) if cell.count else "无"
            parts.append(
                _linked(
                    href if cell.count else "", f"{flow.name}{said}，{cell.count} 份", bar + _text(text_x, y + 30, said, anchor, 12, colour)
                )
            )
    parts.append(f'<circle cx="170" cy="{height - 30}" r="11" fill="{OUTPUT}"/>')
    parts.append(_text(170, height - 4, "普陀区", size=14, bold=True))
    return "".join(parts) + "</svg>"
