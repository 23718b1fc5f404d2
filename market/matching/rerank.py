"""An optional second reading: a cross-encoder reads query and document together, for the best few only.

What it adds is its probability of relevance × `WEIGHT`, never below 0, so the few that were read stay before the rest
and a hit's reasons still add up to its score. The model loads at the first use, in this process.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from market.matching.fusion import Parts
from market.matching.settings import EngineSettings
from market.matching.types import Document, Reason

WEIGHT = 0.5
LONGEST = 1_000
"""Characters of either text that are read."""
LABEL = "精排模型通读两边文字后认为相关"

Scored = tuple[float, int, Parts, list[Reason]]


class Reranker:
    """A sentence-transformers CrossEncoder with one output; without a name it adds nothing."""

    def __init__(self, settings: EngineSettings) -> None:
        self.name = settings.reranker
        self._first = settings.rerank
        self._device = settings.device
        self._model: Any = None
        self._lock = threading.Lock()
        self._read = lru_cache(maxsize=4_096)(self._probability)

    def reread(self, query: str, scored: Sequence[Scored], documents: Mapping[int, Document]) -> list[Scored]:
        """The same rows, the first of them with what the model adds, best first."""
        if not self.name or not query:
            return list(scored)
        rows = []
        for place, (score, i, parts, added) in enumerate(scored):
            more = self.reasons(query, documents[i]) if place < self._first else []
            rows.append((score + sum(reason.strength for reason in more), i, parts, [*added, *more]))
        return sorted(rows, key=lambda row: (-row[0], row[1]))

    def reasons(self, query: str, document: Document) -> list[Reason]:
        """What the model adds to this pair, as a reason; nothing without a model."""
        if not self.name or not query:
            return []
        return [Reason("meaning", LABEL, WEIGHT * self._read(query[:LONGEST], document.content[:LONGEST]))]

    def _probability(self, query: str, text: str) -> float:
        """Probability of relevance, 0 to 1; kept, since a pair stands in several rankings."""
        value = self._loaded().predict([(query, text)], show_progress_bar=False)
        return min(max(float(value[0]), 0.0), 1.0)

    def _loaded(self) -> Any:
        with self._lock:
            if self._model is None:
                local = Path(self.name).is_dir()
                if local:
                    os.environ.setdefault("HF_HUB_OFFLINE", "1")
                from sentence_transformers import CrossEncoder

                model = CrossEncoder(self.name, num_labels=1, device=self._device, local_files_only=local)
                self._model = model
        return self._model
