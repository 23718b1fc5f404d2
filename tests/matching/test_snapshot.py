"""Snapshots: whole or not there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from market.matching import EngineSettings, open_engine, question, snapshot
from market.matching.engine import HybridEngine
from tests.matching.conftest import capability, challenge

OFFERS = [capability(1, "低温电解液", "抑制析锂", stage="lab", modes=("licence",)), capability(2, "轴承润滑")]


@pytest.fixture
def filled(engine: HybridEngine) -> HybridEngine:
    engine.sync([*OFFERS, challenge(1, "掉电")], revision=7)
    return engine


@pytest.fixture
def other(tiny_model: Path) -> HybridEngine:
    made = open_engine(EngineSettings(model=str(tiny_model)))
    assert isinstance(made, HybridEngine)
    return made


def test_a_loaded_engine_ranks_as_the_saved_one(filled: HybridEngine, other: HybridEngine, tmp_path: Path) -> None:
    filled.save(tmp_path)
    assert other.load(tmp_path)
    assert other.revision == 7
    assert other.fingerprint == filled.fingerprint
    for query in (question("电池掉电"), OFFERS[0]):
        assert other.rank(query) == filled.rank(query)
    other.sync([capability(3, "析锂预警")], revision=8)
    assert other.rank(question("析锂预警"))[0].id == 3


def test_saving_twice_writes_once(filled: HybridEngine, tmp_path: Path) -> None:
    first = filled.save(tmp_path)
    stamp = first.stat().st_mtime_ns
    assert filled.save(tmp_path) == first
    assert first.stat().st_mtime_ns == stamp


def test_old_snapshots_go(filled: HybridEngine, tmp_path: Path) -> None:
    for revision in range(8, 13):
        filled.sync([capability(3, f"析锂{revision}")], revision=revision)
        filled.save(tmp_path)
    assert len(list(tmp_path.iterdir())) == snapshot.KEPT


def test_the_newest_whole_snapshot_is_taken(filled: HybridEngine, other: HybridEngine, tmp_path: Path) -> None:
    filled.save(tmp_path)
    filled.sync([capability(3, "析锂预警")], revision=8)
    newest = filled.save(tmp_path)
    file = newest / "capability" / "documents.json"
    file.write_text(file.read_text(encoding="utf8").replace("析锂", "锂析"), encoding="utf8")
    assert other.load(tmp_path)
    assert other.revision == 7


@pytest.mark.parametrize("damage", ["manifest", "file", "model"])
def test_a_damaged_or_foreign_snapshot_is_refused(filled: HybridEngine, other: HybridEngine, tmp_path: Path, damage: str) -> None:
    folder = filled.save(tmp_path)
    manifest = folder / snapshot.MANIFEST
    if damage == "manifest":
        manifest.write_text("{", encoding="utf8")
    elif damage == "file":
        (folder / "capability" / "vectors.npz").unlink()
    else:
        manifest.write_text(json.dumps({**json.loads(manifest.read_text(encoding="utf8")), "model": "other"}), encoding="utf8")
    assert not other.load(tmp_path)
    assert other.revision == 0


def test_no_folder_is_no_snapshot(other: HybridEngine, tmp_path: Path) -> None:
    assert not other.load(tmp_path / "nowhere")


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    def fill(part: Path) -> None:
        (part / "half").write_text("x", encoding="utf8")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        snapshot.write(tmp_path, 1, "f" * 64, {}, fill)
    assert list(tmp_path.iterdir()) == []


WRITER = """
import sys
from pathlib import Path
from market.matching import snapshot

def fill(part):
    for n in range(5):
        (part / f"file{n}").write_bytes(bytes([n]) * 300_000)

revision = 1
print("go", flush=True)
while True:
    snapshot.write(Path(sys.argv[1]), revision, f"{revision:064x}", {"model": "m"}, fill)
    revision += 1
"""


def test_killed_at_any_moment_a_whole_snapshot_remains(tmp_path: Path) -> None:
    newest = 0
    for turn in range(25):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        if turn == 0:
            while not any(path.name[0].isdigit() for path in tmp_path.iterdir()):
                time.sleep(0.01)
        time.sleep(0.005 + 0.007 * turn)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        whole = list(snapshot.whole(tmp_path, {"model": "m"}))
        assert whole, f"turn {turn}"
        named = [path for path in tmp_path.iterdir() if not path.name.startswith(snapshot.PART)]
        assert len(whole) == len(named), "a named folder is always whole"
        newest = max(newest, int(whole[0][1]["revision"]))
    assert newest >= 1
