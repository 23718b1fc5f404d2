"""Adding to a published challenge: a later deadline, words of explanation."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, DateField, HiddenField, TextAreaField

from market.actions import amendments as actions
from market.domain import challenges as rules
from market.domain import clock
from market.domain.permissions import Permission as P
from market.models import Challenge
from market.queries import challenges
from market.web import access, forms
from market.web.challenges.blueprint import bp
from market.web.forms import MarketForm, at_most, required, whole


class ExtendForm(MarketForm):
    """A later deadline."""

    version = HiddenField()
    closes_on = DateField("新的截止日期", [required("请填新的截止日期")])
    reason = TextAreaField("延期的理由", [required("请写明延期的理由"), at_most(rules.ADDENDUM_LIMIT)])


class ExplainForm(MarketForm):
    """Words added to a published challenge."""

    version = HiddenField()
    text = TextAreaField("补充说明", [required("请写明要补充什么"), at_most(rules.ADDENDUM_LIMIT)])
    no_secrets = BooleanField("内容不含国家秘密和工作秘密", [required("请先勾选不含国家秘密和工作秘密")])


def _load(challenge_id: int) -> Challenge:
    return access.load(challenges.get, challenge_id, P.AMEND_CHALLENGE, see=P.SEE_CHALLENGE)


def _version(form: ExtendForm | ExplainForm) -> int | None:
    return whole(form.version.data)


def _closed(challenge: Challenge) -> ResponseReturnValue:
    """Lead back from a form that would be refused whatever is typed."""
    flash("现在不能延期或补充说明：只有正在征集的需求可以", "warning")
    return redirect(url_for("challenges.detail", challenge_id=challenge.id))


@bp.route("/challenges/<int:challenge_id>/extend", methods=["GET", "POST"])
@access.requires(P.AMEND_CHALLENGE)
def extend(challenge_id: int) -> ResponseReturnValue:
    """Move the deadline of a published challenge, later only."""
    challenge = _load(challenge_id)
    closes_at = challenge.closes_at
    if challenge.state not in rules.AMENDABLE_STATES or closes_at is None:
        return _closed(challenge)
    form = ExtendForm()
    form.version.data = form.version.data or challenge.version

    def work() -> str:
        if form.closes_on.data is not None:
            actions.extend(challenge, form.closes_on.data, form.reason.data or "", access.actor(), _version(form))
        flash("已延期，申报和对接的各方都会收到通知", "success")
        return url_for("challenges.detail", challenge_id=challenge_id)

    done = forms.submit(form, work)
    earliest = max(clock.local(closes_at).date(), clock.today()) + timedelta(days=1)
    return done or render_template("challenges/extend.html", form=form, challenge=challenges.get(challenge_id), earliest=earliest)


@bp.route("/challenges/<int:challenge_id>/addenda", methods=["GET", "POST"])
@access.requires(P.AMEND_CHALLENGE)
def explain(challenge_id: int) -> ResponseReturnValue:
    """Add words of explanation (补充说明) to a published challenge."""
    challenge = _load(challenge_id)
    if challenge.phase not in {"open", "closing"}:
        return _closed(challenge)
    form = ExplainForm()
    form.version.data = form.version.data or challenge.version

    def work() -> str:
        row = actions.explain(challenge, form.text.data or "", access.actor(), _version(form))
        flash(f"补充说明第 {row.number} 号已公开，申报和对接的各方都会收到通知", "success")
        return url_for("challenges.detail", challenge_id=challenge_id)

    return forms.submit(form, work) or render_template("challenges/explain.html", form=form, challenge=challenges.get(challenge_id))
