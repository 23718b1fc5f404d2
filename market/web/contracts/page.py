"""The page of one contract, also with a small form that came back with errors."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from market.actions import contracts as actions
from market.domain.contracts import CONTRACT, FLOW_WORDS, paid_remark
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Contract
from market.queries import attribution, contract_files, contract_guards, registration
from market.queries import contracts as queries
from market.web import access, forms
from market.web.contracts import shown as words
from market.web.contracts.forms import STEP_FORMS, AdjustForm, PaymentForm, UploadForm


def page_of(contract: Contract, shown: tuple[str, forms.MarketForm] | None = None, status: int = 200) -> ResponseReturnValue:
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
        "upload_form": shown[1] if shown and shown[0] == "upload" else UploadForm(prefix="file-", formdata=None),
    }
    parent, children = queries.relatives(contract)
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
        parent=parent if parent is not None and may(who, P.SEE_CONTRACT, parent.subject) else None,
        children=[one for one in children if may(who, P.SEE_CONTRACT, one.subject)],
        shares=queries.shares(contract),
        chain=attribution.of(contract),
        registration=registration.panel(contract, who),
        files=contract_files.of_contract(contract.id),
        price=contract_guards.of_contract(contract),
        **words.terms(contract),
        **extra,
    )
    return page, status


def _step_form(name: str, contract: Contract) -> forms.MarketForm:
    known: dict[str, Any] = {"signed_on": contract.signed_on, "filed_on": contract.filed_on, "registry_office": contract.registry_office}
    return STEP_FORMS[name](prefix=f"{name}-", formdata=None, data=known)


def again(contract_id: int, step: str, form: forms.MarketForm) -> ResponseReturnValue:
    """Show the contract again with the form that was refused."""
    contract = queries.get(contract_id)
    return page_of(contract, (step, form), 422) if contract else abort(404)
