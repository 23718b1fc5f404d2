"""Pages of the room accounts: coming in and going out. The other pages are in the modules beside this one."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.actions import passwords
from market.actions import sign_in as coming_in
from market.domain.errors import Invalid, NotVisible, TooMany
from market.queries import accounts
from market.web import access
from market.web.access import public
from market.web.accounts import (
    address,
    bureaus,
    claiming,
    consent,
    forms,
    joining,
    members_pages,
    office,
    organisations,
    own,
    rules_pages,
    staff_pages,
)
from market.web.accounts.blueprint import bp
from market.web.accounts.visit import begin, end, remember_device, visit

__all__ = [
    "address",
    "bp",
    "bureaus",
    "claiming",
    "consent",
    "joining",
    "members_pages",
    "office",
    "organisations",
    "own",
    "rules_pages",
    "staff_pages",
]


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Ask for e-mail and password; every refusal looks the same."""
    target = access.safe_next(request.args.get("next"), url_for("home.todo"))
    form, status = forms.SignInForm(), 200
    if current_user.is_authenticated and request.method == "GET":
        return redirect(target)
    if form.validate_on_submit():
        email = str(form.email.data)
        try:
            token = coming_in.sign_in(email, str(form.password.data), visit(email))
        except (Invalid, TooMany) as refused:
            form.form_errors.append(str(refused))
            status = 429 if isinstance(refused, TooMany) else 422
        else:
            begin(token)
            response = current_app.make_response(redirect(target))
            remember_device(response, email)
            return response
    return render_template("accounts/sign_in.html", form=form, target=request.args.get("next")), status


@bp.route("/sign-out", methods=["POST"])
@public
def sign_out() -> ResponseReturnValue:
    """End the session row; every copy of the cookie is dead."""
    if current_user.is_authenticated:
        coming_in.end_session(current_user.session_id, current_user.id)
    end()
    flash("您已退出登录", "success")
    return redirect(url_for("home.index"))


@bp.route("/forgot-password", methods=["GET", "POST"])
@public
def forgot_password() -> ResponseReturnValue:
    """Mail a reset link; the answer is the same for every address."""
    form = forms.ForgotForm()
    if form.validate_on_submit():
        coming_in.ask_reset(str(form.email.data), visit())
        return redirect(url_for("accounts.mail_sent", about="reset"))
    return render_template("accounts/forgot_password.html", form=form)


@bp.route("/mail-sent")
@public
def mail_sent() -> ResponseReturnValue:
    """Say that a mail is on its way, whether or not there was anybody to write to."""
    return render_template("accounts/mail_sent.html", about="reset" if request.args.get("about") == "reset" else "register")


@bp.route("/reset-password/<string:token>", methods=["GET", "POST"])
@public
def reset_password(token: str) -> ResponseReturnValue:
    """Set a new password by a mailed link (30 minutes, once)."""
    form = forms.NewPasswordForm()
    if accounts.open_token("reset", token) is None:
        return render_template("accounts/spent_link.html", again=url_for("accounts.forgot_password")), 404
    if form.validate_on_submit():
        try:
            coming_in.reset(token, passwords.make(str(form.password.data)))
        except Invalid as refused:
            form.password.errors = [*form.password.errors, str(refused)]
        except NotVisible:
            return render_template("accounts/spent_link.html", again=url_for("accounts.forgot_password")), 404
        else:
            end()
            flash("密码已重设，请用新密码登录", "success")
            return redirect(url_for("accounts.sign_in"))
    return render_template("accounts/reset_password.html", form=form, token=token)


@bp.route("/confirm-email/<string:token>", methods=["GET", "POST"])
@public
def confirm_email(token: str) -> ResponseReturnValue:
    """Confirm an address: the link opens the page, the button does it (a mail scanner presses no buttons)."""
    form = forms.ConfirmForm()
    found = accounts.open_token("confirm_email", token)
    if found is None:
        return render_template("accounts/spent_link.html", again=url_for("accounts.sign_in")), 404
    if form.validate_on_submit():
        coming_in.confirm_email(token)
        flash("邮箱已确认，请登录", "success")
        return redirect(url_for("accounts.sign_in"))
    return render_template("accounts/confirm_email.html", form=form, token=token, email=found.email)
