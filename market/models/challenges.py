"""Challenges (技术需求, 榜单) with their indicator table and what was added after publication."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model
from market.domain import challenges as rules
from market.domain import clock
from market.domain.permissions import Subject
from market.models.accounts import Organisation, User
from market.models.types import Fen, Moment, Sampled, Stamped

_STATES = ",".join(f"'{s}'" for s in rules.CHALLENGE.states)


class Challenge(Stamped, Sampled, Model):
    """What an enterprise wants solved. Who posted it is never read from here by a page: see queries.challenges.poster."""

    __tablename__ = "challenge"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("procedure IN ('open_call','negotiated','scouting')", name="procedure"),
        CheckConstraint(
            "state NOT IN ('published','selecting','publicity','selected') OR published_at IS NOT NULL", name="published_has_date"
        ),
        CheckConstraint("budget_fen IS NULL OR (budget_fen >= 0 AND budget_fen <= 100000000000000)", name="budget"),
        Index("ix_challenge_state_published", "state", "published_at"),
        Index(  # the facets of the list are counted from this index alone
            "ix_challenge_facets",
            "state",
            "closes_at",
            "valid_until",
            "field",
            "track",
            "region",
            "procedure",
            "need_type",
            "modes",
            "budget_max_fen",
            "budget_fen",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(20), unique=True)  # PT-JB-2026-0012, given at publication of an open call
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    adviser_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))  # 服务专员
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))  # who filled it in (代填)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="SET NULL"))

    title: Mapped[str] = mapped_column(String(120))
    pain: Mapped[str] = mapped_column(Text, default="")
    background: Mapped[str] = mapped_column(Text, default="")
    tried: Mapped[str] = mapped_column(Text, default="")
    requirements: Mapped[str] = mapped_column(Text, default="")
    field: Mapped[str | None] = mapped_column(String(2), index=True)
    field_guessed: Mapped[bool] = mapped_column(Boolean, default=False)
    track: Mapped[str | None] = mapped_column(String(20), index=True)
    need_type: Mapped[str | None] = mapped_column(String(20))
    region: Mapped[str] = mapped_column(String(6), index=True)
    budget_stated: Mapped[bool] = mapped_column(Boolean, default=False)  # False: 待补; True with no amount: 面议
    budget_fen: Mapped[int | None] = mapped_column(Fen)
    budget_max_fen: Mapped[int | None] = mapped_column(Fen)
    period_months: Mapped[int | None] = mapped_column(Integer)
    modes: Mapped[str] = mapped_column(String(120), default="")  # ';'-joined codes.MODES
    ip_wish: Mapped[str | None] = mapped_column(String(20))
    anonymous: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    contact_name: Mapped[str] = mapped_column(String(40), default="")
    contact_phone: Mapped[str] = mapped_column(String(30), default="")
    no_secrets: Mapped[bool] = mapped_column(Boolean, default=False)
    confirmed: Mapped[bool] = mapped_column(Boolean, default=True)  # False while a 代填 waits for the enterprise

    procedure: Mapped[str] = mapped_column(String(12), default="negotiated")
    visibility: Mapped[str] = mapped_column(String(12), default="on_arrival")
    publicity_days: Mapped[int] = mapped_column(Integer, default=0)  # working days; 0: none
    closes_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    valid_until: Mapped[date | None] = mapped_column(Date)
    publicity_from: Mapped[date | None] = mapped_column(Date)
    publicity_until: Mapped[date | None] = mapped_column(Date)
    publicity_estimated: Mapped[bool] = mapped_column(Boolean, default=False)  # 按周末推算

    state: Mapped[str] = mapped_column(String(12), default="draft")
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    answer_due: Mapped[date | None] = mapped_column(Date)  # 最迟 X 月 X 日答复您
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    end_reason: Mapped[str | None] = mapped_column(String(300))
    changed_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    version: Mapped[int] = mapped_column(Integer, default=1)

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    adviser: Mapped[User | None] = relationship(foreign_keys=[adviser_id], lazy="raise_on_sql")
    author: Mapped[User | None] = relationship(foreign_keys=[author_id], lazy="raise_on_sql")
    indicators: Mapped[list[Indicator]] = relationship(
        back_populates="challenge", lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Indicator.position"
    )
    addenda: Mapped[list[Addendum]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Addendum.number")

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """The facts that permissions ask about (parties of contacts are added by the query that knows them)."""
        people = frozenset(p for p in (self.assignee_id, self.adviser_id) if p)
        authors = frozenset({self.author_id}) if self.author_id else frozenset()
        return Subject(owners=frozenset({self.organisation_id}), people=authors, assigned=people, cities=frozenset({self.region}))

    @property
    def mode_list(self) -> list[str]:
        """The cooperation modes as codes."""
        return [mode for mode in self.modes.split(";") if mode]

    @property
    def is_public(self) -> bool:
        """True once everybody may read it."""
        return self.state in rules.PUBLIC_STATES

    @property
    def phase(self) -> str:
        """What its dates make of it now."""
        return rules.phase(self.state, self.procedure, self.closes_at, clock.now())


class Indicator(Model):
    """One row of the indicator table."""

    __tablename__ = "indicator"

    id: Mapped[int] = mapped_column(primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(80))
    present: Mapped[str] = mapped_column(String(80), default="")
    target: Mapped[str] = mapped_column(String(80), default="")
    unit: Mapped[str] = mapped_column(String(30), default="")
    method: Mapped[str] = mapped_column(String(160), default="")
    must: Mapped[bool] = mapped_column(Boolean, default=True)  # 必达 / 期望

    challenge: Mapped[Challenge] = relationship(back_populates="indicators", lazy="raise_on_sql")


class Addendum(Model):
    """补充说明 第 n 号: what was added to a published challenge, words or a later deadline. Never changed, never taken back."""

    __tablename__ = "addendum"
    __table_args__ = (
        UniqueConstraint("challenge_id", "number"),
        CheckConstraint("(closes_before IS NULL) = (closes_after IS NULL)", name="both_deadlines"),
        CheckConstraint("closes_after IS NULL OR closes_after > closes_before", name="only_later"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    closes_before: Mapped[datetime | None] = mapped_column(Moment)
    closes_after: Mapped[datetime | None] = mapped_column(Moment)
    at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    @property
    def extends(self) -> bool:
        """True when it moved the deadline."""
        return self.closes_after is not None
