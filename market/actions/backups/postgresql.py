"""PostgreSQL by COPY: all tables out of one REPEATABLE READ transaction, and back in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from market.actions.backups.archive import Content, Table, demand_same, tables
from market.db import db

_FOLDER = "tables"
_CHUNK = 1 << 20


def dump(folder: Path) -> tuple[str, Content]:
    """Write every table as text into `folder`; return migration and content, all of one moment."""
    (folder / _FOLDER).mkdir()
    with _connect() as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        migration = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        content = _content(connection, folder / _FOLDER)
        connection.rollback()
    return str(migration[0] if migration else ""), content


def load(folder: Path, wanted: Content) -> None:
    """Empty all tables, copy every table in, compare; nothing changes when anything fails."""
    db.engine.dispose()
    with _connect() as connection, connection.transaction():
        names = sql.SQL(", ").join(sql.Identifier(name) for name, _columns, _key in tables())
        connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))
        for name, columns, _key in tables():
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), _listed(columns))
            with connection.cursor().copy(statement) as copy, (folder / _FOLDER / name).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    copy.write(chunk)
        for sequence, last in wanted.sequences.items():
            connection.execute("SELECT setval(%s::regclass, %s)", (sequence, last))
        demand_same(wanted, _content(connection, None))


def rows_held() -> int:
    """Return how many rows the database holds; its tables must be there (`flask db upgrade`)."""
    with _connect() as connection:
        parts = [sql.SQL("(SELECT count(*) FROM {})").format(sql.Identifier(name)) for name, _columns, _key in tables()]
        row = connection.execute(sql.SQL("SELECT {}").format(sql.SQL(" + ").join(parts))).fetchone()
        return int(row[0]) if row else 0


@contextmanager
def _connect() -> Iterator[Any]:
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        yield connection


def _listed(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in columns)


def _content(connection: Any, folder: Path | None) -> Content:
    """Return what the tables hold; with `folder`, the rows are written into it on the way."""
    found: dict[str, Table] = {}
    for name, columns, key in tables():
        query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(_listed(columns), sql.Identifier(name), _listed(key))
        digest, rows = hashlib.sha256(), 0
        with connection.cursor().copy(query) as copy, _sink(folder, name) as write:
            for chunk in copy:
                data = bytes(chunk)
                digest.update(data)
                rows += data.count(b"\n")  # one line a row: COPY writes a line break inside a value as \n
                write(data)
        found[name] = Table(rows, digest.hexdigest())
    heads = connection.execute("SELECT subject_kind, subject_id, hash FROM history_head ORDER BY 1, 2").fetchall()
    numbers = connection.execute(
        "SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename), last_value FROM pg_sequences "
        "WHERE schemaname = current_schema() AND last_value IS NOT NULL AND sequencename <> 'figure_change_id_seq' ORDER BY 1"
    ).fetchall()
    return Content(found, {f"{kind}/{subject}": head for kind, subject, head in heads}, dict(numbers))


@contextmanager
def _sink(folder: Path | None, name: str) -> Iterator[Any]:
    if folder is None:
        yield lambda data: None
        return
    with (folder / name).open("wb") as file:
        yield file.write
