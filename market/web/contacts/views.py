"""Pages of the room contacts (对接)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from market.actions import contacts as actions
from market.domain import clock, codes
from market.domain.contacts import CONTACT
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Contact
from market.queries import capabilities, challenges, contacts
from market.web import access, forms
from market.web.contacts.forms import AskForm, ExpectForm, IntroduceForm, LineForm

bp = Blueprint("contacts", __name__)
_PAGE = 20


@bp.route("/contacts")
@access.requires(P.SEE_CONTACT)
def index() -> ResponseReturnValue:
    """The contacts of one's side, or all for the staff, by what they wait for."""
    actor = access.actor()
    tabs = contacts.counts(actor)
    fallback = next((tab for tab in ("answer", "running", "waiting", "ended") if tabs[tab]), "answer")
    tab = request.args.get("tab", fallback)
    tab = tab if tab in contacts.TABS else fallback
    page = max(request.args.get("page", 1, type=int), 1)
    rows, total = contacts.listed(actor, tab, page, _PAGE)
    names = contacts.seeker_names(rows, actor)
    pages = (total + _PAGE - 1) // _PAGE
    return render_template(
        "contacts/index.html", rows=rows, names=names, tab=tab, tabs=tabs, words=contacts.TABS, page=page, pages=pages, total=total
    )


@bp.route("/contacts/new", methods=["GET", "POST"])
@access.requires(P.ASK_CONTACT)
def create() -> ResponseReturnValue:
    """「联系对方」: one sentence about a capability or a challenge."""
    about, target = _about()
    actor = access.actor()
    form = AskForm()
    own = contacts.own_challenges(actor.organisation_id or 0) if about.capability and not about.challenge else []
    form.attach_id.choices = [(0, "不附"), *[(c.id, c.title) for c in own]]
    rank = request.args.get("rank", type=int)

    def work() -> str:
        attached = next((c for c in own if c.id == form.attach_id.data), about.challenge)
        contact = actions.ask(actions.About(attached, about.capability), form.message.data or "", actor, rank)
        return url_for("contacts.detail", contact_id=contact.id)

    done = forms.submit(form, work)
    if done:
        flash("已发给对方，三个工作日内会答复您。", "success")
        return done
    poster = challenges.poster(about.challenge, actor) if about.challenge else ""
    return render_template("contacts/create.html", form=form, about=about, target=target, poster=poster, has_own=bool(own))


def _about() -> tuple[actions.About, str]:
    """Return what the address asks about; 404 for what the person cannot see."""
    capability_id, challenge_id = request.args.get("capability_id", type=int), request.args.get("challenge_id", type=int)
    if capability_id is None and challenge_id is None:
        abort(404)
    capability = access.load_visible(capabilities.get, capability_id, P.SEE_CAPABILITY) if capability_id else None
    challenge = access.load_visible(challenges.get, challenge_id, P.SEE_CHALLENGE) if challenge_id else None
    subject = capability or challenge
    own = access.actor().organisation_id
    if capability is not None and challenge is not None and capability.organisation_id == own:
        subject = challenge
    return actions.About(challenge, capability), subject.title if subject else ""


@bp.route("/contacts/introduce", methods=["GET", "POST"])
@access.requires(P.INTRODUCE)
def introduce() -> ResponseReturnValue:
    """引荐: a broker, liaison or clerk brings two sides together."""
    form = IntroduceForm(data={"challenge_id": request.args.get("challenge_id"), "capability_id": request.args.get("capability_id")})

    def work() -> str:
        challenge = challenges.get(form.challenge_id.data or 0)
        capability = capabilities.get(form.capability_id.data or 0)
        contact = actions.introduce(actions.About(challenge, capability), form.message.data or "", access.actor())
        return url_for("contacts.detail", contact_id=contact.id)

    done = forms.submit(form, work)
    if done:
        flash("已引荐，双方都会收到通知。", "success")
    return done or render_template("contacts/introduce.html", form=form)


@bp.route("/contacts/<int:contact_id>")
@access.requires(P.SEE_CONTACT)
def detail(contact_id: int) -> ResponseReturnValue:
    """One contact: what was asked, the clock, the people once accepted, and the dated lines."""
    return _page(_load(contact_id))


def _load(contact_id: int) -> Contact:
    return access.load(contacts.get, contact_id, P.SEE_CONTACT)


