"""合作开发 over two places: part a contract into each side's share, registered where that side is."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import FieldList, Form, FormField, HiddenField, SelectField, StringField

from market.actions import joint as actions
from market.domain import codes, identifiers
from market.domain.joint import Share
from market.domain.permissions import Permission as P
from market.queries import contracts as queries
from market.web import access, forms
from market.web.contracts.blueprint import bp

OTHERS = 3


class SideForm(Form):
    """One other side; a row without a name is none."""

    name = StringField("合作方全称", [forms.at_most(120)])
    credit_code = StringField("统一社会信用代码", [forms.at_most(18)])
    region = SelectField("注册地", choices=forms.choices([("", "请选择"), *codes.REGIONS.items()]))
    amount = forms.WanField("份额（万元）")
    technical = forms.WanField("其中技术交易额（万元）")


class SharesForm(forms.MarketForm):
    """The other sides' shares; the own one is what remains."""

    version = HiddenField()
    sides = FieldList(FormField(SideForm), min_entries=OTHERS, max_entries=OTHERS)

    def read(self) -> list[Share]:
        """Return the sides that were filled in; raises Invalid for a credit code that is none."""
        rows = [side.form for side in self.sides if (side.form["name"].data or "").strip()]
        return [
            Share(
                str(row["name"].data).strip(), str(row.region.data or ""), row.amount.fen or 0, row.technical.fen or 0,
                identifiers.credit_code(row.credit_code.data) if row.credit_code.data else "",
            )
            for row in rows
        ]  # fmt: skip


@bp.route("/contracts/<int:contract_id>/shares", methods=["GET", "POST"])
@access.requires(P.EDIT_CONTRACT)
def shares(contract_id: int) -> ResponseReturnValue:
    """Name the other sides' shares of a joint contract."""
    contract = access.load(queries.get, contract_id, P.EDIT_CONTRACT, see=P.SEE_CONTRACT)
    form = SharesForm()
    if request.method == "GET":
        form.version.data = str(contract.version)

    def work() -> str:
        made = actions.part(contract, form.read(), access.actor(), forms.whole(form.version.data))
        flash(f"已分成 {len(made) + 1} 份，各方分别在注册地登记", "success")
        return url_for("contracts.detail", contract_id=contract_id)

    return forms.submit(form, work) or render_template("contracts/shares.html", form=form, contract=contract)
