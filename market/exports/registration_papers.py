"""The registration form as Word documents: one, or a ZIP with one for each contract."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from itertools import groupby

from market.domain import registration_form as form
from market.domain.registration_form import Entry, Unit
from market.exports import blocks, word
from market.exports.registration_sheets import explanation

_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


def paper(title: str, entries: Sequence[Entry], unit: Unit, author: str, notes: Sequence[str]) -> bytes:
    """Return one contract's form as DOCX, in the system's order; `notes` stand below it."""
    body: list[blocks.Block] = []
    for section, rows in groupby(entries, key=lambda entry: entry.field.section):
        body.append(blocks.Heading(section))
        lines = [(str(entry.number), entry.field.label, _written(entry), explanation(entry, unit)) for entry in rows]
        body.append(blocks.Table(("序号", "栏目", "填写内容", "代码、单位和提示"), lines, (9, 28, 60, 40)))
    body += [blocks.Text(note, small=True) for note in (*notes, form.UNCHECKED)]
    return word.paper(blocks.Paper("技术合同登记表（填报底稿）", title, body, author, one_page=True))


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
