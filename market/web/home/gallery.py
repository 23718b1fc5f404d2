"""What the component gallery shows: one form with every kind of field, two of them wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FileField,
    Form,
    FormField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from market.domain import codes
from market.web.forms import MarketForm, WanField, required


class IndicatorRow(Form):
    """One line of the indicator table."""

    name = StringField("指标")
    present = StringField("现状")
    target = StringField("目标")
    unit = StringField("单位")
    method = StringField("测试方法")
    must = BooleanField("必达")


class GalleryForm(MarketForm):
    """Every kind of field once; it is shown, never sent."""

    title = StringField("一句话说清难题", [required()], description="60 字以内，说症状和目标")
    pain = TextAreaField("具体情况", [required()], description="现在怎样、试过什么、卡在哪里")
    field_code = SelectField("技术领域", choices=[("", "请选择"), *codes.FIELDS.items()])
    indicators = FieldList(FormField(IndicatorRow), "技术指标", min_entries=2)
    budget = WanField("预算")
    closes_on = DateField("申报截止")
    procedure = RadioField(
        "怎么找合作方", choices=[("negotiated", "对接：直接谈"), ("open_call", "揭榜：公开征集方案")], default="negotiated"
    )
    modes = SelectMultipleField("合作方式", choices=list(codes.MODES.items())[:4])
    attachment = FileField("附件", description="PDF 或图片，10 MB 以内")
    anonymous = BooleanField("对公众隐去单位名称", default=True, description="审核人员看得到；同意对接之后双方才互相看到。")


def context() -> dict[str, Any]:
    """Return the context of home/gallery.html; the form carries two errors to show how they look."""
    form = GalleryForm(formdata=None)
    form.title.errors = ["请填写这一项"]
    form.budget.errors = ["请填写数字，例如 120 或 12.5"]
    return {"form": form, "day_length": timedelta(days=1)}
