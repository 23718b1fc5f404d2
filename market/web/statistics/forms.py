"""Forms of the cockpit: the year's goal, the season curve, a release to the public."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, StringField, ValidationError

from market.domain import money
from market.domain.errors import Invalid
from market.web.forms import MarketForm, WanField, at_most, required


class YiField(WanField):
    """An amount typed in 亿元; `fen` is the amount in 分, or None when left empty."""

    def process_data(self, value: Any) -> None:
        """Show stored 分 as 亿元."""
        self.fen = value
        self.data = "" if value is None else money.in_unit(value, money.YI, 6).replace(",", "")

    def pre_validate(self, form: Any) -> None:
        """Read the amount; raises ValidationError with the Chinese message."""
        self.fen = None
        if self.data:
            try:
                self.fen = money.parse(str(self.data), money.YI)
            except Invalid as error:
                raise ValidationError(next(iter(error.fields.values()))) from error


class GoalForm(MarketForm):
    """A year's goal: baseline and increment, each with its source."""

    baseline = YiField("基数")
    baseline_source = StringField("基数的来源", [at_most(200)])
    increment = YiField("增量")
    increment_source = StringField("增量的来源", [at_most(200)])
    curve = StringField("季节曲线", [at_most(120)])
    curve_source = StringField("季节曲线的来源", [at_most(200)])

    def shares(self) -> list[int]:
        """Return the twelve percentages, or [] when left empty; raises Invalid."""
        parts = [part for part in (self.curve.data or "").replace("，", ",").replace("、", ",").replace(" ", ",").split(",") if part]
        if not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
            raise Invalid({"curve": "请填写 12 个整数百分数，用逗号隔开"})
        return [int(part) for part in parts]

    def values(self) -> dict[str, Any]:
        """Return what actions.goals.set_goal wants."""
        return {
            "baseline_fen": self.baseline.fen,
            "baseline_source": self.baseline_source.data,
            "increment_fen": self.increment.fen,
            "increment_source": self.increment_source.data,
        }


class ReleaseForm(MarketForm):
    """The day up to which the released data reaches."""

    data_until = DateField("数据截至", [required("请填写数据截至日期")])
