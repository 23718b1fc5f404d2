"""Documents in Word: the 发榜公告 of a published challenge, laid out like an official notice."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TITLE_FONT, BODY_FONT = "方正小标宋简体", "仿宋_GB2312"
SIZES = {"title": Pt(22), "head": Pt(16), "body": Pt(16), "table": Pt(12)}  # 二号, 三号, 三号, 小四 (GB/T 9704)


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
    _paragraph(document, f"联系方式：{facts.contact}。", "body")
    _paragraph(document, "", "body")
    for line in (facts.organiser, f"{facts.on.year} 年 {facts.on.month} 月 {facts.on.day} 日"):
        _paragraph(document, line, "body", right=True)
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
    _paragraph(document, text, "head", "黑体")


def _text(document: Any, text: str) -> None:
    for line in (text or "").splitlines():
        if line.strip():
            _paragraph(document, line.strip(), "body")


def _table(document: Any, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=1, cols=len(headers))
    table.style = "Table Grid"
    for cell, header in zip(table.rows[0].cells, headers, strict=True):
        _run(cell.paragraphs[0], header, "table", "黑体")
    for row in rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            _run(cell.paragraphs[0], value or "", "table", BODY_FONT)
