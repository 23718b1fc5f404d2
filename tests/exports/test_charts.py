"""Charts are clean SVG: nothing that could run or style the page, readable without colour, drawn once."""

from __future__ import annotations

import pytest
from lxml import etree

from market.exports import charts

THIS = tuple(n * 100_000_000 for n in range(1, 7))
LAST = tuple(n * 90_000_000 for n in range(1, 13))


def drawings() -> list[str]:
    return [
        charts.by_month(THIS, LAST, 2026, "万元"),
        charts.by_month((0,) * 12, (0,) * 12, 2026, "亿元"),
        charts.cumulative(THIS, LAST, 2026, "万元", 10**12),
        charts.cumulative((0,), (), 2026, "亿元", None),
    ]


@pytest.mark.parametrize("drawing", drawings())
def test_a_drawing_is_well_formed_and_holds_nothing_the_policy_refuses(drawing: str) -> None:
    tree = etree.fromstring(f"<div>{drawing}</div>")
    for node in tree.iter():
        assert etree.QName(node).localname not in {"style", "script", "foreignObject", "image", "use"}
        for name in node.attrib:
            assert name not in {"style", "id"} and not name.startswith("on")
    pictures = [node for node in tree.iter() if etree.QName(node).localname == "svg"]
    assert len(pictures) == 2  # one for wide pages, one for phones
    for picture in pictures:
        assert (
            picture.get("viewBox") and not picture.get("width") and picture.get("role") == "img" and "2026 年" in picture.get("aria-label")
        )


def test_chinese_type_comes_first_and_two_years_differ_without_colour() -> None:
    drawing = charts.by_month(THIS, LAST, 2026, "万元")
    assert 'font-family="PingFang SC, Microsoft YaHei' in drawing
    assert "2025 年" in drawing and "2026 年" in drawing and charts.DARK in drawing and charts.LIGHT in drawing
    assert "stroke-dasharray" in charts.cumulative(THIS, LAST, 2026, "万元", None)


def test_style_attributes_become_plain_ones_and_scripts_are_refused() -> None:
    svg = '<svg class="marks" width="10" height="9" viewBox="0 0 10 9"><text style="font: 1px x; fill: red">甲</text></svg>'
    assert (
        charts.clean(svg, '说"明"')
        == '<svg role="img" aria-label="说&quot;明&quot;" class="chart" viewBox="0 0 10 9"><text font="1px x" fill="red">甲</text></svg>'
    )
    for bad in ("<style>x</style>", "<script>x</script>", '<a onclick="x">', '<a href="javascript:x">'):
        with pytest.raises(ValueError):
            charts.clean(f"<svg>{bad}</svg>", "x")


def test_the_same_chart_is_drawn_once() -> None:
    charts.by_month(THIS, LAST, 2026, "万元")
    before = charts._draw.cache_info()
    charts.by_month(THIS, LAST, 2026, "万元")
    after = charts._draw.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 2)
