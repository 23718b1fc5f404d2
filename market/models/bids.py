"""Bids (揭榜申报). Until opening the body is one payload; only opening turns it into rows."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model
from market.domain.bids import BID
from market.domain.permissions import Subject
from market.models.accounts import Organisation
from market.models.challenges import Challenge
from market.models.types import Fen, Moment, Sampled, Stamped

_STATES = ",".join(f"'{s}'" for s in BID.states)


def random_id() -> int:
    """A random id below 2^53, so that numbers in addresses tell nobody how many bids there are."""
    return secrets.randbits(52) + 1


class Bid(Stamped, Sampled, Model):
    """One organisation's answer to a challenge. `payload` is opaque: read and written by actions.bids only."""

    __tablename__ = "bid"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index("one_award", "challenge_id", unique=True, sqlite_where=text("state = 'chosen'"), postgresql_where=text("state = 'chosen'")),
        Index(
            "one_live_bid",
            "challenge_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("state NOT IN ('lapsed')"),
            postgresql_where=text("state NOT IN ('lapsed')"),
        ),
        CheckConstraint("state NOT IN ('opened','chosen') OR opened_at IS NOT NULL", name="opened_has_date"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, default=random_id, autoincrement=False)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(12), default="draft")
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    payload_sha256: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[datetime | None] = mapped_column(Moment)
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    alias: Mapped[str | None] = mapped_column(String(20))  # 申报方甲, in random order
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decision_reason: Mapped[str | None] = mapped_column(Text)
    loss_reason: Mapped[str | None] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer, default=1)

    challenge: Mapped[Challenge] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    members: Mapped[list[BidMember]] = relationship(back_populates="bid", lazy="raise_on_sql", cascade="all, delete-orphan")
    answer: Mapped[BidAnswer | None] = relationship(back_populates="bid", lazy="raise_on_sql", cascade="all, delete-orphan")
    responses: Mapped[list[BidResponse]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")
    milestones: Mapped[list[BidMilestone]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="BidMilestone.position"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """The facts that permissions ask about: OWN is the leading bidder. Members are added by the query."""
        authors = frozenset({self.author_id}) if self.author_id else frozenset()
        return Subject(owners=frozenset({self.organisation_id}), people=authors)


class BidMember(Stamped, Model):
    """One member of a consortium (联合体); it confirms for itself."""

    __tablename__ = "bid_member"
    __table_args__ = (UniqueConstraint("bid_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    task: Mapped[str] = mapped_column(String(300), default="")
    share_bp: Mapped[int] = mapped_column(Integer, default=0)  # basis points of the price
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    declined_at: Mapped[datetime | None] = mapped_column(Moment)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    bid: Mapped[Bid] = relationship(back_populates="members", lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")


class BidAnswer(Model):
    """The opened body of a bid. No row exists before opening."""

    __tablename__ = "bid_answer"

    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id", ondelete="CASCADE"), primary_key=True)
    basis: Mapped[str] = mapped_column(Text, default="")
    route: Mapped[str] = mapped_column(Text, default="")
    team: Mapped[str] = mapped_column(Text, default="")
    period_months: Mapped[int | None] = mapped_column(Integer)
    price_fen: Mapped[int | None] = mapped_column(Fen)  # None: 面议
    technology_fen: Mapped[int | None] = mapped_column(Fen)
    equipment_fen: Mapped[int | None] = mapped_column(Fen)
    complete: Mapped[bool] = mapped_column(Boolean, default=False)  # False: only a 意向

    bid: Mapped[Bid] = relationship(back_populates="answer", lazy="raise_on_sql")


class BidResponse(Model):
    """The opened answer to one indicator of the challenge."""

    __tablename__ = "bid_response"

    id: Mapped[int] = mapped_column(primary_key=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id", ondelete="CASCADE"), index=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id", ondelete="CASCADE"))
    promised: Mapped[str] = mapped_column(String(120), default="")
    meets: Mapped[str] = mapped_column(String(10), default="meets")  # meets exceeds partly misses
    basis: Mapped[str] = mapped_column(Text, default="")


class BidMilestone(Model):
    """One opened milestone; `share_bp` of the price in basis points."""

    __tablename__ = "bid_milestone"

    id: Mapped[int] = mapped_column(primary_key=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    month: Mapped[int] = mapped_column(Integer)
    share_bp: Mapped[int] = mapped_column(Integer, default=0)
