"""Papers as PDF, set by Typst with the Chinese font that the market carries. Texts enter as data: nothing in them is markup."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from market.exports.blocks import Paper
from market.exports.drawings import FONTS

PDF_TYPE = "application/pdf"
TEMPLATE = Path(__file__).with_name("paper.typ")
_KINDS = {"Heading": "heading", "Text": "text", "Table": "table", "Picture": "picture", "Signature": "signature"}


def paper(document: Paper) -> bytes:
    """Return a paper as PDF: A4, tagged, fonts embedded. Letters that the carried font lacks come from the machine's fonts."""
    import typst  # a large library: only where a PDF is really set

    blocks = [{"kind": _KINDS[type(block).__name__], **_plain(block)} for block in document.blocks]
    content = {
        "title": document.title,
        "subtitle": document.subtitle,
        "author": document.author,
        "close": document.one_page,
        "blocks": blocks,
    }
    return bytes(typst.compile(str(TEMPLATE), font_paths=[str(FONTS)], sys_inputs={"data": json.dumps(content, ensure_ascii=False)}))


def _plain(block: Any) -> dict[str, Any]:
    """Return a block as JSON can carry it."""
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(block).items()}
