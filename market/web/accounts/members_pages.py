"""The members of the own organisation: invite, roles, disable."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.actions import members as actions
from market.domain.errors import IllegalStep, Invalid
from market.domain.organisations import MEMBER_ROLES
from market.domain.permissions import ROLE_WORDS
from market.domain.permissions import Permission as P
from market.models import Organisation, User
from market.queries import accounts, people
from market.web import access
from market.web import forms as base
from market.web.access import actor, requires
from market.web.accounts import forms
from market.web.accounts.blueprint import bp


def _own() -> Organisation:
    found = accounts.get_organisation(current_user.organisation.id) if current_user.organisation else None
    if found is None:
        abort(404)
    return found


def _form(organisation: Organisation) -> forms.InviteForm:
    form = forms.InviteForm()
    choices = [(role.value, ROLE_WORDS[role]) for role in MEMBER_ROLES.get(organisation.kind, ())]
    form.role.choices = base.choices([("", "请选择"), *choices])
    return form


@bp.route("/members", methods=["GET", "POST"])
@requires(P.MANAGE_MEMBERS)
def members() -> ResponseReturnValue:
    """List the members and the open invitations; invite another."""
    organisation = _own()
    form = _form(organisation)

    def work() -> str:
        actions.invite(organisation, str(form.email.data), str(form.role.data), actor())
        flash("邀请已放入待发邮件", "success")
        return url_for("accounts.members")

    done = base.submit(form, work)
    if done is not None:
        return done
    organisation = _own()
    return render_template(
        "accounts/members.html",
        form=form,
        organisation=organisation,
        rows=people.members(organisation.id),
        invitations=people.open_invitations(organisation.id),
        roles=[(role.value, ROLE_WORDS[role]) for role in MEMBER_ROLES.get(organisation.kind, ())],
    )


@bp.route("/members/<int:user_id>/roles", methods=["POST"])
@requires(P.MANAGE_MEMBERS)
def set_member_roles(user_id: int) -> ResponseReturnValue:
    """Give a member other roles."""
    return _change(user_id, lambda user: actions.set_roles(user, request.form.getlist("roles"), actor()), "角色已调整")


@bp.route("/members/<int:user_id>/disable", methods=["POST"])
@requires(P.MANAGE_MEMBERS)
def disable_member(user_id: int) -> ResponseReturnValue:
    """Close a member's account; the sessions end."""
    return _change(user_id, lambda user: actions.disable(user, request.form.get("reason", "")[:200], actor()), "账户已停用，登录已结束")


@bp.route("/members/<int:user_id>/enable", methods=["POST"])
@requires(P.MANAGE_MEMBERS)
def enable_member(user_id: int) -> ResponseReturnValue:
    """Open a closed account again."""
    return _change(user_id, lambda user: actions.enable(user, actor()), "账户已恢复")


@bp.route("/members/invitations/<int:token_id>/withdraw", methods=["POST"])
@requires(P.MANAGE_MEMBERS)
def withdraw_invitation(token_id: int) -> ResponseReturnValue:
    """Make an open invitation useless."""
    actions.withdraw_invitation(token_id, _own(), actor())
    flash("邀请已撤回", "success")
    return redirect(url_for("accounts.members"))


def _change(user_id: int, work: Callable[[User], None], said: str) -> ResponseReturnValue:
    user = access.load(accounts.get_user, user_id, P.MANAGE_MEMBERS)
    try:
        work(user)
    except (IllegalStep, Invalid) as refused:
        flash(str(refused), "error")
    else:
        flash(said, "success")
    return redirect(url_for("accounts.members"))
