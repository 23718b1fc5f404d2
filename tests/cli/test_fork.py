"""The heavy libraries are imported before the fork and used only after it: a child that ranks must not hang."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = 150  # a hang is told from a busy machine: a child is done in about two seconds of its own

MASTER = """
import json, os, sys, threading
from market.cli import gunicorn_settings
gunicorn_settings.on_starting(None)
used = [m for m in ("faiss", "torch", "sentence_transformers", "bm25s", "jieba") if m in sys.modules]
threads = threading.active_count()
from market.matching import Document, open_engine, question
from market.matching import tokens
assert tokens._cutter is None, "jieba's dictionary was read in the master"
if sys.argv[1] == "used":
    open_engine().embed(["电池"] * 64)
read, write = os.pipe()
children = []
for n in range(2):
    pid = os.fork()
    if pid == 0:
        engine = open_engine()
        engine.sync([Document(1, "capability", "低温电解液", "抑制析锂"), Document(2, "capability", "轴承润滑")], revision=1)
        hits = [hit.id for hit in engine.rank(question("电池冬天掉电快，低温续航差"))]
        os.write(write, (json.dumps({"hits": hits, "imported": used, "threads": threads}) + "\\n").encode())
        os._exit(0)
    children.append(pid)
for pid in children:
    os.waitpid(pid, 0)
os.close(write)
sys.stdout.write(os.fdopen(read).read())
"""


def run(how: str, seconds: float) -> list[dict[str, object]]:
    """Run a master of two children in a process group of its own; kill them all when it takes longer than `seconds`."""
    root = Path(__file__).resolve().parents[2]
    master = subprocess.Popen(
        [sys.executable, "-c", MASTER, how], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=root, start_new_session=True, text=True
    )
    try:
        out, errors = master.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(master.pid, signal.SIGKILL)
        master.communicate()
        pytest.fail(f"no child had ranked after {seconds:.0f} s: it hangs")
    assert master.returncode == 0, errors[-2_000:]
    return [json.loads(line) for line in out.splitlines()]


def test_children_of_a_master_that_imported_the_libraries_rank() -> None:
    answers = run("imported", SECONDS)
    assert len(answers) == 2
    for answer in answers:
        assert answer["imported"] == ["faiss", "torch", "sentence_transformers", "bm25s", "jieba"]
        assert answer["threads"] == 1, "a thread does not survive a fork"
        assert answer["hits"][0] == 1  # type: ignore[index]