def _page(contact: Contact, line: LineForm | None = None, expect: ExpectForm | None = None) -> str:
    actor = access.actor()
    own = actor.organisation_id
    answers = contact.state == "asked" and own == contact.answering_id and may(actor, P.ANSWER_CONTACT, contact.subject)
    return render_template(
        "contacts/detail.html",
        contact=contact,
        shown=contacts.shown(contact, actor),
        answers=answers,
        asked=contact.state == "asked"
        and (own == contact.asking_id or contact.broker_id in {actor.id} or (contact.broker_id and own == contact.seeker_id)),
        notes=contact.state in {"accepted", "contracted"} and may(actor, P.NOTE_CONTACT, contact.subject),
        contracts=contact.state == "accepted" and may(actor, P.CREATE_CONTRACT, contact.subject),
        line=line or LineForm(data={"happened_on": clock.today()}),
        expect=expect or ExpectForm(data={"expected": contact.expected_fen, "version": contact.version}),
        reasons=list(codes.DECLINE_REASONS.items()),
        words=CONTACT.states,
    )


@bp.route("/contacts/<int:contact_id>/accept", methods=["POST"])
@access.requires(P.ANSWER_CONTACT)
def accept(contact_id: int) -> ResponseReturnValue:
    """Accept: names and phones open on both sides."""
    contact = access.load(contacts.get, contact_id, P.ANSWER_CONTACT, see=P.SEE_CONTACT)
    return _do(contact, lambda: actions.accept(contact, access.actor()), "已同意，双方现在都能看到联系人和电话。")


@bp.route("/contacts/<int:contact_id>/decline", methods=["POST"])
@access.requires(P.ANSWER_CONTACT)
def decline(contact_id: int) -> ResponseReturnValue:
    """Decline with a reason."""
    contact = access.load(contacts.get, contact_id, P.ANSWER_CONTACT, see=P.SEE_CONTACT)
    reason, note = request.form.get("reason", ""), request.form.get("note", "")
    return _do(contact, lambda: actions.decline(contact, reason, note, access.actor()), "已婉拒，原因会告诉对方。")


@bp.route("/contacts/<int:contact_id>/withdraw", methods=["POST"])
@access.requires(P.SEE_CONTACT)
def withdraw(contact_id: int) -> ResponseReturnValue:
    """Take back what one asked."""
    contact = _load(contact_id)
    return _do(contact, lambda: actions.withdraw(contact, access.actor()), "已撤回。")


@bp.route("/contacts/<int:contact_id>/close", methods=["POST"])
@access.requires(P.NOTE_CONTACT)
def close(contact_id: int) -> ResponseReturnValue:
    """End the contact with a reason."""
    contact = access.load(contacts.get, contact_id, P.NOTE_CONTACT, see=P.SEE_CONTACT)
    return _do(contact, lambda: actions.close(contact, request.form.get("reason", ""), access.actor()), "对接已结束。")


def _do(contact: Contact, change: Callable[[], None], said: str) -> Response:
    def work() -> str:
        change()
        return url_for("contacts.detail", contact_id=contact.id)

    answer = access.once(work)
    flash(said, "success")
    return answer


@bp.route("/contacts/<int:contact_id>/lines", methods=["POST"])
@access.requires(P.NOTE_CONTACT)
def add_line(contact_id: int) -> ResponseReturnValue:
    """Note what happened on a day."""
    contact = access.load(contacts.get, contact_id, P.NOTE_CONTACT, see=P.SEE_CONTACT)
    form = LineForm()

    def work() -> str:
        day = form.happened_on.data or clock.today()
        actions.add_line(contact, day, form.kind.data or "", form.text.data or "", access.actor())
        return url_for("contacts.detail", contact_id=contact_id, _anchor="lines")

    return forms.submit(form, work) or _page(_load(contact_id), line=form)


@bp.route("/contacts/<int:contact_id>/expected", methods=["POST"])
@access.requires(P.NOTE_CONTACT)
def expected(contact_id: int) -> ResponseReturnValue:
    """Set the expected amount (意向)."""
    contact = access.load(contacts.get, contact_id, P.NOTE_CONTACT, see=P.SEE_CONTACT)
    form = ExpectForm()

    def work() -> str:
        version = int(form.version.data) if (form.version.data or "").isdigit() else None
        actions.expect(contact, form.expected.fen, access.actor(), version)
        return url_for("contacts.detail", contact_id=contact_id)

    return forms.submit(form, work) or _page(_load(contact_id), expect=form)
