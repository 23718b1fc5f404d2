"""The form of the contract record: the registration form's columns, the cost list, the ways of paying, both sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    Field,
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

from market.domain import classifications, codes, costs, identifiers, money
from market.domain import contract_terms as terms
from market.domain import contracts as rules
from market.domain.errors import Invalid
from market.models import Contract
from market.queries.contract_sources import Source
from market.web.contracts.shown import values_of
from market.web.forms import MarketForm, WanField, at_most, optional, required, whole

SCALES = {"": "未填", "大型": "大型", "中型": "中型", "小型": "小型", "微型": "微型"}
LATER = "登记前再填"
SHOWN_ROWS = {"instalments": 3, "costs": 2}
_AS_TYPED = (
    "title", "payment_mode", "starts_on", "ends_on", "ip_type", "plan_source", "goal_code", "pricing", "announced_from",
    "announced_until", "parent_kind",
)  # fmt: skip
_YES_NO = {"yes": "是", "no": "否"}
_OPEN = "later"  # a word, for some readers of forms take an empty one for a ticked box
_ANSWERS = {None: _OPEN, True: "yes", False: "no"}
_TYPED = {word: answer for answer, word in _ANSWERS.items()}


def _choices(table: Mapping[str, Any], empty: str | None = None) -> dict[str, Any]:
    return ({"": empty} if empty else {}) | dict(table)


class PercentField(StringField):
    """A share typed in percent with up to two decimals; `basis_points` is its value, or None when left empty."""

    basis_points: int | None = None

    def process_data(self, value: Any) -> None:
        """Show stored basis points as percent."""
        self.basis_points = value
        self.data = "" if value is None else terms.percent(value).rstrip("%")

    def pre_validate(self, form: Any) -> None:
        """Read the share; raises ValidationError with the Chinese message."""
        self.basis_points = None
        if self.data:
            try:
                self.basis_points = money.parse(str(self.data).strip().rstrip("%"), terms.PERCENT)
            except Invalid as error:
                raise ValidationError("请填百分数，最多两位小数，例如 3 或 3.5") from error


class PartyForm(Form):
    """One side's block of the registration form. `lock` takes out what is copied from the organisation's file.

    Name and place are asked for by the rules, not here: a credit code that the market knows stands for both.
    """

    name = StringField("名称", [at_most(120)])
    credit_code = StringField("统一社会信用代码", [at_most(18)])
    region = SelectField("注册地", choices=_choices(codes.REGIONS, "请选择"), default="")
    nature = SelectField("单位性质", choices=_choices(codes.NATURES, "未填"), default="")
    country = StringField("国别或地区", [at_most(20)], default="中国")
    scale = SelectField("企业规模", choices=SCALES, default="")
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


class CostForm(Form):
    """One line of the cost list; a row without name and amount is ignored."""

    kind = SelectField("类别", choices=costs.choices(), default="equipment")
    name = StringField("说明", [at_most(120)])
    amount = WanField("金额")


class ContractForm(MarketForm):
    """The contract with the columns of the registration form."""

    title = StringField("项目名称", [required("请填写项目名称"), at_most(200)])
    kind = SelectField("合同类型", [required("请选择合同类型")], choices=rules.kind_choices())
    amount = WanField("成交额", [required("请填写成交额")])
    technical_amount = WanField("技术交易额")
    costs = FieldList(FormField(CostForm), "费用清单")
    payment_mode = SelectField("支付方式", choices=_choices(codes.PAYMENT_MODES), default="once")
    instalments = FieldList(FormField(InstalmentForm), "分期安排")
    entry_fee = WanField("入门费")
    royalty = PercentField("提成比例")
    royalty_base = StringField("提成基数", [at_most(120)])
    signed_on = DateField("签订日期", [optional()])
    seller = FormField(PartyForm, "卖方")
    buyer = FormField(PartyForm, "买方")
    field = SelectField("技术领域", choices=_choices(codes.FIELDS, LATER))
    ip_type = SelectField("知识产权", choices=_choices(codes.IP_TYPES, LATER), default="")
    starts_on = DateField("起始日期", [optional()])
    ends_on = DateField("终止日期", [optional()])
    plan_source = SelectField("计划来源", choices=_choices(codes.PLAN_SOURCES, LATER), default="")
    goal_code = SelectField("社会经济目标", choices=_choices(codes.GOALS, LATER), default="")
    industry = StringField("国民经济行业", [at_most(40)])
    related = RadioField("买卖双方是不是关联企业（关联交易）", choices={_OPEN: LATER} | _YES_NO, default=_OPEN)
    new_investment = WanField("预计新增投入")
    new_output = WanField("预计新增产值")
    service_result = RadioField("是不是职务成果", choices={_OPEN: "还没有说明"} | _YES_NO, default=_OPEN)
    pricing = SelectField("定价方式", choices=_choices(codes.PRICINGS, "请选择"), default="")
    announced_from = DateField("单位内公示开始", [optional()])
    announced_until = DateField("单位内公示结束", [optional()])
    announced_where = StringField("公示的网址或文号", [at_most(300)])
    parent = SelectField("原合同", choices={"": "没有"}, default="")
    parent_kind = SelectField("与原合同的关系", choices=_choices(codes.PARENT_KINDS, "没有"), default="")
    note = TextAreaField("备注", [at_most(2000)])
    version = HiddenField()

    @property
    def seller_name(self) -> Field | None:
        """The field beside which the rules' word on the seller's name is shown."""
        return getattr(self.seller.form, "name", None)

    @property
    def buyer_name(self) -> Field | None:
        """The field beside which the rules' word on the buyer's name is shown."""
        return getattr(self.buyer.form, "name", None)

    def validate_industry(self, field: StringField) -> None:
        """Read the industry as digits of GB/T 4754."""
        try:
            field.data = classifications.industry_code(field.data) or ""
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def lock(self, seller: bool, buyer: bool) -> None:
        """Take the known sides' names out of the form."""
        for known, side in ((seller, self.seller), (buyer, self.buyer)):
            if known:
                side.form.lock()

    def offer_parents(self, contracts: Iterable[Contract]) -> None:
        """Let one of these be chosen as the parent contract."""
        self.parent.choices = [("", "没有"), *((str(one.id), f"{one.title}（{one.seller_name} → {one.buyer_name}）") for one in contracts)]

    def change_rows(self, posted: Mapping[str, Any]) -> bool:
        """Add or take away a row, or work 技术交易额 out, when a button asks for it; True when one did."""
        for rows, word in ((self.instalments, "instalment"), (self.costs, "cost")):
            if f"add_{word}" in posted:
                self._pad(rows, len(rows.entries) + 1)
                return True
            if f"remove_{word}" in posted:
                number = whole(posted[f"remove_{word}"])
                rows.entries = [entry for n, entry in enumerate(rows.entries) if n != number]
                return True
        if "calculate" in posted:
            self._calculate()
            return True
        return False

    def _calculate(self) -> None:
        try:
            amount = money.parse_wan(str(self.amount.data or ""))
            lines = [(row.kind.data, "", money.parse_wan(str(row.amount.data), "costs")) for row in self._cost_rows() if row.amount.data]
            self.technical_amount.process_data(costs.technical_amount(amount, lines))
        except Invalid as error:
            for name, said in error.fields.items():
                self[name].errors = [said]

    def pad(self) -> None:
        """Show empty rows below the instalments and the cost list, so that they can be typed without a script."""
        self._pad(self.instalments, SHOWN_ROWS["instalments"])
        self._pad(self.costs, SHOWN_ROWS["costs"])

    def _pad(self, rows: FieldList, wanted: int) -> None:
        while len(rows.entries) < wanted:
            rows.append_entry()

    def _cost_rows(self) -> list[Any]:
        return [row.form for row in self.costs.entries if row.form.name.data or row.form.amount.data]

    def values(self) -> dict[str, Any]:
        """Return what actions.contracts wants."""
        kind, _, subtype = (self.kind.data or "").partition(":")
        return {name: self[name].data for name in _AS_TYPED} | {
            "type": kind,
            "subtype": subtype,
            "field": self.field.data or None,
            "amount_fen": self.amount.fen,
            "technical_amount_fen": self.technical_amount.fen,
            "costs": [(row.kind.data, row.name.data or "", row.amount.fen or 0) for row in self._cost_rows()],
            "instalments": [
                (row.name.data or f"第 {n} 期", row.due_on.data, row.amount.fen or 0)
                for n, row in enumerate((entry.form for entry in self.instalments.entries), 1)
                if row.name.data or row.amount.fen or row.due_on.data
            ],
            "entry_fee_fen": self.entry_fee.fen,
            "royalty_bp": self.royalty.basis_points,
            "royalty_base": self.royalty_base.data or "",
            "signed_on": self.signed_on.data if self.signed_on else None,
            "seller": self.seller.form.values(),
            "buyer": self.buyer.form.values(),
            "related_parties": self.related.data == "yes",
            "related_stated": self.related.data in _YES_NO,
            "industry": self.industry.data or None,
            "new_investment_fen": self.new_investment.fen,
            "new_output_fen": self.new_output.fen,
            "service_result": _TYPED.get(self.service_result.data),
            "announced_where": self.announced_where.data or "",
            "parent_id": whole(self.parent.data),
            "note": self.note.data or "",
        }


