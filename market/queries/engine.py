"""This process's engine: a cache of the database that applies the changes it has not seen before it ranks.

The database is the truth; queries/changes.py says how nothing in its change log is skipped.
"""

from __future__ import annotations

import hashlib
import os
import threading
from typing import Any

from sqlalchemy import select

from market.db import db
from market.matching import KINDS, Document, Engine, EngineSettings, Key, open_engine, vector_from
from market.models import Embedding
from market.queries import changes, documents

_lock = threading.Lock()


class Follower:
    """One engine and how far in the change log it has come."""

    def __init__(self, settings: EngineSettings) -> None:
        self.engine: Engine = open_engine(settings)
        self.pid = os.getpid()
        self.cursor = changes.Cursor()
        self.filled = False

    def catch_up(self) -> None:
        """Apply what changed since the last time; the first time, read everything."""
        if not self.filled:
            self._fill()
            return
        fresh, cursor = changes.since(self.cursor)
        if fresh:
            self._apply(fresh, cursor.highest)
        self.cursor = cursor  # only now: what failed is tried again

    def _apply(self, fresh: list[changes.Change], revision: int) -> None:
        upserts: list[Document] = []
        gone: list[Key] = []
        for kind in KINDS:
            ids = sorted({change.item_id for change in fresh if change.kind == kind})
            found = documents.of_kind(kind, ids) if ids else []
            upserts += found
            gone += [(kind, item) for item in set(ids) - {document.id for document in found}]
        self.engine.sync(upserts, gone, revision=revision, vectors=stored_vectors(upserts, self.engine.model_fingerprint))

    def _fill(self) -> None:
        cursor = changes.here()
        everything = documents.challenges() + documents.capabilities()
        self.engine.sync(everything, [], revision=cursor.highest, vectors=stored_vectors(everything, self.engine.model_fingerprint))
        self.cursor = cursor
        self.filled = True


_follower: Follower | None = None
_settings = EngineSettings()


def configure(settings: EngineSettings) -> None:
    """Name the model to use (app.py, from the configuration); an engine already open is dropped."""
    global _settings, _follower
    _settings, _follower = settings, None


def configured() -> EngineSettings:
    """Return the settings of the engine in use."""
    return _settings


def engine() -> Engine:
    """Return this process's engine, in step with the database. The first call loads the model (seconds)."""
    global _follower
    with _lock:
        if _follower is None or _follower.pid != os.getpid():
            _follower = Follower(_settings)
        _follower.catch_up()
        return _follower.engine


def bare_engine() -> Engine:
    """Return the engine without reading the listings: enough to guess a field."""
    global _follower
    with _lock:
        if _follower is None or _follower.pid != os.getpid():
            _follower = Follower(_settings)
        return _follower.engine


def text_hash(document: Document) -> str:
    """Return the hash under which a document's vector is kept."""
    return hashlib.sha256(document.content.encode()).hexdigest()


def stored_vectors(wanted: list[Document], model: str) -> dict[Key, Any]:
    """Return the vectors that are in the database for `wanted`, by the document's key (float32)."""
    hashes = {text_hash(document): document.key for document in wanted}
    found: dict[Key, Any] = {}
    keys = list(hashes)
    for start in range(0, len(keys), 500):
        query = select(Embedding.text_hash, Embedding.vector).where(
            Embedding.model == model, Embedding.text_hash.in_(keys[start : start + 500])
        )
        for digest, vector in db.session.execute(query):
            found[hashes[digest]] = vector_from(vector)
    return found
