"""Writing a bid: new, edit, withdraw, and the answer of a consortium's member."""

from __future__ import annotations

import secrets
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import bids as actions
from market.actions import idempotency
from market.domain import bids as rules
from market.domain import clock
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Bid, Challenge
from market.queries import bids, challenges
from market.web import access, forms
from market.web.bids import shown
from market.web.bids.blueprint import bp
from market.web.bids.forms import BidForm, from_bid

_ROUNDS = {
    "withdraw": (actions.withdraw, "申报已撤回，截止前可以重新申报", "bids.detail"),
    "redraft": (actions.redraft, "已转为草稿，改好后请重新提交", "bids.edit"),
    "discard": (actions.discard, "草稿已删除", "bids.index"),
}


@bp.route("/challenges/<int:challenge_id>/bids/new", methods=["GET", "POST"])
@access.requires(P.CREATE_BID)
def create(challenge_id: int) -> ResponseReturnValue:
    """A new bid for an open call, until its deadline."""
    challenge = _call(challenge_id)
    form = BidForm()
    form.draft_key.data = form.draft_key.data or secrets.token_urlsafe(16)
    form.fit(challenge.indicators)
    if request.method == "GET":
        return _start(challenge, form)
    changed = form.change_rows(request.form)
    done = None if changed else forms.submit(form, lambda: _save_new(form, challenge_id))
    return done or _again(form, challenge_id, None)


def _call(challenge_id: int) -> Challenge:
    """Return a published open call (else 404) of another organisation (else 403)."""
    challenge = access.load_visible(challenges.get, challenge_id, P.SEE_CHALLENGE)
    if challenge.procedure != "open_call" or not challenge.is_public:
        abort(404)
    if challenge.organisation_id == access.actor().organisation_id:
        abort(403)
    return challenge


def _start(challenge: Challenge, form: BidForm) -> ResponseReturnValue:
    own = bids.own(challenge.id, access.actor().organisation_id)
    if own is not None:
        editable = own.state in rules.EDITABLE_STATES and shown.takes_bids(challenge)
        return redirect(url_for("bids.edit" if editable else "bids.detail", bid_id=own.id))
    if not shown.takes_bids(challenge):
        flash("这个榜单的申报已截止", "warning")
        return redirect(url_for("challenges.detail", challenge_id=challenge.id))
    return _page(form, challenge, None)


@bp.route("/bids/<bid:bid_id>/edit", methods=["GET", "POST"])
@access.requires(P.EDIT_BID)
def edit(bid_id: int) -> ResponseReturnValue:
    """Change one's own bid until the deadline."""
    bid = _own(bid_id)
    challenge = bid.challenge
    if request.method == "GET" and not (bid.state in rules.EDITABLE_STATES and shown.takes_bids(challenge)):
        flash(rules.LATE if bid.state in rules.EDITABLE_STATES else "这份申报目前不能修改", "warning")
        return redirect(url_for("bids.detail", bid_id=bid_id))
    form = BidForm(data=from_bid(bid, actions.editable_body(bid), challenge.indicators))
    form.fit(challenge.indicators)
    if request.method == "GET":
        return _page(form, challenge, bid)
    changed = form.change_rows(request.form)
    done = None if changed else forms.submit(form, lambda: _save(form, bid_id))
    return done or _again(form, challenge.id, bid_id)


def _own(bid_id: int) -> Bid:
    """Return a bid that one's own organisation leads; a member of the consortium gets 403, all others 404."""
    who = access.actor()
    bid = bids.seen(bid_id, who)
    if bid is None:
        abort(404)
    if bid.organisation_id != who.organisation_id:
        abort(403)
    return bid


def _save_new(form: BidForm, challenge_id: int) -> str:
    challenge = challenges.get(challenge_id)
    if challenge is None:
        abort(404)
    return _finish(form, _draft(form, challenge, form.values(challenge.indicators)), None)


def _draft(form: BidForm, challenge: Challenge, values: dict[str, Any]) -> int:
    """Return the draft of this form: the one that was saved in the background already, or a new one with `values`."""
    owner, key = f"user:{access.actor().id}", (form.draft_key.data or "")[:64]
    return int(idempotency.run(owner, "bids.draft", key, "draft", lambda: str(actions.create(challenge, values, access.actor()).id)))


def _save(form: BidForm, bid_id: int) -> str:
    return _finish(form, bid_id, _version(form))


def _version(form: BidForm) -> int | None:
    """Return the version that the form was opened on; None for one that carries none."""
    return forms.whole(form.version.data)


