"""Guess the technical field and the track of a text.

From nearness to each one's typical words and how many of them occur; once the market has listings, mostly
from what the nearest of them have been given.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from market.matching import tokens
from market.matching.encoder import Encoder
from market.matching.fields import FIELD_WORDS, TRACK_WORDS

SHARPNESS = 14.0
WORD_BONUS = 0.12
"""What a typical word in the text adds to a cosine, for each doubling of their number."""
NEIGHBOURS = 7
NEIGHBOURS_SHARE = 0.7
ENOUGH_NEIGHBOURS = 100
"""With fewer listings in the market the neighbours have less to say."""

Neighbours = Sequence[tuple[str, float]]
"""Labels of the nearest listings with their cosine."""


class Guesser:
    """Holds the vectors of the typical words, made at the first guess."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._prototypes: dict[int, Any] = {}

    def field(self, text: str, neighbours: Neighbours = (), listings: int = 0) -> list[tuple[str, float]]:
        """(code, share) of the technical fields, best first."""
        return self._guess(text, FIELD_WORDS, neighbours, listings)

    def track(self, text: str, neighbours: Neighbours = (), listings: int = 0) -> list[tuple[str, float]]:
        """(track, share), best first."""
        return self._guess(text, TRACK_WORDS, neighbours, listings)

    def _guess(self, text: str, words: Mapping[str, str], neighbours: Neighbours, listings: int) -> list[tuple[str, float]]:
        if not any(True for _ in tokens.runs(text)):
            return []
        nearness = self._vectors(words) @ self._encoder.documents([text])[0]
        folded = tokens.fold(text)
        met = [sum(word.casefold() in folded for word in line.split()) for line in words.values()]
        points = SHARPNESS * (nearness + WORD_BONUS * np.log2(1 + np.asarray(met)))
        shares = np.exp(points - points.max())
        shares /= shares.sum()
        votes = np.asarray([sum(max(near, 0.0) ** 2 for label, near in neighbours if label == name) for name in words])
        if votes.sum() > 0:
            part = NEIGHBOURS_SHARE * min(1.0, listings / ENOUGH_NEIGHBOURS)
            shares = (1 - part) * shares + part * votes / votes.sum()
        ranked = sorted(zip(words, shares.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
        return [(name, float(share)) for name, share in ranked]

    def _vectors(self, words: Mapping[str, str]) -> Any:
        key = id(words)
        if key not in self._prototypes:
            with self._lock:
                self._prototypes[key] = self._encoder.documents(list(words.values()))
        return self._prototypes[key]
