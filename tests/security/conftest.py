"""The engine of the walks: it ranks by shared characters, so that no walk waits for the model."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import pytest

from market.matching import Document, Hit
from market.queries import engine
from tests.web.leads.conftest import SharedCharacters


class Shared(SharedCharacters):
    """Ranks by shared characters, finds nothing alike."""

    def similar(self, _query: Document, _among: AbstractSet[int] | None = None, k: int = 10, **_: object) -> list[Hit]:
        """Nothing is alike."""
        return []


@pytest.fixture(autouse=True)
def shared_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put it in the place of this process's."""
    made = Shared()
    monkeypatch.setattr(engine, "engine", lambda: made)
    monkeypatch.setattr(engine, "bare_engine", lambda: made)
