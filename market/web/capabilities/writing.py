"""Writing a capability: new, edit, autosave, the owner's list, steps and confirmations."""

from __future__ import annotations

from flask import abort, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.actions import capabilities as actions
from market.domain import capabilities as rules
from market.domain import clock
from market.domain.capabilities import CAPABILITY
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Capability
from market.queries import accounts, capabilities, challenges
from market.web import access, forms
from market.web.capabilities import shown
from market.web.capabilities.blueprint import bp
from market.web.capabilities.forms import CapabilityForm, copy_of, from_capability
from market.web.formatters import short_day

_COPIES = 30  # earlier listings to choose from
_OWN_STEPS = ("submit", "take_back", "reserve", "license", "release", "withdraw")


@bp.route("/capabilities/new", methods=["GET", "POST"])
@access.requires(P.CREATE_CAPABILITY)
def create() -> ResponseReturnValue:
    """A new capability of one's own organisation; ?copy= fills in what an earlier one of it says."""
    who, user = access.actor(), current_user.user
    earlier = capabilities.of_organisation(who.organisation_id) if who.organisation_id else []
    copied = next((row for row in earlier if row.id == request.args.get("copy", type=int)), None)
    start = copy_of(capabilities.get(copied.id)) if copied else {"ip": [{}]}
    form = CapabilityForm(data={"contact_name": user.name, "contact_phone": user.phone or ""} | start)
    changed = request.method == "POST" and form.change_rows(request.form)
    done = None if changed else forms.submit(form, lambda: _save(form, actions.create(form.values(), access.actor())))
    return done or _form_page("capabilities/create.html", form, copied=copied, earlier=shown.own_first(earlier, who)[:_COPIES])


@bp.route("/capabilities/<int:capability_id>/edit", methods=["GET", "POST"])
@access.requires(P.EDIT_CAPABILITY)
def edit(capability_id: int) -> ResponseReturnValue:
    """Change a draft, a returned one, or the minor words of a published one."""
    capability = access.load(capabilities.get, capability_id, P.EDIT_CAPABILITY, see=P.SEE_CAPABILITY)
    if request.method == "GET" and capability.state not in rules.EDITABLE_STATES | rules.PUBLIC_STATES:
        flash(f"目前是「{CAPABILITY.states[capability.state]}」，不能修改", "warning")
        return redirect(url_for("capabilities.detail", capability_id=capability_id))
    form = CapabilityForm(data=from_capability(capability))
    changed = request.method == "POST" and form.change_rows(request.form)
    done = None if changed else forms.submit(form, lambda: _change(form, capability))
    return done or _form_page("capabilities/edit.html", form, capabilities.get(capability_id))


def _change(form: CapabilityForm, capability: Capability) -> str:
    actions.edit(capability, form.values(), access.actor(), _version(form))
    if capability.is_public:
        flash("已更新", "success")
        return url_for("capabilities.detail", capability_id=capability.id)
    return _save(form, capability)


def _save(form: CapabilityForm, capability: Capability) -> str:
    who = access.actor()
    if "save_draft" not in request.form and may(who, P.SUBMIT_CAPABILITY, capability.subject):
        actions.submit(capability, who)
        flash(f"已提交审核，最迟 {short_day(capability.answer_due)}答复您", "success")
        return url_for("capabilities.detail", capability_id=capability.id)
    flash("草稿已保存", "success")
    return url_for("capabilities.edit", capability_id=capability.id)


def _version(form: CapabilityForm) -> int | None:
    return forms.whole(form.version.data)


def _form_page(template: str, form: CapabilityForm, capability: Capability | None = None, **more: object) -> str:
    return render_template(
        template,
        form=form,
        capability=capability,
        live=bool(capability and capability.is_public),
        comments=challenges.comments(capability.id, "capability") if capability else [],
        may_submit=may(access.actor(), P.SUBMIT_CAPABILITY, capability.subject if capability else None),
        **more,
    )


