"""Capabilities (成果与能力): result, ability, equipment, team, scene, with their IP rights."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model
from market.domain import capabilities as rules
from market.domain import clock
from market.domain.permissions import Subject
from market.models.accounts import Organisation, User
from market.models.types import Fen, Moment, Sampled, Stamped

_STATES = ",".join(f"'{s}'" for s in rules.CAPABILITY.states)


class Capability(Stamped, Sampled, Model):
    """What an institute offers."""

    __tablename__ = "capability"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("kind IN ('result','ability','equipment','team','scene')", name="kind"),
        CheckConstraint("trl IS NULL OR (trl BETWEEN 1 AND 9)", name="trl"),
        CheckConstraint("price_fen IS NULL OR (price_fen >= 0 AND price_fen <= 100000000000000)", name="price"),
        Index("ix_capability_state_published", "state", "published_at"),
        Index("ix_capability_published_at", "published_at"),  # the list in its usual order
        Index(  # the facets of the list are counted from this index alone
            "ix_capability_facets", "state", "confirmed_on", "kind", "field", "track", "region", "stage", "modes", "price_fen"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    adviser_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(12), default="result")
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(Text, default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    advantages: Mapped[str] = mapped_column(Text, default="")
    conditions: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[str] = mapped_column(Text, default="")
    team: Mapped[str] = mapped_column(String(200), default="")
    field: Mapped[str | None] = mapped_column(String(2), index=True)
    field_guessed: Mapped[bool] = mapped_column(Boolean, default=False)
    track: Mapped[str | None] = mapped_column(String(20), index=True)
    region: Mapped[str] = mapped_column(String(6), index=True)
    stage: Mapped[str | None] = mapped_column(String(12), index=True)
    trl: Mapped[int | None] = mapped_column(Integer)
    modes: Mapped[str] = mapped_column(String(120), default="")
    price_stated: Mapped[bool] = mapped_column(Boolean, default=False)
    price_fen: Mapped[int | None] = mapped_column(Fen)
    disclosable: Mapped[bool] = mapped_column(Boolean, default=False)  # 本单位同意公开, 不涉密
    contact_name: Mapped[str] = mapped_column(String(40), default="")
    contact_phone: Mapped[str] = mapped_column(String(30), default="")

    state: Mapped[str] = mapped_column(String(12), default="draft")
    confirmed_on: Mapped[date | None] = mapped_column(Date, index=True)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    answer_due: Mapped[date | None] = mapped_column(Date)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    end_reason: Mapped[str | None] = mapped_column(String(300))
    changed_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    version: Mapped[int] = mapped_column(Integer, default=1)

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    author: Mapped[User | None] = relationship(foreign_keys=[author_id], lazy="raise_on_sql")
    adviser: Mapped[User | None] = relationship(foreign_keys=[adviser_id], lazy="raise_on_sql")
    ip_rights: Mapped[list[IpRight]] = relationship(
        back_populates="capability", lazy="raise_on_sql", cascade="all, delete-orphan", order_by="IpRight.id"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """The facts that permissions ask about."""
        authors = frozenset({self.author_id}) if self.author_id else frozenset()
        assigned = frozenset({self.adviser_id}) if self.adviser_id else frozenset()
        return Subject(owners=frozenset({self.organisation_id}), people=authors, assigned=assigned, cities=frozenset({self.region}))

    @property
    def mode_list(self) -> list[str]:
        """The cooperation modes as codes."""
        return [mode for mode in self.modes.split(";") if mode]

    @property
    def is_public(self) -> bool:
        """True once everybody may read it."""
        return self.state in rules.PUBLIC_STATES


class IpRight(Model):
    """One patent, software copyright or secret behind a capability."""

    __tablename__ = "ip_right"

    id: Mapped[int] = mapped_column(primary_key=True)
    capability_id: Mapped[int] = mapped_column(ForeignKey("capability.id", ondelete="CASCADE"), index=True)
    type: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(60), default="")
    status: Mapped[str] = mapped_column(String(12), default="none")
    checked: Mapped[bool] = mapped_column(Boolean, default=False)  # 未核验 unless staff looked

    capability: Mapped[Capability] = relationship(back_populates="ip_rights", lazy="raise_on_sql")
