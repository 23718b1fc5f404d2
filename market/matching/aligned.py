"""The third side: each word of the query looks for the nearest word of a document.

A text's one vector blurs what a long demand says; word by word, 趴窝 finds 停机 and 吱吱叫 finds 摩擦自激振动 wherever
they stand (late interaction, as in ColBERT, over the static model's word vectors, which needs no transformer).
A document's score is Σ weight(word) · max over its words cos² / length norm, with weights that add up to 1: the
model's own weight of the word × its rarity in the market × √(times it is said, at most 3; in the title it counts
three times). Nearness below `LEAST_COSINE` is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from market.matching.encoder import Encoder
from market.matching.layers import Layered

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

LEAST_COSINE = 0.3
LENGTH_NORM = 0.3
"""How much a long document pays for its length (BM25's b)."""
IN_TITLE = 3
MOST_TIMES = 3
MOST_WORDS = 64
"""Words of a query that are looked for, the weightiest first."""
BLOCK = 16
"""Documents whose nearest words are looked for at a time."""
FILE = "words.npz"


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a query: their numbers in the model's table, weights that add up to 1, unit vectors."""

    words: Ints
    weights: Floats
    vectors: Floats


class AlignedStore:
    """The words of one kind of document. Not to be changed while somebody reads: change a `fork`."""

    def __init__(self, words: Callable[[], Encoder]) -> None:
        self._words = words
        self._rows: Layered[Ints] = Layered()
        self._lengths: Layered[int] = Layered()
        self._frequencies: Ints = np.zeros(0, dtype=np.int64)
        self._total = 0

    def __len__(self) -> int:
        return len(self._rows)

    def fork(self) -> Self:
        """A copy that may be changed while others read this one."""
        other = type(self)(self._words)
        other._rows, other._lengths = self._rows.fork(), self._lengths.fork()
        other._frequencies, other._total = self._frequencies.copy(), self._total
        return other

    def put(self, ids: Sequence[int], texts: Sequence[str]) -> None:
        """Add or replace."""
        self.drop(ids)
        for i, text in zip(ids, texts, strict=True):
            words = self._words().word_numbers(text)
            self._keep(i, np.unique(words), len(words))

    def drop(self, ids: Sequence[int]) -> None:
        """Remove; unknown ids are ignored."""
        for i in ids:
            row = self._rows.pop(i, None)
            if row is not None:
                self._frequencies[row] -= 1
                self._total -= self._lengths.pop(i)

    def ask(self, title: str, text: str) -> Asked:
        """A query's words with their weights in this market."""
        in_title, in_text = self._words().word_numbers(title), self._words().word_numbers(text)
        words, times = np.unique(np.concatenate([np.repeat(in_title, IN_TITLE), in_text]), return_counts=True)
        weights = self._words().word_weights(words) * self._rarity(words) * np.sqrt(np.minimum(times, MOST_TIMES))
        best = np.sort(np.argsort(-weights, kind="stable")[:MOST_WORDS])
        best = best[weights[best] > 0]
        words, weights = words[best], weights[best]
        total = weights.sum() or 1.0
        return Asked(words, (weights / total).astype(np.float32), self._words().word_units(words))

    def scores(self, asked: Asked, ids: Sequence[int]) -> list[float]:
        """Score of each of these ids, 0 to about 1; 0.0 for an unknown id."""
        return self.scores_of([asked], ids)[0]

    def scores_of(self, several: Sequence[Asked], ids: Sequence[int]) -> list[list[float]]:
        """`scores` of several queries against the same ids: their words are gone through once."""
        known = [i for i in ids if i in self._rows and len(self._rows[i])]
        vectors = np.concatenate([asked.vectors for asked in several])
        if not known or not len(vectors):
            return [[0.0] * len(ids) for _ in several]
        best = self._best(vectors, [self._rows[i] for i in known])
        norms = np.asarray([self._norm(self._lengths[i]) for i in known])
        found, start = [], 0
        for asked in several:
            end = start + len(asked.words)
            by_id = dict(zip(known, ((best[:, start:end] @ asked.weights) / norms).tolist(), strict=True))
            found.append([by_id.get(i, 0.0) for i in ids])
            start = end
        return found

    def pairs(self, asked: Asked, text: str) -> list[tuple[int, int, float]]:
        """Word of the query, nearest word of a document of this text, what that adds to the score; all add up to it."""
        words = self._words().word_numbers(text)
        if not len(words) or not len(asked.words):
            return []
        vocabulary = np.unique(words)
        nearness = self._nearness(asked.vectors, vocabulary)
        best = nearness.argmax(axis=0)
        values = asked.weights * nearness[best, np.arange(len(best))] / self._norm(len(words))
        return [
            (int(word), int(vocabulary[n]), float(value)) for word, n, value in zip(asked.words, best, values, strict=True) if value > 0
        ]

    def said(self, asked: Asked, pieces: Sequence[Ints]) -> Floats:
        """Query words × pieces of text (each given by its words): how near the nearest word of the piece is, 0 to 1."""
        columns = [
            self._nearness(asked.vectors, np.unique(piece)).max(axis=0) if len(piece) else np.zeros(len(asked.words)) for piece in pieces
        ]
        return np.stack(columns, axis=1).astype(np.float32) if columns else np.zeros((len(asked.words), 0), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write the words of every document."""
        ids = sorted(self._rows)
        offsets = np.cumsum([0, *(len(self._rows[i]) for i in ids)])
        flat = np.concatenate([self._rows[i] for i in ids]) if ids else np.zeros(0, dtype=np.int64)
        lengths = np.asarray([self._lengths[i] for i in ids], dtype=np.int64)
        np.savez(folder / FILE, ids=np.asarray(ids, dtype=np.int64), offsets=offsets, flat=flat.astype(np.int32), lengths=lengths)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote, in place of what is there."""
        with np.load(folder / FILE, allow_pickle=False) as stored:
            ids, offsets, flat, lengths = (stored[name] for name in ("ids", "offsets", "flat", "lengths"))
        self._rows, self._lengths, self._total = Layered(), Layered(), 0
        self._frequencies = np.zeros(0, dtype=np.int64)
        for n, i in enumerate(ids.tolist()):
            self._keep(i, flat[offsets[n] : offsets[n + 1]].astype(np.int64), int(lengths[n]))

    def _keep(self, i: int, row: Ints, length: int) -> None:
        if len(row) and row[-1] >= len(self._frequencies):
            self._frequencies = np.pad(self._frequencies, (0, int(row[-1]) + 1 - len(self._frequencies)))
        self._rows[i], self._lengths[i] = row, length
        self._frequencies[row] += 1
        self._total += length

    def _rarity(self, words: Ints) -> npt.NDArray[np.float64]:
        """ln(1 + (n − df + ½) / (df + ½)), as BM25 weighs a term."""
        known = words < len(self._frequencies)
        frequency = np.zeros(len(words))
        frequency[known] = self._frequencies[words[known]]
        rarity: npt.NDArray[np.float64] = np.log(1 + (len(self._rows) - frequency + 0.5) / (frequency + 0.5))
        return rarity

    def _norm(self, length: int) -> float:
        mean = self._total / len(self._rows) if self._rows and self._total else max(length, 1)
        return 1 - LENGTH_NORM + LENGTH_NORM * length / mean

    def _best(self, vectors: Floats, rows: Sequence[Ints]) -> Floats:
        """Documents (their words) × query words: how near the nearest word of the document is.

        Each word is compared once, whichever documents it stands in. The largest of each document is then looked for
        in blocks of documents of like length, filled up with a word that is near to nothing: numpy's `reduceat`, which
        needs no filling, took four times as long.
        """
        flat = np.concatenate(rows)
        place = np.zeros(int(flat.max()) + 1, dtype=np.int64)
        place[flat] = 1
        vocabulary = np.flatnonzero(place)
        place[vocabulary] = np.arange(len(vocabulary))
        nearness = np.zeros((len(vocabulary) + 1, len(vectors)), dtype=np.float32)
        nearness[:-1] = self._nearness(vectors, vocabulary)
        by_length = sorted(range(len(rows)), key=lambda n: len(rows[n]))
        best = np.zeros((len(rows), len(vectors)), dtype=np.float32)
        for start in range(0, len(rows), BLOCK):
            block = by_length[start : start + BLOCK]
            filled = np.full((len(block), len(rows[block[-1]])), len(vocabulary), dtype=np.int64)
            for line, n in enumerate(block):
                filled[line, : len(rows[n])] = place[rows[n]]
            best[block] = nearness[filled].max(axis=1)
        return best

    def _nearness(self, vectors: Floats, vocabulary: Ints) -> Floats:
        """Words × query words (their unit vectors): squared cosine, 0 below `LEAST_COSINE`."""
        near: Floats = self._words().word_units(vocabulary) @ vectors.T
        near[near < LEAST_COSINE] = 0
        near *= near
        return near
