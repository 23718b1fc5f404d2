"""This process's engine: a cache of the database that applies the changes it has not seen before it ranks.

The database is the truth; queries/changes.py says how nothing in its change log is skipped. A start takes over the
newest snapshot, if there is a whole one of this model, and compares it with the database listing by listing, so that
a snapshot saves cutting and embedding and is never believed. Which model answers is written in the database: another
one in the configuration takes over when the worker has embedded every listing with it (actions/reembedding.py), and
each process opens the new index beside the old one, which answers meanwhile.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from market.db import db
from market.matching import KINDS, Document, Engine, EngineSettings, Key, Kind, LexicalStore, VectorStore, open_engine, vector_from
from market.models import Embedding
from market.queries import changes, documents, settings

MODEL = "matching_model"
"""The stored setting that names the model that answers."""
MODEL_CHANGE = "model"
"""The kind of a line in the change log that says that another model answers from now on."""


def _at_once(work: Callable[[], None]) -> None:
    work()


@dataclass(frozen=True)
class Setup:
    """What app.py chose: the wanted model, where snapshots lie (None: nowhere), where vectors and terms are kept
    (None: in the process), and how something is done in the background."""

    settings: EngineSettings = field(default_factory=EngineSettings)
    snapshots: Path | None = None
    vector_store: Callable[[Kind, str], VectorStore] | None = None
    lexical_store: Callable[[Kind], LexicalStore] | None = None
    background: Callable[[Callable[[], None]], None] = _at_once

    def open(self, model: EngineSettings) -> Engine:
        """Return an empty engine over this model."""
        if self.vector_store is None or self.lexical_store is None:
            return open_engine(model)
        vector_store, name = self.vector_store, open_engine(model).model_fingerprint
        return open_engine(model, lambda kind: vector_store(kind, name), self.lexical_store)


_setup = Setup()
_lock = threading.Lock()


class Follower:
    """One engine and how far in the change log it has come."""

    def __init__(self, model: EngineSettings) -> None:
        self.model = model
        self.engine: Engine = _setup.open(model)
        self.pid = os.getpid()
        self.cursor = changes.Cursor()
        self.filled = False
        self.outdated = False

    def catch_up(self) -> None:
        """Apply what changed since the last time; the first time, read everything."""
        if not self.filled:
            self._fill()
            return
        fresh, cursor = changes.since(self.cursor)
        if fresh:
            self._apply(fresh, cursor.highest)
            self.outdated |= any(change.kind == MODEL_CHANGE for change in fresh)
        self.cursor = cursor  # only now: what failed is tried again

    def _apply(self, fresh: list[changes.Change], revision: int) -> None:
        upserts: list[Document] = []
        gone: list[Key] = []
        for kind in KINDS:
            ids = sorted({change.item_id for change in fresh if change.kind == kind})
            found = documents.of_kind(kind, ids) if ids else []
            upserts += found
            gone += [(kind, item) for item in set(ids) - {document.id for document in found}]
        self.engine.sync(upserts, gone, revision=revision, vectors=self._vectors(upserts))

    def _vectors(self, wanted: list[Document]) -> dict[Key, Any]:
        """Stored vectors for the index to take in; a store in the database has them already."""
        return {} if stores_are_in_the_database() else stored_vectors(wanted, self.engine.model_fingerprint)

    def _fill(self) -> None:
        cursor = changes.here()
        if _setup.snapshots is not None and self.engine.load(_setup.snapshots) and self.engine.revision > cursor.highest:
            self.engine = _setup.open(self.model)  # of a database that is no longer this one
        held = self.engine.keys
        everything = documents.challenges() + documents.capabilities()
        gone = held - {document.key for document in everything}
        new = [document for document in everything if document.key not in held]
        self.engine.sync(everything, sorted(gone), revision=cursor.highest, vectors=self._vectors(new))
        self.cursor = cursor
        self.filled = True


_follower: Follower | None = None
_wanted: Engine | None = None
_exchanging = threading.Lock()


def configure(setup: EngineSettings | Setup) -> None:
    """Name the model to use, and where things are kept (app.py, from the configuration); an open engine is dropped."""
    global _setup, _follower, _wanted
    _setup = setup if isinstance(setup, Setup) else Setup(setup)
    _follower = _wanted = None


def configured() -> EngineSettings:
    """Return the settings of the engine that the configuration asks for."""
    return _setup.settings


def stores_are_in_the_database() -> bool:
    """Return whether the configuration keeps vectors and terms in the database."""
    return _setup.vector_store is not None


def served() -> EngineSettings:
    """Return the settings of the engine that answers: another than the configured one until every listing is embedded.

    The configured one also where the old model is not there any more, or its files are others now.
    """
    stored = settings.value(MODEL)
    if not isinstance(stored, dict):
        return _setup.settings
    names = ("model", "query_prompt", "document_prompt")
    old = replace(_setup.settings, **{name: stored[name] for name in names})
    return old if open_engine(old).model_fingerprint == stored["fingerprint"] else _setup.settings


def wanted() -> Engine:
    """Return an engine over the configured model, to embed with; it holds no listings."""
    global _wanted
    if _wanted is None:
        _wanted = open_engine(_setup.settings)
    return _wanted


def engine() -> Engine:
    """Return this process's engine, in step with the database. The first call loads the model (seconds)."""
    with _lock:
        follower = _current()
        follower.catch_up()
    if follower.outdated:
        _setup.background(exchange)
    return follower.engine


def bare_engine() -> Engine:
    """Return the engine without reading the listings: enough to guess a field."""
    with _lock:
        return _current().engine


def exchange() -> None:
    """Open the engine of the model that answers from now on beside the old one, and put it in its place."""
    global _follower
    if not _exchanging.acquire(blocking=False):
        return
    try:
        fresh = Follower(served())
        fresh.catch_up()
        with _lock:
            _follower = fresh
    except Exception:
        logging.getLogger("market").exception("the new index could not be opened; the old one goes on answering")
    finally:
        _exchanging.release()


def save_snapshot() -> str:
    """Write a snapshot of this process's engine if it stands at a revision that has none; return its name or ""."""
    follower = _follower
    if _setup.snapshots is None or follower is None or not follower.filled:
        return ""
    if any(_setup.snapshots.glob(f"{follower.engine.revision:012d}-*")):
        return ""
    return follower.engine.save(_setup.snapshots).name


def _current() -> Follower:
    global _follower
    if _follower is None or _follower.pid != os.getpid():
        _follower = Follower(served())
    return _follower


def text_hash(document: Document) -> str:
    """Return the hash under which a document's vector is kept."""
    return hashlib.sha256(document.content.encode()).hexdigest()


def stored_vectors(wanted: list[Document], model: str) -> dict[Key, Any]:
    """Return the vectors that are in the database for `wanted`, by the document's key (float32)."""
    hashes: dict[str, list[Key]] = {}
    for document in wanted:
        hashes.setdefault(text_hash(document), []).append(document.key)
    found: dict[Key, Any] = {}
    keys = list(hashes)
    for start in range(0, len(keys), 500):
        query = select(Embedding.text_hash, Embedding.vector).where(
            Embedding.model == model, Embedding.text_hash.in_(keys[start : start + 500])
        )
        for digest, vector in db.session.execute(query):
            found.update(dict.fromkeys(hashes[digest], vector_from(vector)))
    return found
