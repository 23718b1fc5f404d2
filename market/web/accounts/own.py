"""One's own account: profile, password, second factor, running sessions, notices."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.actions import members, notices, passwords, second_factor
from market.actions import sign_in as coming_in
from market.actions.people import Person
from market.domain.errors import Invalid, TooMany
from market.domain.permissions import Permission as P
from market.queries import accounts, office
from market.web import access, formatters
from market.web import forms as base
from market.web.access import requires
from market.web.accounts import forms
from market.web.accounts.blueprint import bp
from market.web.accounts.visit import begin, visit


@bp.route("/account", methods=["GET", "POST"])
@requires(P.SIGNED_IN)
def profile() -> ResponseReturnValue:
    """Show and change one's own name, title and telephone."""
    user = accounts.get_user(current_user.id)
    assert user is not None
    form = forms.ProfileForm(person_name=user.name, title=user.title, phone=user.phone)
    done = base.submit(form, lambda: _edit(form))
    left = accounts.recovery_codes_left(user.id) if user.totp_confirmed_at else 0
    consents = [row for row in accounts.consents_of(user.id) if row.document in {"terms", "privacy"}]
    whole = accounts.get_user(current_user.id)
    return done or render_template("accounts/profile.html", form=form, user=whole, codes_left=left, consents=consents)


def _edit(form: forms.ProfileForm) -> str:
    person = Person(name=str(form.person_name.data), phone=str(form.phone.data or ""), title=str(form.title.data or ""))
    members.edit_profile(current_user.id, person, access.actor())
    flash("已保存", "success")
    return url_for("accounts.profile")


@bp.route("/account/password", methods=["GET", "POST"])
@requires(P.SIGNED_IN)
def change_password() -> ResponseReturnValue:
    """Change the password; the other sessions end."""
    form = forms.ChangePasswordForm()
    if form.validate_on_submit():
        try:
            coming_in.check_password(current_user.id, str(form.present.data))
            new = passwords.make(str(form.password.data), about=(current_user.name,))
        except (Invalid, TooMany) as refused:
            show(form, refused)
        else:
            coming_in.change_password(current_user.id, current_user.session_id, new, access.actor())
            flash("密码已更换，其他设备上的登录已结束", "success")
            return redirect(url_for("accounts.profile"))
    return render_template("accounts/change_password.html", form=form)


@bp.route("/account/sessions")
@requires(P.SIGNED_IN)
def sessions() -> ResponseReturnValue:
    """List where one is signed in."""
    rows = accounts.sessions_of(current_user.id, datetime.now(UTC))
    return render_template("accounts/sessions.html", rows=rows, own=current_user.session_id)


@bp.route("/account/sessions/end", methods=["POST"])
@requires(P.SIGNED_IN)
def end_sessions() -> ResponseReturnValue:
    """End one session, or all but this one."""
    chosen = request.form.get("session_id", "")
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 10:
        coming_in.end_session(int(chosen), current_user.id)
    else:
        coming_in.end_sessions(current_user.id, keep=current_user.session_id)
    flash("已结束", "success")
    return redirect(url_for("accounts.sessions"))


@bp.route("/second-factor", methods=["GET", "POST"])
@requires(P.SIGNED_IN)
def totp() -> ResponseReturnValue:
    """Ask for the code, or lead through the enrolment: password, QR code, first code, recovery codes."""
    user = accounts.get_user(current_user.id)
    assert user is not None
    key, form = current_app.config["MARKET"].key(), forms.CodeForm()
    if user.totp_confirmed_at is not None:
        if current_user.second_factor:
            return redirect(url_for("accounts.profile"))
        return _ask_code(form, key)
    waiting = second_factor.waiting_secret(user, key)
    if waiting is None:
        return render_template("accounts/begin_totp.html", form=forms.PasswordForm())
    if form.validate_on_submit():
        try:
            codes = second_factor.confirm(current_user.id, str(form.code.data), key, access.actor())
        except (Invalid, TooMany) as refused:
            show(form, refused)
        else:
            begin(second_factor.change_session(current_user.id, current_user.session_id, visit()))
            return render_template("accounts/recovery_codes.html", codes=codes)
    address = second_factor.address_for(waiting, user.email, g.site.name)
    return render_template("accounts/enrol_totp.html", form=form, secret=waiting, svg=formatters.qr(address))


def _ask_code(form: forms.CodeForm, key: str) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            token = second_factor.pass_with(current_user.id, current_user.session_id, str(form.code.data), key, visit())
        except (Invalid, TooMany) as refused:
            show(form, refused)
        else:
            begin(token)
            return redirect(url_for("home.todo"))
    return render_template("accounts/totp.html", form=form)


@bp.route("/second-factor/begin", methods=["POST"])
@requires(P.SIGNED_IN)
def begin_totp() -> ResponseReturnValue:
    """Start the enrolment after the password was asked again."""
    form = forms.PasswordForm()
    if form.validate_on_submit():
        try:
            coming_in.check_password(current_user.id, str(form.present.data))
        except (Invalid, TooMany) as refused:
            show(form, refused)
        else:
            second_factor.begin(current_user.id, current_app.config["MARKET"].key())
            return redirect(url_for("accounts.totp"))
    return render_template("accounts/begin_totp.html", form=form)


@bp.route("/second-factor/recovery-codes", methods=["GET", "POST"])
@requires(P.SIGNED_IN)
def recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes, or switch the second factor off (not for staff), after the password was asked again."""
    form = forms.PasswordForm()
    if form.validate_on_submit():
        try:
            coming_in.check_password(current_user.id, str(form.present.data))
            if request.form.get("switch_off"):
                second_factor.switch_off(current_user.id, access.actor())
                flash("两步验证已关闭", "success")
                return redirect(url_for("accounts.profile"))
            return render_template("accounts/recovery_codes.html", codes=second_factor.renew_codes(current_user.id, access.actor()))
        except (Invalid, TooMany) as refused:
            show(form, refused)
    return render_template("accounts/renew_codes.html", form=form)


@bp.route("/notices", methods=["GET"], endpoint="notices")
@requires(P.SIGNED_IN)
def show_notices() -> ResponseReturnValue:
    """List one's notices, the newest first."""
    listed = office.notices_of(current_user.id, request.args.get("page", 1, type=int))
    return render_template("accounts/notices.html", listed=listed)


@bp.route("/notices/read", methods=["POST"])
@requires(P.SIGNED_IN)
def read_notices() -> ResponseReturnValue:
    """Mark one notice, or all, as read; with `open` go to the page it is about."""
    chosen = request.form.get("notice_id", "")
    one = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 15 else None
    notice = office.notice_of(current_user.id, one) if one else None
    link = notice.link if notice else None
    notices.mark_read(current_user.id, one)
    target = access.safe_next(link, url_for("accounts.notices")) if request.form.get("open") else url_for("accounts.notices")
    return redirect(target)


def show(form: base.MarketForm, refused: Invalid | TooMany) -> None:
    """Put a refusal beside its field, or on top."""
    if isinstance(refused, Invalid):
        for name, message in refused.fields.items():
            if name in form:
                form[name].errors = [*form[name].errors, message]
            else:
                form.form_errors.append(message)
    else:
        form.form_errors.append(str(refused))
