"""How good a ranking is: nDCG@10, Recall@10, Recall@50 and MRR@10 with bootstrap intervals, for each part alone and the whole.

Records are {id, title, description[, field]}, judgements `query⇥document⇥grade`. The public evaluation
files are read from a folder given by the caller; nothing of them is kept.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from market.matching import tokens
from market.matching.dense import FaissStore
from market.matching.engine import HybridEngine
from market.matching.lexical import Bm25Store, bigrams_of, terms_of, words_of
from market.matching.settings import EngineSettings
from market.matching.types import Document, Kind

Judgements = Mapping[int, Mapping[int, float]]
"""query → document → grade (0 = not relevant)."""
Ranker = Callable[[Document], Sequence[tuple[int, float]]]
Progress = Callable[..., Any]

DEPTH = 100
SAMPLES = 1_000
MEASURES = ("nDCG@10", "Recall@10", "Recall@50", "MRR@10")


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean with its 95 % bootstrap interval over queries."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}–{self.high:.3f}]"


@dataclass(frozen=True, slots=True)
class Collection:
    """Queries, documents and which of them belong together."""

    queries: Sequence[Document]
    documents: Sequence[Document]
    judgements: Judgements


def measure(ranked: Sequence[int], grades: Mapping[int, float]) -> tuple[float, float, float, float]:
    """The four measures of one ranked list, in the order of `MEASURES`."""
    relevant = {i for i, grade in grades.items() if grade > 0}
    gains = [2 ** grades.get(i, 0.0) - 1 for i in ranked[:10]]
    ideal = sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:10]
    best = _discounted(ideal)
    first = next((place for place, i in enumerate(ranked[:10], start=1) if i in relevant), 0)
    return (
        _discounted(gains) / best if best else 0.0,
        len(relevant.intersection(ranked[:10])) / len(relevant) if relevant else 0.0,
        len(relevant.intersection(ranked[:50])) / len(relevant) if relevant else 0.0,
        1 / first if first else 0.0,
    )


def interval(values: npt.NDArray[np.float64], seed: int = 1) -> Figure:
    """Mean and percentile bootstrap over queries."""
    rng = np.random.default_rng(seed)
    means = values[rng.integers(0, len(values), (SAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Figure(float(values.mean()), float(low), float(high))


def rankers(documents: Sequence[Document], settings: EngineSettings | None = None) -> dict[str, Ranker]:
    """Each part alone and the whole engine, over these documents (all capabilities)."""
    engine = HybridEngine(settings or EngineSettings())
    ids = [document.id for document in documents]
    texts = [document.content for document in documents]
    vectors = engine.embed(texts)
    engine.sync(documents, revision=1, vectors={d.key: v for d, v in zip(documents, vectors, strict=True)})
    dense = FaissStore()
    dense.put(ids, vectors)
    found: dict[str, Ranker] = {}
    for name, terms in (("BM25 words", words_of), ("BM25 bigrams", bigrams_of), ("BM25 both", terms_of)):
        store = Bm25Store(terms)
        store.put(ids, texts)
        found[name] = lambda query, store=store: store.search(query.content, DEPTH)  # type: ignore[misc]
    found["dense"] = lambda query: dense.search(engine.query_vector(query), DEPTH)
    found["whole"] = lambda query: engine.scored(query, DEPTH)
    return found


def evaluate(
    collection: Collection,
    settings: EngineSettings | None = None,
    progress: Progress | None = None,
    made: dict[str, Ranker] | None = None,
) -> dict[str, dict[str, dict[str, Figure]]]:
    """System → part ("all", "low overlap") → measure → figure.

    The low-overlap part is the third of the queries whose relevant documents share the smallest part of
    the query's bigrams.
    """
    show = progress or _plain
    queries = [query for query in collection.queries if any(g > 0 for g in collection.judgements.get(query.id, {}).values())]
    low = _low_overlap(queries, collection)
    out: dict[str, dict[str, dict[str, Figure]]] = {}
    for name, ranker in (made or rankers(collection.documents, settings)).items():
        rows = [measure([i for i, _ in ranker(query)], collection.judgements[query.id]) for query in show(queries, desc=name)]
        values = np.asarray(rows)
        out[name] = {
            part: {title: interval(values[chosen, n]) for n, title in enumerate(MEASURES)}
            for part, chosen in (("all", np.ones(len(queries), dtype=bool)), ("low overlap", low))
        }
    return out


def table(results: Mapping[str, Mapping[str, Mapping[str, Figure]]]) -> str:
    """The results as a Markdown table."""
    lines = [f"| system | queries | {' | '.join(MEASURES)} |", "|---|---|" + "---|" * len(MEASURES)]
    for name, parts in results.items():
        lines += [f"| {name} | {part} | {' | '.join(str(row[title]) for title in MEASURES)} |" for part, row in parts.items()]
    return "\n".join(lines)


def evaluate_files(
    queries: Path,
    documents: Path,
    qrels: Path,
    run: Path | None = None,
    settings: EngineSettings | None = None,
    progress: Progress | None = None,
) -> dict[str, dict[str, dict[str, Figure]]]:
    """Measure files of records and judgements; with `run`, write the whole engine's lists there too.

    Raises ValueError where a judgement names an unknown id.
    """
    collection = read_collection(queries, documents, qrels)
    made = rankers(collection.documents, settings)
    if run is not None:
        asked, offered = (list(_names(path)) for path in (queries, documents))
        whole = {query.id: made["whole"](query) for query in (progress or _plain)(collection.queries, desc="run")}
        lists = [(asked[i - 1], [(offered[j - 1], score) for j, score in ranked]) for i, ranked in whole.items()]
        write_run(run, lists)
        made["whole"] = lambda query: whole[query.id]
    return evaluate(collection, settings, progress, made)


def read_collection(queries: Path, documents: Path, qrels: Path) -> Collection:
    """Files of records and judgements. Raises ValueError where a judgement names an unknown id."""
    asked, query_numbers = _records(queries, "challenge")
    offered, document_numbers = _records(documents, "capability")
    judgements: dict[int, dict[int, float]] = {}
    for line in qrels.read_text(encoding="utf8").splitlines():
        if not line.strip():
            continue
        query, document, grade = line.split("\t")
        if query not in query_numbers or document not in document_numbers:
            raise ValueError(f"unknown id in judgement: {line}")
        judgements.setdefault(query_numbers[query], {})[document_numbers[document]] = float(grade)
    return Collection(asked, offered, judgements)


def public_collection(data_dir: Path, name: str, left: str, right: str, limit: int | None = None) -> Collection:
    """An evaluation file as a collection in which row n's `left` looks for row n's `right`."""
    with lzma.open(data_dir / f"{name}.jsonl.xz", "rt", encoding="utf8") as lines:
        rows = [json.loads(line) for line in lines][:limit]
    kept = [row for row in rows if row.get(left) and row.get(right)]
    return Collection(
        [Document(n, "challenge", "", _text(row[left])) for n, row in enumerate(kept)],
        [Document(n, "capability", "", _text(row[right])) for n, row in enumerate(kept)],
        {n: {n: 1.0} for n in range(len(kept))},
    )


def write_run(path: Path, queries: Iterable[tuple[str, Sequence[tuple[str, float]]]]) -> None:
    """query ⇥ document ⇥ score, best first."""
    with path.open("w", encoding="utf8") as file:
        for query, ranked in queries:
            file.writelines(f"{query}\t{document}\t{score:.6f}\n" for document, score in ranked)


def _plain(items: Iterable[Any], desc: str) -> Iterable[Any]:
    """No progress bar."""
    return items


def _discounted(gains: Sequence[float]) -> float:
    return float(sum(gain / np.log2(place + 1) for place, gain in enumerate(gains, start=1)))


def _low_overlap(queries: Sequence[Document], collection: Collection) -> npt.NDArray[np.bool_]:
    grams = {document.id: set(tokens.bigrams(document.content)) for document in collection.documents}
    shares = []
    for query in queries:
        own = set(tokens.bigrams(query.content))
        relevant = [i for i, grade in collection.judgements[query.id].items() if grade > 0]
        shares.append(np.mean([len(own & grams[i]) for i in relevant]) / max(len(own), 1))
    low: npt.NDArray[np.bool_] = np.asarray(shares) <= np.quantile(shares, 1 / 3)
    return low


def _names(path: Path) -> list[str]:
    """The ids of a file's records in their order; record n has the number n, from 1."""
    return [str(row["id"]) for row in _rows(path)]


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf8").splitlines() if line.strip()]


def _records(path: Path, kind: Kind) -> tuple[list[Document], dict[str, int]]:
    rows = _rows(path)
    numbers = {name: n for n, name in enumerate(_names(path), start=1)}
    made = [
        Document(numbers[str(row["id"])], kind, row.get("title", ""), row.get("description", ""), field=row.get("field", ""))
        for row in rows
    ]
    return made, numbers


def _text(value: Any) -> str:
    return "，".join(value) if isinstance(value, list) else str(value)
