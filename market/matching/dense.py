"""The dense side on FAISS: an exact flat index of unit vectors under row ids, with what changed since beside it.

The index is never changed once it is built: copies share it. What came since lies in a small delta, what went is
left out of what the index finds, and both are built into a new index when they have grown.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from market.matching import layers

Floats = npt.NDArray[np.float32]
FILE = "vectors.npz"


class FaissStore:
    """`IndexIDMap2` over `IndexFlatIP`. Not to be changed while somebody reads: change a `fork`."""

    def __init__(self) -> None:
        self._index: Any = None
        self._indexed: frozenset[int] = frozenset()
        self._gone: frozenset[int] = frozenset()
        """Of the indexed ones: replaced or removed since."""
        self._delta: dict[int, Floats] = {}

    def __len__(self) -> int:
        return len(self._indexed) - len(self._gone) + len(self._delta)

    def fork(self) -> Self:
        """A copy that may be changed while others read this one."""
        other = type(self)()
        other._index, other._indexed = self._index, self._indexed
        other._gone, other._delta = self._gone, dict(self._delta)
        return other

    def put(self, ids: Sequence[int], vectors: Floats) -> None:
        """Add or replace."""
        self.drop(ids)
        self._delta.update(zip(ids, np.array(vectors, dtype=np.float32), strict=True))
        self._merge_if_due()

    def drop(self, ids: Sequence[int]) -> None:
        """Remove; unknown ids are ignored."""
        for i in ids:
            self._delta.pop(i, None)
        self._gone = self._gone | self._indexed.intersection(ids)
        self._merge_if_due()

    def search(self, vector: Floats, k: int, among: AbstractSet[int] | None = None) -> list[tuple[int, float]]:
        """The k nearest, best first, equal scores by id."""
        if k <= 0:
            return []
        fresh = [i for i in self._delta if among is None or i in among]
        found = [*self._search_index(vector, k, among), *zip(fresh, self._products(vector, fresh), strict=True)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]

    def scores(self, vector: Floats, ids: Sequence[int]) -> list[float]:
        """Inner product with each of these ids; 0.0 for an unknown id."""
        known = [i for i in ids if i in self._delta or (i in self._indexed and i not in self._gone)]
        by_id = dict(zip(known, self._products(vector, known), strict=True))
        return [by_id.get(i, 0.0) for i in ids]

    def save(self, folder: Path) -> None:
        """Write ids and vectors."""
        ids, vectors = self._all()
        np.savez(folder / FILE, ids=ids, vectors=vectors)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote, in place of what is there."""
        with np.load(folder / FILE, allow_pickle=False) as stored:
            self._build(stored["ids"], stored["vectors"])

    def _search_index(self, vector: Floats, k: int, among: AbstractSet[int] | None) -> list[tuple[int, float]]:
        allowed = self._indexed if among is None else (self._indexed & among) - self._gone
        if not allowed:
            return []
        import faiss

        faiss.omp_set_num_threads(1)  # one query is too little work to share out
        selector: Any = None
        if among is not None:
            selector = faiss.IDSelectorBatch(_numbers(allowed))
        elif self._gone:
            barred = faiss.IDSelectorBatch(_numbers(self._gone))  # FAISS keeps no hold of it: the name must live on
            selector = faiss.IDSelectorNot(barred)
        parameters = None if selector is None else faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, ids = self._index.search(vector.reshape(1, -1), min(k, len(allowed)), params=parameters)
        return [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]

    def _products(self, vector: Floats, ids: Sequence[int]) -> list[float]:
        """Inner product with each of these, all of which are here."""
        by_id: dict[int, float] = {}
        fresh = [i for i in ids if i in self._delta]
        if fresh:
            by_id.update(zip(fresh, (np.stack([self._delta[i] for i in fresh]) @ vector).tolist(), strict=True))
        old = [i for i in ids if i not in self._delta]
        if old:
            by_id.update(zip(old, (self._index.reconstruct_batch(np.asarray(old, dtype=np.int64)) @ vector).tolist(), strict=True))
        return [by_id[i] for i in ids]

    def _merge_if_due(self) -> None:
        if layers.due(len(self._delta) + len(self._gone), len(self._indexed)):
            self._build(*self._all())

    def _all(self) -> tuple[npt.NDArray[np.int64], Floats]:
        """Every id with its vector, by id."""
        ids = _numbers((self._indexed - self._gone) | self._delta.keys())
        if not len(ids):
            return ids, np.zeros((0, 0), dtype=np.float32)
        kept = np.asarray([i for i in ids.tolist() if i not in self._delta], dtype=np.int64)
        width = len(next(iter(self._delta.values()))) if self._delta else self._index.d
        vectors = np.zeros((len(ids), width), dtype=np.float32)
        if len(kept):
            vectors[np.searchsorted(ids, kept)] = self._index.reconstruct_batch(kept)
        for i, vector in self._delta.items():
            vectors[np.searchsorted(ids, i)] = vector
        return ids, vectors

    def _build(self, ids: npt.NDArray[np.int64], vectors: Floats) -> None:
        import faiss

        index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1])) if len(ids) else None
        if index is not None:
            index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), np.asarray(ids, dtype=np.int64))
        self._index, self._indexed = index, frozenset(ids.tolist())
        self._gone, self._delta = frozenset(), {}


def _numbers(ids: AbstractSet[int]) -> npt.NDArray[np.int64]:
    return np.fromiter(sorted(ids), dtype=np.int64, count=len(ids))
