"""Word documents: the page, the paragraphs and the tables of an official notice (GB/T 9704), and any paper written in blocks."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Length, Pt

from market.exports import blocks, drawings

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TITLE_FONT, BODY_FONT, HEAD_FONT = "方正小标宋简体", "仿宋_GB2312", "黑体"
SIZES = {
    "title": Pt(22),
    "head": Pt(16),
    "body": Pt(16),
    "table": Pt(12),
    "foot": Pt(14),
    "small": Pt(10.5),
    "tight": Pt(9),
}  # 二号 三号 三号 小四 四号 五号 小五
WIDTH = 15.6  # cm between the margins


def paper(document: blocks.Paper) -> bytes:
    """Return a paper as DOCX: A4 and type sizes of an official notice; one that is to fit one page is set closer."""
    word = Document()
    close = document.one_page
    page(word, close)
    paragraph(word, document.title, "title", TITLE_FONT, centre=True)
    if document.subtitle:
        paragraph(word, document.subtitle, "small", centre=True, line=Pt(22))
    for block in document.blocks:
        _WRITERS[type(block)](word, block, close)
    word.core_properties.title, word.core_properties.author = document.title[:200], document.author[:200]
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def _write_heading(word: Any, block: blocks.Heading, close: bool) -> None:
    heading(word, block.text, Pt(26) if close else Pt(32))


def _write_text(word: Any, block: blocks.Text, close: bool) -> None:
    size = "small" if block.small else "table" if close else "body"
    paragraph(word, block.text, size, line=Pt(18) if block.small else Pt(22) if close else Pt(28))


def _write_table(word: Any, block: blocks.Table, close: bool) -> None:
    if block.caption:
        said = paragraph(word, block.caption, "table", HEAD_FONT, centre=True, line=Pt(24))
        said.paragraph_format.keep_with_next = True
    whole = sum(block.widths)
    widths = [Cm(WIDTH * part / whole) for part in block.widths]
    wide = len(block.headers) > 5
    table(
        word,
        block.headers,
        block.rows,
        widths,
        right=block.numeric,
        size="tight" if wide else "small",
        line=Pt(15) if close or wide else Pt(18),
    )
    paragraph(word, "", "tight", line=Pt(6) if close else Pt(10))


def _write_picture(word: Any, block: blocks.Picture, _close: bool) -> None:
    if block.caption:
        paragraph(word, block.caption, "table", HEAD_FONT, centre=True, line=Pt(24)).paragraph_format.keep_with_next = True
    shape = word.add_picture(io.BytesIO(drawings.png(block.svg)), width=Cm(WIDTH * 0.82))
    shape._inline.docPr.set("descr", block.alt[:250])
    word.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER


def _write_signature(word: Any, block: blocks.Signature, close: bool) -> None:
    lines = [
        paragraph(word, text, "table" if close else "body", right=True, line=Pt(22) if close else Pt(28)) for text in ("", *block.lines)
    ]
    for one in lines[:-1]:
        one.paragraph_format.keep_with_next = True


_WRITERS: dict[type[Any], Any] = {
    blocks.Heading: _write_heading,
    blocks.Text: _write_text,
    blocks.Table: _write_table,
    blocks.Picture: _write_picture,
    blocks.Signature: _write_signature,
}


def page(document: Any, close: bool = False) -> None:
    """Set up A4 with the margins of an official notice (closer ones for a paper of one page) and the page number below."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = (Cm(2.2), Cm(1.8)) if close else (Cm(3.7), Cm(3.5))
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run(foot, "— ", "foot", BODY_FONT)
    _page_number(foot)
    run(foot, " —", "foot", BODY_FONT)


def _page_number(foot: Any) -> None:
    """Put the field of the page's number at the end of a paragraph."""
    part = foot.add_run()
    part.font.size, part.font.name = SIZES["foot"], BODY_FONT
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        part._element.append(element)


def paragraph(
    document: Any,
    text: str,
    size: str,
    font: str = BODY_FONT,
    *,
    centre: bool = False,
    right: bool = False,
    indent: bool = True,
    line: Length = Pt(28),  # noqa: B008 a constant
) -> Any:
    """Add a paragraph in one of SIZES with a fixed line height; Chinese paragraphs begin two characters in."""
    added = document.add_paragraph()
    form = added.paragraph_format
    form.line_spacing, form.space_after = line, Pt(0)
    if centre or right:
        added.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.RIGHT
    elif indent:
        form.first_line_indent = SIZES[size] * 2
    run(added, text, size, font)
    return added


def run(added: Any, text: str, size: str, font: str) -> None:
    """Add a run of text in a font, for Chinese and Latin alike."""
    part = added.add_run(text)
    part.font.size, part.font.name = SIZES[size], font
    part._element.rPr.rFonts.set(qn("w:eastAsia"), font)


def heading(document: Any, text: str, line: Length = Pt(28)) -> None:  # noqa: B008 a constant
    """Add a heading that never stands alone at the foot of a page."""
    paragraph(document, text, "head", HEAD_FONT, line=line).paragraph_format.keep_with_next = True


def lines(document: Any, text: str) -> None:
    """Add a text, one paragraph a line."""
    for line in (text or "").splitlines():
        if line.strip():
            paragraph(document, line.strip(), "body")


def table(
    document: Any,
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[Length],
    *,
    centre: frozenset[int] = frozenset(),
    right: frozenset[int] = frozenset(),
    size: str = "table",
    line: Length = Pt(18),  # noqa: B008 a constant
) -> None:
    """Add a table: fixed widths, the header on every page, no row broken over two pages."""
    added = document.add_table(rows=0, cols=len(headers))
    added.style, added.autofit, added.alignment = "Table Grid", False, WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(added.columns, widths, strict=True):
        column.width = width
    for number, row in enumerate((headers, *rows)):
        added_row = added.add_row()
        properties = added_row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for position, (cell, value) in enumerate(zip(added_row.cells, row, strict=True)):
            cell.width, cell.vertical_alignment = widths[position], WD_CELL_VERTICAL_ALIGNMENT.CENTER
            said = cell.paragraphs[0]
            form = said.paragraph_format
            form.line_spacing, form.space_before, form.space_after = line, Pt(2 if line < Pt(18) else 3), Pt(2 if line < Pt(18) else 3)
            if number == 0 or position in centre:
                said.alignment = WD_ALIGN_PARAGRAPH.CENTER
            elif position in right:
                said.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            run(said, value or "", size, HEAD_FONT if number == 0 else BODY_FONT)
