"""What registering a contract keeps beside the contract: answers of the pre-check, where one stopped typing, suspected duplicates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model
from market.domain import clock
from market.domain.duplicates import DUPLICATE
from market.domain.permissions import Subject
from market.models.accounts import User
from market.models.contracts import Contract
from market.models.types import Moment, Sampled, Stamped

_STATES = ",".join(f"'{s}'" for s in DUPLICATE.states)


class PrecheckAnswer(Stamped, Sampled, Model):
    """What a person said to one question of the pre-check; `basis` is what the contract said then, so that a change asks again."""

    __tablename__ = "precheck_answer"
    __table_args__ = (UniqueConstraint("contract_id", "item"), CheckConstraint("answer IN ('yes','no')", name="answer"))

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id", ondelete="CASCADE"))
    item: Mapped[str] = mapped_column(String(20))
    answer: Mapped[str] = mapped_column(String(4))
    basis: Mapped[str] = mapped_column(String(64))
    answered_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    by_name: Mapped[str] = mapped_column(String(80), default="")


class FormPlace(Stamped, Model):
    """Where one person stopped while typing one contract into the registry's own system, and which fields are done."""

    __tablename__ = "form_place"
    __table_args__ = (UniqueConstraint("user_id", "contract_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(40))
    done: Mapped[list[Any]] = mapped_column(JSON, default=list)
    changed_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)


class DuplicateCase(Stamped, Sampled, Model):
    """Two contracts that may be one (疑似重复); a person decides, with a reason, and may decide anew."""

    __tablename__ = "duplicate_case"
    __table_args__ = (
        UniqueConstraint("contract_id", "other_id"),
        CheckConstraint("contract_id < other_id", name="order"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_has_date"),
        CheckConstraint("(state = 'same') = (kept_id IS NOT NULL)", name="same_keeps_one"),
        Index("ix_duplicate_case_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("contract.id", ondelete="CASCADE"), index=True)
    cause: Mapped[str] = mapped_column(String(12))  # domain.duplicates.CAUSES
    likeness_bp: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12), default="open")
    kept_id: Mapped[int | None] = mapped_column(Integer)  # which of the two stands, once they are the same
    reason: Mapped[str] = mapped_column(String(300), default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(Integer, default=1)

    contract: Mapped[Contract] = relationship(foreign_keys=[contract_id], lazy="raise_on_sql")
    other: Mapped[Contract] = relationship(foreign_keys=[other_id], lazy="raise_on_sql")
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id], lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """Only who has to do with both contracts has to do with the case: it names both."""
        one, other = self.contract.subject, self.other.subject
        both = {name: getattr(one, name) & getattr(other, name) for name in ("owners", "parties", "assigned", "cities")}
        return Subject(**both)
