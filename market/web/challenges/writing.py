"""Writing a challenge: new, edit, autosave, what is alike while writing, preview, the owner's list and steps."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.actions import challenges as actions
from market.actions import idempotency
from market.domain import challenges as rules
from market.domain import clock
from market.domain.challenges import CHALLENGE
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Challenge
from market.queries import attachments, challenges, drafting, gaps
from market.web import access, forms
from market.web.challenges import shown
from market.web.challenges.blueprint import bp
from market.web.challenges.forms import ChallengeForm, from_challenge
from market.web.formatters import short_day

_OWN_STEPS = ("submit", "take_back", "withdraw", "terminate", "complete")


@bp.route("/challenges/new", methods=["GET", "POST"])
@access.requires(P.CREATE_CHALLENGE)
def create() -> ResponseReturnValue:
    """A new challenge of one's own organisation."""
    user = current_user.user
    form = ChallengeForm(data={"contact_name": user.name, "contact_phone": user.phone or "", "indicators": [{"must": True}]})
    form.draft_key.data = form.draft_key.data or secrets.token_urlsafe(16)
    changed = request.method == "POST" and form.change_rows(request.form)
    done = None if changed else forms.submit(form, lambda: _save(form, _draft(form)))
    return done or _form_page("challenges/create.html", form)


@bp.route("/challenges/<int:challenge_id>/edit", methods=["GET", "POST"])
@access.requires(P.EDIT_CHALLENGE)
def edit(challenge_id: int) -> ResponseReturnValue:
    """Change a draft or a returned challenge."""
    challenge = access.load(challenges.get, challenge_id, P.EDIT_CHALLENGE, see=P.SEE_CHALLENGE)
    if request.method == "GET" and challenge.state not in rules.EDITABLE_STATES:
        flash(f"目前是「{CHALLENGE.states[challenge.state]}」，不能修改", "warning")
        return redirect(url_for("challenges.detail", challenge_id=challenge_id))
    form = ChallengeForm(data=from_challenge(challenge))
    changed = request.method == "POST" and form.change_rows(request.form)
    done = None if changed else forms.submit(form, lambda: _save(form, challenge))
    if done:
        return done
    return _form_page("challenges/edit.html", form, challenges.get(challenge_id))


def _draft(form: ChallengeForm) -> Challenge:
    """Return the draft of this form: the one that autosave made already, or a new one."""
    owner, key = f"user:{access.actor().id}", (form.draft_key.data or "")[:64]
    made = idempotency.run(owner, "challenges.draft", key, "draft", lambda: str(actions.create(form.values(), access.actor()).id))
    challenge = challenges.get(int(made))
    if challenge is None:
        return actions.create(form.values(), access.actor())
    return challenge


def _save(form: ChallengeForm, challenge: Challenge) -> str:
    who, saving = access.actor(), "save_draft" in request.form
    version = _version(form)
    actions.edit(challenge, form.values(), who, version)
    if not saving and may(who, P.SUBMIT_CHALLENGE, challenge.subject):
        actions.submit(challenge, who)
        flash(f"已提交审核，最迟 {short_day(challenge.answer_due)}答复您", "success")
        return url_for("challenges.detail", challenge_id=challenge.id)
    flash("草稿已保存", "success")
    return url_for("challenges.edit", challenge_id=challenge.id)


def _version(form: ChallengeForm) -> int | None:
    """Return the version that the form was opened on; None for one that carries none."""
    return forms.whole(form.version.data)


def _form_page(template: str, form: ChallengeForm, challenge: Challenge | None = None) -> str:
    values = form.values()
    filled = rules.completeness({**values, "indicators": any(row["name"] for row in values["indicators"])})
    return render_template(
        template,
        form=form,
        challenge=challenge,
        sections=shown.sections(filled),
        hints=shown.hints(values),
        gaps=gaps.of_values(values),
        comments=challenges.comments(challenge.id) if challenge else [],
        files=attachments.of_challenge(challenge.id) if challenge else [],
        may_submit=may(access.actor(), P.SUBMIT_CHALLENGE, challenge.subject if challenge else None),
    )


@bp.route("/challenges/autosave", methods=["POST"])
@access.requires(P.CREATE_CHALLENGE)
def autosave() -> ResponseReturnValue:
    """Save a new draft in the background; the answer says where it goes on."""
    form = ChallengeForm()
    if not form.validate() or not (form.title.data or form.pain.data):
        return jsonify(errors=form.errors), 422
    challenge = _draft(form)
    actions.edit(challenge, form.values(), access.actor(), quiet=True)
    return _saved(challenge)


