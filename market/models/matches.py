"""Embeddings, the index's change log, stored rankings, what was shown to whom, and what they said of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    FetchedValue,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Model
from market.domain.permissions import Subject
from market.models.types import BigId, Moment, Sampled


class Embedding(Model):
    """One vector for each text hash and model: float32, little endian, `dim` numbers."""

    __tablename__ = "embedding"
    __table_args__ = (UniqueConstraint("text_hash", "model"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    text_hash: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(80))
    dim: Mapped[int] = mapped_column(Integer)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class IndexChange(Model):
    """A listing changed; every process applies the revisions it has not seen before it ranks.

    `transaction_id` is set by PostgreSQL alone; queries/changes.py says what for.
    """

    __tablename__ = "index_change"

    revision: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    item_id: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Moment)
    transaction_id: Mapped[int] = mapped_column(BigInteger, server_default=FetchedValue(), index=True)


class Match(Sampled, Model):
    """One line of a stored ranking: `item` at `rank` for `query`, with its reasons. Replaced when recomputed."""

    __tablename__ = "match"
    __table_args__ = (
        CheckConstraint("query_kind <> item_kind", name="two_kinds"),
        UniqueConstraint("query_kind", "query_id", "item_kind", "item_id"),
        Index("ix_match_query", "query_kind", "query_id", "rank"),
        Index("ix_match_item", "item_kind", "item_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    query_kind: Mapped[str] = mapped_column(String(12))
    query_id: Mapped[int] = mapped_column(Integer)
    item_kind: Mapped[str] = mapped_column(String(12))
    item_id: Mapped[int] = mapped_column(Integer)
    rank: Mapped[int] = mapped_column(Integer)
    score: Mapped[float] = mapped_column(Float)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    elements: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list
    )  # what the challenge asks, and what the capability says to it
    engine_version: Mapped[str] = mapped_column(String(80))
    computed_at: Mapped[datetime] = mapped_column(Moment)

    @property
    def subject(self) -> Subject:
        """Nobody's: whose listings it is about is known to queries.matches.get."""
        return Subject()


class Impression(Sampled, Model):
    """What was shown to whom, at which rank, by which engine version, on which surface. Written by db.journal()."""

    __tablename__ = "impression"
    __table_args__ = (Index("ix_impression_item", "item_kind", "item_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    surface: Mapped[str] = mapped_column(String(20))  # challenge capability try lead recommendations search
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    organisation_id: Mapped[int | None] = mapped_column(Integer)
    query_kind: Mapped[str] = mapped_column(String(12))
    query_id: Mapped[int | None] = mapped_column(Integer)
    item_kind: Mapped[str] = mapped_column(String(12))
    item_id: Mapped[int] = mapped_column(Integer)
    rank: Mapped[int] = mapped_column(Integer)
    engine_version: Mapped[str] = mapped_column(String(80))


class MatchFeedback(Sampled, Model):
    """有用 / 不合适 with a reason, by one person about one pair; the newest word replaces the older."""

    __tablename__ = "match_feedback"
    __table_args__ = (UniqueConstraint("user_id", "query_kind", "query_id", "item_kind", "item_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    query_kind: Mapped[str] = mapped_column(String(12))
    query_id: Mapped[int] = mapped_column(Integer)
    item_kind: Mapped[str] = mapped_column(String(12))
    item_id: Mapped[int] = mapped_column(Integer)
    useful: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(300), default="")
    rank: Mapped[int] = mapped_column(Integer, default=0)
    engine_version: Mapped[str] = mapped_column(String(80), default="")


class MatchOutcome(Sampled, Model):
    """What a list that was shown led to, with the rank and the engine version of the list in which the item stood.

    `act`: opened (a page of the pair), contact, bid, contract; `ref_id` is the contact, bid or contract.
    """

    __tablename__ = "match_outcome"
    __table_args__ = (
        CheckConstraint("act IN ('opened','contact','bid','contract')", name="act"),
        Index("ix_match_outcome_version", "engine_version", "act"),
        Index("ix_match_outcome_ref", "act", "ref_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    act: Mapped[str] = mapped_column(String(12))
    ref_id: Mapped[int | None] = mapped_column(BigId)  # the ids of bids are large
    surface: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    organisation_id: Mapped[int | None] = mapped_column(Integer)
    query_kind: Mapped[str] = mapped_column(String(12))
    query_id: Mapped[int | None] = mapped_column(Integer)  # None: a text that was not stored
    item_kind: Mapped[str] = mapped_column(String(12))
    item_id: Mapped[int] = mapped_column(Integer)
    rank: Mapped[int] = mapped_column(Integer)
    engine_version: Mapped[str] = mapped_column(String(80))
