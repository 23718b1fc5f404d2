"""Alembic's entrance: migrates the database of the running application, SQLite and PostgreSQL alike."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

from market.db import db, engines

BY_HAND = (
    "match_term",
    "match_vector",
    "figure_change",
    "search_index",
    "search_index_data",
    "search_index_idx",
    "search_index_content",
    "search_index_docsize",
    "search_index_config",
)


def include_object(_thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Leave the full-text index and the count of changes alone: they are made by hand, differently on each database."""
    return not (kind == "table" and name in BY_HAND)


def run() -> None:
    """Run the migrations on the write engine."""
    engine = engines(current_app.extensions["migrate"].db.engine)[1]
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            include_object=include_object,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
