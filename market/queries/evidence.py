"""Why two listings meet, in words for a page: what is asked, what the other side says to it, how near that is, what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KINDS = {"effect": "现象与效果", "method": "方法", "material": "材料", "product": "产品", "application": "应用", "quantity": "指标"}
LEVELS = (0.25, 0.5, 0.75)
"""From which share of what its own words would bring an element counts as answered weakly, fairly, strongly."""
_CLEAR = 0.03
"""From which share of the score a likeness in meaning is named: a faint one convinces nobody."""
_SHORTEST = 2
_NUMBER = re.compile(r"-?\d[\d.,]*")
ASKABLE = 5
"""Of what is missing so many are put into the first question: a longer one is answered by nobody."""


@dataclass(frozen=True)
class ElementRow:
    """One element of a challenge and what the capability says to it.

    `strength` is 0 (missing) to 3 (strong), `percent` the same as the length of a bar; of a figure `offered` is what
    the other side writes, `met` whether that is enough (None: nothing to compare). `words` are marked in `evidence`.
    """

    kind: str
    element: str
    evidence: str
    words: tuple[str, ...]
    strength: int
    percent: int
    figure: bool = False
    offered: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Why:
    """All that a list shows of why a counterpart is there."""

    sentence: str
    words: tuple[str, ...]
    reasons: str
    elements: tuple[ElementRow, ...]
    missing: tuple[str, ...]


def why(score: float, reasons: Sequence[Mapping[str, Any]], elements: Sequence[Mapping[str, Any]]) -> Why:
    """Put stored reasons and elements into words for a list."""
    named = [r for r in reasons if r["kind"] not in {"best", "rest"} and r["strength"] > 0]
    named = [r for r in named if r["kind"] != "meaning" or r["strength"] >= _CLEAR * score]
    words = dict.fromkeys(word for r in named if r["kind"] == "phrase" for word in (r["left"], r["right"]) if word)
    rows = tuple(rows_of(elements, reasons))
    return Why(
        sentence=next((r["sentence"] for r in reasons if r["kind"] == "best"), ""),
        words=tuple(words),
        reasons="；".join(dict.fromkeys(r["label"] for r in named[:4])),
        elements=rows,
        missing=tuple(row.element for row in rows if row.strength == 0),
    )


def rows_of(elements: Iterable[Mapping[str, Any]], reasons: Sequence[Mapping[str, Any]]) -> list[ElementRow]:
    """Return the elements for a page, answered ones first, each with the words to mark in its sentence."""
    rows = [_figure(one, reasons) if one["kind"] == "quantity" else _words(one, reasons) for one in elements]
    return sorted(rows, key=lambda row: (row.strength == 0, not row.figure, -row.percent))


def first_question(title: str, missing: Sequence[str]) -> str:
    """Return the opening of a contact that asks for what the other side's text does not say; "" if nothing is missing."""
    if not missing:
        return ""
    asked = "；".join(f"{number}．{text}" for number, text in enumerate(missing[:ASKABLE], 1))
    return f"看到《{title}》，介绍里没有写到下面几点，想先请教：{asked}。"


def _figure(one: Mapping[str, Any], reasons: Sequence[Mapping[str, Any]]) -> ElementRow:
    offered = next((r["right"] for r in reasons if r["kind"] == "figure" and r["left"] == one["text"]), "")
    numbers = tuple(number for number in _NUMBER.findall(offered) if number in one["sentence"])
    strength = 0 if not one["sentence"] else 3 if one["met"] else 1
    return ElementRow(
        KINDS["quantity"], one["text"], one["sentence"], numbers, strength, round(100 * one["share"]), True, offered, one["met"]
    )


def _words(one: Mapping[str, Any], reasons: Sequence[Mapping[str, Any]]) -> ElementRow:
    said = one["sentence"]
    strength = sum(one["share"] >= level for level in LEVELS) if said else 0
    near = (r["right"] for r in reasons if r["right"] and r["left"] and (r["left"] in one["text"] or one["text"] in r["left"]))
    words = [word for word in (*near, _shared(one["text"], said.casefold())) if len(word) >= _SHORTEST and word in said.casefold()]
    percent = round(100 * one["share"]) if said else 0
    return ElementRow(KINDS[one["kind"]], one["text"], said, tuple(dict.fromkeys(words)), strength, percent)


def _shared(text: str, sentence: str) -> str:
    """The longest piece of `text` that stands in the sentence."""
    pieces = (text[a:b] for a in range(len(text)) for b in range(len(text), a + 1, -1))
    return max((piece for piece in pieces if piece in sentence), key=len, default="")
