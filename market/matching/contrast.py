"""Contrastive training of word vectors: texts that belong together come near, all others of the batch go away.

The vector of a text is the mean of its words' vectors, each with a learnt weight that starts at the word's
rarity; a word's vector is its own plus the mean of its characters' (folded into one table at the end).
Words that both texts of a pair share are dropped from the left one most of the time: what meets in letters
the lexical side finds by itself, and the vectors are to learn the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

Ints = npt.NDArray[np.int32]
Pair = tuple[Ints, Ints]


@dataclass(frozen=True, slots=True)
class Recipe:
    """The settings of the contrastive part."""

    epochs: int = 5
    batch: int = 1_024
    scale: float = 20.0
    rate: float = 1e-3
    weight_rate: float = 1e-2
    drop_shared: float = 0.7
    fewest_words: int = 4
    seed: int = 1


class FoldedTable(torch.nn.Module):
    """Word vectors as words + characters, times a weight. `characters` is words × characters, rows adding to one."""

    def __init__(self, vectors: torch.Tensor, weights: torch.Tensor, characters: torch.Tensor) -> None:
        super().__init__()
        self.words = torch.nn.Parameter(vectors.clone())
        self.parts = torch.nn.Parameter(torch.zeros(characters.shape[1], vectors.shape[1]))
        self.log_weights = torch.nn.Parameter(weights.log())
        self.characters = characters

    def forward(self) -> torch.Tensor:
        """The table that a text's mean is taken from."""
        mixed = self.words + torch.sparse.mm(self.characters, self.parts)
        return mixed * self.log_weights.exp()[:, None]


def without_shared(left: Ints, right: Ints, recipe: Recipe, rng: np.random.Generator) -> Ints:
    """The left text with most of the words dropped that the right one has too; a few words always stay."""
    shared = np.isin(left, right)
    kept = left[~shared | (rng.random(len(left)) >= recipe.drop_shared)]
    return kept if len(kept) >= recipe.fewest_words else left


def batches(sources: Sequence[Sequence[Pair]], recipe: Recipe, rng: np.random.Generator) -> list[list[Pair]]:
    """Batches of one source each (harder to tell apart than mixed ones), in random order."""
    out: list[list[Pair]] = []
    for pairs in sources:
        order = rng.permutation(len(pairs))
        for start in range(0, len(order), recipe.batch):
            chosen = [pairs[i] for i in order[start : start + recipe.batch]]
            if len(chosen) >= recipe.batch // 8:
                out.append([(without_shared(left, right, recipe, rng), right) for left, right in chosen])
    return [out[i] for i in rng.permutation(len(out))]


def pooled(table: torch.Tensor, rows: Sequence[Ints]) -> torch.Tensor:
    """Unit vectors of texts given as rows of token numbers."""
    offsets = torch.from_numpy(np.cumsum([0, *(len(row) for row in rows[:-1])]))
    flat = torch.from_numpy(np.concatenate(rows).astype(np.int64))
    bags = torch.nn.functional.embedding_bag(flat, table, offsets, mode="mean")
    return torch.nn.functional.normalize(bags, dim=-1)


def loss_of(table: torch.Tensor, batch: Sequence[Pair], scale: float) -> torch.Tensor:
    """InfoNCE in both directions; the same text twice in a batch is no negative of itself."""
    lefts = pooled(table, [left for left, _ in batch])
    rights = pooled(table, [right for _, right in batch])
    scores = lefts @ rights.T * scale
    names = np.array([hash(right.tobytes()) for _, right in batch])
    same = torch.from_numpy((names[:, None] == names[None, :]) & ~np.eye(len(batch), dtype=bool))
    scores = scores.masked_fill(same, -1e4)
    target = torch.arange(len(batch))
    cross = torch.nn.functional.cross_entropy
    return (cross(scores, target) + cross(scores.T, target)) / 2


def train_contrastive(
    table: FoldedTable,
    sources: Sequence[Sequence[Pair]],
    recipe: Recipe,
    progress: Any,
    after_epoch: Callable[[int, torch.Tensor], None] | None = None,
) -> torch.Tensor:
    """Train and return the folded table; the rate falls in a straight line to nothing."""
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    optimiser = torch.optim.Adam(
        [
            {"params": [table.words, table.parts], "lr": recipe.rate},
            {"params": [table.log_weights], "lr": recipe.weight_rate},
        ]
    )
    total = recipe.epochs * len(batches(sources, recipe, np.random.default_rng(0)))
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.05, total_iters=total)
    for epoch in range(recipe.epochs):
        bar = progress(batches(sources, recipe, rng), desc=f"epoch {epoch + 1}/{recipe.epochs}")
        for batch in bar:
            loss = loss_of(table(), batch, recipe.scale)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            bar.set_postfix(loss=f"{loss.item():.3f}")
        if after_epoch is not None:
            after_epoch(epoch, table().detach())
    return table().detach()
