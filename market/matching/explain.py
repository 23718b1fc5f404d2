"""Why a pair has its score: the scorer's own terms, put together so that a person can read them.

BM25 is a sum over terms, the word-by-word side a sum over the query's words: both are shared out here without a
remainder. Neighbouring terms become one phrase; a word of the query stands beside the word that answered it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from market.matching import tokens
from market.matching.encoder import Words
from market.matching.fusion import Parts
from market.matching.lexical import WORD
from market.matching.types import Reason

PHRASES = 6
MEANINGS = 6
ENTRIES_NAMED = 3
LEAST_SHARE = 0.01
_SENTENCE_END = re.compile(r"[。；！？;!?\n]+")
_NAMED = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Nearest:
    """A word of the query and the word of the document that answers it; `value` in the score's unit."""

    left: str
    right: str
    value: float
    places: tuple[int, ...]
    """Where `right` begins in the document."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the sides say about one pair: each term's and each word's part of the score."""

    query: str
    document: str
    parts: Parts
    terms: Mapping[str, float]
    nearest: Sequence[Nearest] = ()
    lent: Sequence[Nearest] = ()
    """The same for the words that the lexicon lent the query; `left` is the enterprise's wording of the entry."""


def nearest_words(pairs: Sequence[tuple[int, int, float]], letters: Mapping[int, str], document: Words, part: float) -> list[Nearest]:
    """Give (word of the query, word of the document, value) their letters and places; values are scaled to `part`."""
    total = sum(value for _, _, value in pairs)
    if total <= 0:
        return []
    found: dict[int, list[int]] = {}
    for place, number in enumerate(document.numbers.tolist()):
        found.setdefault(number, []).append(place)
    out = []
    for asked, answer, value in pairs:
        places = found[answer]
        right = tokens.fold(document.surfaces[places[0]])
        starts = tuple(document.spans[place][0] for place in places)
        out.append(Nearest(tokens.fold(letters[asked]), right, value * part / total, starts))
    return out


def reasons(evidence: Evidence) -> list[Reason]:
    """Phrases and meanings by strength, then one reason for the rest; they add up to the parts."""
    same = _phrases(evidence)
    near = _meanings(evidence, same)
    floor = LEAST_SHARE * evidence.parts.total
    named = [
        Reason("phrase", f"都提到「{text}」", strength, text, text, sentence_with(evidence.document, text))
        for text, strength in _largest(same, PHRASES, floor)
    ]
    for left, strength in _largest({left: value for left, (value, _) in near.items()}, MEANINGS, floor):
        right = near[left][1]
        named.append(Reason("meaning", f"「{left}」与「{right}」含义相近", strength, left, right, sentence_with(evidence.document, right)))
    named += _from_lexicon(evidence, floor)
    if evidence.parts.meaning > floor:
        named.append(Reason("meaning", "整体含义相近", evidence.parts.meaning))
    named.sort(key=lambda reason: (-reason.strength, reason.left))
    rest = evidence.parts.total - sum(reason.strength for reason in named)
    return [*named, Reason("rest", "其他相近之处", rest)]


def best_sentence(evidence: Evidence) -> str:
    """The sentence of the document that carries the largest share of the score."""
    spans = sentences(evidence.document)
    if not spans:
        return ""
    shares = [_lexical_share(evidence, folded) for _, folded in _folded_sentences(evidence.document)]
    starts = [start for start, _ in spans]
    for near in (*evidence.nearest, *evidence.lent):
        owners = {max(bisect_right(starts, place) - 1, 0) for place in near.places}
        for owner in owners:
            shares[owner] += near.value / len(owners)
    return spans[max(range(len(spans)), key=shares.__getitem__)][1].strip()


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
    return evidence.parts.words * met / total


def _phrases(evidence: Evidence) -> dict[str, float]:
    """Terms that overlap in the query become one phrase with the sum of their contributions."""
    total = sum(evidence.terms.values())
    if total <= 0:
        return {}
    folded = tokens.fold(evidence.query)
    spans = sorted(
        (place, place + len(letters), value * evidence.parts.words / total)
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


def _meanings(evidence: Evidence, same: dict[str, float]) -> dict[str, tuple[float, str]]:
    """For each word of the query that another word answered: its part and that word.

    A word that stands on both sides is no likeness: its part goes to the phrase that holds it (`same` grows).
    """
    near: dict[str, tuple[float, str]] = {}
    for pair in evidence.nearest:
        if not _tells(pair.left) or not _tells(pair.right):
            continue
        if pair.left == pair.right:
            phrase = next((text for text in same if pair.left in text), pair.left)
            same[phrase] = same.get(phrase, 0.0) + pair.value
        else:
            near[pair.left] = (near.get(pair.left, (0.0, ""))[0] + pair.value, pair.right)
    return near


def _from_lexicon(evidence: Evidence, floor: float) -> list[Reason]:
    """For each entry that was lent: its part, and the word of the document that answered it most."""
    best: dict[str, tuple[float, float, str]] = {}
    for pair in evidence.lent:
        if _tells(pair.right):
            total, most, right = best.get(pair.left, (0.0, 0.0, ""))
            best[pair.left] = (total + pair.value, max(most, pair.value), pair.right if pair.value > most else right)
    return [
        Reason(
            "lexicon",
            f"「{left}」常与「{best[left][2]}」有关",
            strength,
            left,
            best[left][2],
            sentence_with(evidence.document, best[left][2]),
        )
        for left, strength in _largest({left: total for left, (total, _, _) in best.items()}, ENTRIES_NAMED, floor)
    ]


@lru_cache(maxsize=32_768)
def _tells(text: str) -> bool:
    """Whether a word is worth showing: two letters at least, not a number, not a function word."""
    return len(text) > 1 and text not in tokens.FUNCTION_WORDS and _NAMED.search(text) is not None


def _largest(values: Mapping[str, float], count: int, floor: float) -> list[tuple[str, float]]:
    kept = [(text, value) for text, value in values.items() if value > floor]
    return sorted(kept, key=lambda item: (-item[1], item[0]))[:count]
