"""Pages on which the commission keeps the bureaus of cities."""

from __future__ import annotations

from flask import abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from market.actions import bureaus as actions
from market.domain.permissions import Permission as P
from market.models import Organisation
from market.queries import accounts, people
from market.web import access
from market.web import forms as base
from market.web.access import actor, requires
from market.web.accounts import forms
from market.web.accounts.blueprint import bp
from market.web.accounts.organisations import version_of


@bp.route("/bureaus")
@requires(P.VERIFY_ORGANISATION)
def bureaus() -> ResponseReturnValue:
    """List the bureaus of cities."""
    return render_template("accounts/bureaus.html", rows=people.bureaus())


@bp.route("/bureaus/new", methods=["GET", "POST"])
@requires(P.VERIFY_ORGANISATION)
def create_bureau() -> ResponseReturnValue:
    """Add a bureau and invite its first person."""
    form = forms.NewBureauForm()

    def work() -> str:
        made = actions.create(_said(form), str(form.email.data or ""), actor())
        flash(f"{made.name} 已建" + ("，邀请已放入待发邮件" if form.email.data else ""), "success")
        return url_for("accounts.bureaus")

    return base.submit(form, work) or render_template("accounts/bureau.html", form=form, bureau=None)


@bp.route("/bureaus/<int:organisation_id>/edit", methods=["GET", "POST"])
@requires(P.VERIFY_ORGANISATION)
def edit_bureau(organisation_id: int) -> ResponseReturnValue:
    """Change what is said about a bureau."""
    found = _load(organisation_id)
    form = forms.BureauForm(obj=found)

    def work() -> str:
        actions.edit(found, _said(form), actor(), version_of(form.version.data))
        flash("已保存", "success")
        return url_for("accounts.bureaus")

    return base.submit(form, work) or _page(organisation_id, form, forms.ClaimLinkForm(formdata=None))


@bp.route("/bureaus/<int:organisation_id>/invitation", methods=["POST"])
@requires(P.VERIFY_ORGANISATION)
def invite_to_bureau(organisation_id: int) -> ResponseReturnValue:
    """Invite the first person of a bureau."""
    found = _load(organisation_id)
    form = forms.ClaimLinkForm()

    def work() -> str:
        actions.invite(found, str(form.email.data), actor())
        flash("邀请已放入待发邮件", "success")
        return url_for("accounts.bureaus")

    return base.submit(form, work) or _page(organisation_id, forms.BureauForm(formdata=None, obj=_load(organisation_id)), form)


def _page(organisation_id: int, form: forms.BureauForm, invitation: forms.ClaimLinkForm) -> ResponseReturnValue:
    found = _load(organisation_id)
    persons = people.members(organisation_id)
    return render_template("accounts/bureau.html", form=form, bureau=found, invitation=invitation, people=persons)


def _load(organisation_id: int) -> Organisation:
    found = access.load(accounts.get_organisation, organisation_id, P.VERIFY_ORGANISATION, see=P.SEE_ORGANISATION_FILE)
    if found.kind != "bureau":
        abort(404)
    return found


def _said(form: forms.BureauForm) -> actions.Bureau:
    return actions.Bureau(
        name=str(form.name.data or ""),
        region=str(form.region.data or ""),
        short_name=str(form.short_name.data or ""),
        credit_code=str(form.credit_code.data or ""),
        phone=str(form.phone.data or ""),
        address=str(form.address.data or ""),
    )
