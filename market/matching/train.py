"""Train the model that the project carries: `train(data_dir, out)`; the same data and seed give the same model.

Steps: count words → tokenizer → first vectors (PPMI, SVD) → contrastive epochs → 8-bit table, saved as a
sentence-transformers folder that takes raw text. The model card beside the model says what came out.
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from market.matching import pretrain, training_data, vocabulary
from market.matching.contrast import FoldedTable, Pair, Recipe, train_contrastive
from market.matching.lexicon import lexicon
from market.matching.tokens import lexicon_words

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Progress = Callable[..., Any]

LONGEST_READ = 4_000
RARITY = 1e-3
"""A word of this share of all words starts with half the weight of a rare one (smooth inverse frequency)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of the model and the two training parts. 60,000 × 320 in 8 bits is 19 MB."""

    pieces: int = 60_000
    dimensions: int = 320
    window: int = 8
    seed: int = 1
    threads: int = 2
    recipe: Recipe = field(default_factory=Recipe)


@dataclass(frozen=True, slots=True)
class Report:
    """What a training run took and made."""

    seconds: float
    peak_memory_mb: int
    pieces: int
    dimensions: int
    tokens_read: int
    pairs: dict[str, int]
    bytes_on_disk: int


def train(data_dir: Path, out: Path, progress: Progress | None = None, plan: Plan | None = None) -> Report:
    """Train from the folder of data files and save the model in `out`, which must not exist or be empty.

    `progress(iterable, desc=…)` is tqdm or works like it. Raises FileExistsError, and ValueError when the
    folder has too little text.
    """
    import torch
    from tqdm import tqdm

    plan = plan or Plan()
    show = progress or tqdm
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    torch.set_num_threads(plan.threads)
    began = time.monotonic()

    tokenizer = make_tokenizer(data_dir, plan, show)
    pieces = [tokenizer.id_to_token(i) for i in range(tokenizer.get_vocab_size())]
    texts = (text[:LONGEST_READ] for text in show(training_data.reading_texts(data_dir), desc="reading"))
    row = pretrain.one_row(_encode_all(tokenizer, texts), unknown=0)
    counts = np.bincount(row[row >= 0], minlength=len(pieces)).astype(np.int64)
    vectors = first_vectors(row, counts, pieces, plan, show)
    sources = make_pairs(data_dir, tokenizer, plan)
    table = contrastive(vectors, counts, pieces, sources, plan, show)
    save_model(table, tokenizer, out)
    report = Report(
        seconds=round(time.monotonic() - began, 1),
        peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        pieces=len(pieces),
        dimensions=plan.dimensions,
        tokens_read=len(row),
        pairs={name: len(pairs) for name, pairs in sources.items()},
        bytes_on_disk=sum(path.stat().st_size for path in out.rglob("*") if path.is_file()),
    )
    (out / "training.json").write_text(json.dumps({**asdict(report), "plan": asdict(plan)}, indent=1), encoding="utf8")
    return report


def make_tokenizer(data_dir: Path, plan: Plan, show: Progress) -> Any:
    """Count the words of all texts and build the tokenizer."""
    counts = vocabulary.count_words(show(training_data.reading_texts(data_dir), desc="counting words"))
    known = set(training_data.technical_terms(data_dir))
    known.update(word for group in training_data.synonym_groups(data_dir) for word in group)
    return vocabulary.build_tokenizer(vocabulary.choose_pieces(counts, known, plan.pieces, lexicon_words()))


def first_vectors(row: Ints, counts: npt.NDArray[np.int64], pieces: Sequence[str], plan: Plan, show: Progress) -> Floats:
    """Vectors from neighbourhoods; rare words lean on their characters."""
    near = pretrain.cooccurrence(row, len(pieces), plan.window, show)
    vectors = pretrain.factorise(pretrain.ppmi(near), plan.dimensions, plan.seed)
    vectors = pretrain.lean_on_characters(vectors, counts, pretrain.character_matrix(pieces))
    vectors[0] = 0
    return vectors


def make_pairs(data_dir: Path, tokenizer: Any, plan: Plan) -> dict[str, list[Pair]]:
    """Pairs of texts and of synonyms as token numbers; none that became empty."""
    texts = dict(training_data.read_pairs(data_dir, plan.seed).train)
    texts["synonyms"] = [pair for group in training_data.synonym_groups(data_dir) for pair in pairwise(group)]
    texts["lexicon"] = training_data.lexicon_pairs(lexicon(), plan.seed)
    sources: dict[str, list[Pair]] = {}
    for name, pairs in texts.items():
        lefts = list(_encode_all(tokenizer, (left for left, _ in pairs)))
        rights = list(_encode_all(tokenizer, (right for _, right in pairs)))
        sources[name] = [(_known(a), _known(b)) for a, b in zip(lefts, rights, strict=True) if any(a) and any(b)]
    return sources


def contrastive(
    vectors: Floats,
    counts: npt.NDArray[np.int64],
    pieces: Sequence[str],
    sources: dict[str, list[Pair]],
    plan: Plan,
    show: Progress,
) -> Floats:
    """The contrastive epochs; returns the table of folded word vectors."""
    import torch

    matrix = pretrain.character_matrix(pieces)
    used = np.flatnonzero(np.asarray(matrix.sum(axis=0)).ravel())
    lengths = np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1)
    shares = matrix[:, used].multiply(1 / lengths[:, None]).tocoo()
    characters = torch.sparse_coo_tensor(
        torch.from_numpy(np.stack([shares.row, shares.col]).astype(np.int64)),
        torch.from_numpy(shares.data.astype(np.float32)),
        (len(pieces), len(used)),
        check_invariants=True,
    ).coalesce()
    weights = RARITY / (RARITY + (counts + 1) / counts.sum())
    weights[0] = RARITY
    table = FoldedTable(torch.from_numpy(vectors), torch.from_numpy(weights.astype(np.float32)), characters)
    trained: Floats = train_contrastive(table, list(sources.values()), plan.recipe, show).numpy()
    return trained


def save_model(table: Floats, tokenizer: Any, out: Path) -> None:
    """Save as a sentence-transformers folder with an 8-bit table and one scale a word (loaded as 32-bit floats)."""
    from safetensors.numpy import save_file
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    table = table.copy()
    table[0] = 0
    module = StaticEmbedding(tokenizer, embedding_weights=np.zeros((len(table), table.shape[1]), dtype=np.float32))
    out.mkdir(parents=True, exist_ok=True)
    SentenceTransformer(modules=[module, Normalize()], device="cpu").save(str(out), create_model_card=False)
    scales = np.abs(table).max(axis=1) / 127
    divisors = np.where(scales > 0, scales, 1.0)
    whole = np.rint(table / divisors[:, None]).astype(np.int8)
    folder = next(path.parent for path in out.rglob("model.safetensors"))
    save_file({"embeddings": whole, "weights": scales.astype(np.float32)}, str(folder / "model.safetensors"))
    (folder / "model.safetensors").chmod(0o644)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


def _encode_all(tokenizer: Any, texts: Iterable[str]) -> Iterator[list[int]]:
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == 512:
            yield from (encoding.ids for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False))
            batch = []
    yield from (encoding.ids for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False))


def _known(ids: Sequence[int]) -> Ints:
    return np.asarray([i for i in ids if i], dtype=np.int32)
