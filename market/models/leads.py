"""Leads (线索): three sentences before they are a challenge."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model
from market.domain import clock
from market.domain.leads import LEAD
from market.domain.permissions import Subject
from market.models.accounts import User
from market.models.types import Sampled, Stamped

_STATES = ",".join(f"'{s}'" for s in LEAD.states)


class Lead(Stamped, Sampled, Model):
    """What somebody said in three sentences, or a visit brought."""

    __tablename__ = "lead"
    __table_args__ = (CheckConstraint(f"state IN ({_STATES})", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wrong: Mapped[str] = mapped_column(Text)  # 哪里不对
    wanted: Mapped[str] = mapped_column(Text, default="")  # 想变成什么样
    company: Mapped[str] = mapped_column(String(120))
    contact_name: Mapped[str] = mapped_column(String(40), default="")
    phone: Mapped[str] = mapped_column(String(30))
    email: Mapped[str] = mapped_column(String(254), default="")
    region: Mapped[str | None] = mapped_column(String(6))
    field: Mapped[str | None] = mapped_column(String(2))
    source: Mapped[str] = mapped_column(String(20), default="web")  # web visit phone event
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="SET NULL"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    next_step: Mapped[str] = mapped_column(String(200), default="")
    due: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12), default="new", index=True)
    close_reason: Mapped[str | None] = mapped_column(String(300))
    version: Mapped[int] = mapped_column(Integer, default=1)

    assignee: Mapped[User | None] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """The facts that permissions ask about."""
        owners = frozenset({self.organisation_id}) if self.organisation_id else frozenset()
        assigned = frozenset({self.assignee_id}) if self.assignee_id else frozenset()
        return Subject(owners=owners, assigned=assigned, cities=frozenset({self.region}) if self.region else frozenset())

    @property
    def overdue(self) -> bool:
        """True while somebody should have taken the next step already."""
        return self.state in {"new", "assigned", "filled"} and self.due is not None and self.due < clock.today()
