"""Forms of the room contacts."""

from __future__ import annotations

from wtforms import DateField, HiddenField, IntegerField, SelectField, TextAreaField

from market.actions.contacts import MESSAGE_LIMIT
from market.domain import codes
from market.web.forms import MarketForm, WanField, at_most, optional, required


class AskForm(MarketForm):
    """One sentence to the other side."""

    message = TextAreaField("想谈什么", [required("请写一句想谈什么"), at_most(MESSAGE_LIMIT)])
    attach_id = SelectField("附上本单位的一条需求", coerce=int, validators=[optional()], default=0)


class IntroduceForm(MarketForm):
    """A broker names both sides."""

    challenge_id = IntegerField("需求编号", [required("请填写需求页面地址里的数字")], description="需求页面地址最后的数字")
    capability_id = IntegerField("成果编号", [required("请填写成果页面地址里的数字")], description="成果页面地址最后的数字")
    message = TextAreaField("为什么引荐", [required("请写一句为什么合适"), at_most(MESSAGE_LIMIT)])


class LineForm(MarketForm):
    """One dated line."""

    kind = SelectField("类型", choices=list(codes.CONTACT_LINE_KINDS.items()))
    happened_on = DateField("日期", [required("请填写日期")])
    text = TextAreaField("发生了什么", [required("请写一句发生了什么"), at_most(1000)])


class ExpectForm(MarketForm):
    """意向金额."""

    version = HiddenField()
    expected = WanField("意向金额", [optional(), at_most(16)])
