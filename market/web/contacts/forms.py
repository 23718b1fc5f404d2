"""Forms of the room contacts."""

from __future__ import annotations

import re

from wtforms import DateField, HiddenField, MultipleFileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from market.domain import clock, codes
from market.web.forms import MarketForm, WanField, at_most, optional, required

_NUMBER = re.compile(r"(?:.*/(?:challenges|capabilities)/)?(\d{1,9})(?:[/?#].*)?", re.ASCII)


class AskForm(MarketForm):
    """One sentence to the other side."""

    message = TextAreaField("来意", [required("请写一句来意"), at_most(500)])
    attached = SelectField("附上本单位的内容", coerce=int, default=0)
    rank = HiddenField()

    def rank_number(self) -> int | None:
        """Return at which rank of the recommendations the other side stood, where it was found there."""
        text = str(self.rank.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


class IntroduceForm(MarketForm):
    """A challenge and a capability, found by words, number or the address of their page, and why."""

    find_challenge = StringField("找一条技术需求", [optional(), at_most(200)])
    challenge = HiddenField("技术需求")
    find_capability = StringField("找一项成果与能力", [optional(), at_most(200)])
    capability = HiddenField("成果与能力")
    message = TextAreaField("为什么引荐", [required("请写明为什么引荐这两家"), at_most(500)])


def number_in(text: str | None) -> int:
    """Return the id that was typed (12, /challenges/12, a whole address), or 0."""
    found = _NUMBER.fullmatch((text or "").strip())
    return int(found.group(1)) if found else 0


class AnswerForm(MarketForm):
    """Accept, or decline with a reason."""

    version = HiddenField()
    decision = RadioField("您的答复", choices=[("accept", "同意对接"), ("decline", "婉拒")], validators=[required("请选择同意或婉拒")])
    reason = SelectField("婉拒的原因", choices=[("", "请选择"), *codes.DECLINE_REASONS.items()])
    note = StringField("补充一句", [at_most(300)])


class LineForm(MarketForm):
    """One dated line."""

    happened_on = DateField("日期", [required("请填日期")], default=clock.today)
    kind = SelectField("类别", choices=list(codes.CONTACT_LINE_KINDS.items()))
    text = TextAreaField("经过", [required("请写一句经过"), at_most(1000)])
    files = MultipleFileField(
        "照片或附件", description="PNG、JPG、PDF 或 Office 文件，一次最多 5 个，每个不超过 20 MB；只有双方、引荐人和科委能打开"
    )

    def validate_happened_on(self, field: DateField) -> None:
        """What happened is not in the future."""
        if field.data and field.data > clock.today():
            raise ValidationError("日期不能晚于今天")


class ExpectForm(MarketForm):
    """The expected amount."""

    version = HiddenField()
    expected = WanField("意向金额", [optional()])


def version_of(field: HiddenField) -> int | None:
    """Return the version a form carries, or None."""
    text = str(field.data or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
