"""Technology contracts with the columns of the registration form, payments, imported registry rows, goals, releases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model
from market.domain.codes import ROYALTY_MODES, city_of
from market.domain.contracts import CONTRACT, flow, party_kind
from market.domain.permissions import Subject
from market.models.accounts import Organisation
from market.models.types import BigId, Fen, Moment, Sampled, Stamped

_STATES = ",".join(f"'{s}'" for s in CONTRACT.states)


def _kind_of(side: str) -> Callable[[Any], str]:
    """Return the column default that reads a side's kind from its name and facts, whoever writes the row."""

    def default(context: Any) -> str:
        values = context.get_current_parameters()
        return party_kind(values.get(f"{side}_name") or "", values.get(f"{side}_facts"))

    return default


class Contract(Stamped, Sampled, Model):
    """技术合同: signed between buyer and seller; counted only once 认定登记.

    A party on the platform is an organisation; its particulars are copied in at the time of writing,
    because the registration form states what was true then. `source` tells the platform's own
    contracts (contact, bid, recorded) from imported registry rows (registry).
    """

    __tablename__ = "contract"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("type IN ('KF','ZR','XK','ZX','FW')", name="type"),
        CheckConstraint("amount_fen > 0 AND amount_fen <= 100000000000000", name="amount"),
        CheckConstraint(
            "technical_amount_fen IS NULL OR (technical_amount_fen > 0 AND technical_amount_fen <= amount_fen)", name="technical_amount"
        ),
        CheckConstraint(
            "state <> 'registered' OR (registration_number IS NOT NULL AND registered_on IS NOT NULL)", name="registered_has_number"
        ),
        CheckConstraint("state NOT IN ('signed','filed','returned','registered') OR signed_on IS NOT NULL", name="signed_has_date"),
        Index(  # all figures of registered contracts are counted from this index alone
            "ix_contract_figures",
            "state",
            "registered_on",
            "seller_region",
            "buyer_region",
            "type",
            "field",
            "buyer_kind",
            "seller_kind",
            "ip_type",
            "is_duplicate",
            "amount_fen",
            "technical_amount_fen",
            "id",
        ),
        Index("ix_contract_signed", "state", "signed_on"),
        Index("ix_contract_joint_id", "joint_id", "seller_region", unique=True),  # one share of a joint contract a district
        Index("ix_contract_seller_name", "seller_name"),
        Index("ix_contract_buyer_name", "buyer_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(12), default="recorded", index=True)  # contact bid recorded registry
    challenge_id: Mapped[int | None] = mapped_column(ForeignKey("challenge.id", ondelete="SET NULL"), index=True)
    capability_id: Mapped[int | None] = mapped_column(ForeignKey("capability.id", ondelete="SET NULL"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    bid_id: Mapped[int | None] = mapped_column(ForeignKey("bid.id", ondelete="SET NULL"))
    joint_id: Mapped[int | None] = mapped_column(Integer)  # the contract whose shares these are, itself among them (domain.joint)
    joint_total_fen: Mapped[int | None] = mapped_column(Fen)  # the whole price, of which amount_fen is this side's share
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id", ondelete="SET NULL"), index=True)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id", ondelete="SET NULL"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    title: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(2), index=True)
    subtype: Mapped[str] = mapped_column(String(20), default="")
    signed_on: Mapped[date | None] = mapped_column(Date)
    starts_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    amount_fen: Mapped[int] = mapped_column(Fen)  # 成交额
    technical_amount_fen: Mapped[int | None] = mapped_column(Fen)  # 技术交易额
    payment_mode: Mapped[str] = mapped_column(String(20), default="once")
    entry_fee_fen: Mapped[int | None] = mapped_column(Fen)  # 入门费
    royalty_bp: Mapped[int | None] = mapped_column(Integer)  # 提成比例 in basis points of royalty_base
    royalty_base: Mapped[str] = mapped_column(String(120), default="", server_default="")
    related_parties: Mapped[bool] = mapped_column(Boolean, default=False)
    related_stated: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())  # somebody said yes or no
    plan_source: Mapped[str] = mapped_column(String(12), default="")  # an empty code: not said yet
    ip_type: Mapped[str] = mapped_column(String(12), default="")
    field: Mapped[str | None] = mapped_column(String(2), index=True)
    goal_code: Mapped[str] = mapped_column(String(20), default="")
    industry: Mapped[str | None] = mapped_column(String(6))  # GB/T 4754, two to four digits
    parent_kind: Mapped[str] = mapped_column(String(12), default="", server_default="")  # what it is to its parent contract
    service_result: Mapped[bool | None] = mapped_column(Boolean)  # 职务成果; None: not said yet
    pricing: Mapped[str] = mapped_column(String(12), default="", server_default="")  # 协议定价, 挂牌, 拍卖
    announced_from: Mapped[date | None] = mapped_column(Date)  # 本单位公示 of an agreed price
    announced_until: Mapped[date | None] = mapped_column(Date)
    announced_where: Mapped[str] = mapped_column(String(300), default="", server_default="")
    new_investment_fen: Mapped[int | None] = mapped_column(Fen)  # 预计新增投入 (转让)
    new_output_fen: Mapped[int | None] = mapped_column(Fen)  # 预计新增产值 (转让)
    note: Mapped[str] = mapped_column(Text, default="")

    seller_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="SET NULL"), index=True)
    seller_name: Mapped[str] = mapped_column(String(120))
    seller_region: Mapped[str] = mapped_column(String(6), index=True)
    seller_kind: Mapped[str] = mapped_column(String(12), default=_kind_of("seller"))
    seller_facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # the other columns of the form's party block
    buyer_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="SET NULL"), index=True)
    buyer_name: Mapped[str] = mapped_column(String(120))
    buyer_region: Mapped[str] = mapped_column(String(6), index=True)
    buyer_kind: Mapped[str] = mapped_column(String(12), default=_kind_of("buyer"))
    buyer_facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    state: Mapped[str] = mapped_column(String(12), default="draft")
    state_reason: Mapped[str | None] = mapped_column(String(300))
    filed_on: Mapped[date | None] = mapped_column(Date)
    registration_number: Mapped[str | None] = mapped_column(String(16), unique=True)
    registered_on: Mapped[date | None] = mapped_column(Date)
    registry_office: Mapped[str] = mapped_column(String(80), default="")
    early_or_elsewhere: Mapped[str | None] = mapped_column(String(200))  # signed before the choice, or outside: recorded and flagged
    is_duplicate: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())  # a person found the other record of it
    version: Mapped[int] = mapped_column(Integer, default=1)

    seller: Mapped[Organisation | None] = relationship(foreign_keys=[seller_id], lazy="raise_on_sql")
    buyer: Mapped[Organisation | None] = relationship(foreign_keys=[buyer_id], lazy="raise_on_sql")
    payments: Mapped[list[Payment]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Payment.paid_on")
    instalments: Mapped[list[Instalment]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Instalment.position")
    costs: Mapped[list[CostLine]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan", order_by="CostLine.position")
    adjustments: Mapped[list[Adjustment]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Adjustment.on")

    __mapper_args__ = {"version_id_col": version}

    @property
    def flow(self) -> str:
        """output, intake, inner or outside, by the places of the two sides."""
        return flow(self.seller_region, self.buyer_region)

    @property
    def estimated(self) -> bool:
        """True when 成交额 is an estimate: with a royalty nobody knows the total at signing."""
        return self.payment_mode in ROYALTY_MODES

    @property
    def subject(self) -> Subject:
        """OWN is the seller (it registers), PARTY both; where the seller has no account, who recorded it is ASSIGNED."""
        sides = frozenset(i for i in (self.seller_id, self.buyer_id) if i)
        owners = frozenset({self.seller_id}) if self.seller_id else frozenset()
        recorder = frozenset({self.author_id}) if self.author_id and not self.seller_id else frozenset()
        cities = frozenset({city_of(self.seller_region), city_of(self.buyer_region)})
        return Subject(owners=owners, parties=sides, assigned=recorder, cities=cities)


class Payment(Stamped, Sampled, Model):
    """到账: money received on a date."""

    __tablename__ = "payment"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id", ondelete="CASCADE"), index=True)
    paid_on: Mapped[date] = mapped_column(Date, index=True)
    amount_fen: Mapped[int] = mapped_column(Fen)
    note: Mapped[str] = mapped_column(String(120), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))


class Instalment(Model):
    """One agreed part of the price."""

    __tablename__ = "instalment"

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    due_on: Mapped[date | None] = mapped_column(Date)
    amount_fen: Mapped[int] = mapped_column(Fen)


class CostLine(Model):
    """One line of the cost list from which 技术交易额 was worked out; `kind` says whether it is taken out."""

    __tablename__ = "cost_line"
    __table_args__ = (CheckConstraint("amount_fen > 0 AND amount_fen <= 100000000000000", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(12))  # domain.costs.KINDS
    name: Mapped[str] = mapped_column(String(120), default="")
    amount_fen: Mapped[int] = mapped_column(Fen)


class Adjustment(Stamped, Sampled, Model):
    """A dated change (+/−) or cancellation of a registered contract; the registered row itself stays."""

    __tablename__ = "adjustment"

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(12))  # change | cancel
    on: Mapped[date] = mapped_column(Date)
    delta_fen: Mapped[int] = mapped_column(Fen)
    technical_delta_fen: Mapped[int] = mapped_column(Fen, default=0)
    reason: Mapped[str] = mapped_column(String(300))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))


class Goal(Sampled, Model):
    """One year's target: baseline (with its source) + increment. Unknown parts stay empty: 待录入."""

    __tablename__ = "goal"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    baseline_fen: Mapped[int | None] = mapped_column(Fen)
    baseline_source: Mapped[str] = mapped_column(String(200), default="")
    increment_fen: Mapped[int | None] = mapped_column(Fen)
    increment_source: Mapped[str] = mapped_column(String(200), default="")
    changed_at: Mapped[datetime] = mapped_column(Moment)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))


class Release(Stamped, Sampled, Model):
    """Totals as the leader released them to the public, with the day the data reaches to (数据截至)."""

    __tablename__ = "release"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    year: Mapped[int] = mapped_column(Integer, index=True)
    data_until: Mapped[date] = mapped_column(Date)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))


class Cooperation(Stamped, Sampled, Model):
    """合作清单: the third of the three lists."""

    __tablename__ = "cooperation"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    party_a: Mapped[str] = mapped_column(String(120))
    party_b: Mapped[str] = mapped_column(String(120))
    region: Mapped[str | None] = mapped_column(String(6))
    content: Mapped[str] = mapped_column(Text, default="")
    expected_fen: Mapped[int | None] = mapped_column(Fen)
    status: Mapped[str] = mapped_column(String(40), default="")
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id", ondelete="SET NULL"))
