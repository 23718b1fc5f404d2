"""Contracts: list, one contract with its steps, payments, adjustments and files; importing this module registers all pages of the room."""

from __future__ import annotations

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import contracts as actions
from market.domain.contracts import CONTRACT, FLOW_WORDS
from market.domain.permissions import Permission as P
from market.queries import contracts as queries
from market.web import access, forms
from market.web.contracts import files, sharing, writing
from market.web.contracts import shown as words
from market.web.contracts.blueprint import bp
from market.web.contracts.forms import STEP_FORMS, AdjustForm, PaymentForm
from market.web.contracts.page import again, page_of

__all__ = ["bp", "files", "sharing", "writing"]


@bp.route("/contracts")
@access.requires(P.SEE_CONTRACT)
def index() -> ResponseReturnValue:
    """The contracts this person may see, with filters and totals."""
    args = request.args
    state, flow = args.get("state", ""), args.get("flow", "")
    wanted = queries.ListFilter(
        q=args.get("q", "").strip()[:100],
        state=state if state in CONTRACT.states else "",
        type=args.get("type", "")[:2],
        flow=flow if flow in FLOW_WORDS else "",
        year=args.get("year", type=int),
        flagged=args.get("flagged") == "1",
    )
    found = queries.listing(access.actor(), wanted, args.get("page", 1, int))
    facets = words.facets(found, wanted, queries.years(access.actor()))
    return render_template("contracts/index.html", found=found, wanted=wanted, flows=FLOW_WORDS, **facets)


@bp.route("/contracts/<int:contract_id>")
@access.requires(P.SEE_CONTRACT)
def detail(contract_id: int) -> ResponseReturnValue:
    """One contract: terms, sides, registration, payments, what happened."""
    return page_of(access.load(queries.get, contract_id, P.SEE_CONTRACT))


@bp.route("/contracts/<int:contract_id>/steps/<string:step>", methods=["POST"])
@access.requires(P.SEE_CONTRACT)
def take_step(contract_id: int, step: str) -> ResponseReturnValue:
    """Take one step of the contract's life."""
    if step not in STEP_FORMS:
        abort(404)
    contract = access.load(queries.get, contract_id, CONTRACT.step(step).permission, see=P.SEE_CONTRACT)
    form = STEP_FORMS[step](prefix=f"{step}-")
    version = request.form.get("version", type=int)

    def work() -> str:
        values = {name: field.data for name, field in form._fields.items() if name not in {"csrf_token", "idempotency_key"}}
        actions.take_step(contract, step, access.actor(), values, version)
        flash(f"已办理：{CONTRACT.step(step).label}。", "success")
        return url_for("contracts.detail", contract_id=contract_id)

    return forms.submit(form, work) or again(contract_id, step, form)


@bp.route("/contracts/<int:contract_id>/payments", methods=["POST"])
@access.requires(P.EDIT_CONTRACT)
def add_payment(contract_id: int) -> ResponseReturnValue:
    """Note money received."""
    contract = access.load(queries.get, contract_id, P.EDIT_CONTRACT, see=P.SEE_CONTRACT)
    form = PaymentForm(prefix="pay-")

    def work() -> str:
        values = {"paid_on": form.paid_on.data, "amount_fen": form.amount.fen, "note": form.note.data}
        actions.add_payment(contract, values, access.actor())
        return url_for("contracts.detail", contract_id=contract_id, _anchor="payments")

    return forms.submit(form, work) or again(contract_id, "pay", form)


@bp.route("/contracts/<int:contract_id>/payments/<int:payment_id>/remove", methods=["POST"])
@access.requires(P.EDIT_CONTRACT)
def remove_payment(contract_id: int, payment_id: int) -> ResponseReturnValue:
    """Take out a payment noted by mistake."""
    contract = access.load(queries.get, contract_id, P.EDIT_CONTRACT, see=P.SEE_CONTRACT)

    def work() -> str:
        payment = next((row for row in contract.payments if row.id == payment_id), None)
        if payment is None:  # asked here, so that a second press leads where the first one did
            abort(404)
        actions.remove_payment(contract, payment, access.actor(), request.form.get("reason", ""))
        return url_for("contracts.detail", contract_id=contract_id, _anchor="payments")

    return access.once(work)


@bp.route("/contracts/<int:contract_id>/adjustments", methods=["POST"])
@access.requires(P.REGISTER_CONTRACT)
def adjust(contract_id: int) -> ResponseReturnValue:
    """Append a dated change to a registered contract."""
    contract = access.load(queries.get, contract_id, P.REGISTER_CONTRACT, see=P.SEE_CONTRACT)
    form = AdjustForm(prefix="adjust-")

    def work() -> str:
        actions.adjust(contract, form.values(), access.actor())
        return url_for("contracts.detail", contract_id=contract_id, _anchor="registration")

    return forms.submit(form, work) or again(contract_id, "adjust", form)
