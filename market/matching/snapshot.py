"""Snapshots on disk: immutable folders, written beside, made durable, then named by one rename.

A folder's name is its revision and fingerprint; its manifest has the hash of every file. Killed at any
moment, the process leaves the older snapshots whole and at most a folder that nobody reads.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from market.matching.types import Document

MANIFEST = "manifest.json"
PART = ".part-"
KEPT = 2
FORGOTTEN_SECONDS = 3_600


def write(folder: Path, revision: int, fingerprint: str, facts: dict[str, Any], fill: Callable[[Path], None]) -> Path:
    """Make a snapshot; `fill` writes its files into the folder it is given. Returns the snapshot's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{revision:012d}-{fingerprint[:16]}"
    if target.exists():
        return target
    part = folder / f"{PART}{uuid.uuid4().hex}"
    part.mkdir()
    try:
        fill(part)
        hashes = {path.relative_to(part).as_posix(): _hash(path) for path in _files(part)}
        manifest = {**facts, "revision": revision, "fingerprint": fingerprint, "files": hashes}
        (part / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf8")
        for path in part.rglob("*"):
            _fsync(path)
        _fsync(part)
        _rename(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _fsync(folder)
    _prune(folder, target)
    return target


def whole(folder: Path, facts: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Snapshots with these facts whose files all have their hash, newest revision first."""
    found = sorted(folder.iterdir(), reverse=True) if folder.is_dir() else []
    for candidate in found:
        manifest = None if candidate.name.startswith(PART) else _read(candidate / MANIFEST)
        if manifest is None or any(manifest.get(name) != value for name, value in facts.items()):
            continue
        files = manifest.get("files", {})
        if all((candidate / name).is_file() and _hash(candidate / name) == value for name, value in files.items()):
            yield candidate, manifest


def to_json(document: Document) -> dict[str, Any]:
    """A document as a snapshot keeps it."""
    row = asdict(document)
    row["confirmed_on"] = document.confirmed_on.isoformat() if document.confirmed_on else None
    return row


def from_json(row: dict[str, Any]) -> Document:
    """A document that a snapshot kept."""
    confirmed = date.fromisoformat(row["confirmed_on"]) if row["confirmed_on"] else None
    return Document(**{**row, "confirmed_on": confirmed, "modes": tuple(row["modes"])})


def _rename(part: Path, target: Path) -> None:
    """Another process may have written the same snapshot meanwhile: then its folder stays."""
    try:
        os.rename(part, target)
    except OSError:
        if not target.is_dir():
            raise


def _read(path: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads(path.read_text(encoding="utf8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) else None


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _prune(folder: Path, newest: Path) -> None:
    """Keep the newest few; what was withdrawn must not stay on disk for long. Forgotten parts go after an hour."""
    others = sorted((p for p in folder.iterdir() if p.is_dir() and p != newest), reverse=True)
    for old in [p for p in others if not p.name.startswith(PART)][KEPT - 1 :]:
        half = folder / f"{PART}{uuid.uuid4().hex}"
        try:
            os.rename(old, half)  # killed while it deletes, the process leaves no named folder that is half gone
        except OSError:
            continue  # another process was quicker
        shutil.rmtree(half, ignore_errors=True)
    for part in (p for p in others if p.name.startswith(PART)):
        if time.time() - part.stat().st_mtime > FORGOTTEN_SECONDS:
            shutil.rmtree(part, ignore_errors=True)
