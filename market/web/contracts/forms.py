"""Forms of contracts: the registration form's columns, and one small form for each step."""

from __future__ import annotations

from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)

from market.domain import codes, identifiers
from market.domain import contracts as rules
from market.domain.errors import Invalid
from market.models import Contract
from market.queries.contract_sources import Source
from market.web.forms import MarketForm, WanField, at_most, optional, required

SCALES = {"": "未填", "大型": "大型", "中型": "中型", "小型": "小型", "微型": "微型"}
SHOWN_ROWS = 3


def _choices(table: dict[str, str], empty: str | None = None) -> dict[str, str]:
    return ({"": empty} if empty else {}) | table


class PartyForm(Form):
    """One side's block of the registration form. `lock` takes out what is copied from the organisation's file."""

    name = StringField("名称", [required("请填写单位全称"), at_most(120)])
    credit_code = StringField("统一社会信用代码", [at_most(18)])
    region = SelectField("所在地", [required("请选择所在地")], choices=_choices(codes.REGIONS, "请选择"))
    nature = SelectField("单位性质", choices=_choices(codes.NATURES, "未填"))
    country = StringField("国别或地区", [at_most(20)], default="中国")
    scale = SelectField("企业规模", choices=SCALES)
    legal_person = StringField("法定代表人", [at_most(40)])
    contact = StringField("联系人", [at_most(40)])
    phone = StringField("联系电话", [at_most(30)])
    address = StringField("地址", [at_most(200)])
    postcode = StringField("邮编", [at_most(6)])
    transfer_agency = BooleanField("技术转移机构")
    research = BooleanField("研发机构")
    converted = BooleanField("转制科研院所")
    hightech_zone = BooleanField("在国家高新区内")
    listed = BooleanField("上市公司")

    def validate_credit_code(self, field: StringField) -> None:
        """Check the code's form and check digit where one is given."""
        if field.data:
            try:
                field.data = identifiers.credit_code(field.data)
            except Invalid as error:
                raise ValidationError(next(iter(error.fields.values()))) from error

    def lock(self) -> None:
        """Take out name, code and region: they are the organisation's own."""
        del self.name, self.credit_code, self.region

    def values(self) -> dict[str, Any]:
        """Return the block as plain values, cleaned."""
        return {name: identifiers.clean_text(value, 200) if isinstance(value, str) else value for name, value in self.data.items()}


class InstalmentForm(Form):
    """One agreed part of the price; a row left empty is ignored."""

    name = StringField("哪一期", [at_most(120)])
    due_on = DateField("何时付", [optional()])
    amount = WanField("金额")


class ContractForm(MarketForm):
    """The contract with the columns of the registration form."""

    title = StringField("项目名称", [required("请填写项目名称"), at_most(200)])
    kind = SelectField("合同类型", [required("请选择合同类型")], choices=rules.kind_choices())
    field = SelectField("技术领域", choices=_choices(codes.FIELDS, "未定"))
    ip_type = SelectField("知识产权", choices=_choices(codes.IP_TYPES), default="none")
    amount = WanField("成交额", [required("请填写成交额")])
    technical_amount = WanField("技术交易额")
    payment_mode = SelectField("支付方式", choices=_choices(codes.PAYMENT_MODES))
    instalments = FieldList(FormField(InstalmentForm), "分期安排")
    starts_on = DateField("起始日期", [optional()])
    ends_on = DateField("终止日期", [optional()])
    seller = FormField(PartyForm, "卖方")
    buyer = FormField(PartyForm, "买方")
    related_parties = BooleanField("买卖双方是关联企业（关联交易）")
    plan_source = SelectField("计划来源", choices=_choices(codes.PLAN_SOURCES), default="none")
    goal_code = SelectField("社会经济目标", choices=_choices(codes.GOALS), default="industry")
    industry = StringField("国民经济行业代码", [at_most(6)])
    new_investment = WanField("预计新增投入")
    new_output = WanField("预计新增产值")
    note = TextAreaField("备注", [at_most(2000)])
    version = HiddenField()

    def lock(self, seller: bool, buyer: bool) -> None:
        """Take the known sides' names out of the form."""
        for known, side in ((seller, self.seller), (buyer, self.buyer)):
            if known:
                side.form.lock()

    def pad(self, extra: int = 0) -> None:
        """Show empty rows below the instalments, so that they can be typed without a script."""
        wanted = max(SHOWN_ROWS, len(self.instalments.entries) + extra)
        while len(self.instalments.entries) < wanted:
            self.instalments.append_entry()

    def values(self) -> dict[str, Any]:
        """Return what actions.contracts wants."""
        kind, _, subtype = (self.kind.data or "").partition(":")
        rows = [row.form for row in self.instalments.entries]
        return {
            "title": self.title.data,
            "type": kind,
            "subtype": subtype,
            "field": self.field.data or None,
            "ip_type": self.ip_type.data,
            "amount_fen": self.amount.fen,
            "technical_amount_fen": self.technical_amount.fen,
            "payment_mode": self.payment_mode.data,
            "instalments": [
                (row.name.data or f"第 {n} 期", row.due_on.data, row.amount.fen or 0)
                for n, row in enumerate(rows, 1)
                if row.name.data or row.amount.fen or row.due_on.data
            ],
            "starts_on": self.starts_on.data,
            "ends_on": self.ends_on.data,
            "seller": self.seller.form.values(),
            "buyer": self.buyer.form.values(),
            "related_parties": self.related_parties.data,
            "plan_source": self.plan_source.data,
            "goal_code": self.goal_code.data,
            "industry": self.industry.data or None,
            "new_investment_fen": self.new_investment.fen,
            "new_output_fen": self.new_output.fen,
            "note": self.note.data or "",
        }


