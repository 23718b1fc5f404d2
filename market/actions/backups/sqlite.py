"""SQLite by its online backup: one consistent picture while others write. A copy of the file alone would lose what is in the WAL."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as driver

from market.actions.backups.archive import Content, Table, demand_same, tables
from market.db import db
from market.domain.errors import MarketError

_FILE = "market.db"
_WAIT = 30.0  # seconds for a lock


def dump(folder: Path) -> tuple[str, Content]:
    """Copy the database into `folder`; return its migration and content, read from the copy."""
    copy = folder / _FILE
    with closing(_open(_live())) as source, closing(_open(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        migration = target.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        return str(migration), _content(target)


def load(folder: Path, wanted: Content) -> None:
    """Check the copy in `folder` row by row, then put it in the place of the database in one transaction."""
    with closing(_open(folder / _FILE)) as source:
        if source.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise MarketError("备份里的数据库未通过完整性检查，没有恢复任何内容")
        demand_same(wanted, _content(source))
        db.engine.dispose()
        with closing(_open(_live())) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=WAL")
            demand_same(wanted, _content(target))


def rows_held() -> int:
    """Return how many rows the database holds; 0 also where there are no tables yet."""
    with closing(_open(_live())) as connection:
        there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return sum(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name, _c, _k in tables() if name in there)  # noqa: S608


def _live() -> Path:
    return Path(str(db.engine.url.database))


def _open(path: Path) -> Any:
    connection = driver.connect(path, timeout=_WAIT)
    connection.isolation_level = None
    return connection


def _content(connection: Any) -> Content:
    found: dict[str, Table] = {}
    for name, columns, key in tables():
        digest, rows = hashlib.sha256(), 0
        listed, order = ", ".join(f'"{c}"' for c in columns), ", ".join(f'"{c}"' for c in key)
        for row in connection.execute(f'SELECT {listed} FROM "{name}" ORDER BY {order}'):  # noqa: S608
            digest.update(repr(row).encode())
            rows += 1
        found[name] = Table(rows, digest.hexdigest())
    heads = connection.execute("SELECT subject_kind, subject_id, hash FROM history_head ORDER BY 1, 2").fetchall()
    return Content(found, {f"{kind}/{subject}": head for kind, subject, head in heads})
