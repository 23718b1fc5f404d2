"""Documents in Word: the 发榜公告 of a published challenge, laid out like an official notice."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from docx import Document
from docx.shared import Cm

from market.exports import word
from market.exports.word import DOCX_TYPE, TITLE_FONT

__all__ = ["DOCX_TYPE", "Announcement", "announcement"]
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
    word.page(document)
    word.paragraph(document, "关于发布揭榜挂帅榜单的公告", "title", TITLE_FONT, centre=True)
    word.paragraph(
        document, f"榜单编号：{facts.number or '待编号'}{'（示例数据，不对外发布）' if facts.sample else ''}", "body", centre=True
    )
    word.paragraph(document, "各有关单位：", "body", indent=False)
    word.paragraph(
        document,
        f"为解决企业生产中的实际难题，现发布“{facts.title}”榜单，欢迎高校、科研院所、企业和联合体揭榜申报。有关事项公告如下。",
        "body",
    )
    word.heading(document, "一、要解决的难题")
    word.lines(document, facts.pain)
    word.lines(document, facts.background)
    word.heading(document, "二、指标要求")
    if facts.indicators:
        headers = ("指标", "现状", "目标", "单位", "检测方法", "要求")
        word.table(document, headers, facts.indicators, WIDTHS, centre=SHORT_COLUMNS)
    else:
        word.paragraph(document, "指标由发榜方与揭榜方商定。", "body")
    word.heading(document, "三、榜单要素")
    for label, value in (("发榜方", facts.poster), *facts.facts):
        word.paragraph(document, f"{label}：{value}", "body")
    word.lines(document, facts.requirements)
    word.heading(document, "四、申报方式")
    word.paragraph(document, f"申报截止：{facts.deadline}。", "body")
    word.paragraph(document, facts.how, "body")
    last = word.paragraph(document, f"联系方式：{facts.contact}。", "body")
    if facts.addenda:
        word.heading(document, "五、补充说明")
        for text in facts.addenda:
            last = word.paragraph(document, " ".join(text.split()), "body")
    signature = [word.paragraph(document, "", "body"), word.paragraph(document, facts.organiser, "body", right=True)]
    for paragraph in (last, *signature):  # a signature never stands on a page of its own
        paragraph.paragraph_format.keep_with_next = True
    word.paragraph(document, f"{facts.on.year} 年 {facts.on.month} 月 {facts.on.day} 日", "body", right=True)
    out = io.BytesIO()
    document.core_properties.title = facts.title[:200]
    document.core_properties.author = facts.organiser
    document.save(out)
    return out.getvalue()