def start_from(source: Source) -> dict[str, Any]:
    """Return a new form's first values: what the source knows."""
    return _shown(source.values) | {side: source.values.get(side) or {} for side in ("seller", "buyer")}


def start_from_contract(contract: Contract) -> dict[str, Any]:
    """Return the form's values of a stored contract."""
    values = values_of(contract)
    shown = _shown(values)
    for side in ("seller", "buyer"):
        known = {"name": values[f"{side}_name"], "region": values[f"{side}_region"]}
        shown[side] = {**values[f"{side}_facts"], **known}
    return shown


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(values)
    if values.get("type"):
        shown["kind"] = f"{values['type']}:{values.get('subtype') or ''}"
    for name in ("amount", "technical_amount", "new_investment", "new_output", "entry_fee"):
        shown[name] = values.get(f"{name}_fen")
    shown["royalty"] = values.get("royalty_bp")
    shown["related"] = _ANSWERS[bool(values.get("related_parties")) if values.get("related_stated") else None]
    shown["service_result"] = _ANSWERS[values.get("service_result")]
    shown["parent"] = str(values.get("parent_id") or "")
    shown["instalments"] = [{"name": name, "due_on": due, "amount": fen} for name, due, fen in values.get("instalments") or []]
    shown["costs"] = [{"kind": kind, "name": name, "amount": fen} for kind, name, fen in values.get("costs") or []]
    return shown
