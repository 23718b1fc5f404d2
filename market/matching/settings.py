"""What the settings of the product may choose about the engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MODEL_FOLDER = Path(__file__).parent / "model"


@dataclass(frozen=True, slots=True)
class Weights:
    """What each side of a score counts for: words that meet, words that lie near, whole meanings, the lexicon.

    They add up to 1. The values here were found by `flask matching tune` on the tuning halves of
    `seed_data/judgements`.
    """

    words: float = 0.24
    aligned: float = 0.46
    meaning: float = 0.05
    lexicon: float = 0.25


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Which sentence-transformers model, and how it wants to be spoken to.

    model             folder or hub name; the project's own model when left out
    query_prompt      put before a query (for example 为这个句子生成表示以用于检索相关文章： for bge-*-zh-v1.5)
    document_prompt   put before a document
    device            torch device
    weights           what each side of a score counts for
    reranker          folder or hub name of a CrossEncoder that reads the best hits again; none when empty
    rerank            how many of the best it reads
    """

    model: str = str(MODEL_FOLDER)
    query_prompt: str = ""
    document_prompt: str = ""
    device: str = "cpu"
    weights: Weights = Weights()
    reranker: str = ""
    rerank: int = 20
