"""Forms of the room campaigns."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import NumberRange

from market.domain.campaigns import CALL_KINDS, LIST_SIGNALS, REASONS, SIGNALS
from market.web.forms import CountField, MarketForm, WanField, at_most, optional, required


class CampaignForm(MarketForm):
    """A new campaign."""

    name = StringField("名称", [required("请给这次行动起个名字"), at_most(80)])
    year = CountField("年份", [required("请填四位年份"), NumberRange(2020, 2100, "请填四位年份")], description="和这一年、上一年的登记比较")
    note = TextAreaField("说明", [at_most(2_000)])


class AssignForm(MarketForm):
    """Who gets the ticked candidates, until when."""

    assignee_id = SelectField("交给", coerce=int)
    due = DateField("在哪天之前联系", validators=[optional()])


class ListForm(MarketForm):
    """A list of organisations, and what it is."""

    file = FileField("文件", validators=[FileRequired("请选择文件")])
    signal = SelectField("这是什么名单", choices=[(one, SIGNALS[one]) for one in reversed(LIST_SIGNALS)])
    money = RadioField("金额单位", choices=[("", "表头里写明"), ("元", "元"), ("万元", "万元")], default="")


class CallForm(MarketForm):
    """One contact, noted on the phone in a minute."""

    kind = SelectField("怎么联系的", choices=list(CALL_KINDS.items()))
    text = TextAreaField("说了什么", [required("请写一句说了什么"), at_most(1_000)])
    on = DateField("哪天", validators=[optional()])
    next_step = StringField("下一步", [at_most(200)])
    due = DateField("下次联系", validators=[optional()])
    contact_name = StringField("联系人", [at_most(40)])
    contact_phone = TelField("电话", [at_most(30)])

    def values(self) -> dict[str, Any]:
        """Return the fields by the names that actions.campaigns reads."""
        return {field.name: field.data for field in self}


class OutcomeForm(MarketForm):
    """What came of it."""

    version = HiddenField()
    step = RadioField("结果", validators=[required("请选择结果")])
    planned_on = DateField("打算什么时候登记", validators=[optional()])
    planned_fen = WanField("打算登记多少（万元）")
    reason_code = SelectField(
        "原因", choices=[("", "不选"), *((code, f"{word}") for table in REASONS.values() for code, word in table.items())]
    )
    reason = StringField("补充说明", [at_most(250)])

    def values(self) -> dict[str, Any]:
        """Return the fields by the names that actions.campaigns reads."""
        return {
            "planned_on": self.planned_on.data,
            "planned_fen": self.planned_fen.fen,
            "reason_code": self.reason_code.data,
            "reason": self.reason.data,
        }
