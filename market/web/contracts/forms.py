"""Small forms of contracts: one for each step, for payments, adjustments and files. The record's own is in record_form.py."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField

from market.domain.contract_terms import FILE_KINDS
from market.web.forms import MarketForm, WanField, at_most, required


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


class UploadForm(MarketForm):
    """One file of the contract."""

    kind = SelectField("这是", choices=FILE_KINDS)
    file = FileField("文件")


STEP_FORMS: dict[str, type[MarketForm]] = {
    "sign": SignForm,
    "file": FileForm,
    "register": RegisterForm,
    "return": ReasonForm,
    "refuse": ReasonForm,
    "abandon": ReasonForm,
    "cancel": CancelForm,
}
