"""Contracts: list, one contract with its steps, payments and adjustments, writing and changing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import contracts as actions
from market.domain.contracts import CONTRACT, FLOW_WORDS, paid_remark
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Contract
from market.queries import accounts
from market.queries import contract_sources as sources
from market.queries import contracts as queries
from market.web import access, forms
from market.web.contracts import shown as words
from market.web.contracts.forms import STEP_FORMS, AdjustForm, ContractForm, PaymentForm, start_from, start_from_contract

bp = Blueprint("contracts", __name__)


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
    return _detail(access.load(queries.get, contract_id, P.SEE_CONTRACT))


def _detail(contract: Contract, shown: tuple[str, forms.MarketForm] | None = None, status: int = 200) -> ResponseReturnValue:
    """Render the page; `shown` is a step's form that came back with errors."""
    who = access.actor()
    steps = [
        {
            "step": step,
            "form": shown[1] if shown and shown[0] == step.name else _step_form(step.name, contract),
            "open": bool(shown and shown[0] == step.name),
        }
        for step in CONTRACT.steps_from(contract.state)
        if may(who, step.permission, contract.subject)
    ]
    extra = {
        "payment_form": shown[1] if shown and shown[0] == "pay" else PaymentForm(prefix="pay-", formdata=None),
        "adjust_form": shown[1] if shown and shown[0] == "adjust" else AdjustForm(prefix="adjust-", formdata=None),
    }
    paid = sum(payment.amount_fen for payment in contract.payments)
    net, net_technical = actions.net_amounts(contract)
    page = render_template(
        "contracts/detail.html",
        contract=contract,
        steps=steps,
        opened=shown[0] if shown else "",
        history_lines=words.history_lines(queries.history(contract.id)),
        progress_entries=words.progress(contract),
        flow_word=FLOW_WORDS[contract.flow],
        counts_note=words.counts_note(contract),
        editable=contract.state in actions.EDITABLE,
        paid=paid,
        paid_remark=paid_remark(net, paid) if net else None,
        net=net,
        net_technical=net_technical,
        **extra,
    )
    return page, status


def _step_form(name: str, contract: Contract) -> forms.MarketForm:
    known: dict[str, Any] = {"signed_on": contract.signed_on, "filed_on": contract.filed_on, "registry_office": contract.registry_office}
    return STEP_FORMS[name](prefix=f"{name}-", formdata=None, data=known)


@bp.route("/contracts/new", methods=["GET", "POST"])
@access.requires(P.CREATE_CONTRACT)
def create() -> ResponseReturnValue:
    """Write a contract, from nothing, a contact, a chosen bid or a challenge."""
    source = _source()
    form = ContractForm(data=start_from(source, sources.party_facts) if request.method == "GET" else None)
    form.lock(seller=source.seller is not None, buyer=source.buyer is not None)
    adding = "add_instalment" in request.form
    done = None if adding else forms.submit(form, lambda: _to(actions.create(form.values(), access.actor(), source)))
    form.pad(1 if adding else 0)
    earlier = [
        row
        for row in queries.of_source(bid_id=source.links.get("bid_id"), contact_id=source.links.get("contact_id"))
        if row.state != "abandoned"
    ]
    return done or render_template("contracts/create.html", form=form, source=source, earlier=earlier, target=request.full_path.rstrip("?"))


def _source() -> sources.Source:
    """Return where the new contract comes from; 404 for a source the person is no side of."""
    who = access.actor()
    for name, fetch in (("bid", sources.from_bid), ("contact", sources.from_contact), ("challenge", sources.from_challenge)):
        number = forms.whole if name == "bid" else int  # the id of a bid is larger than an int of ours may be
        key = request.args.get(name, type=number) or request.args.get(f"{name}_id", type=number)
        if key:
            source = fetch(key)
            if source is None or not may(who, P.CREATE_CONTRACT, source.subject):
                abort(404)
            return source
    if who.is_staff or who.organisation_id is None:
        return sources.blank(None, "")
    organisation = accounts.get_organisation(who.organisation_id)
    usual = "buyer" if organisation and organisation.kind == "enterprise" else "seller"
    side = request.args.get("side", usual)
    return sources.blank(organisation, side if side in {"seller", "buyer"} else usual)


def _to(contract: Contract) -> str:
    flash("合同已保存。双方盖章之后，请记为已签订。", "success")
    return url_for("contracts.detail", contract_id=contract.id)


@bp.route("/contracts/<int:contract_id>/edit", methods=["GET", "POST"])
@access.requires(P.EDIT_CONTRACT)
def edit(contract_id: int) -> ResponseReturnValue:
    """Change a contract that is not registered yet."""
    contract = access.load(queries.get, contract_id, P.EDIT_CONTRACT, see=P.SEE_CONTRACT)
    form = ContractForm(data=start_from_contract(contract) if request.method == "GET" else None)
    form.lock(seller=contract.seller_id is not None, buyer=contract.buyer_id is not None)
    adding = "add_instalment" in request.form

    def work() -> str:
        version = forms.whole(form.version.data)
        actions.edit(contract, form.values(), access.actor(), version)
        flash("已保存修改。", "success")
        return url_for("contracts.detail", contract_id=contract_id)

    done = None if adding else forms.submit(form, work)
    if done:
        return done
    form.pad(1 if adding else 0)
    return render_template("contracts/edit.html", form=form, contract=queries.get(contract_id))


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

    return forms.submit(form, work) or _again(contract_id, step, form)


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

    return forms.submit(form, work) or _again(contract_id, "pay", form)


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

    return forms.submit(form, work) or _again(contract_id, "adjust", form)


def _again(contract_id: int, step: str, form: forms.MarketForm) -> ResponseReturnValue:
    """Show the contract again with the form that was refused."""
    contract = queries.get(contract_id)
    return _detail(contract, (step, form), 422) if contract else abort(404)
