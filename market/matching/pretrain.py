"""First vectors of the words, from which words stand near which: PPMI of neighbourhoods, then a truncated SVD.

On a corpus of this size it is as good as skip-gram, needs no other library, and gives the same vectors on
every run. Rare words lean on the mean of their characters, words never seen on their synonyms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp  # type: ignore[import-untyped]

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

CHUNK = 1_500_000
SMOOTHING = 0.75
LEAST_WEIGHT = 1.0
LEAN = 20.0
"""A word seen this often stands half on its own neighbourhoods, half on its characters."""


def cooccurrence(tokens: Ints, size: int, window: int, progress: Any) -> sp.csr_matrix:
    """How often two tokens stand within `window` of each other, nearer ones counting more; symmetric.

    `tokens` is one long row in which -1 separates texts.
    """
    total = sp.csr_matrix((size, size), dtype=np.float32)
    for start in progress(range(0, len(tokens), CHUNK), desc="neighbourhoods"):
        piece = tokens[start : start + CHUNK]
        rows, columns, weights = [], [], []
        for distance in range(1, window + 1):
            left, right = piece[:-distance], piece[distance:]
            inside = (left >= 0) & (right >= 0)
            left, right = left[inside], right[inside]
            rows.append(np.minimum(left, right))
            columns.append(np.maximum(left, right))
            weights.append(np.full(len(left), (window + 1 - distance) / window, dtype=np.float32))
        part = sp.coo_matrix((np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), shape=(size, size))
        total = total + part.tocsr()
    total.data[total.data < LEAST_WEIGHT] = 0
    total.eliminate_zeros()
    return (total + total.T).tocsr()


def ppmi(counts: sp.csr_matrix) -> sp.csr_matrix:
    """Positive pointwise mutual information with smoothed contexts (Levy, Goldberg and Dagan 2015)."""
    row_sums = np.asarray(counts.sum(axis=1)).ravel()
    context = row_sums**SMOOTHING
    context = context / context.sum()
    matrix = counts.tocoo()
    with np.errstate(divide="ignore"):
        values = np.log(matrix.data / (row_sums[matrix.row] * context[matrix.col]))
    keep = values > 0
    shape = matrix.shape
    return sp.csr_matrix((values[keep].astype(np.float32), (matrix.row[keep], matrix.col[keep])), shape=shape)


def factorise(matrix: sp.csr_matrix, dimensions: int, seed: int) -> Floats:
    """Rows of U·√S of the truncated SVD, the common direction taken out, of mean length one."""
    from sklearn.utils.extmath import randomized_svd

    left, values, _ = randomized_svd(matrix, dimensions, n_oversamples=16, n_iter=3, random_state=seed)
    vectors = left * np.sqrt(values)
    seen = np.linalg.norm(vectors, axis=1) > 1e-6
    vectors[seen] -= vectors[seen].mean(axis=0)
    vectors /= np.linalg.norm(vectors[seen], axis=1).mean()
    return vectors.astype(np.float32)


def lean_on_characters(vectors: Floats, counts: npt.NDArray[np.int64], characters: sp.csr_matrix) -> Floats:
    """Mix each word with the mean of its characters, the more the rarer the word is."""
    lengths = np.asarray(characters.sum(axis=1)).ravel()
    means = characters @ vectors / np.maximum(lengths, 1)[:, None]
    trust = (counts / (counts + LEAN))[:, None]
    trust = np.where(lengths[:, None] > 0, trust, 1.0)
    return (trust * vectors + (1 - trust) * means).astype(np.float32)


def character_matrix(pieces: Sequence[str]) -> sp.csr_matrix:
    """Words × pieces: which character pieces a word of two or more Chinese characters is made of."""
    place = {piece: i for i, piece in enumerate(pieces) if len(piece) == 1}
    rows, columns = [], []
    for row, piece in enumerate(pieces):
        if len(piece) > 1 and not piece.isascii():
            for character in piece:
                if character in place:
                    rows.append(row)
                    columns.append(place[character])
    shape = (len(pieces), len(pieces))
    return sp.csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape)


def one_row(encoded: Iterable[Sequence[int]], unknown: int) -> Ints:
    """All texts behind each other, -1 between them and in place of unknown tokens."""
    parts: list[Ints] = []
    gap = np.array([-1], dtype=np.int32)
    for ids in encoded:
        row = np.asarray(ids, dtype=np.int32)
        parts.append(np.where(row == unknown, -1, row).astype(np.int32))
        parts.append(gap)
    return np.concatenate(parts) if parts else gap
