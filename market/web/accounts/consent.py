"""The texts somebody accepts: their version as set, the hash of the words as they stand, and the page that asks again."""

from __future__ import annotations

import hashlib

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.actions import people
from market.actions.people import Accepted
from market.domain.permissions import Permission as P
from market.queries import accounts
from market.web import access
from market.web import forms as base
from market.web.access import requires
from market.web.accounts import forms
from market.web.accounts.blueprint import bp


@bp.route("/consent", methods=["GET", "POST"])
@requires(P.SIGNED_IN)
def consent() -> ResponseReturnValue:
    """Ask for the texts that have a new version since the person accepted them; what was accepted before is kept."""
    owed = access.owed_texts()
    target = access.safe_next(request.args.get("next"), url_for("home.todo"))
    if not owed:
        return redirect(target)
    form = forms.ConsentForm()
    for document in {"terms", "privacy"} - set(owed):
        del form[document]

    def work() -> str:
        texts = [text for text in accepted() if text.document in owed]
        people.accept_again(current_user.id, texts, access.actor(), request.remote_addr or "")
        flash("已记下您同意的版本", "success")
        return target

    done = base.submit(form, work)
    before = {row.document: row for row in reversed(accounts.consents_of(current_user.id))}
    return done or render_template("accounts/consent.html", form=form, owed=owed, before=before, target=request.args.get("next"))


def accepted() -> list[Accepted]:
    """Return terms and privacy policy as accepted now; the hash is of the page's template (SHA-256, hex)."""
    return [_accepted("terms", g.site.terms_version), _accepted("privacy", g.site.privacy_version)]


def _accepted(document: str, version: str) -> Accepted:
    loader, environment = current_app.jinja_env.loader, current_app.jinja_env
    assert loader is not None
    source = loader.get_source(environment, f"home/{document}.html")[0]
    return Accepted(document, version, hashlib.sha256(source.encode()).hexdigest())
