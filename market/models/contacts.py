"""Contacts (对接) and the dated lines of what happened in them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model
from market.domain.contacts import CONTACT
from market.domain.permissions import Subject
from market.models.accounts import Organisation, User
from market.models.capabilities import Capability
from market.models.challenges import Challenge
from market.models.types import Fen, Moment, Sampled, Stamped

_STATES = ",".join(f"'{s}'" for s in CONTACT.states)


class Contact(Stamped, Sampled, Model):
    """One side asks (or a broker introduces both), the other answers; its expected amount is 意向."""

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("challenge_id IS NOT NULL OR capability_id IS NOT NULL", name="about_something"),
        CheckConstraint("seeker_id <> provider_id", name="two_sides"),
        CheckConstraint("state <> 'accepted' OR answered_at IS NOT NULL", name="accepted_has_date"),
        Index("ix_contact_state", "state", "answer_due"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    seeker_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)  # 需求方
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)  # 供给方
    asked_by_seeker: Mapped[bool]
    challenge_id: Mapped[int | None] = mapped_column(ForeignKey("challenge.id", ondelete="SET NULL"), index=True)
    capability_id: Mapped[int | None] = mapped_column(ForeignKey("capability.id", ondelete="SET NULL"), index=True)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    broker_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))  # 引荐人
    message: Mapped[str] = mapped_column(Text)
    match_rank: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12), default="asked")
    answer_due: Mapped[date | None] = mapped_column(Date)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    decline_reason: Mapped[str | None] = mapped_column(String(20))
    answer_note: Mapped[str | None] = mapped_column(String(300))
    expected_fen: Mapped[int | None] = mapped_column(Fen)  # 意向
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    end_reason: Mapped[str | None] = mapped_column(String(300))
    version: Mapped[int] = mapped_column(Integer, default=1)

    seeker: Mapped[Organisation] = relationship(foreign_keys=[seeker_id], lazy="raise_on_sql")
    provider: Mapped[Organisation] = relationship(foreign_keys=[provider_id], lazy="raise_on_sql")
    challenge: Mapped[Challenge | None] = relationship(lazy="raise_on_sql")
    capability: Mapped[Capability | None] = relationship(lazy="raise_on_sql")
    asked_by: Mapped[User | None] = relationship(foreign_keys=[asked_by_id], lazy="raise_on_sql")
    broker: Mapped[User | None] = relationship(foreign_keys=[broker_id], lazy="raise_on_sql")
    lines: Mapped[list[ContactLine]] = relationship(
        back_populates="contact", lazy="raise_on_sql", cascade="all, delete-orphan", order_by="ContactLine.happened_on"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def answering_id(self) -> int:
        """The organisation that is to answer."""
        return self.provider_id if self.asked_by_seeker else self.seeker_id

    @property
    def asking_id(self) -> int:
        """The organisation that asked."""
        return self.seeker_id if self.asked_by_seeker else self.provider_id

    @property
    def subject(self) -> Subject:
        """The facts that permissions ask about: OWN is the answering side, PARTY both."""
        return Subject(
            owners=frozenset({self.answering_id}),
            parties=frozenset({self.seeker_id, self.provider_id}),
            assigned=frozenset({self.broker_id}) if self.broker_id else frozenset(),
        )


class ContactLine(Stamped, Sampled, Model):
    """One dated line: a call, visit, NDA, sample, by either side, a broker or a liaison."""

    __tablename__ = "contact_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    happened_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    by_name: Mapped[str] = mapped_column(String(80), default="")

    contact: Mapped[Contact] = relationship(back_populates="lines", lazy="raise_on_sql")