@bp.route("/capabilities/<int:capability_id>/autosave", methods=["POST"])
@access.requires(P.EDIT_CAPABILITY)
def autosave(capability_id: int) -> ResponseReturnValue:
    """Save a draft in the background; refuses (409) when somebody else changed it."""
    capability = access.load(capabilities.get, capability_id, P.EDIT_CAPABILITY, see=P.SEE_CAPABILITY)
    form = CapabilityForm()
    if capability.is_public or not form.validate():
        return jsonify(errors=form.errors), 422
    actions.edit(capability, form.values(), access.actor(), _version(form), quiet=True)
    return jsonify(saved_at=f"{clock.local(clock.now()):%H:%M}", version=capability.version)


@bp.route("/capabilities/mine")
@access.requires(P.EDIT_CAPABILITY)
def mine() -> ResponseReturnValue:
    """The capabilities of one's organisation."""
    who = access.actor()
    found = capabilities.page_of_organisation(who.organisation_id or 0, request.args.get("page", 1, int))
    return render_template(
        "capabilities/mine.html",
        found=found,
        rows=found.rows,
        may_create=may(who, P.CREATE_CAPABILITY),
        may_renew=may(who, P.SUBMIT_CAPABILITY),
    )


@bp.route("/capabilities/<int:capability_id>/steps/<string:step>", methods=["GET", "POST"])
@access.requires(P.EDIT_CAPABILITY)
def take_step(capability_id: int, step: str) -> ResponseReturnValue:
    """Take one of the owner's steps; opened by GET (from an error page) it leads back to the capability."""
    if request.method == "GET":
        access.load_visible(capabilities.get, capability_id, P.SEE_CAPABILITY)
        return redirect(url_for("capabilities.detail", capability_id=capability_id))
    permission = CAPABILITY.step(step).permission if step in _OWN_STEPS else P.SUSPEND
    capability = access.load(capabilities.get, capability_id, permission, see=P.SEE_CAPABILITY)
    reason = request.form.get("reason", "").strip()[:300]
    version = request.form.get("version", type=int)

    def work() -> str:
        actions.take_step(capability, step, access.actor(), reason or None, version)
        flash(shown.STEP_DONE[step].format(due=short_day(capability.answer_due)), "success")
        return url_for("capabilities.edit" if step == "take_back" else "capabilities.detail", capability_id=capability_id)

    return access.once(work)


@bp.route("/capabilities/<int:capability_id>/confirm", methods=["POST"])
@access.requires(P.CONFIRM_CAPABILITY)
def confirm(capability_id: int) -> ResponseReturnValue:
    """Say that it still holds."""
    capability = access.load(capabilities.get, capability_id, P.CONFIRM_CAPABILITY, see=P.SEE_CAPABILITY)

    def work() -> str:
        actions.confirm(capability, access.actor())
        flash("已确认，有效期重新计算", "success")
        return url_for("capabilities.detail", capability_id=capability_id)

    return access.once(work)


@bp.route("/capabilities/renew", methods=["GET", "POST"])
@access.requires(P.SUBMIT_CAPABILITY)
def renew_many() -> ResponseReturnValue:
    """Confirm many at once (the TTO)."""
    who = access.actor()
    if request.method == "POST":
        ids = [number for value in request.form.getlist("capability") if (number := forms.whole(value)) is not None]
        if request.form.get("all") == "1":
            ids = [row.id for row in capabilities.confirmable(who.organisation_id or 0)]

        def work() -> str:
            flash(f"已确认 {actions.confirm_many(ids, who)} 项", "success")
            return url_for("capabilities.renew_many")

        return access.once(work)
    rows = [
        (row, *shown.freshness_words(row, clock.today(), g.site.confirmation_months))
        for row in capabilities.confirmable(who.organisation_id or 0)
    ]
    return render_template("capabilities/renew_many.html", rows=rows)


@bp.route("/renew/<string:token>", methods=["GET", "POST"])
@access.public
def renew(token: str) -> ResponseReturnValue:
    """The mailed link: one button, no account; a GET changes nothing (mail scanners open links)."""
    if request.method == "POST":
        capability = actions.confirm_by_link(token)
        return render_template("capabilities/renew.html", token=None, capability=capability)
    if accounts.open_token("renew", token) is None:
        abort(404)
    return render_template("capabilities/renew.html", token=token, capability=None)