def start_from(source: Source, party_facts: Any) -> dict[str, Any]:
    """Return a new form's first values: what the source knows."""
    values = dict(source.values)
    shown = _shown(values)
    for side in ("seller", "buyer"):
        organisation = getattr(source, side)
        shown[side] = party_facts(organisation) if organisation else {}
    return shown


def start_from_contract(contract: Contract) -> dict[str, Any]:
    """Return the form's values of a stored contract."""
    values = {name: getattr(contract, name) for name in contract.__mapper__.columns.keys()}  # noqa: SIM118
    values["instalments"] = [(part.name, part.due_on, part.amount_fen) for part in contract.instalments]
    shown = _shown(values)
    for side in ("seller", "buyer"):
        known = {"name": values[f"{side}_name"], "region": values[f"{side}_region"]}
        shown[side] = {**values[f"{side}_facts"], **known}
    return shown


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    shown = dict(values)
    if values.get("type"):
        shown["kind"] = f"{values['type']}:{values.get('subtype') or ''}"
    for name in ("amount", "technical_amount", "new_investment", "new_output"):
        shown[name] = values.get(f"{name}_fen")
    shown["instalments"] = [{"name": name, "due_on": due, "amount": fen} for name, due, fen in values.get("instalments") or []]
    return shown


class SignForm(MarketForm):
    """What 记为已签订 asks for."""

    signed_on = DateField("签订日期", [required("请填写签订日期")])


class FileForm(MarketForm):
    """What 登记机构已受理 asks for."""

    filed_on = DateField("受理日期", [required("请填写受理日期")])


class RegisterForm(MarketForm):
    """What the 登记机构 gave: number, date, office."""

    registration_number = StringField("合同登记编号", [required("请填写 16 位登记编号"), at_most(40)])
    registered_on = DateField("登记日期", [required("请填写登记日期")])
    registry_office = StringField("登记机构", [at_most(80)])


class ReasonForm(MarketForm):
    """A step that only needs its reason."""

    reason = TextAreaField("理由", [required("请写明理由"), at_most(300)])


class CancelForm(ReasonForm):
    """What 注销登记 asks for."""

    on = DateField("注销日期", [required("请填写注销日期")])


class AdjustForm(ReasonForm):
    """A dated change of a registered contract."""

    direction = RadioField("变化", choices={"+": "增加", "-": "减少"}, default="+")
    delta = WanField("成交额变化")
    technical_delta = WanField("技术交易额变化")
    on = DateField("变更日期", [required("请填写变更日期")])

    def values(self) -> dict[str, Any]:
        """Return what actions.contracts.adjust wants."""
        sign = -1 if self.direction.data == "-" else 1
        return {
            "on": self.on.data,
            "delta_fen": sign * (self.delta.fen or 0),
            "technical_delta_fen": sign * (self.technical_delta.fen or 0),
            "reason": self.reason.data,
        }


class PaymentForm(MarketForm):
    """Money received."""

    paid_on = DateField("到账日期", [required("请填写到账日期")])
    amount = WanField("到账金额", [required("请填写到账金额")])
    note = StringField("备注", [at_most(120)])


STEP_FORMS: dict[str, type[MarketForm]] = {
    "sign": SignForm,
    "file": FileForm,
    "register": RegisterForm,
    "return": ReasonForm,
    "refuse": ReasonForm,
    "abandon": ReasonForm,
    "cancel": CancelForm,
}
