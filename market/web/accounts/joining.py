"""Register an organisation, accept an invitation."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.actions import limits, members, organisations, passwords
from market.actions.organisations import Details
from market.actions.passwords import PasswordHash
from market.actions.people import Person
from market.domain.errors import Invalid, TooMany
from market.domain.permissions import ROLE_WORDS, Role
from market.queries import accounts
from market.web import forms as base
from market.web.access import public
from market.web.accounts import forms
from market.web.accounts.blueprint import bp
from market.web.accounts.consent import accepted


@bp.route("/register", methods=["GET", "POST"])
@public
def register() -> ResponseReturnValue:
    """Register an organisation with its first administrator."""
    form = forms.RegisterForm()
    if current_user.is_authenticated:
        return render_template("accounts/already_in.html")
    secret = new_password(form, str(form.email.data), str(form.name.data), limit="register")
    if secret is not None:
        done = base.submit(form, lambda: _register(form, secret))
        if done is not None:
            return done
    return render_template("accounts/register.html", form=form)


def _register(form: forms.RegisterForm, secret: PasswordHash) -> str:
    address = request.remote_addr or ""
    organisations.register(str(form.kind.data), details(form), str(form.email.data), person_of(form, secret), accepted(), address)
    return url_for("accounts.mail_sent", about="register")


@bp.route("/invitations/<string:token>", methods=["GET", "POST"])
@public
def accept_invitation(token: str) -> ResponseReturnValue:
    """Become a member of the organisation that invited, or open an account of the commission."""
    found = accounts.open_token("invitation", token)
    if found is None:
        return render_template("accounts/spent_link.html", again=url_for("home.index")), 404
    waiting = accounts.get_user(found.user_id) if found.user_id else None
    organisation = (
        accounts.get_organisation(found.organisation_id) if found.organisation_id else (waiting.organisation if waiting else None)
    )
    form = forms.AcceptForm(person_name=waiting.name if waiting else None)
    words = [ROLE_WORDS[Role(found.role)]] if found.role else [ROLE_WORDS[Role(r.role)] for r in (waiting.roles if waiting else [])]
    shown = {"organisation_name": organisation.name if organisation else "", "roles": words, "email": found.email}
    secret = new_password(form, str(found.email), str(form.person_name.data))
    if secret is not None:
        done = base.submit(form, lambda: _accept(token, form, secret))
        if done is not None:
            return done
    return render_template("accounts/accept_invitation.html", form=form, token=token, **shown)


def _accept(token: str, form: forms.AcceptForm, secret: PasswordHash) -> str:
    members.accept(token, person_of(form, secret), accepted(), request.remote_addr or "")
    flash("账户已开通，请登录", "success")
    return url_for("accounts.sign_in")


def details(form: forms.OrganisationMixin) -> Details:
    """Return what the form says about the organisation."""
    return Details(
        name=str(form.name.data or ""),
        credit_code=str(form.credit_code.data or ""),
        region=str(form.region.data or ""),
        track=str(form.track.data or ""),
        tags=tuple(form.tags.data or ()),
    )


def person_of(form: forms.PersonMixin, secret: PasswordHash) -> Person:
    """Return who the form says to be."""
    return Person(
        name=str(form.person_name.data or ""), phone=str(form.phone.data or ""), title=str(form.title.data or ""), password=secret
    )


def new_password(form: base.MarketForm, email: str, word: str, limit: str = "") -> PasswordHash | None:
    """Return the hash of a valid form's new password, made before any transaction; None shows the page (again)."""
    if not form.validate_on_submit():
        return None
    try:
        if limit:
            limits.hit(limit, request.remote_addr or "", 20, timedelta(hours=1))
        return passwords.make(str(form["password"].data), about=(email, word))
    except Invalid as error:
        form["password"].errors = [*form["password"].errors, error.fields.get("password", str(error))]
    except TooMany as error:
        form.form_errors.append(str(error))
    return None
