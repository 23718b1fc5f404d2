"""The form of a challenge, in sections."""

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
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import NumberRange, ValidationError

from market.domain import challenges as rules
from market.domain import clock, codes, identifiers
from market.domain.errors import Invalid
from market.models import Challenge
from market.web.forms import CountField, MarketForm, WanField, at_most, optional, whole

_BLANK = {"": "待补"}
_BY_TEXT = {"": "由审核人员按文字判断"}
_ROWS = 30


def _clean(value: Any) -> Any:
    return identifiers.clean_text(value, 1_000) if isinstance(value, str) else value


class IndicatorForm(Form):
    """One row of the indicator table."""

    name = StringField("指标", [at_most(80)], filters=[_clean])
    present = StringField("现状", [at_most(80)], filters=[_clean])
    target = StringField("目标", [at_most(80)], filters=[_clean])
    unit = StringField("单位", [at_most(30)], filters=[_clean])
    method = StringField("测试方法", [at_most(160)], filters=[_clean])
    must = BooleanField("必达")

    def validate_name(self, field: StringField) -> None:
        """A row that says something must be named."""
        if not field.data and any((self.present.data, self.target.data, self.unit.data, self.method.data)):
            raise ValidationError("请写指标名称")


class ChallengeForm(MarketForm):
    """What an enterprise wants solved. Nothing is required of a draft; submission wants title, pain and the tick."""

    version = HiddenField()
    draft_key = HiddenField()
    title = StringField("标题", [at_most(rules.TITLE_LIMIT)])
    pain = TextAreaField("要解决的难题", [at_most(rules.TEXT_LIMIT)])
    need_type = SelectField("需求类型", choices=_BLANK | codes.NEED_TYPES)
    background = TextAreaField("背景", [at_most(rules.TEXT_LIMIT)])
    tried = TextAreaField("试过什么、卡在哪里", [at_most(rules.TEXT_LIMIT)])
    indicators = FieldList(FormField(IndicatorForm), min_entries=1, max_entries=_ROWS, label="技术指标")
    budget = WanField("预算（下限或确数）")
    budget_max = WanField("预算上限")
    budget_open = BooleanField("面议")
    period_months = CountField("希望多久做完", [optional(), NumberRange(1, 120, "请填 1 到 120 个月")])
    closes_on = DateField("截止日期", [optional()])
    modes = SelectMultipleField("合作方式", choices=codes.MODES)
    ip_wish = SelectField("知识产权意向", choices=_BLANK | codes.IP_WISHES)
    requirements = TextAreaField("对揭榜方的要求", [at_most(rules.TEXT_LIMIT)])
    procedure = RadioField(
        "怎么办理",
        choices={
            "negotiated": "对接：看中谁就直接联系谈（大多数需求用这个）",
            "open_call": "揭榜：公开比一比方案，到期选定",
            "scouting": "征集：先广泛收集线索，不急着定",
        },
        default="negotiated",
    )
    visibility = RadioField(
        "方案什么时候能看",
        choices={"on_arrival": "随到随看", "at_deadline": "到期开启：截止前谁也看不到"},
        default="on_arrival",
    )
    publicity_days = SelectField(
        "选定后公示",
        coerce=int,
        choices={0: "不公示", 5: "公示 5 个工作日", 7: "公示 7 个工作日", 10: "公示 10 个工作日"},
        default=0,
    )
    field = SelectField("技术领域", choices=_BY_TEXT | codes.FIELDS)
    track = SelectField("赛道", choices=_BY_TEXT | {track: track for track in codes.TRACKS})
    anonymous = BooleanField("对公众匿名", default=True)
    contact_name = StringField("联系人", [at_most(40)])
    contact_phone = StringField("电话", [at_most(30)])
    no_secrets = BooleanField("内容不含国家秘密和工作秘密")

    def validate_contact_phone(self, field: StringField) -> None:
        """A phone, where one is given, must be one."""
        if field.data:
            try:
                field.data = identifiers.phone(field.data)
            except Invalid as error:
                raise ValidationError(str(error)) from error

    def change_rows(self, data: Any) -> bool:
        """Add or take away an indicator row where such a button was pressed; True when one was."""
        if "add_indicator" in data:
            if len(self.indicators.entries) < _ROWS:
                self.indicators.append_entry({"must": True})
            return True
        if "remove_indicator" in data:
            number = whole(data.get("remove_indicator"))
            if number is not None and number < len(self.indicators.entries):
                del self.indicators.entries[number]
            if not self.indicators.entries:
                self.indicators.append_entry({"must": True})
            return True
        return False

    def values(self) -> dict[str, Any]:
        """Return what was typed under the names that actions.challenges reads."""
        return {
            "title": self.title.data or "",
            "pain": self.pain.data or "",
            "background": self.background.data or "",
            "tried": self.tried.data or "",
            "requirements": self.requirements.data or "",
            "need_type": self.need_type.data or None,
            "field": self.field.data or None,
            "track": self.track.data or None,
            "budget_fen": None if self.budget_open.data else self.budget.fen,
            "budget_max_fen": None if self.budget_open.data else self.budget_max.fen,
            "budget_stated": bool(self.budget_open.data or self.budget.fen is not None or self.budget_max.fen is not None),
            "period_months": self.period_months.data,
            "closes_on": self.closes_on.data,
            "modes": self.modes.data or [],
            "ip_wish": self.ip_wish.data or None,
            "procedure": self.procedure.data,
            "visibility": self.visibility.data,
            "publicity_days": self.publicity_days.data,
            "anonymous": bool(self.anonymous.data),
            "contact_name": self.contact_name.data or "",
            "contact_phone": self.contact_phone.data or "",
            "no_secrets": bool(self.no_secrets.data),
            "indicators": [{**entry.form.data, "must": bool(entry.form.must.data)} for entry in self.indicators.entries],
        }


def from_challenge(challenge: Challenge) -> dict[str, Any]:
    """Return what the form shows of a stored challenge."""
    names = (
        "title",
        "pain",
        "background",
        "tried",
        "requirements",
        "period_months",
        "procedure",
        "visibility",
        "publicity_days",
        "anonymous",
        "contact_name",
        "contact_phone",
        "no_secrets",
        "version",
    )
    rows: list[dict[str, Any]] = [
        {"name": r.name, "present": r.present, "target": r.target, "unit": r.unit, "method": r.method, "must": r.must}
        for r in challenge.indicators
    ]
    derived: dict[str, Any] = {
        "need_type": challenge.need_type or "",
        "field": challenge.field or "",
        "track": challenge.track or "",
        "ip_wish": challenge.ip_wish or "",
        "budget": challenge.budget_fen,
        "budget_max": challenge.budget_max_fen,
        "budget_open": challenge.budget_stated and challenge.budget_fen is None and challenge.budget_max_fen is None,
        "closes_on": clock.local(challenge.closes_at).date() if challenge.closes_at else None,
        "modes": challenge.mode_list,
        "indicators": rows or [{"must": True}],
    }
    return {name: getattr(challenge, name) for name in names} | derived
