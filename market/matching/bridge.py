"""From the enterprise's words to the laboratory's: which entries of the lexicon a query speaks of, and what they add.

The entries are ranked like documents, by the same three sides; those that fit best lend the query the names of
their mechanisms, techniques and materials. Which words of which entry were added is kept, so that a reason can
name them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from market.matching.aligned import AlignedStore
from market.matching.encoder import Encoder
from market.matching.fusion import Sides, fuse
from market.matching.lexical import Bm25Store
from market.matching.lexicon import Entry, Lexicon, Role
from market.matching.settings import Weights

CANDIDATES = 100
ENTRIES = 6
"""Entries that lend their names. Of 3, 6, 10 and 15, and of the roles below, alone and with 现象 and 应用, these did
best on the tuning half of the judged demands."""
LENT: tuple[Role, ...] = ("mechanism", "technique", "material")
ENTRY_WEIGHTS = Weights(words=0.475, aligned=0.475, meaning=0.05, lexicon=0.0)


@dataclass(frozen=True, slots=True)
class Lent:
    """An entry that fits a query: what it says in the enterprise's words, and the names it lends."""

    entry: int
    said: str
    names: tuple[str, ...]


class Bridge:
    """The lexicon's entries, indexed at the first use (a few seconds) and then only read."""

    def __init__(self, lexicon: Callable[[], Lexicon], words: Callable[[], Encoder]) -> None:
        self._lexicon = lexicon
        self._words = words
        self._lock = threading.Lock()
        self._shelf: tuple[AlignedStore, Bm25Store, Any] | None = None

    def lent(self, title: str, text: str) -> list[Lent]:
        """The entries that fit a query best, best first; none for a query without words."""
        entries = self._lexicon().entries
        if not entries:
            return []
        aligned, lexical, vectors = self._indexed()
        encoder = self._words()
        asked = aligned.ask(title, text)
        whole = f"{title}\n{text}".strip()
        if not len(asked.words):
            return []
        vector = np.sum([encoder.query(part) for part in (title, text) if part], axis=0)
        cosines = vectors @ (vector / (float(np.linalg.norm(vector)) or 1.0))
        met = lexical.search(f"{title}\n{whole}", CANDIDATES)
        near = np.argsort(-cosines, kind="stable")[:CANDIDATES].tolist()
        ids = sorted({i for i, _ in met} | set(near))
        itself = sum(lexical.contributions(whole, whole).values()) or 1.0
        sides = zip(ids, lexical.scores(whole, ids), aligned.scores(asked, ids), strict=True)
        scored = [(-fuse(Sides(words / itself, by_word, float(cosines[i])), ENTRY_WEIGHTS).total, i) for i, words, by_word in sides]
        best = [i for score, i in sorted(scored)[:ENTRIES] if score < 0]
        return [Lent(i, _said(entries[i], whole), _lent_names(entries[i])) for i in best]

    def _indexed(self) -> tuple[AlignedStore, Bm25Store, Any]:
        if self._shelf is None:
            with self._lock:
                if self._shelf is None:
                    entries = self._lexicon().entries
                    texts = ["，".join(name.replace(" ", "") for _, name in entry.all_names()) for entry in entries]
                    ids = list(range(len(entries)))
                    aligned, lexical = AlignedStore(self._words), Bm25Store()
                    aligned.put(ids, texts)
                    lexical.put(ids, texts)
                    self._shelf = (aligned, lexical, self._words().documents(texts))
        return self._shelf


def words_of(lent: Sequence[Lent]) -> str:
    """The lent names as one text."""
    return "，".join(name for entry in lent for name in entry.names)


def _lent_names(entry: Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.replace(" ", "") for role in LENT for name in entry.names(role)))


def _said(entry: Entry, query: str) -> str:
    """The entry's wording of the symptom that shares most characters with the query."""
    return max((name for name in entry.names("symptom")), key=lambda name: sum(ch in query for ch in name) / len(name)).replace(" ", "")
