"""Change the own e-mail address: asked for with the password, confirmed by a link to the new address."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.actions import address_change
from market.actions import sign_in as coming_in
from market.domain.errors import Invalid, NotVisible, TooMany
from market.domain.permissions import Permission as P
from market.queries import accounts
from market.web import access
from market.web.access import public, requires
from market.web.accounts import forms
from market.web.accounts.blueprint import bp
from market.web.accounts.own import show


@bp.route("/account/email", methods=["GET", "POST"])
@requires(P.SIGNED_IN)
def change_email() -> ResponseReturnValue:
    """Ask for another address; the answer is the same whether or not it has an account."""
    form = forms.ChangeEmailForm()
    if form.validate_on_submit():
        try:
            coming_in.check_password(current_user.id, str(form.present.data))
            address_change.ask(current_user.id, str(form.email.data), access.actor())
        except (Invalid, TooMany) as refused:
            show(form, refused)
        else:
            flash("确认链接已发到新邮箱，一天内打开它才生效；现在的邮箱也会收到一封提醒", "success")
            return redirect(url_for("accounts.profile"))
    user = accounts.get_user(current_user.id)
    return render_template("accounts/change_email.html", form=form, user=user)


@bp.route("/change-email/<string:token>", methods=["GET", "POST"])
@public
def confirm_new_email(token: str) -> ResponseReturnValue:
    """Take the new address: the link opens the page, the button does it (a mail scanner presses no buttons)."""
    form = forms.ConfirmForm()
    found = accounts.open_token("change_email", token)
    if found is None:
        return _spent()
    email = found.email
    if form.validate_on_submit():
        try:
            address_change.confirm(token)
        except Invalid as refused:
            form.form_errors.append(next(iter(refused.fields.values())))
        except NotVisible:
            return _spent()
        else:
            flash("登录邮箱已更换，下次请用新邮箱登录", "success")
            return redirect(url_for("accounts.profile"))
    return render_template("accounts/confirm_new_email.html", form=form, token=token, email=email)


def _spent() -> ResponseReturnValue:
    return render_template("accounts/spent_link.html", again=url_for("accounts.change_email")), 404
