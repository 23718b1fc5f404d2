"""A backup taken while people write comes back row for row; one changed byte is refused and nothing is touched."""

from __future__ import annotations

import json
import stat
import threading
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from market.actions import backups, history, search
from market.db import db, transaction
from market.domain.errors import MarketError
from market.domain.permissions import SYSTEM
from market.models import Attachment, Challenge, HistoryEntry, Organisation
from tests.factories import CapabilityFactory, ChallengeFactory, OrganisationFactory


def market() -> None:
    """A small market with a chain, the search index and an attachment's bytes."""
    challenge = ChallengeFactory(published=True, title="含\t制表符、反斜杠 \\N 和换行\n的标题")
    search.refresh(challenge)
    search.refresh(CapabilityFactory(published=True))
    for step in ("create", "submit", "publish"):
        history.record("challenge", challenge.id, step, SYSTEM, detail={"金额": 100})


def fresh(app: Flask, place: object) -> None:
    """Empty the database, as on a new machine."""
    db.session.remove()
    place.clean()  # type: ignore[attr-defined]


def test_what_comes_back_is_what_was_row_for_row(app: Flask, place: object, tmp_path: Path) -> None:
    market()
    made = backups.write(tmp_path / "first.zip")
    assert made.content.tables["challenge"].rows == 1 and made.content.tables["search_index"].rows == 2
    assert len(made.content.heads) >= 1 and not made.has_key
    fresh(app, place)
    assert db.session.query(Challenge).count() == 0
    db.session.remove()
    _back, key, reports = backups.restore(tmp_path / "first.zip")
    assert key is None and [report.problems for report in reports] == [[], [], []]
    again = backups.write(tmp_path / "second.zip")
    assert again.content.tables == made.content.tables and again.content.heads == made.content.heads
    assert "反斜杠 \\N 和换行\n" in db.session.scalars(select(Challenge.title)).one()
    assert OrganisationFactory().id > max(db.session.scalars(select(Challenge.organisation_id)))


def test_a_restored_history_is_still_append_only(app: Flask, place: object, tmp_path: Path) -> None:
    market()
    backups.write(tmp_path / "b.zip")
    fresh(app, place)
    backups.restore(tmp_path / "b.zip")
    with pytest.raises(Exception, match="append-only"), transaction() as session:
        session.execute(text("UPDATE history_entry SET reason = '改过'"))
    assert db.session.query(HistoryEntry).count() >= 3


def test_a_backup_while_others_write_is_one_moment(app: Flask, tmp_path: Path) -> None:
    market()
    stop, errors = threading.Event(), []

    def write() -> None:
        number = 0
        with app.app_context():
            while not stop.is_set():
                number += 1
                try:
                    with transaction() as session:  # two rows or none
                        session.add_all(
                            Organisation(kind="enterprise", name=f"边写边备 {number} {half}", region="310107") for half in "甲乙"
                        )
                except Exception as error:
                    errors.append(error)
                    return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [backups.write(tmp_path / f"{number}.zip") for number in range(4)]
    finally:
        stop.set()
        writer.join()
    assert not errors
    counts = [backup.content.tables["organisation"].rows for backup in made]
    assert counts == sorted(counts) and counts[-1] > counts[0]
    assert len({count % 2 for count in counts}) == 1, "half a transaction is in a backup"


def test_one_changed_byte_anywhere_is_refused_and_nothing_is_touched(app: Flask, place: object, tmp_path: Path) -> None:
    market()
    whole = tmp_path / "b.zip"
    backups.write(whole)
    content = whole.read_bytes()
    fresh(app, place)
    for position in [0, 10, *range(40, len(content), len(content) // 12), len(content) - 1]:
        damaged = bytearray(content)
        damaged[position] ^= 1
        (tmp_path / "damaged.zip").write_bytes(damaged)
        with pytest.raises(MarketError, match="备份已损坏"):
            backups.restore(tmp_path / "damaged.zip")
    (tmp_path / "damaged.zip").write_bytes(content[: len(content) // 2])
    with pytest.raises(MarketError, match="备份已损坏"):
        backups.restore(tmp_path / "damaged.zip")
    assert db.session.query(Organisation).count() == 0


def test_a_market_that_holds_rows_is_replaced_only_when_asked(app: Flask, tmp_path: Path) -> None:
    market()
    backups.write(tmp_path / "b.zip")
    OrganisationFactory(name="备份之后才来的")
    with pytest.raises(MarketError, match="--yes"):
        backups.restore(tmp_path / "b.zip")
    assert db.session.query(Organisation).filter_by(name="备份之后才来的").count() == 1
    backups.restore(tmp_path / "b.zip", replace=True)
    assert db.session.query(Organisation).filter_by(name="备份之后才来的").count() == 0
    assert db.session.query(Organisation).count() == 2


def test_the_commands_say_what_they_did_and_keep_the_key_apart(app: Flask, place: object, tmp_path: Path) -> None:
    market()
    run = app.test_cli_runner().invoke
    file = tmp_path / "b.zip"
    said = run(args=["backup", str(file)])
    assert said.exit_code == 0 and "备份里没有密钥" in said.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as packed:
        names = packed.namelist()
        manifest = json.loads(packed.read("manifest.json"))
    assert "secret-key" not in names and manifest["migration"] and set(manifest["parts"]) == set(names) - {"manifest.json"}
    refused = run(args=["restore", str(file)])
    assert refused.exit_code == 1 and "--yes" in refused.output
    restored = run(args=["restore", str(file), "--yes"])
    assert restored.exit_code == 0 and "经过的哈希链" in restored.output and "无误" in restored.output
    assert run(args=["backup", str(file), "--with-key"]).exit_code == 0
    with zipfile.ZipFile(file) as packed:
        assert packed.read("secret-key").decode() == app.config["MARKET"].key()


def test_attachments_come_back_byte_for_byte(app: Flask, place: object, tmp_path: Path) -> None:
    content = bytes(range(256)) * 50
    row = {"subject_kind": "challenge", "subject_id": 1, "name": "图.png", "media_type": "image/png", "size": len(content)}
    with transaction() as session:
        session.add(Attachment(**row, sha256="0" * 64, content=content))
    backups.write(tmp_path / "b.zip")
    fresh(app, place)
    backups.restore(tmp_path / "b.zip")
    assert db.session.scalars(select(Attachment.content)).one() == content