def _finish(form: BidForm, bid_id: int, version: int | None) -> str:
    bid = bids.get(bid_id)
    if bid is None:
        abort(404)
    values = form.values(bid.challenge.indicators)
    sends = may(access.actor(), P.SUBMIT_BID, bid.subject)
    if "save_draft" in request.form or not sends:
        actions.save(bid, values, access.actor(), version)
        flash("已保存，还没有提交" if sends else "已保存，请本单位的成果转化负责人或管理员提交", "success")
        return url_for("bids.edit", bid_id=bid_id)
    actions.send(bid, values, access.actor(), version)
    flash("已提交。回执写在本页，截止前可以修改或撤回。", "success")
    return url_for("bids.detail", bid_id=bid_id)


def _again(form: BidForm, challenge_id: int, bid_id: int | None) -> ResponseReturnValue:
    """Show the form again; after the deadline a 409 page keeps what was typed in sight."""
    challenge = challenges.get(challenge_id)
    bid = bids.get(bid_id) if bid_id else None
    if challenge is None:
        abort(404)
    if not shown.takes_bids(challenge):
        return render_template("bids/late.html", challenge=challenge, typed=form.typed(), now_at=clock.now()), 409
    return _page(form, challenge, bid)


def _page(form: BidForm, challenge: Challenge, bid: Bid | None) -> str:
    state = bid.state if bid else "draft"
    return render_template(
        "bids/edit.html" if bid else "bids/create.html",
        form=form,
        challenge=challenge,
        bid=bid,
        whole=rules.takes_answer(challenge.visibility, state),
        poster=challenges.poster(challenge, access.actor()),
        rows=list(zip(challenge.indicators, form.responses.entries, strict=False)),
        fixed=state in actions.FIXED_CONSORTIUM,
        may_send=may(access.actor(), P.SUBMIT_BID, bid.subject if bid else None),
    )


@bp.route("/challenges/<int:challenge_id>/bids/autosave", methods=["POST"])
@access.requires(P.CREATE_BID)
def autosave(challenge_id: int) -> ResponseReturnValue:
    """Save a new draft in the background; the answer says where it goes on."""
    challenge = _call(challenge_id)
    form = BidForm()
    form.fit(challenge.indicators)
    if not form.validate() or not form.typed():
        return jsonify(errors=form.errors), 422
    values = actions.unasked(form.values(challenge.indicators))
    return _save_quietly(form, _draft(form, challenge, values), None)


@bp.route("/bids/<bid:bid_id>/autosave", methods=["POST"])
@access.requires(P.EDIT_BID)
def autosave_draft(bid_id: int) -> ResponseReturnValue:
    """Save one's own bid in the background, unsent; refuses (409) when a colleague changed it or the deadline passed."""
    bid = _own(bid_id)
    form = BidForm()
    form.fit(bid.challenge.indicators)
    if not form.validate():
        return jsonify(errors=form.errors), 422
    return _save_quietly(form, bid_id, _version(form))


def _save_quietly(form: BidForm, bid_id: int, version: int | None) -> ResponseReturnValue:
    bid = bids.get(bid_id)
    if bid is None:
        abort(404)
    actions.save(bid, form.values(bid.challenge.indicators), access.actor(), version, quiet=True)
    return jsonify(
        saved_at=f"{clock.local(clock.now()):%H:%M}",
        version=bid.version,
        action=url_for("bids.edit", bid_id=bid_id),
        autosave_url=url_for("bids.autosave_draft", bid_id=bid_id),
    )


@bp.route("/bids/<bid:bid_id>/steps/<string:step>", methods=["POST"])
@access.requires(P.EDIT_BID)
def take_step(bid_id: int, step: str) -> ResponseReturnValue:
    """Withdraw a sent bid, make a withdrawn one a draft again, or delete a draft."""
    if step not in _ROUNDS:
        abort(404)
    bid = _own(bid_id)
    act, said, onward = _ROUNDS[step]
    version: Any = request.form.get("version", type=int)

    def work() -> str:
        act(bid, access.actor(), version)
        flash(said, "success")
        return url_for(onward) if step == "discard" else url_for(onward, bid_id=bid_id)

    return access.once(work)


@bp.route("/bids/<bid:bid_id>/member", methods=["POST"])
@access.requires(P.CONFIRM_MEMBERSHIP)
def confirm_member(bid_id: int) -> ResponseReturnValue:
    """Confirm or decline one's organisation's part in a consortium."""
    bid = bids.seen(bid_id, access.actor())
    if bid is None:
        abort(404)
    accepts = request.form.get("answer") == "confirm"

    def work() -> str:
        actions.answer_membership(bid, accepts, access.actor())
        flash("已确认加入联合体" if accepts else "已谢绝，您不再看到这份申报", "success")
        return url_for("bids.detail", bid_id=bid_id) if accepts else url_for("bids.index")

    return access.once(work)
