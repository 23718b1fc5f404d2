"""A small engine instead of the trained one: it ranks by shared characters, in milliseconds."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date

import pytest

from market.matching import Document, ElementMatch, Hit, Reason
from market.queries import documents, engine


class SharedCharacters:
    """Answers like the engine, by counting the characters that two texts share."""

    model_fingerprint = "shared-characters"
    asked: list[str]

    def __init__(self) -> None:
        self.asked = []

    def rank(self, query: Document, among: AbstractSet[int] | None = None, k: int = 10, on: date | None = None) -> list[Hit]:
        """Rank the capabilities of `among`."""
        self.asked.append(query.text)
        scored = [(len(set(query.content) & set(found.content)), found) for found in documents.capabilities(among)]
        scored.sort(key=lambda pair: (-pair[0], pair[1].id))
        return [
            Hit(found.id, rank, 0.5, (Reason("phrase", "都提到「低温」", 0.5, "低温", "低温"),), found.text.split("。")[0])
            for rank, (score, found) in enumerate(scored[:k], 1)
            if score
        ]

    def elements(self, query: Document, document: Document) -> list[ElementMatch]:
        """Two things asked: one that the first sentence of everybody answers, one that nobody does."""
        said = document.text.split("。")[0]
        return [ElementMatch("effect", "低温", 0.9, 0.4, said), ElementMatch("quantity", "循环 ≥3000 次", 0.0, 0.0)]

    def guess_field(self, _text: str) -> list[tuple[str, float]]:
        """Guess nothing."""
        return []

    def guess_track(self, _text: str) -> list[tuple[str, float]]:
        """Guess nothing."""
        return []


@pytest.fixture(autouse=True)
def ranking(monkeypatch: pytest.MonkeyPatch) -> SharedCharacters:
    """The engine of every test of this room."""
    stub = SharedCharacters()
    monkeypatch.setattr(engine, "engine", lambda: stub)
    monkeypatch.setattr(engine, "bare_engine", lambda: stub)
    return stub
