"""Open a claim link: register the organisation, or take the listings into the own one; and take a wrong claim back."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.actions import claims as actions
from market.actions.passwords import PasswordHash
from market.domain.errors import Forbidden, IllegalStep, NotVisible
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Organisation, Token
from market.queries import accounts
from market.queries import claims as queries
from market.web import access
from market.web import forms as base
from market.web.access import actor, public, requires
from market.web.accounts import forms
from market.web.accounts.blueprint import bp
from market.web.accounts.consent import accepted
from market.web.accounts.joining import details, new_password, person_of
from market.web.accounts.organisations import version_of


@bp.route("/claim/<string:token>", methods=["GET", "POST"])
@public
def claim(token: str) -> ResponseReturnValue:
    """Take over what the commission kept (待认领)."""
    found = accounts.open_token("claim", token)
    kept = accounts.get_organisation(found.organisation_id) if found and found.organisation_id else None
    if found is None or kept is None or kept.state != "unclaimed":
        return _spent()
    if current_user.is_authenticated:
        return _join(token, found, kept)
    whole = found.subject_kind is None
    form = forms.ClaimForm(obj=kept, data={"tags": kept.tag_list, "phone": ""}) if whole else forms.ClaimForm()
    if found.email:
        del form.email
    shown = _shown(found, kept)  # read before anything may be rolled back
    secret = new_password(form, str(found.email or form.email.data), str(form.person_name.data))
    if secret is not None:
        done = base.submit(form, lambda: _register(token, form, secret, bool(shown["email"])))
        if done is not None:
            return done
    return render_template("accounts/claim.html", form=form, token=token, **shown)


def _shown(found: Token, kept: Organisation) -> dict[str, object]:
    titles = [one.title for one in queries.handed_over(found)]
    return {"organisation_name": kept.name if found.subject_kind is None else None, "email": found.email, "titles": titles}


def _register(token: str, form: forms.ClaimForm, secret: PasswordHash, mailed: bool) -> str:
    email = "" if mailed else str(form.email.data)
    actions.register(token, details(form), email, person_of(form, secret), accepted(), request.remote_addr or "")
    if not mailed:
        return url_for("accounts.mail_sent", about="register")
    flash("认领成功，请登录。科委核验通过后就可以提交需求和成果", "success")
    return url_for("accounts.sign_in")


def _join(token: str, found: Token, kept: Organisation) -> ResponseReturnValue:
    form, own = forms.ConfirmForm(), current_user.organisation
    allowed = own is not None and own.verified and may(actor(), P.EDIT_ORGANISATION, own.subject)
    shown = _shown(found, kept)
    own_name = own.name if own else ""
    if allowed and form.validate_on_submit():
        try:
            return access.once(lambda: _take(token))
        except (IllegalStep, Forbidden) as refused:
            form.form_errors.append(str(refused))
        except NotVisible:
            return _spent()
    return render_template("accounts/claim_join.html", form=form, token=token, allowed=allowed, own_name=own_name, **shown)


def _take(token: str) -> str:
    number = actions.join(token, actor())
    flash(f"认领成功，{number} 条资料已归到您的单位" if number else "认领成功", "success")
    return url_for("accounts.organisation", organisation_id=current_user.organisation.id)


def _spent() -> ResponseReturnValue:
    note = "认领链接只能用一次，30 天内有效，重新发过的以最后一个为准。需要再要一个，请联系发链接给您的科委工作人员。"
    return render_template("accounts/spent_link.html", again=url_for("home.about"), again_label="怎样参加", note=note), 404


@bp.route("/organisations/<int:organisation_id>/take-back", methods=["POST"])
@requires(P.VERIFY_ORGANISATION)
def take_back_claim(organisation_id: int) -> ResponseReturnValue:
    """Undo a claim by the wrong person."""
    found = access.load(accounts.get_organisation, organisation_id, P.VERIFY_ORGANISATION, see=P.SEE_ORGANISATION_FILE)

    def work() -> str:
        actions.take_back(found, request.form.get("reason", "")[:300], actor(), version_of(request.form.get("version")))
        flash("已收回，这家单位重新待认领；认领人的账户已停用", "success")
        return url_for("accounts.organisation", organisation_id=organisation_id)

    return access.once(work)
