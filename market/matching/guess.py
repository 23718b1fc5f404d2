"""Guess the technical field and the track of a text: nearness to each one's typical words, and how many occur."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

from market.matching import tokens
from market.matching.encoder import Encoder
from market.matching.fields import FIELD_WORDS, TRACK_WORDS

SHARPNESS = 14.0
WORD_BONUS = 0.06
"""What a typical word in the text adds to a cosine, for each doubling of their number."""


class Guesser:
    """Holds the vectors of the typical words, made at the first guess."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._prototypes: dict[int, Any] = {}

    def field(self, text: str) -> list[tuple[str, float]]:
        """(code, share) of the technical fields, best first."""
        return self._guess(text, FIELD_WORDS)

    def track(self, text: str) -> list[tuple[str, float]]:
        """(track, share), best first."""
        return self._guess(text, TRACK_WORDS)

    def _guess(self, text: str, words: Mapping[str, str]) -> list[tuple[str, float]]:
        if not any(True for _ in tokens.runs(text)):
            return []
        nearness = self._vectors(words) @ self._encoder.documents([text])[0]
        folded = tokens.fold(text)
        met = [sum(word.casefold() in folded for word in line.split()) for line in words.values()]
        points = SHARPNESS * (nearness + WORD_BONUS * np.log2(1 + np.asarray(met)))
        shares = np.exp(points - points.max())
        shares /= shares.sum()
        ranked = sorted(zip(words, shares.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
        return [(name, float(share)) for name, share in ranked]

    def _vectors(self, words: Mapping[str, str]) -> Any:
        key = id(words)
        if key not in self._prototypes:
            with self._lock:
                self._prototypes[key] = self._encoder.documents(list(words.values()))
        return self._prototypes[key]
