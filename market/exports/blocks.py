"""What a paper says, apart from how it is set: the same blocks become DOCX (word.py) and PDF (pdf.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Heading:
    """A heading with its number in it: 一、总体情况."""

    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph; `small` for what explains."""

    text: str
    small: bool = False


@dataclass(frozen=True)
class Table:
    """A table of texts; `widths` are shares, `numeric` the columns that stand at the right."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    numeric: frozenset[int] = field(default_factory=frozenset)
    caption: str = ""


@dataclass(frozen=True)
class Picture:
    """A drawing as SVG, with what it shows in words."""

    svg: str
    alt: str
    caption: str = ""


@dataclass(frozen=True)
class Signature:
    """Who says so and when, at the right."""

    lines: Sequence[str]


Block = Heading | Text | Table | Picture | Signature


@dataclass(frozen=True)
class Paper:
    """A whole paper."""

    title: str
    subtitle: str
    blocks: Sequence[Block]
    author: str
    one_page: bool = False
