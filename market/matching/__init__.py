"""The door of the engine: text in, ranked ids with reasons out. Nobody imports past this file.

    from market.matching import Document, open_engine
    engine = open_engine()                        # cheap; the model loads at the first verb
    engine.sync([Document(id=7, kind="capability", title="…", text="…")], revision=1)
    for hit in engine.rank(Document(id=0, kind="challenge", title="电池冬天掉电快"), among={7}):
        print(hit.rank, hit.id, hit.score, [reason.label for reason in hit.reasons])

Importing this file loads no torch, FAISS, jieba or numpy: they come with the first verb that needs them,
in the process that needs them. Used before a fork, torch and FAISS make the child hang.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from market.matching.calibration import Bin, Calibration, Estimate, calibration, quality
from market.matching.settings import EngineSettings, Weights
from market.matching.tokens import bigrams, cut, fold, index_terms, query_terms
from market.matching.types import (
    KINDS,
    OTHER,
    STAGES,
    Document,
    ElementMatch,
    Engine,
    Hit,
    Key,
    Kind,
    LexicalStore,
    Reason,
    ReasonKind,
    VectorStore,
)
from market.matching.version import ENGINE_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path
    from typing import Any

    from market.matching.types import Matrix

    Judgements = Mapping[int, Mapping[int, float]]

# The engine's matrices are small: handing parts of them to other threads took ten times as long as the product itself
# on a machine of two busy cores. Read by numpy when it loads, which is later than this line.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__all__ = [
    "ENGINE_VERSION",
    "KINDS",
    "OTHER",
    "STAGES",
    "Bin",
    "Calibration",
    "Document",
    "ElementMatch",
    "Engine",
    "EngineSettings",
    "Estimate",
    "Hit",
    "Key",
    "Kind",
    "LexicalStore",
    "Reason",
    "ReasonKind",
    "VectorStore",
    "Weights",
    "bigrams",
    "calibration",
    "cut",
    "evaluate_files",
    "fold",
    "gains",
    "import_libraries",
    "index_terms",
    "lacking",
    "measure_gains",
    "open_engine",
    "quality",
    "query_terms",
    "question",
    "train_model",
    "tune_weights",
    "vector_from",
    "vector_to",
    "write_figures",
]


def question(text: str, kind: Kind = "challenge") -> Document:
    """A listing that is not stored: what somebody typed into a box, as the left side of `rank`."""
    return Document(id=0, kind=kind, title="", text=text)


def lacking(text: str) -> list[str]:
    """What a demand does not say that a laboratory needs: "target", "condition", "tried", "object", the most needed first."""
    from market.matching import completeness

    return completeness.lacking(text)


def gains() -> Mapping[str, Any]:
    """What saying it was measured to be worth: {"date", "command", "gaps": {gap: {n, without, with, low, high}}}; {} if never."""
    from market.matching import completeness

    return completeness.gains()


def measure_gains(sets: Sequence[Path], documents: Path, progress: Callable[..., Any] | None = None) -> dict[str, Any]:
    """Measure on judged sets (folders of queries.jsonl and qrels.tsv) how much nDCG@10 each gap costs; `gains` without the date."""
    from market.matching.gap_gains import measure_gains

    return measure_gains(sets, documents, progress)


def train_model(data_dir: Path, out: Path, progress: Callable[..., Any] | None = None) -> dict[str, Any]:
    """Train a model from a folder of licensed data files into `out`; returns what the run took and made.

    Raises FileExistsError when `out` is not empty, ValueError when there is too little text.
    """
    from dataclasses import asdict

    from market.matching.train import train

    return asdict(train(data_dir, out, progress))


def evaluate_files(
    queries: Path,
    documents: Path,
    qrels: Path,
    run: Path | None = None,
    settings: EngineSettings | None = None,
    progress: Callable[..., Any] | None = None,
) -> dict[str, Any]:
    """Measure ranking on files: {"figures": system → part → measure → {mean, low, high}, "table": Markdown}.

    Records are JSON lines {id, title, description[, field]}, judgements `query⇥document⇥grade`; `run` is where to
    write query, document, score of the whole engine. Raises ValueError for a judgement of an unknown id.
    """
    from dataclasses import asdict

    from market.matching import evaluate

    results = evaluate.evaluate_files(queries, documents, qrels, run, settings, progress)
    figures = {
        name: {part: {title: asdict(figure) for title, figure in row.items()} for part, row in parts.items()}
        for name, parts in results.items()
    }
    return {"figures": figures, "table": evaluate.table(results)}


def tune_weights(
    folder: Path,
    outcomes: Sequence[tuple[Sequence[Document], Sequence[Document], Judgements]],
    start: Weights,
    progress: Callable[..., Any],
) -> dict[str, Any]:
    """Fit the sides' weights on the tuning halves of the judged sets in `folder` and on the market's own outcomes.

    `outcomes`: (challenges, capabilities, challenge → capability → grade). The result says what nDCG@10 was before
    and is after on queries that the weights were not fitted on, and whether that is better. Raises OSError where a
    set is missing, ValueError for too few judged queries.
    """
    from dataclasses import asdict

    from market.matching import judged, tuning
    from market.matching.evaluate import Collection

    collections = [judged.collection(folder, name, "tuning") for name in judged.SETS]
    collections += [Collection(*outcome) for outcome in outcomes if outcome[2]]
    tuned = tuning.tune(tuning.examples(collections, EngineSettings(weights=start), progress), start)
    return {**asdict(tuned), "start": asdict(start), "better": tuned.better}


def write_figures(folder: Path, day: date, weights: Weights, progress: Callable[..., Any]) -> None:
    """Calibrate and measure on the judged sets in `folder`; writes the files that `calibration` and `quality` read."""
    from market.matching import judged

    judged.write_figures(folder, EngineSettings(weights=weights), day, progress)


def open_engine(
    settings: EngineSettings | None = None,
    vector_store: Callable[[Kind], VectorStore] | None = None,
    lexical_store: Callable[[Kind], LexicalStore] | None = None,
) -> Engine:
    """An empty engine; cheap, loads nothing. The stores default to FAISS and BM25 in this process."""
    from market.matching.engine import HybridEngine

    return HybridEngine(settings or EngineSettings(), vector_store, lexical_store)


def import_libraries() -> None:
    """Import what the verbs need, and use none of it: in a master that forks, so that its children share the memory.

    What is used in the master (a model that is loaded, a text that is encoded, an index that is searched) makes a
    child hang; what is imported only does not.
    """
    import bm25s
    import faiss
    import jieba
    import sentence_transformers

    for module in (bm25s, faiss, jieba, sentence_transformers):
        assert module.__name__


def vector_to(vector: Matrix) -> bytes:
    """A vector as the database keeps it: float32, little endian."""
    return bytes(vector.astype("<f4").tobytes())


def vector_from(data: bytes) -> Matrix:
    """A vector that the database kept; see `vector_to`."""
    import numpy as np

    return np.frombuffer(data, dtype="<f4")
