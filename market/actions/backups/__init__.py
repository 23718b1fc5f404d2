"""Back the whole market up into one file, and put it back; the file's every byte is checked before anything is touched.

The file is a zip with manifest.json, the database (with the attachments, which are rows) and, only when
asked for, the secret key. Without that key the second factors in it cannot be read again.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from market.actions.backups import archive, postgresql, sqlite
from market.actions.backups.archive import KEY, MANIFEST, Content
from market.db import db
from market.domain.errors import MarketError
from market.queries import health, verify

__all__ = ["Backup", "check", "restore", "write"]
FORMAT = 1


@dataclass(frozen=True)
class Backup:
    """What a backup file says of itself: rows and SHA-256 of each table, heads of the history's chains, its parts."""

    path: Path
    made_at: str
    database: str
    migration: str
    content: Content
    parts: dict[str, str]

    @property
    def rows(self) -> int:
        """The number of rows in all tables."""
        return sum(table.rows for table in self.content.tables.values())

    @property
    def has_key(self) -> bool:
        """True when the secret key lies in the file."""
        return KEY in self.parts


def write(path: Path, key: str | None = None) -> Backup:
    """Write a backup of the running market to `path`; writers go on meanwhile. `key` is put in only when given.

    The file is written beside, synced and then renamed, so that a broken backup never stands under the name.
    Raises MarketError when the database is not at the newest migration.
    """
    db.session.rollback()
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    with tempfile.TemporaryDirectory(prefix="market-backup-", dir=path.resolve().parent) as name:
        folder = Path(name)
        migration, content = _floor().dump(folder)
        if migration != health.head():
            raise MarketError("数据库不是最新结构，请先运行 flask db upgrade")
        if key is not None:
            (folder / KEY).write_text(key, encoding="utf8")
        files = sorted(file for file in folder.rglob("*") if file.is_file())
        parts = {file.relative_to(folder).as_posix(): archive.file_digest(file) for file in files}
        manifest = {
            "format": FORMAT, "made_at": made_at, "database": db.engine.dialect.name, "migration": migration,
            "content": asdict(content), "parts": parts,
        }  # fmt: skip
        (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf8")
        archive.pack(folder, [MANIFEST, *parts], path)
    return _backup(path, manifest)


def check(path: Path, folder: Path) -> Backup:
    """Unpack a backup into `folder` after checking every byte of it. Raises MarketError on the first that is wrong."""
    archive.unpack(path, folder)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf8"))
    if manifest.get("format") != FORMAT:
        raise MarketError(f"不认识的备份格式：{manifest.get('format')}")
    for name, digest in manifest["parts"].items():
        if not (folder / name).is_file() or archive.file_digest(folder / name) != digest:
            raise MarketError(f"备份已损坏：{name} 的校验值不符，没有恢复任何内容")
    return _backup(path, manifest)


def restore(path: Path, replace: bool = False) -> tuple[Backup, str | None, list[verify.Report]]:
    """Put a backup back into this market's database; return what it was, its secret key if it holds one, and the checks.

    Only into an empty database unless `replace`. Raises MarketError, with the database as it was, for a damaged
    file, another kind of database, another migration, rows that stand already, or rows that arrive changed.
    """
    db.session.rollback()
    with tempfile.TemporaryDirectory(prefix="market-restore-", dir=path.resolve().parent) as name:
        folder = Path(name)
        backup = check(path, folder)
        _demand_fit(backup, replace)
        db.session.remove()
        _floor().load(folder, backup.content)
        key = (folder / KEY).read_text(encoding="utf8") if backup.has_key else None
    return backup, key, verify.everything()


def _demand_fit(backup: Backup, replace: bool) -> None:
    kind = db.engine.dialect.name
    if backup.database != kind:
        raise MarketError(f"这份备份来自 {backup.database}，当前数据库是 {kind}，不能恢复")
    if backup.migration != health.head():
        raise MarketError(f"这份备份的结构是 {backup.migration}，程序需要 {health.head()}；请用做备份时的版本恢复，再升级")
    held = _floor().rows_held()
    if held and not replace:
        raise MarketError(f"数据库里已有 {held} 行数据；要整个替换，请加 --yes")


def _floor() -> Any:
    return sqlite if db.engine.dialect.name == "sqlite" else postgresql


def _backup(path: Path, manifest: dict[str, Any]) -> Backup:
    return Backup(
        path=path,
        made_at=manifest["made_at"],
        database=manifest["database"],
        migration=manifest["migration"],
        content=Content.read(manifest["content"]),
        parts=manifest["parts"],
    )
