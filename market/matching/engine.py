"""The engine: words that meet, words that lie near, and whole meanings side by side, fused, with reasons."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from market.matching import snapshot, tokens
from market.matching.aligned import AlignedStore, Asked
from market.matching.bridge import Bridge, Lent, words_of
from market.matching.dense import FaissStore
from market.matching.elements import elements, matched
from market.matching.encoder import Encoder
from market.matching.explain import Evidence, best_sentence, nearest_words, reasons
from market.matching.fusion import DEPTH, Figures, Parts, Sides, facts, fuse
from market.matching.guess import NEIGHBOURS, Guesser
from market.matching.layers import Layered
from market.matching.lexical import Bm25Store
from market.matching.lexicon import lexicon
from market.matching.quantities import quantities
from market.matching.reading import about_the_matter
from market.matching.rerank import Reranker
from market.matching.settings import MODEL_FOLDER, EngineSettings
from market.matching.types import KINDS, OTHER, Document, Element, ElementMatch, Hit, Key, Kind, LexicalStore, Reason, VectorStore
from market.matching.version import ENGINE_VERSION

if TYPE_CHECKING:
    from market.matching.types import Matrix

LONGEST_QUERY = 4_000
LONGEST_EXPLAINED = 6_000
"""Characters of a text that are read; reasons and the best sentence come from the first part of a long document."""

LENT_DEPTH = 50
FACTS_FOR = 60
"""Candidates whose structured facts are looked up."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything of one kind."""

    documents: Layered[Document]
    dense: VectorStore
    lexical: LexicalStore
    aligned: AlignedStore


@dataclass(frozen=True, slots=True)
class State:
    """What readers see; replaced as a whole, never changed."""

    revision: int
    shelves: Mapping[Kind, Shelf]


@dataclass(frozen=True, slots=True)
class Search:
    """One query against one shelf: what of it is read, and what each side says of the candidates."""

    text: str
    asked: Asked
    lent: Sequence[Lent]
    """Entries of the lexicon that fit the query, and what their words ask."""
    lent_asked: Asked
    vector: Matrix
    shelf: Shelf
    sides: Mapping[int, Sides]
    itself: float
    """BM25 of the query against itself: what the word side's scores are a share of."""


