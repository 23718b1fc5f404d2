"""The words that the engine and the rest of the product share: plain values and three protocols.

Nothing here imports a machine-learning library; numpy appears in annotations only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

Kind = Literal["challenge", "capability"]
Key = tuple[Kind, int]
"""What names a document: challenges and capabilities are numbered apart."""

ReasonKind = Literal["phrase", "meaning", "lexicon", "figure", "field", "track", "stage", "region", "budget", "freshness", "rest"]

KINDS: tuple[Kind, Kind] = ("challenge", "capability")
OTHER: dict[Kind, Kind] = {"challenge": "capability", "capability": "challenge"}
STAGES: tuple[str, ...] = ("research", "lab", "pilot", "mass")
"""Stages of a capability from the desk to the factory; the order is what the ranking reads."""


@dataclass(frozen=True, slots=True)
class Document:
    """One listing as the engine sees it; only what everybody may see may be put into it.

    `title` and `text` are embedded and searched; the other facts are optional ("" or None = unknown)
    and only move a score a little. `stage` of a capability is where it stands, of a challenge the
    earliest stage that would do. `confirmed_on` is the day its owner last said that it still holds.
    Money is in 分 (fen).
    """

    id: int
    kind: Kind
    title: str
    text: str = ""
    field: str = ""
    track: str = ""
    region: str = ""
    stage: str = ""
    organisation: int = 0
    confirmed_on: date | None = None
    amount_fen: int | None = None
    modes: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """Kind and number together."""
        return (self.kind, self.id)

    @property
    def content(self) -> str:
        """Exactly the text that is embedded and searched: what a stored vector must be hashed over."""
        return f"{self.title}\n{self.text}" if self.text else self.title


@dataclass(frozen=True, slots=True)
class Reason:
    """One share of a score.

    kind      phrase (the same words met), meaning (different words close in meaning), lexicon (the lexicon
              ties `left` to `right`), figure (a quantity that is met or missed), field, track, stage, region, budget, freshness, rest (what is left over, too
              small to name)
    label     the reason in Chinese, fit for a page
    strength  its share of the hit's score, in the score's own unit; the strengths of all reasons of
              a hit add up to the score (negative where it lowers it)
    left      the words of the query; right: the words of the document
    sentence  the sentence of the document in which `right` stands, or ""
    """

    kind: ReasonKind
    label: str
    strength: float
    left: str = ""
    right: str = ""
    sentence: str = ""


ElementKind = Literal["effect", "method", "material", "product", "application", "quantity"]


@dataclass(frozen=True, slots=True)
class Element:
    """A piece of a demand: what it is, its words, and where they stand in the folded text."""

    kind: ElementKind
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ElementMatch:
    """How a document answers an element of the query.

    share     what the element's words add to the score in the best sentence, against what they would add if the
              document had those very words (0 to 1); of a quantity 1 = met, 0.5 = named but not met, 0 = not named
    strength  the same in the score's own unit
    sentence  the document's best sentence for it; "" = missing
    met       of a quantity whether what is offered lies within what is wanted; None where nothing compares
    """

    kind: ElementKind
    text: str
    share: float
    strength: float
    sentence: str = ""
    met: bool | None = None

    @property
    def missing(self) -> bool:
        """Whether the document says nothing to it."""
        return not self.sentence


@dataclass(frozen=True, slots=True)
class Hit:
    """A ranked document: `id` is the number among its kind, `rank` starts at 1, `score` is 0 to about 1.

    `sentence` is the sentence of the document that answers the query best.
    """

    id: int
    rank: int
    score: float
    reasons: tuple[Reason, ...] = ()
    sentence: str = ""


class VectorStore(Protocol):
    """Dense side of one kind of document: vectors of length one under row ids, inner product.

    An `among` of None means everything; ids in it that are not stored are ignored. The engine changes
    a `fork` and then puts it in the place of the store that others may be reading.
    """

    def fork(self) -> Self:
        """A copy to change (a store that the database keeps in step returns itself)."""
        ...

    def save(self, folder: Path) -> None:
        """Write what is needed to `load` again; a store in the database writes nothing."""
        ...

    def load(self, folder: Path) -> None:
        """Read what `save` wrote, in place of what is there. Raises OSError or ValueError if it cannot."""
        ...

    def put(self, ids: Sequence[int], vectors: Matrix) -> None:
        """Add or replace."""
        ...

    def drop(self, ids: Sequence[int]) -> None:
        """Remove; unknown ids are ignored."""
        ...

    def search(self, vector: Matrix, k: int, among: AbstractSet[int] | None = None) -> list[tuple[int, float]]:
        """The k nearest, best first, equal scores by id."""
        ...

    def scores(self, vector: Matrix, ids: Sequence[int]) -> list[float]:
        """Inner product with each of these ids, in their order; 0.0 for an unknown id."""
        ...


class LexicalStore(Protocol):
    """Word side of one kind of document: BM25 or what the database has in its place."""

    def fork(self) -> Self:
        """A copy to change (a store that the database keeps in step returns itself)."""
        ...

    def save(self, folder: Path) -> None:
        """Write what is needed to `load` again; a store in the database writes nothing."""
        ...

    def load(self, folder: Path) -> None:
        """Read what `save` wrote, in place of what is there. Raises OSError or ValueError if it cannot."""
        ...

    def put(self, ids: Sequence[int], texts: Sequence[str]) -> None:
        """Add or replace."""
        ...

    def drop(self, ids: Sequence[int]) -> None:
        """Remove; unknown ids are ignored."""
        ...

    def search(self, text: str, k: int, among: AbstractSet[int] | None = None) -> list[tuple[int, float]]:
        """The k best with a score above 0, best first, equal scores by id."""
        ...

    def scores(self, text: str, ids: Sequence[int]) -> list[float]:
        """Score of each of these ids, in their order; 0.0 for an unknown id."""
        ...

    def contributions(self, query: str, text: str) -> dict[str, float]:
        """What each term of the query adds to the score that a document of this text has."""
        ...


class Engine(Protocol):
    """Text in, ranked ids with reasons out. Knows no permissions: `among` says who may be seen."""

    @property
    def revision(self) -> int:
        """The revision of the change log up to which the index is in step; 0 = empty."""
        ...

    @property
    def keys(self) -> set[Key]:
        """What the index holds."""
        ...

    @property
    def fingerprint(self) -> str:
        """Names engine version, model and content: equal fingerprints rank equally."""
        ...

    @property
    def model_fingerprint(self) -> str:
        """Names the model and its prompts: a stored vector is valid for one of these only."""
        ...

    def embed(self, texts: Sequence[str]) -> Matrix:
        """One vector of length one for each document text (`Document.content`), float32."""
        ...

    def sync(
        self,
        upserts: Sequence[Document],
        removals: Sequence[Key] = (),
        revision: int = 0,
        vectors: Mapping[Key, Matrix] | None = None,
    ) -> None:
        """Bring the index to this revision. `vectors` saves embedding what the database has stored.

        Readers in other threads see the index before or after, never between.
        """
        ...

    def rank(self, query: Document, among: AbstractSet[int] | None = None, k: int = 10, on: date | None = None) -> list[Hit]:
        """The best k of the other kind. `on` = today, for freshness; None leaves freshness out."""
        ...

    def scored(self, query: Document, k: int, among: AbstractSet[int] | None = None, on: date | None = None) -> list[tuple[int, float]]:
        """What `rank` finds as (id, score), without the reasons, which cost most of its time."""
        ...

    def similar(self, document: Document, among: AbstractSet[int] | None = None, k: int = 10) -> list[Hit]:
        """The k most alike of its own kind, itself left out; for duplicates. Score 1 = the same text."""
        ...

    def explain(self, query: Document, document: Document, on: date | None = None) -> list[Reason]:
        """Why this pair has the score it has; the strengths add up to it. Strongest first, rest last."""
        ...

    def elements(self, query: Document, document: Document) -> list[ElementMatch]:
        """The query taken apart, and for each element how the document answers it; weightiest first, at most 8."""
        ...

    def guess_field(self, text: str) -> list[tuple[str, float]]:
        """(code 01–11, share) of the technical fields, best first; shares add up to 1; [] for no text."""
        ...

    def guess_track(self, text: str) -> list[tuple[str, float]]:
        """(赛道, share), best first; shares add up to 1; [] for no text."""
        ...

    def save(self, folder: Path) -> Path:
        """Write a snapshot beside the older ones and return its folder; a crash leaves the older ones."""
        ...

    def load(self, folder: Path) -> bool:
        """Take over the newest snapshot that is whole and of this model; False = none, rebuild by `sync`."""
        ...
