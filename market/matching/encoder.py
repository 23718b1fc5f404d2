"""Texts to vectors, with any sentence-transformers model; the model loads at the first use, in this process."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from market.matching.settings import EngineSettings

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Words:
    """The tokens of a text, as the static model sees them: number in its table, letters, and where they stand."""

    numbers: npt.NDArray[np.int64]
    surfaces: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


class Encoder:
    """A sentence-transformers model with its prompts."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._model: Any = None
        self._table: Floats | None = None
        self._norms: Floats = np.zeros(0, dtype=np.float32)
        self._lock = threading.Lock()
        self._fingerprint = ""
        self._tokens = lru_cache(maxsize=1_024)(self._cut)

    @property
    def fingerprint(self) -> str:
        """Hash over the model's files (its name, for a hub model) and the prompts."""
        if not self._fingerprint:
            digest = hashlib.sha256()
            folder = Path(self._settings.model)
            for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
                if path.is_file() and path.suffix in {".json", ".safetensors", ".txt", ".model"}:
                    digest.update(path.relative_to(folder).as_posix().encode())
                    digest.update(hashlib.sha256(path.read_bytes()).digest())
            if not folder.is_dir():
                digest.update(self._settings.model.encode())
            digest.update(f"\0{self._settings.query_prompt}\0{self._settings.document_prompt}".encode())
            self._fingerprint = digest.hexdigest()
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.model.get_embedding_dimension())

    @property
    def model(self) -> Any:
        """The loaded model. Raises OSError when there is none of this name."""
        if self._model is None:
            with self._lock:
                if self._model is None:
                    self._model = self._load()
        return self._model

    def documents(self, texts: Sequence[str]) -> Floats:
        """Unit vectors of document texts."""
        return self._encode(texts, self._settings.document_prompt)

    def query(self, text: str) -> Floats:
        """Unit vector of one query."""
        vector: Floats = self._encode([text], self._settings.query_prompt)[0]
        return vector

    @property
    def is_static(self) -> bool:
        """Whether the model is a table of word vectors, so that texts can be compared word by word."""
        return self._static_table() is not None

    def words(self, text: str) -> Words:
        """The tokens of a text that have a vector. The model must be static."""
        return self._tokens(text)

    def word_numbers(self, text: str) -> npt.NDArray[np.int64]:
        """Numbers of a text's tokens in the table, as often as they occur. The model must be static."""
        return self._tokens(text).numbers

    def word_weights(self, numbers: npt.NDArray[np.int64]) -> Floats:
        """How much the model makes of each word: the length of its vector."""
        self._static_table()
        weights: Floats = self._norms[numbers]
        return weights

    def word_units(self, numbers: npt.NDArray[np.int64]) -> Floats:
        """Unit vectors of words."""
        table = self._static_table()
        assert table is not None
        lengths = np.maximum(self._norms[numbers], 1e-9)[:, None]
        units: Floats = (table[numbers] / lengths).astype(np.float32, copy=False)
        return units

    def _cut(self, text: str) -> Words:
        """The model's tokens of a text; kept, since one document stands in the rankings of many."""
        table = self._static_table()
        assert table is not None
        encoding = self.model[0].tokenizer.encode(text, add_special_tokens=False)
        numbers = np.asarray(encoding.ids, dtype=np.int64)
        known = np.flatnonzero(self._norms[numbers] > 0)
        offsets = encoding.offsets
        spans = tuple(offsets[n] for n in known.tolist())
        return Words(numbers[known], tuple(text[start:end] for start, end in spans), spans)

    def _encode(self, texts: Sequence[str], prompt: str) -> Floats:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        raw = self.model.encode(
            list(texts),
            prompt=prompt or None,
            batch_size=64,
            convert_to_numpy=True,
            normalize_embeddings=False,
            show_progress_bar=False,
        )
        vectors = np.nan_to_num(np.asarray(raw, dtype=np.float32))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit = vectors / np.where(lengths > 0, lengths, 1.0)
        return unit.astype(np.float32)

    def _static_table(self) -> Floats | None:
        if self._table is None:
            first = self.model[0]
            if type(first).__name__ != "StaticEmbedding":
                return None
            table = first.embedding.weight.detach().float().numpy()
            self._norms = np.linalg.norm(table, axis=1).astype(np.float32)
            self._table = table
        return self._table

    def _load(self) -> Any:
        local = Path(self._settings.model).is_dir()
        if local:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(self._settings.model, device=self._settings.device, local_files_only=local)
