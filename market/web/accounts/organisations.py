"""An organisation's page, its form, and the commission's verification."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import claims
from market.actions import organisations as actions
from market.domain.errors import IllegalStep
from market.domain.organisations import ORGANISATION
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Organisation
from market.queries import accounts, people
from market.web import access
from market.web import forms as base
from market.web.access import actor, public, requires
from market.web.accounts import forms, log_words
from market.web.accounts.blueprint import bp
from market.web.accounts.joining import details

WAITING = ("pending", "refused", "unclaimed", "suspended", "verified")


@bp.route("/organisations/<int:organisation_id>")
@public
def organisation(organisation_id: int) -> ResponseReturnValue:
    """Show an organisation; its file (code, address, people) to itself and to the staff only."""
    found = access.load_visible(accounts.get_organisation, organisation_id, P.SEE_ORGANISATION_FILE)
    return _show(found, forms.DecisionForm(version=found.version), forms.ClaimLinkForm())


def _show(found: Organisation, form: forms.DecisionForm, claim_form: forms.ClaimLinkForm) -> ResponseReturnValue:
    who = actor()
    whole = may(who, P.SEE_ORGANISATION_FILE, found.subject)
    decides = may(who, P.VERIFY_ORGANISATION, found.subject)
    edits = may(who, P.EDIT_ORGANISATION, found.subject)
    allowed = [s for s in ORGANISATION.steps_from(found.state) if may(who, s.permission, found.subject)]
    return render_template(
        "accounts/organisation.html",
        organisation=found,
        whole=whole,
        edits=edits,
        decides=decides,
        steps=allowed,
        form=form,
        claim_form=claim_form,
        members=people.members(found.id) if whole and found.kind != "commission" else [],
        similar=people.same_name(found) if decides else [],
        claimed=decides and found.state in {"pending", "refused"} and claims.was_claimed(found),
        history=_timeline(found) if whole else [],
    )


def _timeline(found: Organisation) -> list[dict[str, Any]]:
    return [
        {
            "at": entry.at,
            "title": log_words.step("organisation", entry.step),
            "who": entry.actor_name,
            "note": entry.reason or (f"改了 {len(entry.detail['changed'])} 项" if "changed" in entry.detail else None),
            "tone": "done" if entry.step in {"verify", "restore"} else None,
        }
        for entry in people.history_of("organisation", found.id)
    ]


@bp.route("/organisations/<int:organisation_id>/edit", methods=["GET", "POST"])
@requires(P.EDIT_ORGANISATION)
def edit_organisation(organisation_id: int) -> ResponseReturnValue:
    """Change what the own organisation says about itself."""
    found = access.load(accounts.get_organisation, organisation_id, P.EDIT_ORGANISATION, see=P.SEE_ORGANISATION_FILE)
    form = forms.OrganisationForm(obj=found, data={"tags": found.tag_list})
    done = base.submit(form, lambda: _edit(found, form))
    return done or render_template("accounts/edit_organisation.html", form=form, organisation=accounts.get_organisation(organisation_id))


def _edit(found: Organisation, form: forms.OrganisationForm) -> str:
    said = details(form)
    more = {
        name: str(form[name].data or "") for name in ("short_name", "legal_person", "address", "postcode", "phone", "nature", "profile")
    }
    whole = actions.Details(**{**vars(said), **more, "public_institution": bool(form.public_institution.data)})
    actions.edit(found, whole, actor(), version_of(form.version.data))
    flash("已保存", "success")
    return url_for("accounts.organisation", organisation_id=found.id)


@bp.route("/organisations/<int:organisation_id>/steps/<string:step>", methods=["POST"])
@requires(P.SIGNED_IN)
def organisation_step(organisation_id: int, step: str) -> ResponseReturnValue:
    """Verify, refuse, suspend, restore or resubmit."""
    permission = P.EDIT_ORGANISATION if step == "resubmit" else P.VERIFY_ORGANISATION
    found = access.load(accounts.get_organisation, organisation_id, permission, see=P.SEE_ORGANISATION_FILE)
    form = forms.DecisionForm()
    done = base.submit(form, lambda: _decide(found, step, form))
    return done or _show(found, form, forms.ClaimLinkForm(formdata=None))


def _decide(found: Organisation, step: str, form: forms.DecisionForm) -> str:
    if ORGANISATION.step(step).system:
        raise IllegalStep("没有这一步")
    actions.decide(found, step, str(form.reason.data or ""), actor(), version_of(form.version.data))
    flash(f"{found.name}：{ORGANISATION.states[found.state]}", "success")
    if step == "resubmit":
        return url_for("accounts.organisation", organisation_id=found.id)
    return url_for("accounts.verify_organisations")


@bp.route("/organisations/<int:organisation_id>/claim-link", methods=["POST"])
@requires(P.VERIFY_ORGANISATION)
def send_claim_link(organisation_id: int) -> ResponseReturnValue:
    """Mail the link by which a 待认领 organisation is taken over by its own people."""
    found = access.load(accounts.get_organisation, organisation_id, P.VERIFY_ORGANISATION, see=P.SEE_ORGANISATION_FILE)
    form = forms.ClaimLinkForm()

    def work() -> str:
        claims.send(found, str(form.email.data), actor())
        flash("认领链接已放入待发邮件", "success")
        return url_for("accounts.organisation", organisation_id=found.id)

    done = base.submit(form, work)
    return done or _show(found, forms.DecisionForm(formdata=None, version=found.version), form)


@bp.route("/organisations/to-verify")
@requires(P.VERIFY_ORGANISATION)
def verify_organisations() -> ResponseReturnValue:
    """List the organisations by state, those that wait for verification first."""
    state = request.args.get("state", "pending")
    if state not in WAITING:
        return redirect(url_for("accounts.verify_organisations"))
    rows = people.organisations_in((state,))
    return render_template(
        "accounts/verify_organisations.html", rows=rows, state=state, states=WAITING, counts=people.organisation_counts(), who=actor()
    )


def version_of(text: object) -> int | None:
    """Return the version that a form carries; None when it carries none."""
    words = str(text or "")
    return int(words) if words.isascii() and words.isdigit() and len(words) < 10 else None
