"""Pages without the model: the engine's guesses are fixed, so that no test waits for torch."""

from __future__ import annotations

from typing import Any

import pytest

from market.queries import engine


class QuietEngine:
    """Guesses new energy for everything, finds nothing alike."""

    def guess_field(self, text: str) -> list[tuple[str, float]]:
        return [("06", 0.7)]

    def guess_track(self, text: str) -> list[tuple[str, float]]:
        return [("新能源", 0.7)]

    def rank(self, *_: Any, **__: Any) -> list[Any]:
        return []

    def similar(self, *_: Any, **__: Any) -> list[Any]:
        return []


@pytest.fixture(autouse=True)
def quiet_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the quiet engine in the place of this process's."""
    monkeypatch.setattr(engine, "engine", QuietEngine)
    monkeypatch.setattr(engine, "bare_engine", QuietEngine)
