"""Objections (异议) to a choice in its publicity window, as they reached the office by telephone, mail or in person."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model
from market.domain import clock
from market.domain.objections import OBJECTION
from market.models.accounts import User
from market.models.types import Moment

_STATES = ",".join(f"'{s}'" for s in OBJECTION.states)


class Objection(Model):
    """One objection to the choice of one bid. Who raised it is for the office alone."""

    __tablename__ = "objection"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered_has_date"),
        Index("ix_objection_state", "state", "answer_due"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id", ondelete="CASCADE"), index=True)
    bid_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("bid.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(12), default="open")
    received_on: Mapped[date] = mapped_column(Date)
    channel: Mapped[str] = mapped_column(String(10))  # codes.OBJECTION_CHANNELS
    raised_by: Mapped[str] = mapped_column(String(120))
    reach: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    answer_due: Mapped[date] = mapped_column(Date)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(Integer, default=1)

    recorded_by: Mapped[User | None] = relationship(foreign_keys=[recorded_by_id], lazy="raise_on_sql")
    answered_by: Mapped[User | None] = relationship(foreign_keys=[answered_by_id], lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}
