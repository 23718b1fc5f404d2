"""公示: the choices that stand in public, the objections to them as the office records and answers them, and taking a choice back."""

from __future__ import annotations

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, SelectField, StringField, TextAreaField

from market.actions import objections as actions
from market.actions import selection
from market.domain import clock, codes
from market.domain.errors import Invalid
from market.domain.objections import OBJECTION, TEXT_LIMIT
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Challenge
from market.queries import challenges, objections
from market.web import access, forms
from market.web.bids.blueprint import bp
from market.web.forms import MarketForm, at_most, required

_DONE = {"dismiss": "已答复：异议不成立", "uphold": "已答复：异议成立，这个选定不能再确认", "drop": "已记为提出人撤回"}


class ObjectionForm(MarketForm):
    """An objection as it reached the office."""

    received_on = DateField("收到日期", [required("请填收到日期")])
    channel = SelectField("怎么收到的", choices={"": "请选择"} | codes.OBJECTION_CHANNELS, validators=[required("请选择怎么收到的")])
    raised_by = StringField("提出人", [required("请填提出人的姓名和单位"), at_most(120)])
    reach = StringField("联系方式", [at_most(120)])
    text = TextAreaField("异议内容", [required("请写明异议内容和理由"), at_most(TEXT_LIMIT)])


@bp.route("/publicity")
@access.public
def publicity() -> ResponseReturnValue:
    """The choices in 公示, and those whose window ended lately."""
    found = [(challenge, choice) for challenge in objections.in_public() if (choice := objections.public_choice(challenge))]
    return render_template(
        "bids/publicity.html",
        running=[pair for pair in found if not pair[1].confirmed],
        over=[pair for pair in found if pair[1].confirmed],
        names=challenges.posters([challenge for challenge, _choice in found], access.actor()),
        days=objections.SHOWN_AFTER,
        waits=may(access.actor(), P.HANDLE_OBJECTION),
    )


def _load(challenge_id: int) -> Challenge:
    challenge = access.load(challenges.get, challenge_id, P.SEE_CHALLENGE)
    if challenge.procedure != "open_call":
        abort(404)
    return challenge


def _demand(challenge: Challenge) -> None:
    if not may(access.actor(), P.HANDLE_OBJECTION, challenge.subject):
        abort(403)


@bp.route("/challenges/<int:challenge_id>/objections", methods=["GET", "POST"])
@access.requires(P.SEE_QUEUE)
def handle_objections(challenge_id: int) -> ResponseReturnValue:
    """The objections to a choice, for the staff: write one down, answer those that wait."""
    challenge = _load(challenge_id)
    form = ObjectionForm(data={"received_on": clock.today()} if request.method == "GET" else None)

    def work() -> str:
        actions.record(challenge, form.data, access.actor())
        flash("已登记，并通知了发榜方；答复之前不能确认选定", "success")
        return url_for("bids.handle_objections", challenge_id=challenge_id)

    if request.method == "POST":
        _demand(challenge)
    return forms.submit(form, work) or _page(challenge_id, form)


def _page(challenge_id: int, form: ObjectionForm, errors: dict[str, str] | None = None) -> str:
    challenge = _load(challenge_id)
    return render_template(
        "bids/objections.html",
        challenge=challenge,
        poster=challenges.poster(challenge, access.actor()),
        form=form,
        found=objections.of_challenge(challenge_id),
        choice=objections.public_choice(challenge),
        handles=may(access.actor(), P.HANDLE_OBJECTION, challenge.subject),
        steps=OBJECTION.steps_from("open"),
        errors=errors or {},
        days=g.site.moderation_days,
    )


@bp.route("/challenges/<int:challenge_id>/objections/<int:objection_id>/<string:step>", methods=["GET", "POST"])
@access.requires(P.SEE_QUEUE)
def answer_objection(challenge_id: int, objection_id: int, step: str) -> ResponseReturnValue:
    """Answer an objection with a reason; opened by GET (from an error page) it leads back."""
    here = url_for("bids.handle_objections", challenge_id=challenge_id)
    challenge, objection = _load(challenge_id), objections.get(objection_id)
    if objection is None or objection.challenge_id != challenge_id or step not in _DONE:
        abort(404)
    if request.method == "GET":
        return redirect(here)
    _demand(challenge)

    def work() -> str:
        version = request.form.get("version", type=int)
        actions.answer(objection, challenge, step, request.form.get("answer", ""), access.actor(), version)
        flash(_DONE[step], "success")
        return here

    try:
        return access.once(work)
    except Invalid as error:
        return _page(challenge_id, ObjectionForm(formdata=None, data={"received_on": clock.today()}), error.fields), 422


@bp.route("/challenges/<int:challenge_id>/bids/reopen", methods=["POST"])
@access.requires(P.REOPEN_CHOICE)
def reopen(challenge_id: int) -> ResponseReturnValue:
    """Take a choice back, with the reason."""
    challenge = access.load(challenges.get, challenge_id, P.REOPEN_CHOICE, see=P.SEE_CHALLENGE)

    def work() -> str:
        selection.reopen(challenge, access.actor(), request.form.get("reason", ""), request.form.get("version", type=int))
        flash("选定已撤销，各申报方都会收到通知；可以重新选定", "success")
        return url_for("bids.compare", challenge_id=challenge_id)

    return access.once(work)
