"""The form of a bid: half a page, and where it is asked for the full answer; the consortium."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wtforms import (
    BooleanField,
    DecimalField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import NumberRange, ValidationError

from market.domain import bids as rules
from market.domain import identifiers
from market.models import Bid, Indicator
from market.web.forms import CountField, MarketForm, WanField, at_most, optional

_ROWS = 20
_PERCENT = NumberRange(0, 100, "请填 0 到 100")


def _clean(value: Any) -> Any:
    return identifiers.clean_text(value, 2_000) if isinstance(value, str) else value


class ResponseForm(Form):
    """The answer to one indicator."""

    promised = StringField("承诺值", [at_most(120)], filters=[_clean])
    meets = SelectField("结果", choices={"": "请选择"} | rules.MEETS)
    basis = TextAreaField("依据", [at_most(1_000)], filters=[_clean])


class MilestoneForm(Form):
    """One milestone."""

    name = StringField("里程碑", [at_most(120)], filters=[_clean])
    month = CountField("第几个月", [optional(), NumberRange(1, 120, "请填 1 到 120")])
    share = DecimalField("付款比例（%）", [optional(), _PERCENT], places=None)

    def validate_name(self, field: StringField) -> None:
        """A row that says something says all."""
        filled = (bool(field.data), self.month.data is not None, self.share.data is not None)
        if any(filled) and not all(filled):
            raise ValidationError("名称、月份、比例都要填")


class MemberForm(Form):
    """One member of a consortium."""

    who = StringField("单位全称或信用代码", [at_most(120)], filters=[_clean])
    task = StringField("分工", [at_most(300)], filters=[_clean])
    share = DecimalField("比例（%）", [optional(), _PERCENT], places=None)

    def validate_who(self, field: StringField) -> None:
        """A row that says something is named and has a share."""
        if not field.data and (self.task.data or self.share.data):
            raise ValidationError("请填单位全称或信用代码")
        if field.data and not self.share.data:
            raise ValidationError("请填它的比例")


class BidForm(MarketForm):
    """What a bidder promises. A draft needs nothing; what sending needs is checked by the rules."""

    version = HiddenField()
    draft_key = HiddenField()
    basis = TextAreaField("依据", [at_most(rules.TEXT_LIMIT)])
    period_months = CountField("完成周期", [optional(), NumberRange(1, 120, "请填 1 到 120 个月")])
    price = WanField("总价")
    price_open = BooleanField("面议")
    technology = WanField("其中技术费用")
    equipment = WanField("其中设备费用")
    route = TextAreaField("技术路线", [at_most(rules.TEXT_LIMIT)])
    team = TextAreaField("团队", [at_most(rules.TEXT_LIMIT)])
    responses = FieldList(FormField(ResponseForm), label="逐项回应", max_entries=60)
    milestones = FieldList(FormField(MilestoneForm), label="里程碑", max_entries=_ROWS)
    members = FieldList(FormField(MemberForm), label="联合体成员", max_entries=_ROWS)
    lead_task = StringField("牵头单位的分工", [at_most(300)])
    lead_share = DecimalField("牵头单位的比例（%）", [optional(), _PERCENT], places=None)

    def fit(self, indicators: list[Indicator]) -> None:
        """Have one response row for each indicator, and empty rows to write in."""
        while len(self.responses.entries) < len(indicators):
            self.responses.append_entry({"meets": ""})
        while len(self.milestones.entries) < 3:
            self.milestones.append_entry()
        while len(self.members.entries) < 1:
            self.members.append_entry()

    def change_rows(self, data: Any) -> bool:
        """Add a row where such a button was pressed; True when one was."""
        for name, rows in (("add_milestone", self.milestones), ("add_member", self.members)):
            if name in data:
                if len(rows.entries) < _ROWS:
                    rows.append_entry()
                return True
        return False

    def values(self, indicators: list[Indicator]) -> dict[str, Any]:
        """Return what was typed under the names that actions.bids reads."""
        open_price = bool(self.price_open.data)
        return {
            "basis": self.basis.data or "",
            "period_months": self.period_months.data,
            "price_fen": None if open_price else self.price.fen,
            "technology_fen": None if open_price else self.technology.fen,
            "equipment_fen": None if open_price else self.equipment.fen,
            "route": self.route.data or "",
            "team": self.team.data or "",
            "responses": {
                str(indicator.id): {
                    "promised": entry.form.promised.data or "",
                    "meets": entry.form.meets.data or ("meets" if entry.form.promised.data else ""),
                    "basis": entry.form.basis.data or "",
                }
                for indicator, entry in zip(indicators, self.responses.entries, strict=False)
            },
            "milestones": [
                {"name": e.form.name.data, "month": e.form.month.data, "share_bp": _points(e.form.share.data)}
                for e in self.milestones.entries
                if e.form.name.data
            ],
            "members": [
                {"who": e.form.who.data, "task": e.form.task.data or "", "share_bp": _points(e.form.share.data)}
                for e in self.members.entries
                if e.form.who.data
            ],
            "lead_task": self.lead_task.data or "",
            "lead_share_bp": _points(self.lead_share.data),
        }

    def typed(self) -> str:
        """Return everything typed, as text to copy: shown when it came too late."""
        parts = [(f.label.text, str(f.data)) for f in (self.basis, self.period_months, self.price, self.route, self.team) if f.data]
        for rows in (self.responses, self.milestones, self.members):
            parts += [
                (rows.label.text, " ".join(str(f.data) for f in e.form if f.data)) for e in rows.entries if any(f.data for f in e.form)
            ]
        return "\n".join(f"{label}：{value}" for label, value in parts)


def _points(share: Decimal | None) -> int:
    return round(share * 100) if share is not None else 0


def _percent(points: int) -> Decimal:
    return Decimal(points // 100) if points % 100 == 0 else Decimal(points) / 100


def from_bid(bid: Bid, body: dict[str, Any], indicators: list[Indicator]) -> dict[str, Any]:
    """Return what the form shows of a stored bid."""
    names = ("basis", "period_months", "route", "team")
    return (
        {name: body[name] for name in names}
        | {
            "version": bid.version,
            "price": body["price_fen"],
            "technology": body["technology_fen"],
            "equipment": body["equipment_fen"],
            "price_open": body["price_fen"] is None and bool(body["basis"]),
            "responses": [body["responses"].get(str(indicator.id), {}) for indicator in indicators],
            "milestones": [{"name": row["name"], "month": row["month"], "share": _percent(row["share_bp"])} for row in body["milestones"]],
        }
        | (_typed_consortium(body["consortium"]) if body["consortium"] else _consortium(bid))
    )


def _consortium(bid: Bid) -> dict[str, Any]:
    """Return the consortium as its members were asked."""
    lead = next((member for member in bid.members if member.organisation_id == bid.organisation_id), None)
    return {
        "members": [
            {"who": member.organisation.name, "task": member.task, "share": _percent(member.share_bp)}
            for member in bid.members
            if member.organisation_id != bid.organisation_id and member.declined_at is None
        ],
        "lead_task": lead.task if lead else "",
        "lead_share": _percent(lead.share_bp) if lead else None,
    }


def _typed_consortium(typed: dict[str, Any]) -> dict[str, Any]:
    """Return the consortium as it was typed and saved in the background, nobody asked yet."""
    return {
        "members": [
            {"who": row["who"], "task": row["task"], "share": _percent(row["share_bp"]) if row["share_bp"] else None}
            for row in typed["members"] or []
        ],
        "lead_task": typed["lead_task"] or "",
        "lead_share": _percent(typed["lead_share_bp"]) if typed["lead_share_bp"] else None,
    }
