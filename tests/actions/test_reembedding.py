"""Another model takes over in the background: the old index answers until every listing is embedded, then the new one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import select

from market.actions import matches, reembedding, search
from market.db import db, transaction
from market.matching import EngineSettings, question
from market.matching.train import save_model
from market.matching.vocabulary import build_tokenizer
from market.models import Embedding
from market.queries import engine as engines
from market.queries import reembedding as queries
from tests.factories import CapabilityFactory

WORDS = ["电池", "续航", "掉电", "电解液", "析锂", "低温", "轴承", "异响", "磨损", "润滑", "振动", "齿轮"]


def make_model(folder: Path, seed: int) -> Path:
    """A small static model; another seed gives other vectors."""
    rng = np.random.default_rng(seed)
    characters = sorted({ch for word in WORDS for ch in word})
    pieces = [("[UNK]", 0.0), *((word, -6.0) for word in WORDS), *((ch, -12.0) for ch in characters)]
    save_model(rng.normal(0, 1, (len(pieces), 8)).astype(np.float32), build_tokenizer(pieces), folder)
    return folder


@pytest.fixture
def two(app: Flask, tmp_path: Path) -> Iterator[tuple[EngineSettings, EngineSettings]]:
    """Settings of two models; three listings are there, and the first model answers."""
    first, second = (EngineSettings(model=str(make_model(tmp_path / name, seed))) for seed, name in enumerate(("first", "second")))
    engines.configure(engines.Setup(first))
    for title in ("低温电解液抑制析锂", "轴承润滑", "齿轮振动"):
        search.refresh(CapabilityFactory(published=True, title=title))
    db.session.commit()
    reembedding.step()
    matches.refresh_changed()
    yield first, second
    engines.configure(EngineSettings())


def fingerprint() -> str:
    """The model of the engine that answers now."""
    return engines.engine().model_fingerprint


def embedded(model: str) -> int:
    """How many texts have a vector of this model."""
    return len(db.session.scalars(select(Embedding.id).where(Embedding.model == model)).all())


def test_the_old_index_answers_until_the_new_one_is_whole(
    two: tuple[EngineSettings, EngineSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second = two
    old = fingerprint()
    assert engines.engine().rank(question("电池低温"))
    monkeypatch.setattr(reembedding, "BATCH", 1)
    engines.configure(engines.Setup(second))
    assert fingerprint() == old, "a process that starts anew serves the old model"
    wanted = engines.wanted().model_fingerprint
    assert wanted != old
    assert reembedding.step(seconds=0) == 1
    shown = queries.read()
    assert (shown.answers, shown.comes, shown.done, shown.of) == ("first", "second", 1, 3)
    assert fingerprint() == old and embedded(wanted) == 1
    assert reembedding.step(seconds=0) == 1
    assert reembedding.step(seconds=0) == 1
    assert fingerprint() == old
    assert reembedding.step() == 0
    db.session.rollback()
    engines.engine()  # sees the line in the change log and opens the other index (here at once)
    assert fingerprint() == wanted and embedded(wanted) == 3
    shown = queries.read()
    assert (shown.answers, shown.comes) == ("second", "")
    assert len(engines.engine().rank(question("电池低温"))) >= 1


def test_the_worker_ranks_everything_with_the_new_model(two: tuple[EngineSettings, EngineSettings]) -> None:
    _, second = two
    engines.configure(engines.Setup(second))
    matches.refresh_changed()
    reembedding.step()
    reembedding.step()
    assert matches.refresh_changed() == 3, "each listing anew"
    assert fingerprint() == engines.wanted().model_fingerprint
    assert matches.refresh_changed() == 0


def test_back_to_the_first_model_before_the_end(two: tuple[EngineSettings, EngineSettings], monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = two
    old = fingerprint()
    monkeypatch.setattr(reembedding, "BATCH", 1)
    engines.configure(engines.Setup(second))
    reembedding.step(seconds=0)
    engines.configure(engines.Setup(first))
    assert reembedding.step() == 0 and fingerprint() == old
    assert queries.read().comes == ""


def test_files_that_are_not_there_any_more_are_not_waited_for(two: tuple[EngineSettings, EngineSettings], tmp_path: Path) -> None:
    _, second = two
    (tmp_path / "first").rename(tmp_path / "gone")
    engines.configure(engines.Setup(second))
    assert fingerprint() == engines.wanted().model_fingerprint
    reembedding.step()
    assert queries.read().answers == "second"


def test_two_listings_of_the_same_words_share_a_vector(two: tuple[EngineSettings, EngineSettings]) -> None:
    for _ in range(2):
        search.refresh(
            CapabilityFactory(published=True, title="同样的题目", summary="同样的摘要", problem="", advantages="", conditions="")
        )
    db.session.commit()
    before = embedded(fingerprint())
    assert matches.store_embeddings() == 1 and matches.store_embeddings() == 0
    assert embedded(fingerprint()) == before + 1


def test_a_snapshot_is_taken_over_and_compared_with_the_database(two: tuple[EngineSettings, EngineSettings], tmp_path: Path) -> None:
    first, _ = two
    setup = engines.Setup(first, snapshots=tmp_path / "index")
    engines.configure(setup)
    gone, stays = (CapabilityFactory(published=True, title=title) for title in ("析锂预警", "掉电诊断"))
    for listing in (gone, stays):
        search.refresh(listing)
    db.session.commit()
    engines.engine()
    name = engines.save_snapshot()
    assert name and engines.save_snapshot() == "", "written again without a change"
    before = tree(tmp_path / "index")
    with transaction():
        gone.state = "withdrawn"
        stays.title = "掉电诊断与润滑"
        search.refresh(gone)
        search.refresh(stays)
    new = CapabilityFactory(published=True, title="低温充电")
    search.refresh(new)
    db.session.commit()
    ids = (gone.id, stays.id, new.id)
    engines.configure(setup)
    started = engines.engine()
    assert tree(tmp_path / "index") == before
    assert ("capability", ids[0]) not in started.keys and ("capability", ids[2]) in started.keys
    found = {hit.id for hit in started.rank(question("润滑"), k=20)}
    assert ids[1] in found
    plain = engines.Setup(first)
    engines.configure(plain)
    assert engines.engine().fingerprint == started.fingerprint, "a start from a snapshot is a start without one"


def test_a_snapshot_of_another_database_is_not_believed(two: tuple[EngineSettings, EngineSettings], tmp_path: Path) -> None:
    first, _ = two
    setup = engines.Setup(first, snapshots=tmp_path / "index")
    engines.configure(setup)
    ahead = setup.open(first)
    ahead.sync([], revision=10_000)
    ahead.save(tmp_path / "index")
    assert engines.engine().revision < 10_000
    new = CapabilityFactory(published=True, title="低温充电")
    search.refresh(new)
    db.session.commit()
    assert ("capability", new.id) in engines.engine().keys


def tree(folder: Path) -> dict[str, str]:
    """Every file with its hash."""
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}
