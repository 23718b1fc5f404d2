"""The registration form as Word documents: one, or a ZIP with one for each contract.

The tables are written as XML in one piece: cell by cell, python-docx takes a third of a second for a form, and a technology
transfer office asks for a hundred of them at once.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm, Pt

from market.domain import registration_form as form
from market.domain.registration_form import Entry, Unit
from market.exports import word
from market.exports.registration_sheets import explanation

_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_HEADERS, _WIDTHS = ("序号", "栏目", "填写内容", "代码、单位和提示"), (1.2, 3.4, 6.0, 5.0)  # cm
_BORDERS = "".join(f'<w:{side} w:val="single" w:sz="4"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV"))


def paper(title: str, entries: Sequence[Entry], unit: Unit, author: str, notes: Sequence[str]) -> bytes:
    """Return one contract's form as DOCX, in the system's order; `notes` stand below it."""
    document = Document()
    word.page(document, close=True)
    word.paragraph(document, "技术合同登记表（填报底稿）", "title", word.TITLE_FONT, centre=True)
    word.paragraph(document, title, "table", centre=True, line=Pt(24))
    for section, rows in groupby(entries, key=lambda entry: entry.field.section):
        word.heading(document, section, Pt(26))
        lines = [(str(entry.number), entry.field.label, _written(entry), explanation(entry, unit)) for entry in rows]
        word.paragraph(document, "", "small", line=Pt(4))._p.addprevious(parse_xml(_table((_HEADERS, *lines))))
    for note in (*notes, form.UNCHECKED):
        word.paragraph(document, note, "small", line=Pt(18))
    document.core_properties.title, document.core_properties.author = title[:200], author[:200]
    return _saved(document)


def _saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Return a table as XML: fixed widths, the header on every page, no row broken over two pages."""
    grid = "".join(f'<w:gridCol w:w="{Cm(width).twips}"/>' for width in _WIDTHS)
    body = "".join(_row(row, number == 0) for number, row in enumerate(rows))
    layout = f'<w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblBorders>{_BORDERS}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
    return f"<w:tbl {nsdecls('w')}>{layout}<w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>"


def _row(cells: Sequence[str], head: bool) -> str:
    repeated = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(_cell(*one, head) for one in zip(cells, _WIDTHS, strict=True))}</w:tr>"


def _cell(text: str, width: float, head: bool) -> str:
    font = word.HEAD_FONT if head else word.BODY_FONT
    look = f'<w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}"/><w:sz w:val="21"/></w:rPr>'
    said = f'<w:r>{look}<w:t xml:space="preserve">{html.escape(text)}</w:t></w:r>'
    place = f'<w:tcPr><w:tcW w:w="{Cm(width).twips}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
    return f'<w:tc>{place}<w:p><w:pPr><w:spacing w:before="40" w:after="40"/></w:pPr>{said}</w:p></w:tc>'


def _written(entry: Entry) -> str:
    if entry.field.kind == "given":
        return entry.cell.text or "（登记后给出）"
    return entry.cell.text or ("（待补）" if entry.missing else "")


def archive(papers: Iterable[tuple[str, bytes]]) -> bytes:
    """Return documents as one ZIP; names are made fit for every file system and told apart where they are the same."""
    out, used = io.BytesIO(), set()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:  # a DOCX is compressed already
        for name, content in papers:
            stem, number = file_stem(name), 1
            while (called := stem if number == 1 else f"{stem}-{number}") in used:
                number += 1
            used.add(called)
            packed.writestr(f"{called}.docx", content)
    return out.getvalue()


def file_stem(text: str) -> str:
    """Return a text fit to name a file, at most 60 characters."""
    return _UNFIT.sub("-", text).strip(" .")[:60] or "合同"
