"""Organisations, people, their roles, sessions, tokens and consents."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model
from market.domain.organisations import ORGANISATION
from market.domain.permissions import Subject
from market.models.types import Moment, Sampled, Stamped


class Organisation(Stamped, Sampled, Model):
    """单位: enterprise, institute, bureau, commission or partner."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("kind IN ('enterprise','institute','bureau','commission','partner')", name="kind"),
        CheckConstraint("state IN ({})".format(",".join(f"'{s}'" for s in ORGANISATION.states)), name="state"),
        CheckConstraint("state <> 'verified' OR verified_at IS NOT NULL", name="verified_has_date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120), index=True)
    short_name: Mapped[str | None] = mapped_column(String(40))
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    region: Mapped[str] = mapped_column(String(6), index=True)
    track: Mapped[str | None] = mapped_column(String(20))
    field: Mapped[str | None] = mapped_column(String(2))
    tags: Mapped[str] = mapped_column(String(200), default="")  # ';'-joined codes.TAGS
    nature: Mapped[str | None] = mapped_column(String(3))
    address: Mapped[str | None] = mapped_column(String(200))
    postcode: Mapped[str | None] = mapped_column(String(6))
    phone: Mapped[str | None] = mapped_column(String(30))
    legal_person: Mapped[str | None] = mapped_column(String(40))
    profile: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20), default="pending")
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    state_reason: Mapped[str | None] = mapped_column(String(300))
    public_institution: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> Subject:
        """The facts that permissions ask about."""
        return Subject(owners=frozenset({self.id}), cities=frozenset({self.region}))

    @property
    def is_public(self) -> bool:
        """True when everybody may open its page. An enterprise's is for itself and the staff: it may have asked for anonymity."""
        return self.state == "verified" and self.kind != "enterprise"

    @property
    def tag_list(self) -> list[str]:
        """The tags as a list."""
        return [tag for tag in self.tags.split(";") if tag]

    @property
    def verified(self) -> bool:
        """True once the commission has verified it."""
        return self.state == "verified"


class User(Stamped, Sampled, Model):
    """A person with an account."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    title: Mapped[str | None] = mapped_column(String(60))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    phone: Mapped[str | None] = mapped_column(String(30))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    email_confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)
    totp_secret: Mapped[str | None] = mapped_column(String(200))
    totp_last_step: Mapped[int | None] = mapped_column(Integer)
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    last_seen_at: Mapped[datetime | None] = mapped_column(Moment)

    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")
    roles: Mapped[list[UserRole]] = relationship(back_populates="user", lazy="raise_on_sql", cascade="all, delete-orphan")

    @property
    def active(self) -> bool:
        """True when the account may sign in."""
        return self.disabled_at is None

    @property
    def subject(self) -> Subject:
        """The facts that permissions ask about."""
        owners = frozenset({self.organisation_id}) if self.organisation_id else frozenset()
        return Subject(owners=owners, people=frozenset({self.id}))


class UserRole(Model):
    """One role of one person."""

    __tablename__ = "user_role"
    __table_args__ = (UniqueConstraint("user_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))

    user: Mapped[User] = relationship(back_populates="roles", lazy="raise_on_sql")


class StandIn(Stamped, Model):
    """AB 角: `stand_in_id` holds the staff roles of `absent_id` from first to last day."""

    __tablename__ = "stand_in"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days_in_order"),
        CheckConstraint("absent_id <> stand_in_id", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    absent_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    stand_in_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)

    absent: Mapped[User] = relationship(foreign_keys=[absent_id], lazy="raise_on_sql")
    stand_in: Mapped[User] = relationship(foreign_keys=[stand_in_id], lazy="raise_on_sql")


class UserSession(Model):
    """One signed-in browser. The cookie carries a random token; only its hash is kept."""

    __tablename__ = "user_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    totp_at: Mapped[datetime | None] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(String(64), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    user: Mapped[User] = relationship(lazy="raise_on_sql")


class RecoveryCode(Stamped, Model):
    """One way past a lost second factor, once; only its hash is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Token(Stamped, Model):
    """A single-use link: confirm e-mail, reset, invitation, lead confirmation, renewal, claim. Only its hash is kept."""

    __tablename__ = "token"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(20), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    subject_kind: Mapped[str | None] = mapped_column(String(20))
    subject_id: Mapped[int | None] = mapped_column(Integer)
    email: Mapped[str | None] = mapped_column(String(254))
    role: Mapped[str | None] = mapped_column(String(20))
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Consent(Model):
    """Which version of which text a person (or an address without account) accepted, and when."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"))
    document: Mapped[str] = mapped_column(String(20))  # terms | privacy | phone
    document_version: Mapped[str] = mapped_column(String(20))
    text_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(String(64), default="")


class RateBucket(Model):
    """One limit's count in one window; in the database, so that all workers share it."""

    __tablename__ = "rate_bucket"
    __table_args__ = (UniqueConstraint("name", "key", "window_start"), Index("ix_rate_bucket_window", "window_start"))

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(80))
    window_start: Mapped[datetime] = mapped_column(Moment)
    count: Mapped[int] = mapped_column(Integer, default=0)
