"""Why a pair has its score: the scorer's own terms, put together so that a person can read them.

BM25 is a sum over terms and the cosine of a static model is a sum over pairs of words; both are shared out
here without a remainder. Neighbouring terms become one phrase, the pairs of a query word become one line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from market.matching import tokens
from market.matching.encoder import Words
from market.matching.lexical import WORD
from market.matching.types import Reason

PHRASES = 6
MEANINGS = 5
LEAST_SHARE = 0.01
_SENTENCE_END = re.compile(r"[。；！？;!?\n]+")
_NAMED = re.compile(r"[^\W\d_]")


@dataclass(slots=True)
class Evidence:
    """What the two sides say about one pair."""

    query: str
    document: str
    lexical_part: float
    dense_part: float
    terms: Mapping[str, float]
    query_words: Words | None = None
    document_words: Words | None = None
    pairs: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))

    def __post_init__(self) -> None:
        """Share the cosine out over word pairs, scaled so that they add up to the dense part."""
        if self.query_words and self.document_words:
            self.pairs = self.query_words.vectors @ self.document_words.vectors.T
            total = float(self.pairs.sum())
            self.pairs *= self.dense_part / total if abs(total) > 1e-9 else 0.0


def reasons(evidence: Evidence) -> list[Reason]:
    """Phrases and meanings by strength, then one reason for the rest; they add up to both parts."""
    same = _phrases(evidence)
    near = _meanings(evidence)
    for surface in [s for s in near if s in same and near[s][1] == s]:
        same[surface] += near.pop(surface)[0]
    floor = LEAST_SHARE * (evidence.lexical_part + evidence.dense_part)
    phrase_list = [
        Reason("phrase", f"都提到「{text}」", strength, text, text, sentence_with(evidence.document, text))
        for text, strength in _largest(same, PHRASES, floor)
    ]
    meaning_list = [
        Reason("meaning", _near_label(left, right), strength, left, right, sentence_with(evidence.document, right) if right else "")
        for left, strength in _largest({left: value[0] for left, value in near.items()}, MEANINGS, floor)
        for right in (near[left][1],)
    ]
    named = sorted(phrase_list + meaning_list, key=lambda reason: (-reason.strength, reason.left))
    rest = evidence.lexical_part + evidence.dense_part - sum(reason.strength for reason in named)
    return [*named, Reason("rest", "其他相近之处", rest)]


def best_sentence(evidence: Evidence) -> str:
    """The sentence of the document that carries the largest share of the score."""
    spans = sentences(evidence.document)
    if not spans:
        return ""
    shares = [_lexical_share(evidence, folded) for _, folded in _folded_sentences(evidence.document)]
    if evidence.document_words and evidence.pairs.size:
        columns = evidence.pairs.sum(axis=0).tolist()
        starts = [start for start, _ in spans]
        for (start, _end), value in zip(evidence.document_words.spans, columns, strict=True):
            shares[max(bisect_right(starts, start) - 1, 0)] += value
    return spans[int(np.argmax(shares))][1].strip()


def sentences(text: str) -> list[tuple[int, str]]:
    """Sentences with the place where each begins; empty ones are left out."""
    out, start = [], 0
    for match in [*_SENTENCE_END.finditer(text), None]:
        end = match.end() if match else len(text)
        if text[start:end].strip():
            out.append((start, text[start:end]))
        start = end
    return out


def sentence_with(text: str, phrase: str) -> str:
    """The first sentence in which a folded phrase stands, or ""."""
    return next((sentence.strip() for sentence, folded in _folded_sentences(text) if phrase in folded), "")


@lru_cache(maxsize=64)
def _folded_sentences(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((sentence, tokens.fold(sentence)) for _, sentence in sentences(text))


def _lexical_share(evidence: Evidence, folded: str) -> float:
    total = sum(evidence.terms.values())
    if total <= 0:
        return 0.0
    met = sum(value for term, value in evidence.terms.items() if term.removeprefix(WORD) in folded)
    return evidence.lexical_part * met / total


def _phrases(evidence: Evidence) -> dict[str, float]:
    """Terms that overlap in the query become one phrase with the sum of their contributions."""
    total = sum(evidence.terms.values())
    if total <= 0:
        return {}
    folded = tokens.fold(evidence.query)
    spans = sorted(
        (place, place + len(letters), value * evidence.lexical_part / total)
        for term, value in evidence.terms.items()
        if (letters := term.removeprefix(WORD)) and (place := folded.find(letters)) >= 0
    )
    merged: list[tuple[int, int, float]] = []
    for start, end, value in spans:
        if merged and start < merged[-1][1]:
            first, last, sum_ = merged[-1]
            merged[-1] = (first, max(last, end), sum_ + value)
        else:
            merged.append((start, end, value))
    edges = tokens.word_edges(folded)
    out: dict[str, float] = {}
    for start, end, value in merged:
        text = _whole_words(folded, start, end, edges)
        out[text] = out.get(text, 0.0) + value
    return {text: value for text, value in out.items() if _tells(text)}


def _whole_words(folded: str, start: int, end: int, edges: Sequence[int]) -> str:
    """What met, without halves of words and function words at its ends; "" if nothing is left."""
    inside = [edge for edge in edges if start <= edge <= end]
    words = [folded[a:b] for a, b in pairwise(inside)]
    while words and not _tells(words[0]) and len(words) > 1:
        words.pop(0)
    while words and not _tells(words[-1]) and len(words) > 1:
        words.pop()
    return "".join(words) if words and _tells("".join(words)) else ""


def _meanings(evidence: Evidence) -> dict[str, tuple[float, str]]:
    """For each word of the query: its share of the cosine and the nearest word of the document."""
    if not evidence.pairs.size or not evidence.query_words or not evidence.document_words:
        return _unsplit(evidence)
    surfaces = [tokens.fold(surface) for surface in evidence.document_words.surfaces]
    telling = np.asarray([_tells(surface) for surface in surfaces])
    if not telling.any():
        return {}
    shares: dict[str, float] = {}
    nearest: dict[str, str] = {}
    for surface, row in zip(evidence.query_words.surfaces, evidence.pairs, strict=True):
        left = tokens.fold(surface)
        if not _tells(left):
            continue
        shares[left] = shares.get(left, 0.0) + float(row.sum())
        if left not in nearest:
            order = np.argsort(-row)
            order = order[telling[order]][:12].tolist()
            other = next((j for j in order if surfaces[j] != left and row[j] > 0.3 * row[order[0]]), order[0])
            nearest[left] = surfaces[other]
    return {left: (share, nearest[left]) for left, share in shares.items()}


def _unsplit(evidence: Evidence) -> dict[str, tuple[float, str]]:
    """A model that is not static gives one figure for the whole text."""
    return {"": (evidence.dense_part, "")} if evidence.query_words is None and evidence.dense_part else {}


def _near_label(left: str, right: str) -> str:
    if not left:
        return "整体含义相近"
    return f"都涉及「{left}」" if left == right else f"「{left}」与「{right}」含义相近"


@lru_cache(maxsize=32_768)
def _tells(text: str) -> bool:
    """Whether a word is worth showing: two letters at least, not a number, not a function word."""
    return len(text) > 1 and text not in tokens.FUNCTION_WORDS and _NAMED.search(text) is not None


def _largest(values: Mapping[str, float], count: int, floor: float) -> list[tuple[str, float]]:
    kept = [(text, value) for text, value in values.items() if value > floor]
    return sorted(kept, key=lambda item: (-item[1], item[0]))[:count]
