"""What the settings of the product may choose about the engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MODEL_FOLDER = Path(__file__).parent / "model"


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Which sentence-transformers model, and how it wants to be spoken to.

    model             folder or hub name; the project's own model when left out
    query_prompt      put before a query (for example 为这个句子生成表示以用于检索相关文章： for bge-*-zh-v1.5)
    document_prompt   put before a document
    device            torch device
    """

    model: str = str(MODEL_FOLDER)
    query_prompt: str = ""
    document_prompt: str = ""
    device: str = "cpu"