class HybridEngine:
    """The `Engine` of the door."""

    def __init__(
        self,
        settings: EngineSettings,
        vector_store: Callable[[Kind], VectorStore] | None = None,
        lexical_store: Callable[[Kind], LexicalStore] | None = None,
    ) -> None:
        self._encoder = Encoder(settings)
        self._weights = settings.weights
        self._reranker = Reranker(settings)
        self._speller = self._encoder if settings.model == str(MODEL_FOLDER) else Encoder(EngineSettings())
        self._new_dense = vector_store or (lambda kind: FaissStore())
        self._new_lexical = lexical_store or (lambda kind: Bm25Store())
        self._bridge = Bridge(lexicon, self._words)
        self._guesser = Guesser(self._encoder)
        self._lock = threading.Lock()
        self._state = State(0, {kind: self._empty(kind) for kind in KINDS})
        self._named: tuple[State, str] | None = None
        self._taken: tuple[Shelf, Document, Search, list[Element]] | None = None
        """The query that was taken apart last: a list asks about one query and many documents."""

    @property
    def revision(self) -> int:
        """The revision up to which the index is in step."""
        return self._state.revision

    @property
    def keys(self) -> set[Key]:
        """What the index holds."""
        return {(kind, i) for kind, shelf in self._state.shelves.items() for i in shelf.documents}

    @property
    def model_fingerprint(self) -> str:
        """Names the model and its prompts."""
        return self._encoder.fingerprint

    @property
    def fingerprint(self) -> str:
        """Names engine version, model, revision and content."""
        state = self._state
        if self._named is None or self._named[0] is not state:
            self._named = (state, self._fingerprint(state))
        return self._named[1]

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors of document texts."""
        return self._encoder.documents(texts)

    def sync(
        self,
        upserts: Sequence[Document],
        removals: Sequence[Key] = (),
        revision: int = 0,
        vectors: Mapping[Key, Matrix] | None = None,
    ) -> None:
        """Bring the index to a revision; a revision that is older than the index's own changes nothing."""
        latest = {document.key: document for document in upserts}
        with self._lock:
            state = self._state
            if revision and revision < state.revision:
                return
            shelves: dict[Kind, Shelf] = {}
            for kind in KINDS:
                gone = [key[1] for key in removals if key[0] == kind and key not in latest]
                shelf = state.shelves[kind]
                fresh = [document for document in latest.values() if document.kind == kind and shelf.documents.get(document.id) != document]
                shelves[kind] = self._changed(shelf, fresh, gone, vectors or {}) if fresh or gone else shelf
            self._state = State(max(revision, state.revision), shelves)

    def rank(self, query: Document, among: AbstractSet[int] | None = None, k: int = 10, on: date | None = None) -> list[Hit]:
        """The best k of the other kind."""
        search, scored = self._scored(query, among, on, k)
        return [
            self._hit(search, rank, score, search.shelf.documents[i], parts, added)
            for rank, (score, i, parts, added) in enumerate(scored, start=1)
        ]

    def scored(self, query: Document, k: int, among: AbstractSet[int] | None = None, on: date | None = None) -> list[tuple[int, float]]:
        """`rank` without reasons: ids and scores."""
        return [(i, score) for score, i, _, _ in self._scored(query, among, on, k)[1]]

    def sides(self, query: Document) -> Mapping[int, Sides]:
        """What each side says of every candidate, before it is weighed; for tuning."""
        return self._search(query, self._state.shelves[OTHER[query.kind]], None).sides

    def query_vector(self, query: Document) -> Matrix:
        """The vector that stands for a query: title and text count alike, however long the text is."""
        texts = [part for part in (query.title.strip(), about_the_matter(query.text)[:LONGEST_QUERY].strip()) if part]
        total = np.sum([self._encoder.query(text) for text in texts or [""]], axis=0)
        vector: Matrix = (total / (float(np.linalg.norm(total)) or 1.0)).astype(np.float32)
        return vector

    def explain(self, query: Document, document: Document, on: date | None = None) -> list[Reason]:
        """Why this pair has the score it has; the document need not be in the index."""
        search = self._search(query, self._state.shelves[document.kind], frozenset())
        terms = search.shelf.lexical.contributions(search.text, document.content)
        aligned = sum(value for _, _, value in search.shelf.aligned.pairs(search.asked, document.content))
        dense = float(self._encoder.documents([document.content])[0] @ search.vector)
        lent = sum(value for _, _, value in search.shelf.aligned.pairs(search.lent_asked, document.content))
        parts = fuse(Sides(sum(terms.values()) / (search.itself or 1.0), aligned, dense, lent), self._weights)
        found = reasons(self._evidence(search, document, parts))
        added = facts(query, document, parts.total, on, _figures(query, document))
        return _ordered(found, [*added, *self._reranker.reasons(search.text, document)])

    def elements(self, query: Document, document: Document) -> list[ElementMatch]:
        """The query taken apart, and for each element how the document answers it, weightiest first."""
        shelf, taken = self._state.shelves[document.kind], self._taken
        if taken is None or taken[0] is not shelf or taken[1] != query:
            search = self._search(query, shelf, frozenset())
            taken = self._taken = (shelf, query, search, elements(search.text, lexicon()))
        _, _, search, found = taken
        return matched(found, search.text, document.content, search.asked, shelf.aligned, self._words())

    def similar(self, document: Document, among: AbstractSet[int] | None = None, k: int = 10) -> list[Hit]:
        """The most alike of the same kind; the score is half shared letters, half nearness in meaning."""
        shelf = self._state.shelves[document.kind]
        ids = (set(shelf.documents) if among is None else set(shelf.documents) & among) - {document.id}
        vector = self._encoder.documents([document.content])[0]
        words = shelf.lexical.search(document.content[:LONGEST_QUERY], DEPTH, ids)
        near = shelf.dense.search(vector, DEPTH, ids)
        found = sorted({i for i, _ in (*words, *near)} & ids)
        own = tokens.bigrams(document.content)
        rows = []
        for i, cosine in zip(found, shelf.dense.scores(vector, found), strict=True):
            letters = _dice(own, tokens.bigrams(shelf.documents[i].content)) / 2
            meaning = max(0.0, min(1.0, cosine)) / 2
            rows.append((letters + meaning, i, letters, meaning))
        rows.sort(key=lambda row: (-row[0], row[1]))
        return [
            Hit(
                i,
                rank,
                score,
                (
                    Reason("phrase", f"文字相同 {200 * letters:.0f}%", letters),
                    Reason("meaning", "整体含义相近", meaning),
                ),
            )
            for rank, (score, i, letters, meaning) in enumerate(rows[:k], start=1)
        ]

    def guess_field(self, text: str) -> list[tuple[str, float]]:
        """Shares of the technical fields, best first."""
        near, listings = self._neighbours(text)
        return self._guesser.field(text, [(document.field, cosine) for document, cosine in near], listings)

    def guess_track(self, text: str) -> list[tuple[str, float]]:
        """Shares of the tracks, best first."""
        near, listings = self._neighbours(text)
        return self._guesser.track(text, [(document.track, cosine) for document, cosine in near], listings)

    def save(self, folder: Path) -> Path:
        """Write a snapshot of the present state."""
        state = self._state

        def fill(part: Path) -> None:
            for kind, shelf in state.shelves.items():
                (part / kind).mkdir()
                stored = [snapshot.to_json(document) for _, document in sorted(shelf.documents.items())]
                (part / kind / "documents.json").write_text(json.dumps(stored, ensure_ascii=False), encoding="utf8")
                shelf.dense.save(part / kind)
                shelf.lexical.fork().save(part / kind)
                shelf.aligned.save(part / kind)

        return snapshot.write(folder, state.revision, self._fingerprint(state), self._identity(), fill)

    def load(self, folder: Path) -> bool:
        """Take over the newest whole snapshot of this engine version and model."""
        for path, manifest in snapshot.whole(folder, self._identity()):
            try:
                shelves = {kind: self._read(path / kind, kind) for kind in KINDS}
            except (OSError, ValueError, KeyError):
                continue
            with self._lock:
                self._state = State(int(manifest["revision"]), shelves)
            return True
        return False

    def _search(self, query: Document, shelf: Shelf, among: AbstractSet[int] | None) -> Search:
        title, text = query.title.strip(), about_the_matter(query.text)[:LONGEST_QUERY].strip()
        whole = f"{title}\n{text}".strip()
        vector = self.query_vector(query)
        asked = shelf.aligned.ask(title, text)
        lent = self._bridge.lent(title, text)
        lent_asked = shelf.aligned.ask("", words_of(lent))
        itself = sum(shelf.lexical.contributions(whole, whole).values()) if whole else 0.0
        if not whole or (among is not None and not among):
            return Search(whole, asked, lent, lent_asked, vector, shelf, {}, itself)
        twice = f"{title}\n{whole}" if title else whole
        words = shelf.lexical.search(twice, DEPTH, among)
        near = shelf.dense.search(vector, DEPTH, among)
        lent_found = shelf.lexical.search(words_of(lent), LENT_DEPTH, among) if lent else []
        ids = sorted({i for i, _ in (*words, *near, *lent_found) if i in shelf.documents})
        met = [score / (itself or 1.0) for score in shelf.lexical.scores(whole, ids)]
        by_word, by_lent = shelf.aligned.scores_of([asked, lent_asked], ids)
        columns = (met, by_word, shelf.dense.scores(vector, ids), by_lent)
        sides = {i: Sides(*row) for i, *row in zip(ids, *columns, strict=True)}
        return Search(whole, asked, lent, lent_asked, vector, shelf, sides, itself)

    def _scored(
        self, query: Document, among: AbstractSet[int] | None, on: date | None, k: int
    ) -> tuple[Search, list[tuple[float, int, Parts, list[Reason]]]]:
        """The search and its best k; facts are looked up for the `FACTS_FOR` best and never bring in another."""
        search = self._search(query, self._state.shelves[OTHER[query.kind]], among)
        weighed = {i: fuse(sides, self._weights) for i, sides in search.sides.items()}
        evident = sorted((-parts.total, i) for i, parts in weighed.items() if parts.total > 0)
        scored: list[tuple[float, int, Parts, list[Reason]]] = []
        for _, i in evident[: max(FACTS_FOR, k)]:
            parts, document = weighed[i], search.shelf.documents[i]
            added = facts(query, document, parts.total, on, _figures(query, document))
            scored.append((parts.total + sum(reason.strength for reason in added), i, parts, added))
        scored.sort(key=lambda row: (-row[0], row[1]))
        return search, self._reranker.reread(search.text, scored, search.shelf.documents)[:k]

    def _neighbours(self, text: str) -> tuple[list[tuple[Document, float]], int]:
        """The nearest listings of both kinds with their cosine, and how many listings there are."""
        shelves = self._state.shelves.values()
        vector = self._encoder.documents([text])[0]
        found = [
            (shelf.documents[i], cosine)
            for shelf in shelves
            for i, cosine in shelf.dense.search(vector, NEIGHBOURS)
            if i in shelf.documents
        ]
        found.sort(key=lambda pair: (-pair[1], pair[0].key))
        return found[:NEIGHBOURS], sum(len(shelf.documents) for shelf in shelves)

    def _hit(self, search: Search, rank: int, score: float, document: Document, parts: Parts, added: list[Reason]) -> Hit:
        evidence = self._evidence(search, document, parts)
        return Hit(document.id, rank, score, tuple(_ordered(reasons(evidence), added)), best_sentence(evidence))

    def _evidence(self, search: Search, document: Document, parts: Parts) -> Evidence:
        text = document.content[:LONGEST_EXPLAINED]
        words = self._words()
        own, others = words.words(search.text), words.words(text)
        letters = dict(zip(own.numbers.tolist(), own.surfaces, strict=True))
        said = {number: lent.said for lent in reversed(search.lent) for name in lent.names for number in words.word_numbers(name).tolist()}
        aligned = search.shelf.aligned
        nearest = nearest_words(aligned.pairs(search.asked, text), letters, others, parts.aligned)
        lent = nearest_words([pair for pair in aligned.pairs(search.lent_asked, text) if pair[0] in said], said, others, parts.lexicon)
        return Evidence(search.text, text, parts, search.shelf.lexical.contributions(search.text, document.content), nearest, lent)

    def _words(self) -> Encoder:
        """The static model whose words are compared: the engine's own if it is one, or else the carried one."""
        return self._encoder if self._encoder.is_static else self._speller

    def _changed(self, shelf: Shelf, fresh: Sequence[Document], gone: Sequence[int], vectors: Mapping[Key, Matrix]) -> Shelf:
        documents = shelf.documents.fork()
        for i in gone:
            documents.pop(i, None)
        documents.update((document.id, document) for document in fresh)
        dense, lexical, aligned = shelf.dense.fork(), shelf.lexical.fork(), shelf.aligned.fork()
        dense.drop(gone)
        lexical.drop(gone)
        aligned.drop(gone)
        moved = [d for d in fresh if d.id not in shelf.documents or shelf.documents[d.id].content != d.content]
        if moved:
            ids = [document.id for document in moved]
            if dense is not shelf.dense:  # else the database keeps it in step
                dense.put(ids, self._vectors(moved, vectors))
            lexical.put(ids, [document.content for document in moved])
            aligned.put(ids, [document.content for document in moved])
        return Shelf(documents, dense, lexical, aligned)

    def _vectors(self, documents: Sequence[Document], known: Mapping[Key, Matrix]) -> Matrix:
        missing = [document for document in documents if document.key not in known]
        made = dict(zip((d.key for d in missing), self.embed([d.content for d in missing]), strict=True))
        return np.stack([np.asarray(known.get(d.key, made.get(d.key)), dtype=np.float32) for d in documents])

    def _empty(self, kind: Kind) -> Shelf:
        return Shelf(Layered(), self._new_dense(kind), self._new_lexical(kind), AlignedStore(self._words))

    def _read(self, folder: Path, kind: Kind) -> Shelf:
        shelf = self._empty(kind)
        rows = json.loads((folder / "documents.json").read_text(encoding="utf8"))
        shelf.dense.load(folder)
        shelf.lexical.load(folder)
        shelf.aligned.load(folder)
        return replace(shelf, documents=Layered({row["id"]: snapshot.from_json(row) for row in rows}))

    def _identity(self) -> dict[str, Any]:
        return {"engine": ENGINE_VERSION, "model": self.model_fingerprint}

    def _fingerprint(self, state: State) -> str:
        digest = hashlib.sha256(
            f"{ENGINE_VERSION}\0{self.model_fingerprint}\0{self._weights}\0{self._reranker.name}\0{state.revision}".encode()
        )
        for kind in KINDS:
            for i, document in sorted(state.shelves[kind].documents.items()):
                digest.update(f"\0{kind}\0{i}\0{snapshot.to_json(document)}".encode())
        return digest.hexdigest()


def _ordered(named: list[Reason], added: list[Reason]) -> list[Reason]:
    """Strongest first, the rest last."""
    rest = [reason for reason in named if reason.kind == "rest"]
    others = [reason for reason in (*named, *added) if reason.kind != "rest"]
    return sorted(others, key=lambda reason: -reason.strength) + rest


def _figures(query: Document, document: Document) -> Figures:
    """The quantities of both texts."""
    return quantities(query.content[:LONGEST_QUERY]), quantities(document.content[:LONGEST_EXPLAINED])


def _dice(left: Sequence[str], right: Sequence[str]) -> float:
    """Share of distinct bigrams that two texts have in common, 0 to 1."""
    one, other = set(left), set(right)
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0
