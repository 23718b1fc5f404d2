"""应登未登: campaigns, their candidates with the rows that point at them, what was said to them, reminders before the year end."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model
from market.domain import clock
from market.domain.campaigns import CANDIDATE, OPEN_STATES, SIGNALS
from market.domain.permissions import Subject
from market.models.accounts import User
from market.models.types import BigId, Fen, Moment, Sampled, Stamped

_STATES = ",".join(f"'{s}'" for s in CANDIDATE.states)
_SIGNALS = ",".join(f"'{s}'" for s in SIGNALS)


class Campaign(Stamped, Sampled, Model):
    """One 应登未登 campaign (行动) of a year."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    year: Mapped[int] = mapped_column(Integer, index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    gathered_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """A campaign belongs to nobody: only who may see all of them sees it."""
        return Subject()


class Candidate(Stamped, Sampled, Model):
    """候选单位: an organisation that probably has signed contracts nobody registered; worked by one liaison."""

    __tablename__ = "candidate"
    __table_args__ = (
        UniqueConstraint("campaign_id", "key"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index("ix_candidate_assignee", "assignee_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(120))  # domain.campaigns.candidate_key
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    credit_code: Mapped[str | None] = mapped_column(String(18))
    contact_name: Mapped[str] = mapped_column(String(40), default="")
    contact_phone: Mapped[str] = mapped_column(String(30), default="")
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    due: Mapped[date | None] = mapped_column(Date)
    next_step: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(12), default="new")
    reason: Mapped[str] = mapped_column(String(300), default="")
    planned_on: Mapped[date | None] = mapped_column(Date)
    planned_fen: Mapped[int | None] = mapped_column(Fen)  # what the organisation says it will register
    first_contact_on: Mapped[date | None] = mapped_column(Date)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(Integer, default=1)

    campaign: Mapped[Campaign] = relationship(lazy="raise_on_sql")
    assignee: Mapped[User | None] = relationship(lazy="raise_on_sql")
    evidence: Mapped[list[Evidence]] = relationship(lazy="raise_on_sql", order_by="Evidence.id")
    calls: Mapped[list[Call]] = relationship(lazy="raise_on_sql", order_by="Call.id.desc()")

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """It is worked by the person it is assigned to; the candidate itself never sees it."""
        return Subject(assigned=frozenset({self.assignee_id}) if self.assignee_id else frozenset())

    @property
    def overdue(self) -> bool:
        """True while somebody should have taken the next step already."""
        return self.state in OPEN_STATES and self.due is not None and self.due < clock.today()


class Evidence(Stamped, Sampled, Model):
    """One row that points at a candidate: a contract of last year, a chosen bid, a line of a list."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("candidate_id", "signal", "key"), CheckConstraint(f"signal IN ({_SIGNALS})", name="signal"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id", ondelete="CASCADE"))
    signal: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(120))  # what it is the same as: contract-12, bid-7, the line's words
    text: Mapped[str] = mapped_column(String(300))
    on: Mapped[date | None] = mapped_column(Date)
    amount_fen: Mapped[int | None] = mapped_column(Fen)
    source: Mapped[str] = mapped_column(String(200), default="")
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id", ondelete="SET NULL"), index=True)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id", ondelete="SET NULL"), index=True)


class Call(Stamped, Sampled, Model):
    """联系记录: one contact with a candidate; append only."""

    __tablename__ = "candidate_call"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id", ondelete="CASCADE"), index=True)
    on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(String(1000))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    by_name: Mapped[str] = mapped_column(String(80), default="")


class FilingReminder(Stamped, Sampled, Model):
    """A seller was reminded, once a year for each contract, to file it before the year-end cut-off."""

    __tablename__ = "filing_reminder"
    __table_args__ = (UniqueConstraint("year", "contract_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id", ondelete="CASCADE"), index=True)
    due_on: Mapped[date] = mapped_column(Date)  # the last day to file, as it was reckoned when the reminder went out
    told: Mapped[int] = mapped_column(Integer, default=0)  # how many people of the seller got it
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
