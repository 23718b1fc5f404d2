"""Forms of the room leads."""

from __future__ import annotations

from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    MultipleFileField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import NumberRange

from market.domain import challenges, codes
from market.domain.leads import CONSENT, SOURCES, TEXT_LIMIT
from market.web.forms import CountField, MarketForm, WanField, at_most, optional, required

REGIONS = [("", "请选择"), *codes.REGIONS.items()]


class SentencesMixin:
    """The three sentences."""

    wrong = TextAreaField("哪里不对", [required("请写一句哪里不对"), at_most(TEXT_LIMIT)])
    wanted = TextAreaField("想变成什么样", [at_most(TEXT_LIMIT)])
    company = StringField("单位", [required("请填写单位名称"), at_most(120)])
    contact_name = StringField("怎么称呼您", [at_most(40)])
    phone = TelField("电话", [required("请留一个能打通的电话"), at_most(30)])
    region = SelectField("单位所在地", choices=REGIONS, validators=[optional()])

    def values(self) -> dict[str, Any]:
        """Return the fields by the names that actions.leads reads."""
        return {field.name: field.data for field in self}  # type: ignore[attr-defined]


class AskForm(SentencesMixin, MarketForm):
    """三句话提需求, without an account."""

    email = EmailField("邮箱", [optional(), at_most(254)], description="整理好的需求会发到这里请您确认")
    consent = BooleanField(CONSENT, [required("请先勾选，我们才能联系您")])


class VisitForm(SentencesMixin, MarketForm):
    """What a visit brought, on the phone: company, three sentences, done."""

    source = SelectField("怎么来的", choices=[(k, w) for k, w in SOURCES.items() if k != "web"], default="visit")
    files = MultipleFileField("照片", description="铭牌、废品、产线都可以；最多 5 个，每个不超过 20 MB，只有跟进这条线索的人能打开")


class AssignForm(MarketForm):
    """Who follows a lead, what comes next, until when."""

    version = HiddenField()
    assignee_id = SelectField("负责人", coerce=int)
    next_step = StringField("下一步", [at_most(200)])
    due = DateField("期限", [optional()])


class DraftForm(MarketForm):
    """代填: the organisation and the words of its challenge; the rest is filled in on the full form."""

    name = StringField("单位全称", [required("请填写单位全称"), at_most(120)], description="与营业执照一致；平台上已有的会自动对上")
    credit_code = StringField("统一社会信用代码", [optional(), at_most(18)])
    region = SelectField("单位所在地", choices=REGIONS, validators=[required("请选择单位所在地")])
    title = StringField("标题", [required("请写一句标题"), at_most(challenges.TITLE_LIMIT)])
    pain = TextAreaField("要解决的难题", [required("请写明要解决的难题"), at_most(challenges.TEXT_LIMIT)])
    background = TextAreaField("背景", [at_most(challenges.TEXT_LIMIT)])
    tried = TextAreaField("试过什么、卡在哪里", [at_most(challenges.TEXT_LIMIT)])
    budget = WanField("预算")
    budget_open = BooleanField("面议")
    period_months = CountField("希望多久做完", [optional(), NumberRange(1, 120, "请填 1 到 120 个月")])
    contact_name = StringField("联系人", [at_most(40)])
    contact_phone = StringField("电话", [at_most(30)])
    anonymous = BooleanField("对公众匿名", default=True)

    def values(self) -> dict[str, Any]:
        """Return what was typed by the names that actions.leads.draft reads."""
        kept = (
            "name",
            "credit_code",
            "region",
            "title",
            "pain",
            "background",
            "tried",
            "period_months",
            "contact_name",
            "contact_phone",
            "anonymous",
        )
        values = {name: self[name].data for name in kept}
        amount = None if self.budget_open.data else self.budget.fen
        return values | {"budget_fen": amount, "budget_stated": bool(self.budget_open.data or amount is not None)}


class ConfirmForm(MarketForm):
    """The enterprise's word on what was filled in for it."""

    version = HiddenField()
    no_secrets = BooleanField("内容不含国家秘密、工作秘密，也没有我单位不愿公开的商业秘密")


class RefuseForm(MarketForm):
    """What is to be changed."""

    words = TextAreaField("哪里要改", [at_most(TEXT_LIMIT)])
