"""The word side: BM25 over words and character bigrams, on bm25s, kept in step without rebuilding each time.

bm25s indexes are built once and not changed, so there is a base and beside it a small delta: new and
changed documents are scored by the same formula with the base's statistics, withdrawn ones are left out,
and the two are merged when the delta has grown. Up to `SMALL` documents are always merged.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from market.matching import tokens
from market.matching.layers import Layered

K1 = 1.2
B = 0.75
SMALL = 400
DELTA = 64
WORD = "w:"
"""Marks a word, so that a word of two characters counts beside the bigram of the same letters."""

Ints = npt.NDArray[np.int32]


def terms_of(text: str) -> list[str]:
    """Words that say something (marked) and bigrams, as often as they occur."""
    words = [WORD + word for word in tokens.cut(text) if len(word) > 1 and word not in tokens.FUNCTION_WORDS]
    return words + list(tokens.bigrams(text))


def words_of(text: str) -> list[str]:
    """Words only (for comparison)."""
    return [word for word in tokens.cut(text) if word not in tokens.FUNCTION_WORDS]


def bigrams_of(text: str) -> list[str]:
    """Bigrams only (for comparison)."""
    return list(tokens.bigrams(text))


class Base:
    """What bm25s built over some documents, with the statistics that the delta borrows."""

    def __init__(self, rows: Mapping[int, Ints], vocabulary_size: int, model: Any = None) -> None:
        self.ids = np.asarray(sorted(rows), dtype=np.int64)
        self.place = {int(i): n for n, i in enumerate(self.ids)}
        ordered = [rows[int(i)] for i in self.ids]
        self.mean_length = float(np.mean([len(row) for row in ordered])) if ordered else 1.0
        self.frequencies = np.zeros(vocabulary_size, dtype=np.int64)
        for row in ordered:
            self.frequencies[np.unique(row)] += 1
        self.model = model if model is not None else self._build(ordered, vocabulary_size)

    def scores(self, query: Sequence[int]) -> npt.NDArray[np.float32]:
        """BM25 of every document of the base, in the order of `ids`; a term asked twice counts twice."""
        known = [t for t in query if t < len(self.frequencies) and self.frequencies[t]]
        if self.model is None or not known:
            return np.zeros(len(self.ids), dtype=np.float32)
        scores: npt.NDArray[np.float32] = self.model.get_scores_from_ids(known)
        return scores

    def weight(self, term: int, occurrences: int, length: int) -> float:
        """What a term adds to a document's score (Lucene's form of BM25, as bm25s counts it)."""
        frequency = int(self.frequencies[term]) if term < len(self.frequencies) else 0
        rarity = math.log(1 + (len(self.ids) - frequency + 0.5) / (frequency + 0.5))
        return rarity * occurrences / (occurrences + K1 * (1 - B + B * length / self.mean_length))

    def score_rows(self, query: Sequence[int], rows: Sequence[Ints]) -> list[float]:
        """BM25 of documents given by their terms, in the base or not, with the base's statistics: cheap for a few of many."""
        if not rows or not query:
            return [0.0] * len(rows)
        terms, asked = np.unique(np.asarray(query, dtype=np.int64), return_counts=True)
        flat = np.concatenate(rows)
        lengths = np.asarray([len(row) for row in rows])
        place = np.minimum(np.searchsorted(terms, flat), len(terms) - 1)
        met = terms[place] == flat
        owner = np.repeat(np.arange(len(rows)), lengths)
        times = np.bincount(owner[met] * len(terms) + place[met], minlength=len(rows) * len(terms)).reshape(len(rows), len(terms))
        norms = K1 * (1 - B + B * lengths / self.mean_length)
        scores = (times / (times + norms[:, None])) @ (asked * self._rarity(terms))
        return [float(score) for score in scores]

    def _rarity(self, terms: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        known = terms < len(self.frequencies)
        frequency = np.zeros(len(terms))
        frequency[known] = self.frequencies[terms[known]]
        rarity: npt.NDArray[np.float64] = np.log(1 + (len(self.ids) - frequency + 0.5) / (frequency + 0.5))
        return rarity

    @staticmethod
    def _build(rows: list[Ints], vocabulary_size: int) -> Any:
        if not any(len(row) for row in rows):
            return None
        import bm25s

        model = bm25s.BM25(k1=K1, b=B, method="lucene")
        vocabulary = {str(i): i for i in range(vocabulary_size)}
        model.index(([row.tolist() for row in rows], vocabulary), show_progress=False)
        return model


def _largest(scores: npt.NDArray[np.float32], k: int) -> Ints:
    """Places of the k largest scores above 0, largest first, equal ones in their order; looks at all, sorts a few."""
    if 0 < k < len(scores):
        least = np.partition(scores, len(scores) - k)[len(scores) - k]
        places = np.flatnonzero((scores >= least) & (scores > 0))
    else:
        places = np.flatnonzero(scores > 0)
    return places[np.argsort(-scores[places], kind="stable")][: max(k, 0)].astype(np.int32)


class Bm25Store:
    """BM25 of one kind of document. Not to be changed while somebody reads: change a `fork`."""

    def __init__(self, terms: Callable[[str], list[str]] = terms_of) -> None:
        self._terms = terms
        self._vocabulary: dict[str, int] = {}
        self._rows: Layered[Ints] = Layered()
        self._base = Base({}, 0)
        self._delta: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self._rows)

    def fork(self) -> Self:
        """A copy that may be changed while others read this one. The vocabulary is shared: it only grows."""
        other = type(self)(self._terms)
        other._vocabulary, other._rows = self._vocabulary, self._rows.fork()
        other._base, other._delta = self._base, self._delta
        return other

    def put(self, ids: Sequence[int], texts: Sequence[str]) -> None:
        """Add or replace."""
        for i, text in zip(ids, texts, strict=True):
            self._rows[i] = self._numbers(self._terms(text))
        self._delta = self._delta | frozenset(ids)
        self._merge_if_due()

    def drop(self, ids: Sequence[int]) -> None:
        """Remove; unknown ids are ignored."""
        for i in ids:
            self._rows.pop(i, None)
        self._delta = self._delta | frozenset(ids).intersection(self._base.place)
        self._merge_if_due()

    def search(self, text: str, k: int, among: AbstractSet[int] | None = None) -> list[tuple[int, float]]:
        """The k best with a score above 0, best first, equal scores by id."""
        query = self._query(text)
        base = self._base.scores(query)
        for i in self._delta.intersection(self._base.place):
            base[self._base.place[i]] = 0
        if among is not None:
            base = np.where(np.isin(self._base.ids, np.fromiter(among, dtype=np.int64, count=len(among))), base, 0)
        found = [(int(self._base.ids[n]), float(base[n])) for n in _largest(base, k)]
        fresh = sorted(i for i in self._delta if i in self._rows and (among is None or i in among))
        found += [
            (i, score) for i, score in zip(fresh, self._base.score_rows(query, [self._rows[i] for i in fresh]), strict=True) if score > 0
        ]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]

    def scores(self, text: str, ids: Sequence[int]) -> list[float]:
        """Score of each of these ids; 0.0 for an unknown id."""
        known = [i for i in ids if i in self._rows]
        by_id = dict(zip(known, self._base.score_rows(self._query(text), [self._rows[i] for i in known]), strict=True))
        return [by_id.get(i, 0.0) for i in ids]

    def contributions(self, query: str, text: str) -> dict[str, float]:
        """What each term of the query adds to the score that a document of this text has."""
        document = Counter(terms := self._terms(text))
        unknown = len(self._vocabulary)
        return {
            term: asked * self._base.weight(self._vocabulary.get(term, unknown), document[term], len(terms))
            for term, asked in Counter(self._terms(query)).items()
            if term in document
        }

    def save(self, folder: Path) -> None:
        """Write documents, vocabulary and the merged base."""
        self._merge()
        ids = sorted(self._rows)
        offsets = np.cumsum([0, *(len(self._rows[i]) for i in ids)])
        flat = np.concatenate([self._rows[i] for i in ids]) if ids else np.zeros(0, dtype=np.int32)
        np.savez(folder / "terms.npz", ids=np.asarray(ids, dtype=np.int64), offsets=offsets, flat=flat)
        words = sorted(self._vocabulary, key=self._vocabulary.__getitem__)
        (folder / "vocabulary.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf8")
        if self._base.model is not None:
            self._base.model.save(str(folder / "bm25"), show_progress=False)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote, in place of what is there."""
        words = json.loads((folder / "vocabulary.json").read_text(encoding="utf8"))
        self._vocabulary = {word: n for n, word in enumerate(words)}
        with np.load(folder / "terms.npz", allow_pickle=False) as stored:
            ids, offsets, flat = stored["ids"], stored["offsets"], stored["flat"]
        self._rows = Layered({int(i): flat[offsets[n] : offsets[n + 1]] for n, i in enumerate(ids)})
        model = None
        if (folder / "bm25").is_dir():
            import bm25s

            model = bm25s.BM25.load(str(folder / "bm25"), load_vocab=False)
        self._base, self._delta = Base(self._rows, len(words), model), frozenset()

    def _query(self, text: str) -> list[int]:
        numbers = (self._vocabulary.get(term) for term in self._terms(text))
        return [number for number in numbers if number is not None]

    def _numbers(self, terms: Sequence[str]) -> Ints:
        return np.asarray([self._vocabulary.setdefault(t, len(self._vocabulary)) for t in terms], dtype=np.int32)

    def _merge_if_due(self) -> None:
        if len(self._rows) <= SMALL or len(self._delta) > max(DELTA, len(self._base.ids) // 20):
            self._merge()

    def _merge(self) -> None:
        if self._delta:
            self._base, self._delta = Base(self._rows, len(self._vocabulary)), frozenset()
