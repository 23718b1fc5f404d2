"""The backup's file: a zip whose comment, its last 64 bytes, is the SHA-256 of everything before."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from market.db import db
from market.domain.errors import MarketError

MANIFEST = "manifest.json"
KEY = "secret-key"
_SEAL = 64
_CHUNK = 1 << 20
_BROKEN = "备份已损坏：文件内容与封印的校验值不符，没有恢复任何内容"


@dataclass(frozen=True)
class Table:
    """How many rows a table had, and the SHA-256 of them in the order of their key."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Content:
    """What a database held: its tables, the heads of the history's chains (subject → hash), the last numbers given."""

    tables: dict[str, Table]
    heads: dict[str, str]
    sequences: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Content:
        """Return the content that a manifest tells of."""
        tables = {name: Table(**table) for name, table in data["tables"].items()}
        return cls(tables=tables, heads=data["heads"], sequences=data["sequences"])


def tables() -> list[tuple[str, list[str], list[str]]]:
    """Return every table as (name, columns, key), parents before children; the full-text index is the last.

    Without `index_change.transaction_id`, which PostgreSQL sets and which means nothing on another server.
    """
    found = [
        (
            table.name,
            [column.name for column in table.columns if (table.name, column.name) != ("index_change", "transaction_id")],
            [column.name for column in table.primary_key.columns],
        )
        for table in db.metadata.sorted_tables
    ]
    return [*found, ("search_index", ["kind", "item_id", "terms"], ["kind", "item_id"])]


def demand_same(wanted: Content, arrived: Content) -> None:
    """Raise MarketError naming the first table that did not arrive as it was."""
    for name, table in wanted.tables.items():
        if arrived.tables.get(name) != table:
            raise MarketError(f"恢复后 {name} 与备份不一致，已放弃")
    if arrived.heads != wanted.heads:
        raise MarketError("恢复后经过的链尾与备份不一致，已放弃")


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(folder: Path, names: Iterable[str], path: Path) -> None:
    """Zip the named parts of `folder` into `path`: beside it first, synced, then renamed. Mode 0600."""
    beside = folder / "backup.zip"
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for name in names:
            packed.write(folder / name, name)
        packed.comment = b"0" * _SEAL
    with beside.open("r+b") as file:
        seal = _seal(file, beside.stat().st_size - _SEAL)
        file.seek(-_SEAL, os.SEEK_END)
        file.write(seal.encode())
        file.flush()
        os.fsync(file.fileno())
    beside.chmod(0o600)
    beside.replace(path)
    descriptor = os.open(path.resolve().parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unpack(path: Path, folder: Path) -> None:
    """Check the seal of `path` and unpack it into `folder`. Raises MarketError on a single wrong byte."""
    size = path.stat().st_size
    with path.open("rb") as file:
        seal = _seal(file, max(0, size - _SEAL))
        if size <= _SEAL or file.read(_SEAL) != seal.encode():
            raise MarketError(_BROKEN)
    try:
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                    raise MarketError(f"备份里有不该有的路径：{name}")
            packed.extractall(folder)
    except zipfile.BadZipFile as error:
        raise MarketError(_BROKEN) from error


def _seal(file: Any, length: int) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while length and (chunk := file.read(min(_CHUNK, length))):
        digest.update(chunk)
        length -= len(chunk)
    return digest.hexdigest()
