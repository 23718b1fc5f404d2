"""规则数值: the numbers of the law with their source and whether anybody has checked them; staff enter a dated newer one."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, DateField, SelectField, StringField

from market.actions import site_settings
from market.domain import clock, money, rules_of_law
from market.domain.errors import Invalid
from market.domain.permissions import Permission as P
from market.domain.permissions import demand, may
from market.domain.rules_of_law import RULES, Value
from market.queries import settings
from market.web import forms
from market.web.access import actor, requires
from market.web.accounts.blueprint import bp


class RuleForm(forms.MarketForm):
    """A dated value of one rule."""

    rule = SelectField("哪一条", validators=[forms.required("请选择一条规则")])
    value = StringField("数值", validators=[forms.required(), forms.at_most(20)], description="金额按万元填，期限填天数或工作日数")
    since = DateField("从哪一天起施行", validators=[forms.required("请填写施行日期")])
    until = DateField("到哪一天为止", validators=[forms.optional()], description="没有废止就留空")
    source = StringField("来源", validators=[forms.required("请写明来源"), forms.at_most(200)], description="文件名称、文号和条款")
    checked = BooleanField("我已经核对过正式文本", description="没有勾选的，各页都会标「待核」")

    def read(self) -> Value:
        """Return what was typed; raises Invalid beside the field."""
        typed = str(self.value.data or "").strip()
        if RULES[self.rule.data].unit == rules_of_law.FEN:
            number = money.parse(typed, money.WAN, "value")
        elif typed.isascii() and typed.isdigit() and len(typed) <= 6:
            number = int(typed)
        else:
            raise Invalid({"value": "请填一个整数"})
        return Value(number, str(self.source.data), self.since.data, self.until.data, bool(self.checked.data))


@bp.route("/settings/rules", methods=["GET", "POST"])
@requires(P.SEE_RULES)
def rules() -> ResponseReturnValue:
    """Show the numbers of the law, and take a newer one from those who may enter it."""
    if request.method == "POST":
        demand(actor(), P.SET_RULES)
    form = RuleForm(rule=request.args.get("rule", ""))
    form.rule.choices = forms.choices([("", "请选择"), *((rule.name, rule.words) for rule in RULES.values())])

    def work() -> str:
        site_settings.set_rule(str(form.rule.data), form.read(), actor())
        flash("已录入，从施行日期起按新的数值算", "success")
        return url_for("accounts.rules")

    done = forms.submit(form, work)
    return done or render_template("accounts/rules.html", form=form, rows=_rows(), editable=may(actor(), P.SET_RULES))


def _rows() -> list[dict[str, Any]]:
    today, stored = clock.today(), settings.stored_rules()
    found = []
    for rule in RULES.values():
        now = rules_of_law.in_force(rule.name, today, stored.get(rule.name, ()))
        others = [value for value in (*stored.get(rule.name, ()), *rule.values) if value != now]
        words = [f"{value.since or '起始日期待录入'} 起：{rules_of_law.words(rule.name, value)}；{value.source}" for value in others]
        found.append({"rule": rule, "now": now, "words": rules_of_law.words(rule.name, now), "others": words})
    return found
