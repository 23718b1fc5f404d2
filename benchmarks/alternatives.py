"""What a user would pick instead of the engine: four ways to rank the same texts, each as its manual shows it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

from sqlalchemy import create_engine, make_url, text

from market.matching import Document
from market.matching.lexical import words_of
from market.matching.settings import MODEL_FOLDER
from market.matching.tokens import fold

DEPTH = 100
Ranked = Sequence[tuple[int, float]]


class Alternative(Protocol):
    """Made once, filled once, asked many times."""

    name: str

    def index(self, documents: Sequence[Document]) -> None:
        """Take these documents in place of all others."""

    def search(self, query: Document) -> Ranked:
        """The best `DEPTH` as (id, score), best first."""


class Fts5:
    """SQLite's full text with the trigram tokenizer: any three characters in a row that meet."""

    name = "SQLite FTS5, trigrams"

    def index(self, documents: Sequence[Document]) -> None:
        """Fill a table in memory."""
        self._table = sqlite3.connect(":memory:")
        self._table.execute("CREATE VIRTUAL TABLE found USING fts5(content, tokenize='trigram')")
        self._table.executemany("INSERT INTO found(rowid, content) VALUES (?, ?)", [(d.id, d.content) for d in documents])

    def search(self, query: Document) -> Ranked:
        """Documents with any trigram of the query, by bm25."""
        runs = re.findall(r"\w{3,}", query.content)
        grams = dict.fromkeys(run[n : n + 3] for run in runs for n in range(len(run) - 2))
        asked = " OR ".join(f'"{gram}"' for gram in grams)
        if not asked:
            return []
        rows = self._table.execute("SELECT rowid, -rank FROM found WHERE found MATCH ? ORDER BY rank LIMIT ?", (asked, DEPTH))
        return rows.fetchall()


class PostgresWords:
    """PostgreSQL's full text over words that jieba cut, with a GIN index."""

    name = "PostgreSQL full text, jieba"

    def __init__(self, server: str) -> None:
        self._engine = create_engine(make_url(server.replace("postgresql://", "postgresql+psycopg://")))

    def index(self, documents: Sequence[Document]) -> None:
        """Fill a table of its own."""
        rows = [{"id": d.id, "words": " ".join(words_of(d.content))} for d in documents]
        with self._engine.begin() as connection:
            connection.execute(text("DROP TABLE IF EXISTS found"))
            connection.execute(text("CREATE TABLE found (id integer PRIMARY KEY, words tsvector)"))
            for start in range(0, len(rows), 5_000):
                connection.execute(text("INSERT INTO found VALUES (:id, to_tsvector('simple', :words))"), rows[start : start + 5_000])
            connection.execute(text("CREATE INDEX ON found USING gin (words)"))
            connection.execute(text("ANALYZE found"))

    def search(self, query: Document) -> Ranked:
        """Documents with any word of the query, by ts_rank."""
        words = dict.fromkeys(re.sub(r"\W", "", fold(word)) for word in words_of(query.content))
        asked = " | ".join(f"'{word}'" for word in words if word)
        if not asked:
            return []
        with self._engine.connect() as connection:
            found = connection.execute(
                text(
                    "SELECT id, ts_rank(words, query) AS score FROM found, to_tsquery('simple', :asked) AS query "
                    "WHERE words @@ query ORDER BY score DESC, id LIMIT :most"
                ),
                {"asked": asked, "most": DEPTH},
            )
            return [(row.id, float(row.score)) for row in found]


class TfIdf:
    """scikit-learn's TF-IDF over words that jieba cut, cosine."""

    name = "scikit-learn TF-IDF, jieba"

    def index(self, documents: Sequence[Document]) -> None:
        """Fit and transform."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectorizer = TfidfVectorizer(analyzer=words_of, sublinear_tf=True)
        self._matrix = self._vectorizer.fit_transform([d.content for d in documents])
        self._ids = [d.id for d in documents]

    def search(self, query: Document) -> Ranked:
        """By cosine over all documents."""
        from sklearn.metrics.pairwise import linear_kernel

        scores = linear_kernel(self._vectorizer.transform([query.content]), self._matrix)[0]
        best = scores.argsort()[::-1][:DEPTH]
        return [(self._ids[n], float(scores[n])) for n in best if scores[n] > 0]


class SemanticSearch:
    """sentence-transformers' own search with the model that the market carries: one vector a text, cosine."""

    name = "sentence-transformers semantic_search"

    def index(self, documents: Sequence[Document]) -> None:
        """Encode everything."""
        from sentence_transformers import SentenceTransformer

        self._model: Any = SentenceTransformer(str(MODEL_FOLDER), device="cpu", local_files_only=True)
        texts = [d.content for d in documents]
        self._vectors = self._model.encode(texts, convert_to_tensor=True, normalize_embeddings=True, show_progress_bar=False)
        self._ids = [d.id for d in documents]

    def search(self, query: Document) -> Ranked:
        """By cosine over all documents."""
        from sentence_transformers.util import semantic_search

        vector = self._model.encode(query.content, convert_to_tensor=True, normalize_embeddings=True, show_progress_bar=False)
        return [(self._ids[int(hit["corpus_id"])], float(hit["score"])) for hit in semantic_search(vector, self._vectors, top_k=DEPTH)[0]]


def ordered(ranked: Ranked) -> bool:
    """Whether scores fall from first to last; a ranking that does not was read the wrong way round."""
    return all(left >= right for (_, left), (_, right) in pairwise(ranked))