@bp.route("/challenges/<int:challenge_id>/autosave", methods=["POST"])
@access.requires(P.EDIT_CHALLENGE)
def autosave_draft(challenge_id: int) -> ResponseReturnValue:
    """Save a draft in the background; refuses (409) when somebody else changed it."""
    challenge = access.load(challenges.get, challenge_id, P.EDIT_CHALLENGE, see=P.SEE_CHALLENGE)
    form = ChallengeForm()
    if not form.validate():
        return jsonify(errors=form.errors), 422
    version = _version(form)
    actions.edit(challenge, form.values(), access.actor(), version, quiet=True)
    return _saved(challenge)


def _saved(challenge: Challenge) -> ResponseReturnValue:
    return jsonify(
        saved_at=f"{clock.local(clock.now()):%H:%M}",
        version=challenge.version,
        action=url_for("challenges.edit", challenge_id=challenge.id),
        autosave_url=url_for("challenges.autosave_draft", challenge_id=challenge.id),
    )


@bp.route("/challenges/similar", methods=["POST"])
@access.requires(P.SIGNED_IN)
@access.read_only
def similar() -> ResponseReturnValue:
    """What is alike already and who might answer, as a fragment of a page; nothing is stored."""
    text = "\n".join(request.form.get(name, "")[:4_000] for name in ("title", "pain"))
    values = {name: request.form.get(name, "")[:4_000] for name in ("title", "pain", "background", "tried", "requirements")}
    first = {name: request.form.get(f"indicators-0-{name}", "")[:200] for name in ("name", "target", "unit")}
    return render_template(
        "challenges/_similar.html",
        alike=drafting.alike(text, "challenge", request.args.get("without", 0, int)),
        answers=drafting.answers(text),
        guess=drafting.guess(text),
        gaps=gaps.of_values(values | {"indicators": [first]}),
    )


@bp.route("/challenges/<int:challenge_id>/preview")
@access.requires(P.SEE_CHALLENGE)
def preview(challenge_id: int) -> ResponseReturnValue:
    """公众看到的样子, with what gives an anonymous poster away."""
    challenge = access.load(challenges.get, challenge_id, P.SEE_CHALLENGE)
    return render_template(
        "challenges/preview.html",
        challenge=challenge,
        poster=challenges.public_name(challenge, challenge.organisation),
        tags=drafting.public_tags(challenge),
        all_tags=challenge.organisation.tag_list,
        warnings=drafting.giveaways(challenge),
        files=attachments.of_challenge(challenge_id),
        editable=challenge.state in rules.EDITABLE_STATES and may(access.actor(), P.EDIT_CHALLENGE, challenge.subject),
    )


@bp.route("/challenges/mine")
@access.requires(P.EDIT_CHALLENGE)
def mine() -> ResponseReturnValue:
    """The challenges of one's organisation, and those one fills in or looks after."""
    who = access.actor()
    own = challenges.of_organisation(who.organisation_id) if who.organisation_id else []
    known = {challenge.id for challenge in own}
    assigned = [challenge for challenge in challenges.assigned_to(who.hands) if challenge.id not in known]
    group = request.args.get("group", "")
    return render_template(
        "challenges/mine.html",
        tabs=shown.tabs(own, group),
        rows=[shown.own_row(challenge) for challenge in own if shown.in_group(challenge, group)],
        assigned=[shown.own_row(challenge) for challenge in assigned],
        may_create=may(who, P.CREATE_CHALLENGE) and who.organisation_id is not None,
    )


@bp.route("/challenges/<int:challenge_id>/steps/<string:step>", methods=["GET", "POST"])
@access.requires(P.EDIT_CHALLENGE)
def take_step(challenge_id: int, step: str) -> ResponseReturnValue:
    """Take one of the owner's steps; opened by GET (from an error page) it leads back to the challenge."""
    if request.method == "GET":
        access.load_visible(challenges.get, challenge_id, P.SEE_CHALLENGE)
        return redirect(url_for("challenges.detail", challenge_id=challenge_id))
    permission = CHALLENGE.step(step).permission if step in _OWN_STEPS else P.EDIT_CHALLENGE
    challenge = access.load(challenges.get, challenge_id, permission, see=P.SEE_CHALLENGE)
    reason: str = request.form.get("reason", "").strip()[:300]
    version: Any = request.form.get("version", type=int)

    def work() -> str:
        actions.take_step(challenge, step, access.actor(), reason or None, version)
        flash(shown.STEP_DONE[step].format(due=short_day(challenge.answer_due)), "success")
        return url_for("challenges.edit" if step == "take_back" else "challenges.detail", challenge_id=challenge_id)

    return access.once(work)
