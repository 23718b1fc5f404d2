"""The dense side on FAISS: an exact flat index of unit vectors under row ids."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
FILE = "vectors.npz"


class FaissStore:
    """`IndexIDMap2` over `IndexFlatIP`. Not to be changed while somebody reads: change a `fork`."""

    def __init__(self) -> None:
        self._index: Any = None
        self._ids: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self._ids)

    def fork(self) -> Self:
        """A copy that may be changed while others read this one."""
        import faiss

        other = type(self)()
        other._ids = self._ids
        other._index = None if self._index is None else faiss.clone_index(self._index)
        return other

    def put(self, ids: Sequence[int], vectors: Floats) -> None:
        """Add or replace."""
        import faiss

        if not len(ids):
            return
        self.drop(ids)
        if self._index is None:
            self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
        self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), np.asarray(ids, dtype=np.int64))
        self._ids = self._ids | frozenset(ids)

    def drop(self, ids: Sequence[int]) -> None:
        """Remove; unknown ids are ignored."""
        known = sorted(self._ids.intersection(ids))
        if known:
            self._index.remove_ids(np.asarray(known, dtype=np.int64))
            self._ids = self._ids - frozenset(known)

    def search(self, vector: Floats, k: int, among: AbstractSet[int] | None = None) -> list[tuple[int, float]]:
        """The k nearest, best first, equal scores by id."""
        allowed = self._ids if among is None else self._ids & among
        if not allowed or k <= 0:
            return []
        import faiss

        faiss.omp_set_num_threads(1)  # one query is too little work to share out
        parameters = None
        if among is not None:
            chosen = np.fromiter(sorted(allowed), dtype=np.int64, count=len(allowed))
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(chosen))  # type: ignore[call-arg]
        wanted = min(k, len(allowed))
        scores, ids = self._index.search(vector.reshape(1, -1), wanted, params=parameters)
        found = [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def scores(self, vector: Floats, ids: Sequence[int]) -> list[float]:
        """Inner product with each of these ids; 0.0 for an unknown id."""
        known = [i for i in ids if i in self._ids]
        if not known:
            return [0.0] * len(ids)
        products = self._index.reconstruct_batch(np.asarray(known, dtype=np.int64)) @ vector
        by_id = dict(zip(known, products.tolist(), strict=True))
        return [by_id.get(i, 0.0) for i in ids]

    def save(self, folder: Path) -> None:
        """Write ids and vectors."""
        ids = np.asarray(sorted(self._ids), dtype=np.int64)
        vectors = self._index.reconstruct_batch(ids) if len(ids) else np.zeros((0, 0), dtype=np.float32)
        np.savez(folder / FILE, ids=ids, vectors=vectors)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote, in place of what is there."""
        with np.load(folder / FILE, allow_pickle=False) as stored:
            ids, vectors = stored["ids"], stored["vectors"]
        self._index, self._ids = None, frozenset()
        self.put([int(i) for i in ids], vectors)
