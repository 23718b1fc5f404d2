"""One engine with the model of the repository for all databases of a test process: to load and warm it takes seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest

from market.matching import Document, EngineSettings, Key, open_engine
from market.queries import engine as engines


class Carried:
    """An engine that is emptied between databases; each of them numbers its revisions anew."""

    def __init__(self) -> None:
        self.engine = open_engine(EngineSettings())
        self.keys: set[Key] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def sync(
        self, upserts: Sequence[Document], removals: Sequence[Key] = (), revision: int = 0, vectors: Mapping[Key, Any] | None = None
    ) -> None:
        """Take everything, whatever its revision."""
        self.keys |= {document.key for document in upserts}
        self.engine.sync(upserts, removals, vectors=vectors)

    def empty(self) -> None:
        """Forget the last database."""
        self.engine.sync([], sorted(self.keys))
        self.keys.clear()


@cache
def warm() -> Carried:
    """Return the engine, after a first ranking that loads what it needs."""
    carried = Carried()
    ability = Document(id=1, kind="capability", title="低温电解液", text="零下三十度放得出八成电")
    need = Document(id=2, kind="challenge", title="电池包冬天续航", text="零下二十度只剩六成")
    carried.sync([ability, need])
    carried.rank(need)
    carried.guess_field(need.text)
    carried.empty()
    return carried


@contextmanager
def carried_engine() -> Iterator[None]:
    """Let the application rank with it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "open_engine", lambda _settings: warm())
        engines.configure(EngineSettings())
        yield
    warm().empty()
    engines.configure(EngineSettings())
