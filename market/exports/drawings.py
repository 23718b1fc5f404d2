"""Charts outside of pages: one SVG out of a page's two, and as PNG for Word. Letters come from the font that the market carries."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

FONTS = Path(__file__).with_name("fonts")
FAMILY = "Noto Sans CJK SC"
SCALE = 3.0  # pixels for one of the drawing's own: fine enough for print on A4


def one(drawn: str) -> str:
    """Return the first drawing of a chart as the pages carry it (wide and narrow): the one for paper, a file of its own.

    Raises ValueError where there is none.
    """
    start = drawn.index("<svg")
    svg = drawn[start : drawn.index("</svg>", start) + len("</svg>")]
    return svg if 'xmlns="' in svg[: svg.index(">")] else svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)


def png(svg: str) -> bytes:
    """Return a drawing as PNG."""
    _register_fonts()
    import vl_convert  # starts a JavaScript engine: only where a chart is really drawn

    return bytes(vl_convert.svg_to_png(svg, scale=SCALE))


@lru_cache(maxsize=1)
def _register_fonts() -> None:
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
