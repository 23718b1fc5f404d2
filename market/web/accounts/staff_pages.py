"""People of the commission: accounts, roles, stand-ins (AB 角)."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import second_factor
from market.actions import staff as actions
from market.domain.errors import Forbidden, IllegalStep, Invalid
from market.domain.permissions import STAFF, roles_from
from market.domain.permissions import Permission as P
from market.models import User
from market.queries import accounts, health, people
from market.web import access
from market.web import forms as base
from market.web.access import actor, requires
from market.web.accounts import office_forms
from market.web.accounts.blueprint import bp


@bp.route("/staff", methods=["GET", "POST"])
@requires(P.MANAGE_STAFF)
def staff() -> ResponseReturnValue:
    """List the people of the commission and the stand-ins; invite another."""
    form = office_forms.StaffForm()

    def work() -> str:
        actions.invite(str(form.person_name.data), str(form.email.data), list(form.roles.data or ()), actor())
        flash("账户已建，邀请已放入待发邮件", "success")
        return url_for("accounts.staff")

    return base.submit(form, work) or _page(form, _stand_in_form())


def _page(form: office_forms.StaffForm, stand_in_form: office_forms.StandInForm) -> ResponseReturnValue:
    return render_template(
        "accounts/staff.html",
        form=form,
        stand_in_form=stand_in_form,
        rows=people.staff(),
        stand_ins=people.stand_ins(),
        roles=office_forms.STAFF_CHOICES,
        service=health.read(),
    )


def _stand_in_form(**more: object) -> office_forms.StandInForm:
    form = office_forms.StandInForm(**more)
    choices = [(user.id, user.name) for user in people.staff() if user.active]
    form.absent_id.choices = form.stand_in_id.choices = base.choices(choices)
    return form


@bp.route("/staff/stand-ins", methods=["POST"])
@requires(P.MANAGE_STAFF)
def add_stand_in() -> ResponseReturnValue:
    """Let one person hold another's roles for some days."""
    form = _stand_in_form()

    def work() -> str:
        actions.add_stand_in(form.absent_id.data, form.stand_in_id.data, form.first_day.data, form.last_day.data, actor())
        flash("代办已设置", "success")
        return url_for("accounts.staff")

    return base.submit(form, work) or _page(office_forms.StaffForm(formdata=None), form)


@bp.route("/staff/stand-ins/<int:stand_in_id>/end", methods=["POST"])
@requires(P.MANAGE_STAFF)
def end_stand_in(stand_in_id: int) -> ResponseReturnValue:
    """End an arrangement now."""
    row = people.get_stand_in(stand_in_id)
    if row is None:
        abort(404)
    actions.end_stand_in(row, actor())
    flash("代办已结束", "success")
    return redirect(url_for("accounts.staff"))


@bp.route("/staff/<int:user_id>/roles", methods=["POST"])
@requires(P.MANAGE_STAFF)
def set_staff_roles(user_id: int) -> ResponseReturnValue:
    """Give a person of the commission other roles."""
    return _change(user_id, lambda user: actions.set_roles(user, request.form.getlist("roles"), actor()), "角色已调整")


@bp.route("/staff/<int:user_id>/disable", methods=["POST"])
@requires(P.MANAGE_STAFF)
def disable_staff(user_id: int) -> ResponseReturnValue:
    """Close an account of the commission."""
    return _change(user_id, lambda user: actions.disable(user, request.form.get("reason", "")[:200], actor()), "账户已停用，登录已结束")


@bp.route("/staff/<int:user_id>/enable", methods=["POST"])
@requires(P.MANAGE_STAFF)
def enable_staff(user_id: int) -> ResponseReturnValue:
    """Open a closed account again."""
    return _change(user_id, lambda user: actions.enable(user, actor()), "账户已恢复")


@bp.route("/staff/<int:user_id>/invite", methods=["POST"])
@requires(P.MANAGE_STAFF)
def invite_staff_again(user_id: int) -> ResponseReturnValue:
    """Mail the invitation once more."""
    return _change(user_id, lambda user: actions.invite_again(user, actor()), "新的邀请已放入待发邮件")


@bp.route("/staff/<int:user_id>/second-factor", methods=["POST"])
@requires(P.MANAGE_STAFF)
def reset_second_factor(user_id: int) -> ResponseReturnValue:
    """Let somebody who lost the phone enrol again."""
    return _change(user_id, lambda user: second_factor.take_away(user, actor()), "两步验证已重置，下次登录要重新绑定")


def _of_the_commission(user_id: int) -> User | None:
    """Return one of the people on this page: of others the system administrator learns nothing here."""
    user = accounts.get_user(user_id)
    return user if user is not None and roles_from(role.role for role in user.roles) & STAFF else None


def _change(user_id: int, work: Callable[[User], None], said: str) -> ResponseReturnValue:
    user = access.load(_of_the_commission, user_id, P.MANAGE_STAFF)
    try:
        work(user)
    except (IllegalStep, Invalid, Forbidden) as refused:
        flash(str(refused), "error")
    else:
        flash(said, "success")
    return redirect(url_for("accounts.staff"))
