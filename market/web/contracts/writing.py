"""Writing a contract: a new one, from nothing or from what is known already, and changing one that is not registered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import contracts as actions
from market.domain import classifications, codes
from market.domain import contract_terms as terms
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Contract
from market.queries import accounts, contract_guards
from market.queries import contract_sources as sources
from market.queries import contracts as queries
from market.web import access, forms
from market.web.contracts import shown
from market.web.contracts.blueprint import bp
from market.web.contracts.record_form import ContractForm, start_from, start_from_contract

_SOURCES = (
    ("bid", sources.from_bid),
    ("contact", sources.from_contact),
    ("challenge", sources.from_challenge),
    ("parent", sources.from_parent),
)


@bp.route("/contracts/new", methods=["GET", "POST"])
@access.requires(P.CREATE_CONTRACT)
def create() -> ResponseReturnValue:
    """Write a contract, from nothing, a contact, a chosen bid, a challenge or the contract it adds to."""
    source = _source()
    form = ContractForm(data=start_from(source) if request.method == "GET" else None)
    form.lock(seller=source.seller is not None, buyer=source.buyer is not None)
    _offer_parents(form, {side.id for side in (source.seller, source.buyer) if side}, source.values.get("parent_id"))
    changed = request.method == "POST" and form.change_rows(request.form)
    done = None if changed else forms.submit(form, lambda: _to(actions.create(form.values(), access.actor(), source)))
    if done:
        return done
    earlier = [
        row
        for row in queries.of_source(bid_id=source.links.get("bid_id"), contact_id=source.links.get("contact_id"))
        if row.state != "abandoned"
    ]
    values = dict(source.values) if request.method == "GET" else form.values()
    for side, known in (("seller", source.seller), ("buyer", source.buyer)):
        if known is not None:  # its code stands in its file, not in the form
            values[side] = {"credit_code": known.credit_code} | (values.get(side) or {})
    return render_template(
        "contracts/create.html",
        form=form,
        source=source,
        earlier=earlier,
        target=request.full_path.rstrip("?"),
        **_page(form, values, source.origins, public=source.seller is not None and source.seller.public_institution),
    )


def _page(form: ContractForm, values: Mapping[str, Any], origins: Mapping[str, str], *, public: bool) -> dict[str, Any]:
    """Return what both pages of the form show beside it; `public`: the seller is known as a public institution."""
    form.pad()
    asked = terms.price_asked(values.get("type") or "", (values.get("seller") or {}).get("nature"), public)
    needed = [one for one in terms.still_needed(values) if one[0] in form or "-" in one[0]]
    return {
        "needed": needed + ([("service_result", "是不是职务成果（签订前）")] if asked and values.get("service_result") is None else []),
        "price_asked": asked,
        "origins": origins,
        "sums": shown.sums(values),
        "open_rows": request.method == "POST",
        "divisions": classifications.DIVISIONS,
        "countries": classifications.COUNTRIES,
        "kind_tests": [(codes.CONTRACT_TYPES[kind], *said) for kind, said in classifications.KIND_TESTS.items()],
        "publicity_days": contract_guards.publicity_words(),
    }


def _offer_parents(form: ContractForm, sides: set[int], named: int | None, contract_id: int | None = None) -> None:
    found = queries.possible_parents(access.actor(), sides, contract_id)
    if named and all(one.id != named for one in found):
        parent = queries.get(named)
        found += [parent] if parent else []
    form.offer_parents(found)


def _source() -> sources.Source:
    """Return where the new contract comes from; 404 for a source the person is no side of."""
    who = access.actor()
    for name, fetch in _SOURCES:
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
    signed = "合同已保存，并记为已签订。下一步由卖方办理认定登记。" if contract.signed_on else "合同已保存。双方盖章之后，请记为已签订。"
    flash(signed, "success")
    return url_for("contracts.detail", contract_id=contract.id)


@bp.route("/contracts/<int:contract_id>/edit", methods=["GET", "POST"])
@access.requires(P.EDIT_CONTRACT)
def edit(contract_id: int) -> ResponseReturnValue:
    """Change a contract that is not registered yet."""
    contract = access.load(queries.get, contract_id, P.EDIT_CONTRACT, see=P.SEE_CONTRACT)
    form = ContractForm(data=start_from_contract(contract) if request.method == "GET" else None)
    form.lock(seller=contract.seller_id is not None, buyer=contract.buyer_id is not None)
    del form.signed_on
    _offer_parents(form, set(contract.subject.parties), contract.parent_id, contract_id)
    changed = request.method == "POST" and form.change_rows(request.form)

    def work() -> str:
        version = forms.whole(form.version.data)
        actions.edit(contract, form.values(), access.actor(), version)
        flash("已保存修改。", "success")
        return url_for("contracts.detail", contract_id=contract_id)

    done = None if changed else forms.submit(form, work)
    if done:
        return done
    fresh = queries.get(contract_id)
    if fresh is None:
        abort(404)
    public = fresh.seller is not None and fresh.seller.public_institution
    values = shown.values_of(fresh) if request.method == "GET" else form.values() | {"signed_on": fresh.signed_on}
    return render_template("contracts/edit.html", form=form, contract=fresh, **_page(form, values, {}, public=public))
