"""Documents in Word: the 发榜公告 of a published challenge, laid out like an official notice."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TITLE_FONT, BODY_FONT = "方正小标宋简体", "仿宋_GB2312"
SIZES = {"title": Pt(22), "head": Pt(16), "body": Pt(16), "table": Pt(12), "foot": Pt(14)}  # 二号, 三号, 三号, 小四, 四号 (GB/T 9704)
WIDTHS = (Cm(3.7), Cm(2.0), Cm(2.2), Cm(1.9), Cm(4.2), Cm(1.6))  # of the columns of indicators: 15.6 cm between the margins

SHORT_COLUMNS = frozenset({1, 2, 3, 5})  # figures and single words stand in the middle


@dataclass(frozen=True)
class Announcement:
    """What a 发榜公告 says. `poster` is the name the public may read."""

    title: str
    number: str
    poster: str
    pain: str
    background: str
    requirements: str
    facts: Sequence[tuple[str, str]]
    indicators: Sequence[tuple[str, str, str, str, str, str]]  # name, present, target, unit, method, 必达/期望
    deadline: str
    addenda: Sequence[str]  # what was added since, numbered and dated
    how: str
    contact: str
    organiser: str
    on: date
    sample: bool


def announcement(facts: Announcement) -> bytes:
    """Return the 发榜公告 as DOCX: A4, margins and type sizes of an official notice, the indicators as a table."""
    document = Document()
    _page(document)
    _paragraph(document, "关于发布揭榜挂帅榜单的公告", "title", TITLE_FONT, centre=True)
    _paragraph(document, f"榜单编号：{facts.number or '待编号'}{'（示例数据，不对外发布）' if facts.sample else ''}", "body", centre=True)
    _paragraph(document, "各有关单位：", "body", indent=False)
    _paragraph(
        document,
        f"为解决企业生产中的实际难题，现发布“{facts.title}”榜单，欢迎高校、科研院所、企业和联合体揭榜申报。有关事项公告如下。",
        "body",
    )
    _heading(document, "一、要解决的难题")
    _text(document, facts.pain)
    _text(document, facts.background)
    _heading(document, "二、指标要求")
    if facts.indicators:
        _table(document, ("指标", "现状", "目标", "单位", "检测方法", "要求"), facts.indicators)
    else:
        _paragraph(document, "指标由发榜方与揭榜方商定。", "body")
    _heading(document, "三、榜单要素")
    for label, value in (("发榜方", facts.poster), *facts.facts):
        _paragraph(document, f"{label}：{value}", "body")
    _text(document, facts.requirements)
    _heading(document, "四、申报方式")
    _paragraph(document, f"申报截止：{facts.deadline}。", "body")
    _paragraph(document, facts.how, "body")
    last = _paragraph(document, f"联系方式：{facts.contact}。", "body")
    if facts.addenda:
        _heading(document, "五、补充说明")
        for text in facts.addenda:
            last = _paragraph(document, " ".join(text.split()), "body")
    signature = [_paragraph(document, "", "body"), _paragraph(document, facts.organiser, "body", right=True)]
    for paragraph in (last, *signature):  # a signature never stands on a page of its own
        paragraph.paragraph_format.keep_with_next = True
    _paragraph(document, f"{facts.on.year} 年 {facts.on.month} 月 {facts.on.day} 日", "body", right=True)
    out = io.BytesIO()
    document.core_properties.title = facts.title[:200]
    document.core_properties.author = facts.organiser
    document.save(out)
    return out.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(foot, "— ", "foot", BODY_FONT)
    _page_number(foot)
    _run(foot, " —", "foot", BODY_FONT)


def _page_number(paragraph: Any) -> None:
    """Put the field of the page's number at the end of a paragraph."""
    run = paragraph.add_run()
    run.font.size, run.font.name = SIZES["foot"], BODY_FONT
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._element.append(element)


def _paragraph(
    document: Any, text: str, size: str, font: str = BODY_FONT, *, centre: bool = False, right: bool = False, indent: bool = True
) -> Any:
    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    form.line_spacing, form.space_after = Pt(28), Pt(0)
    if centre or right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.RIGHT
    elif indent:
        form.first_line_indent = SIZES[size] * 2
    _run(paragraph, text, size, font)
    return paragraph


def _run(paragraph: Any, text: str, size: str, font: str) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.name = SIZES[size], font
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)


def _heading(document: Any, text: str) -> None:
    _paragraph(document, text, "head", "黑体").paragraph_format.keep_with_next = True


def _text(document: Any, text: str) -> None:
    for line in (text or "").splitlines():
        if line.strip():
            _paragraph(document, line.strip(), "body")


def _table(document: Any, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write the indicators: fixed widths, the header on every page, no row broken over two pages."""
    table = document.add_table(rows=0, cols=len(headers))
    table.style, table.autofit, table.alignment = "Table Grid", False, WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, WIDTHS, strict=True):
        column.width = width
    for number, row in enumerate((headers, *rows)):
        line = table.add_row()
        properties = line._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for position, (cell, value) in enumerate(zip(line.cells, row, strict=True)):
            cell.width, cell.vertical_alignment = WIDTHS[position], WD_CELL_VERTICAL_ALIGNMENT.CENTER
            paragraph = cell.paragraphs[0]
            form = paragraph.paragraph_format
            form.line_spacing, form.space_before, form.space_after = Pt(18), Pt(3), Pt(3)
            if number == 0 or position in SHORT_COLUMNS:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _run(paragraph, value or "", "table", "黑体" if number == 0 else BODY_FONT)
