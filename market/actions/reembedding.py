"""Change to another model while the old one answers: the worker embeds every listing anew, then all processes follow.

A tick of the worker takes up the work for some seconds, so that mails and rankings go on beside it; what is embedded
is in the database, so that a worker that stops goes on where it was.
"""

from __future__ import annotations

import time

from sqlalchemy import delete, insert

from market.actions import match_stores, matches
from market.db import db, reading, transaction
from market.domain import clock
from market.matching import Engine
from market.models import IndexChange, Setting
from market.queries import documents, settings
from market.queries import engine as engines
from market.queries.reembedding import PROGRESS

SECONDS = 20.0  # of one tick
BATCH = 64


def step(seconds: float = SECONDS) -> int:
    """Embed with the configured model what it has not embedded yet, for about so long; return how many listings.

    When nothing is left, the configured model becomes the one that answers.
    """
    with reading():
        stored, begun = settings.value(engines.MODEL), settings.value(PROGRESS) is not None
    engine = engines.wanted()
    if isinstance(stored, dict) and stored["fingerprint"] == engine.model_fingerprint:
        if begun:  # and then taken back
            _forget_progress()
        return 0
    with reading():
        old_answers = isinstance(stored, dict) and engines.served() != engines.configured()
    done = _embed(engine, seconds) if old_answers else None
    if not done:
        match_stores.keep(None, engine)
        _hand_over(engine, old_answers)
    return done or 0


def _embed(engine: Engine, seconds: float) -> int:
    """Embed for some seconds; return how many listings, 0 when all have a vector of this model."""
    with reading():
        everything = documents.challenges() + documents.capabilities()
        known = engines.stored_vectors(everything, engine.model_fingerprint)
    missing = [document for document in everything if document.key not in known]
    until, done = time.monotonic() + seconds, 0
    while done < len(missing) and (done == 0 or time.monotonic() < until):
        part = missing[done : done + BATCH]
        matches.store_embeddings([document.key for document in part], engine)
        done += len(part)
        _note(len(everything) - len(missing) + done, len(everything))
    return done


def _note(done: int, of: int) -> None:
    _put(PROGRESS, {"model": engines.configured().model, "done": done, "of": of})


def _hand_over(engine: Engine, tell: bool) -> None:
    """Write that the configured model answers; `tell` the processes that the index they hold is another's."""
    wanted = engines.configured()
    with transaction() as session:
        names = ("model", "query_prompt", "document_prompt")
        _put(engines.MODEL, {**{name: getattr(wanted, name) for name in names}, "fingerprint": engine.model_fingerprint})
        _forget_progress()
        if tell:
            session.execute(insert(IndexChange), [{"kind": engines.MODEL_CHANGE, "item_id": 0, "at": clock.now()}])


def _forget_progress() -> None:
    with transaction() as session:
        session.execute(delete(Setting).where(Setting.name == PROGRESS))


def _put(name: str, value: object) -> None:
    with transaction() as session:
        row = db.session.get(Setting, name)
        if row is None:
            session.add(Setting(name=name, value=value, changed_at=clock.now()))
        else:
            row.value, row.changed_at = value, clock.now()
