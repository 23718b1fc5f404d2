"""What the model learns from: texts to read and pairs that belong together, from a folder of licensed files.

The files are JSON lines, packed with xz. Which file has which licence is said in the model card. Files
whose name begins with `eval_` are never read here. One document in thirty is held out of the pairs, so
that fusion weights can be tuned on what training has not seen.
"""

from __future__ import annotations

import json
import lzma
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from market.matching.lexicon import Lexicon

HELD_OUT_OF = 30
LEXICON_ROUNDS = 4
"""Draws of each entry of the lexicon."""
LONGEST_TEXT = 600
"""Characters of a text that a pair uses; beyond them a static model only averages."""

DULL_DOMAINS = frozenset({"diming", "lishimingren", "poem", "chengyu", "food", "caijing", "law"})
"""Lists of terms (places, persons, verse …) that say nothing about technology."""

READ = {
    "papers": ("title", "abstract", "keywords"),
    "problem_solution": ("title", "problem", "solution"),
    "chinaxiv_sections": ("title", "heading", "text"),
    "project_titles": ("title",),
    "general_text": ("text",),
}


@dataclass(slots=True)
class Pairs:
    """Pairs for training, and those held out, by where they come from."""

    train: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    held_out: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, source: str, name: str, left: str, right: str) -> None:
        """Put a pair on its side by the name of its document; pairs without text are left out."""
        left, right = left.strip()[:LONGEST_TEXT], right.strip()[:LONGEST_TEXT]
        if len(left) > 1 and len(right) > 1:
            side = self.held_out if is_held_out(name) else self.train
            side.setdefault(source, []).append((left, right))


def is_held_out(name: str) -> bool:
    """Whether a document of this name is kept away from training (decided by its name alone)."""
    return zlib.crc32(name.encode()) % HELD_OUT_OF == 0


def rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """The rows of one file; none where the file is missing.

    Raises ValueError for an evaluation file.
    """
    if name.startswith("eval_"):
        raise ValueError(f"{name} is for evaluation only")
    path = folder / f"{name}.jsonl.xz"
    if path.exists():
        with lzma.open(path, "rt", encoding="utf8") as lines:
            yield from (json.loads(line) for line in lines)


def reading_texts(folder: Path) -> Iterator[str]:
    """Every running text, for counting words and for the first vectors."""
    for name, fields in READ.items():
        for row in rows(folder, name):
            for part in fields:
                value = row.get(part) or ""
                text = "，".join(value) if isinstance(value, list) else value
                if text:
                    yield text


def technical_terms(folder: Path) -> Iterator[str]:
    """Terms of technology from the list of terms."""
    for row in rows(folder, "terms"):
        if row["domain"] not in DULL_DOMAINS:
            yield row["term"]


def synonym_groups(folder: Path) -> Iterator[list[str]]:
    """Words of one meaning. Groups that are only related (their code does not end in =) are left out."""
    for row in rows(folder, "synonyms"):
        if row.get("code", "=").endswith("=") and len(row["terms"]) > 1:
            yield row["terms"]


def lexicon_pairs(lexicon: Lexicon, seed: int = 1, rounds: int = LEXICON_ROUNDS) -> list[tuple[str, str]]:
    """The lexicon as pairs of short texts: the enterprise's words beside the laboratory's, several draws of each entry."""
    rng = np.random.default_rng(seed)

    def some(names: Sequence[str], least: int = 1) -> list[str]:
        count = int(rng.integers(min(least, len(names)), len(names) + 1)) if names else 0
        return [names[int(i)].replace(" ", "") for i in rng.permutation(len(names))[:count]]

    pairs: list[tuple[str, str]] = []
    for _ in range(rounds):
        for entry in lexicon.entries:
            said = some(entry.names("symptom"))
            use = some(entry.names("application"), 0)
            inside = some(entry.names("mechanism"), 0) + some(entry.names("technique"), 0) + some(entry.names("material"), 0)
            if inside:
                pairs.append(("，".join(said + use), "，".join(inside)))
            cause, cure = some(entry.names("mechanism")), some(entry.names("technique")) + some(entry.names("material"), 0)
            if cause and cure:
                pairs.append(("，".join(cause), "，".join(cure)))
    return pairs


def read_pairs(folder: Path, seed: int = 1) -> Pairs:
    """All pairs of texts that belong together."""
    pairs = Pairs()
    for row in rows(folder, "problem_solution"):
        name = row["problem"]
        pairs.add("problem_solution", name, row["problem"], row["solution"])
        pairs.add("title_problem", name, row.get("title") or "", row["problem"])
        pairs.add("title_solution", name, row.get("title") or "", row["solution"])
    for row in rows(folder, "papers"):
        title, abstract = row.get("title") or "", row.get("abstract") or ""
        name = title or abstract
        pairs.add("title_abstract", name, title, abstract)
        pairs.add("keywords_abstract", name, "，".join(row.get("keywords") or []), abstract)
        pairs.add("abstract_halves", name, abstract[: len(abstract) // 2], abstract[len(abstract) // 2 :])
    _add_sections(folder, pairs, np.random.default_rng(seed))
    return pairs


def _add_sections(folder: Path, pairs: Pairs, rng: np.random.Generator) -> None:
    """Title and heading with a section; a section with another one of the same paper."""
    sections: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for row in rows(folder, "chinaxiv_sections"):
        text = row["text"]
        sections.setdefault(row["doc"], []).append(text)
        titles[row["doc"]] = title = row.get("title") or row["doc"]
        heading = (row.get("heading") or "").lstrip("0123456789. ")
        pairs.add("heading_section", title, f"{title} {heading}", text)
    for document, texts in sections.items():
        for place in rng.permutation(len(texts) - 1)[:6]:
            pairs.add("section_section", titles[document], texts[0], texts[1 + int(place)])
