"""One contract on its way to the registry: the pre-check, the form to be copied field by field, its files."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import contracts as contract_actions
from market.actions import registration as actions
from market.domain import precheck
from market.domain import registration_form as rules
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Contract
from market.queries import contracts
from market.queries import registration as queries
from market.web import access
from market.web.registration.blueprint import bp
from market.web.registration.board import sent

TONES = {precheck.PASS: "done", precheck.MEND: "act", precheck.WARN: "waiting", precheck.ASK: "open", precheck.SKIP: "neutral"}
_OF_SIDE = ("name", "credit_code", "region")  # what is copied from the organisation's own file


def mend_address(contract: Contract, field: str, editable: bool) -> str | None:
    """Return where a field is mended: the contract's form, the organisation's own file, or the contract's page for its steps."""
    if not editable:
        return None
    if field == "signed_on":
        return url_for("contracts.detail", contract_id=contract.id)
    side, _, part = field.partition("-")
    known = getattr(contract, f"{side}_id", None) if side in {"seller", "buyer"} and part in _OF_SIDE else None
    if known is not None:
        return url_for("accounts.organisation", organisation_id=known)
    return url_for("contracts.edit", contract_id=contract.id, _anchor=field)


def _editable(contract: Contract) -> bool:
    return contract.state in contract_actions.EDITABLE and may(access.actor(), P.EDIT_CONTRACT, contract.subject)


@bp.route("/contracts/<int:contract_id>/precheck", methods=["GET", "POST"])
@access.requires(P.SEE_CONTRACT)
def check(contract_id: int) -> ResponseReturnValue:
    """The sixteen reasons for which contracts come back, asked of this one."""
    if request.method == "POST":
        contract = access.load(contracts.get, contract_id, P.PREPARE_REGISTRATION, see=P.SEE_CONTRACT)
        return access.once(lambda: _answered(contract))
    contract = access.load(contracts.get, contract_id, P.SEE_CONTRACT)
    given = queries.answers(contract.id)
    found = queries.prechecked(contract, access.actor(), given)
    editable = _editable(contract)
    return render_template(
        "registration/check.html",
        contract=contract,
        found=found,
        given=given,
        counts=precheck.counts(found),
        sentence=precheck.sentence(found),
        words=precheck.STATE_WORDS,
        tones=TONES,
        answers=may(access.actor(), P.PREPARE_REGISTRATION, contract.subject),
        mend={result.item.key: mend_address(contract, result.field, editable) for result in found},
    )


def _answered(contract: Contract) -> str:
    given = {item.key: request.form.get(f"answer-{item.key}", "") for item in precheck.ITEMS if item.asked}
    number = actions.answer(contract, given, access.actor())
    flash(f"记下了 {number} 个回答。" if number else "没有新的回答。", "success" if number else "info")
    return url_for("registration.check", contract_id=contract.id)


@bp.route("/contracts/<int:contract_id>/form", methods=["GET", "POST"])
@access.requires(P.PREPARE_REGISTRATION)
def copy(contract_id: int) -> ResponseReturnValue:
    """The form in the registry's order, to be copied field by field; the place is kept for each person."""
    contract = access.load(contracts.get, contract_id, P.PREPARE_REGISTRATION, see=P.SEE_CONTRACT)
    if request.method == "POST":
        return _kept(contract)
    return render_template("registration/copy.html", contract=contract, **_filled(contract))


def _filled(contract: Contract) -> dict[str, Any]:
    unit, place = queries.unit(), queries.place(access.actor().id or 0, contract.id)
    filled = rules.entries(contract, unit)
    typed = [entry for entry in filled if entry.field.kind != "given"]
    done = {entry.field.key for entry in typed if place is not None and entry.field.key in place.done}
    following = rules.next_after(typed, place.field) if place is not None else None
    last = next((entry for entry in typed if place is not None and entry.field.key == place.field), None)
    editable = _editable(contract)
    return {
        "sections": [(name, list(rows)) for name, rows in groupby(filled, key=lambda entry: entry.field.section)],
        "unit": unit, "place": place, "done": done, "total": len(typed), "last": last, "following": following,
        "missing": rules.missing(filled), "note": rules.UNCHECKED,
        "mend": {entry.field.key: mend_address(contract, entry.field.edit, editable) for entry in filled if entry.field.edit},
    }  # fmt: skip


def _kept(contract: Contract) -> ResponseReturnValue:
    """Keep the place, or begin anew; a script that copies asks for a short answer instead of the page."""
    address = url_for("registration.copy", contract_id=contract.id)
    if request.form.get("again"):
        actions.forget_place(contract, access.actor())
        return redirect(address)
    key = request.form.get("key", "")
    place = actions.keep_place(contract, key, access.actor())
    following = rules.next_after([entry for entry in rules.entries(contract, queries.unit()) if entry.field.kind != "given"], key)
    if request.headers.get("X-Requested-With") == "fetch":
        return jsonify(key=key, done=len(place.done))
    return redirect(f"{address}#field-{following.field.key.replace('.', '-')}" if following else address)


@bp.route("/contracts/<int:contract_id>/form.xlsx")
@access.requires(P.PREPARE_REGISTRATION)
def form_xlsx(contract_id: int) -> ResponseReturnValue:
    """The filled form of one contract as XLSX."""
    return _file(contract_id, "xlsx")


@bp.route("/contracts/<int:contract_id>/form.docx")
@access.requires(P.PREPARE_REGISTRATION)
def form_docx(contract_id: int) -> ResponseReturnValue:
    """The filled form of one contract as DOCX."""
    return _file(contract_id, "docx")


def _file(contract_id: int, kind: str) -> ResponseReturnValue:
    contract = access.load(contracts.get, contract_id, P.PREPARE_REGISTRATION, see=P.SEE_CONTRACT)
    return sent(actions.form_file(contract, kind, access.actor()), contract_id)
