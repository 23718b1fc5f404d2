"""Pages of the room contacts."""

from __future__ import annotations

from typing import TypeVar

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import contacts as actions
from market.domain import clock
from market.domain.contacts import TABS
from market.domain.errors import IllegalStep, Invalid
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Capability, Challenge
from market.queries import attachments, challenges, introductions, pairs, visit_files
from market.queries import contacts as queries
from market.web import access
from market.web import forms as web_forms
from market.web.contacts import shown
from market.web.contacts.forms import AnswerForm, AskForm, ExpectForm, IntroduceForm, LineForm, number_in, version_of
from market.web.files import noted_download, uploads

Listed = TypeVar("Listed", Challenge | None, Capability | None)
bp = Blueprint("contacts", __name__)
bp.add_app_template_filter(clock.end_of_day, "end_of_day")


@bp.route("/contacts")
@access.requires(P.SEE_CONTACT)
def index() -> ResponseReturnValue:
    """The contacts one may see, by tabs."""
    tab = request.args.get("tab", "waiting")
    if tab not in TABS:
        abort(404)
    who = access.actor()
    found = queries.listing(who, tab, request.args.get("page", 1, int))
    if "tab" not in request.args and not found.counts["waiting"]:
        tab = "running"
        found = queries.listing(who, tab)
    return render_template(
        "contacts/index.html", found=found, tab=tab, tabs=TABS, outside=queries.looks_on(who), may_introduce=may(who, P.INTRODUCE)
    )


@bp.route("/contacts/new", methods=["GET", "POST"])
@access.requires(P.ASK_CONTACT)
def create() -> ResponseReturnValue:
    """Ask the owner of a capability (?capability=) or of a challenge (?challenge=)."""
    who = access.actor()
    about, target = _target()
    own = who.organisation_id or 0
    listings = queries.own_challenges(own) if about == "capability" else queries.own_capabilities(own)
    attached = _number("challenge" if about == "capability" else "capability")
    opening = pairs.first_question(request.args.get("match", 0, int))
    form = AskForm(
        message=opening, rank=request.args.get("rank", ""), attached=attached if any(one.id == attached for one in listings) else 0
    )
    form.attached.choices = web_forms.choices([(0, "不附"), *((one.id, one.title) for one in listings)])

    def work() -> str:
        attached = next((one for one in listings if one.id == form.attached.data), None)
        pair = (attached, target) if about == "capability" else (target, attached)
        challenge = pair[0] if isinstance(pair[0], Challenge) else None
        capability = pair[1] if isinstance(pair[1], Capability) else None
        contact = actions.ask(
            form.message.data or "", who, challenge=challenge, capability=capability, about=about, match_rank=form.rank_number()
        )
        flash(f"已发出，对方最迟 {contact.answer_due:%Y-%m-%d} 答复", "success")
        return url_for("contacts.detail", contact_id=contact.id)

    done = web_forms.submit(form, work)
    owner = challenges.poster(target, who) if isinstance(target, Challenge) else target.organisation.name
    return done or render_template(
        "contacts/create.html", form=form, about=about, target=target, owner=owner, own=target.organisation_id == own
    )


def _target() -> tuple[str, Challenge | Capability]:
    """Return what the address asks about: of a pair (a recommendation) the other side's part; 404 for what is not public."""
    capability = queries.capability(_number("capability"))
    challenge = challenges.get(_number("challenge"))
    own = access.actor().organisation_id
    if challenge is not None and capability is not None and capability.organisation_id == own:
        capability = None
    about = "challenge" if capability is None else "capability"
    target = capability or challenge
    if target is None or not target.is_public:
        abort(404)
    return about, target


def _number(name: str) -> int:
    return number_in(request.args.get(name) or request.args.get(f"{name}_id"))


@bp.route("/contacts/introduce", methods=["GET", "POST"])
@access.requires(P.INTRODUCE)
def introduce() -> ResponseReturnValue:
    """A broker, liaison or clerk finds a challenge and a capability and brings them together."""
    form = IntroduceForm(challenge=str(_number("challenge") or ""), capability=str(_number("capability") or ""))
    who = access.actor()
    challenge = _public(challenges.get(_named(form.challenge.data) or _named(form.find_challenge.data)))
    capability = _public(queries.capability(number_in(form.capability.data) or number_in(form.find_capability.data)))

    def work() -> str:
        if not isinstance(challenge, Challenge) or not isinstance(capability, Capability):
            missing = {"find_challenge": "请先搜到并选定一条已发布的需求"} if challenge is None else {}
            raise Invalid(missing or {"find_capability": "请先搜到并选定一项已发布的成果"})
        contact = actions.introduce(challenge, capability, form.message.data or "", who)
        flash("已引荐；供给方答复后双方互见联系方式，需求方已收到通知", "success")
        return url_for("contacts.detail", contact_id=contact.id)

    done = None if "search" in request.form else web_forms.submit(form, work)
    if done is not None:
        return done
    wanted = introductions.find_challenges(_words(form.find_challenge.data), who, challenge.id if challenge else 0)
    offered = introductions.find_capabilities(_words(form.find_capability.data), capability.id if capability else 0)
    chosen = {"challenge": challenge.id if challenge else 0, "capability": capability.id if capability else 0}
    return render_template("contacts/introduce.html", form=form, wanted=wanted, offered=offered, chosen=chosen)


def _named(text: str | None) -> int:
    """Return the id of the challenge that was named by id, address or number, or 0."""
    return number_in(text) or queries.challenge_numbered(text or "")


def _words(text: str | None) -> str:
    """Return what to search for: nothing when a number or an address was typed."""
    return "" if number_in(text) else (text or "")


def _public(listing: Listed) -> Listed:
    return listing if listing is not None and listing.is_public else None


@bp.route("/contacts/<int:contact_id>")
@access.requires(P.SEE_CONTACT)
def detail(contact_id: int) -> ResponseReturnValue:
    """One contact: both sides, what happened, and what to do next."""
    return _page(access.load(queries.get, contact_id, P.SEE_CONTACT))


def _page(
    seen: queries.Seen, answer_form: AnswerForm | None = None, line_form: LineForm | None = None, expect_form: ExpectForm | None = None
) -> str:
    contact, who = seen.contact, access.actor()
    contract = queries.contract_of(contact.id) if contact.state != "asked" else None
    return render_template(
        "contacts/detail.html",
        contact=contact,
        title=queries.title_of(contact),
        sides=queries.sides(contact, who),
        met=queries.have_met(contact),
        may_answer=contact.state == "asked" and may(who, P.ANSWER_CONTACT, seen.subject) and who.organisation_id == contact.answering_id,
        answers_here=contact.state == "asked" and who.organisation_id == contact.answering_id,
        may_withdraw=contact.state == "asked" and (who.organisation_id == contact.asking_id or contact.broker_id in who.hands),
        may_note=may(who, P.NOTE_CONTACT, seen.subject),
        may_contract=contact.state == "accepted" and may(who, P.CREATE_CONTRACT, seen.subject),
        contract=contract if contract is not None and may(who, P.SEE_CONTRACT, contract.subject) else None,
        bid_link=shown.bid_link(contact, who),
        entries=shown.timeline(contact, queries.history(contact), queries.have_met(contact), _files(seen)),
        answer_form=answer_form or AnswerForm(formdata=None, version=contact.version),
        line_form=line_form or LineForm(formdata=None),
        expect_form=expect_form or ExpectForm(formdata=None, version=contact.version, expected=contact.expected_fen),
    )


def _files(seen: queries.Seen) -> dict[int, list[attachments.FileRow]]:
    """Return the files of each line, or none to those who may not open them."""
    if not may(access.actor(), P.SEE_CONTACT_FILE, seen.subject):
        return {}
    return visit_files.of("contact_line", [line.id for line in seen.contact.lines])


@bp.route("/contacts/<int:contact_id>/answer", methods=["POST"])
@access.requires(P.ANSWER_CONTACT)
def answer(contact_id: int) -> ResponseReturnValue:
    """Accept, or decline with a reason."""
    seen = access.load(queries.get, contact_id, P.ANSWER_CONTACT, see=P.SEE_CONTACT)
    form = AnswerForm()

    def work() -> str:
        accept = form.decision.data == "accept"
        reason, note = form.reason.data or "", form.note.data or ""
        actions.answer(seen.contact, accept, access.actor(), reason=reason, note=note, version=version_of(form.version))
        flash("已同意，双方现在互见姓名和电话" if accept else "已婉拒，对方会收到原因", "success")
        return url_for("contacts.detail", contact_id=contact_id)

    return web_forms.submit(form, work) or _page(_again(contact_id), answer_form=form)


@bp.route("/contacts/<int:contact_id>/lines", methods=["POST"])
@access.requires(P.NOTE_CONTACT)
def note(contact_id: int) -> ResponseReturnValue:
    """Add one dated line."""
    seen = access.load(queries.get, contact_id, P.NOTE_CONTACT, see=P.SEE_CONTACT)
    form = LineForm()

    def work() -> str:
        actions.note(seen.contact, form.happened_on.data, form.kind.data, form.text.data or "", access.actor(), uploads(form.files))
        flash("已记下", "success")
        return url_for("contacts.detail", contact_id=contact_id)

    return web_forms.submit(form, work) or _page(_again(contact_id), line_form=form)


@bp.route("/contacts/<int:contact_id>/files/<int:attachment_id>")
@access.requires(P.SEE_CONTACT_FILE)
def download(contact_id: int, attachment_id: int) -> ResponseReturnValue:
    """One photo or paper of a line, as a download, for both sides, the broker and the staff; noted in the access log."""
    file = access.load(visit_files.of_contact, attachment_id, P.SEE_CONTACT_FILE)
    return noted_download(file, contact_id, access.actor())


@bp.route("/contacts/<int:contact_id>/expected", methods=["POST"])
@access.requires(P.NOTE_CONTACT)
def expect(contact_id: int) -> ResponseReturnValue:
    """State the expected amount."""
    seen = access.load(queries.get, contact_id, P.NOTE_CONTACT, see=P.SEE_CONTACT)
    form = ExpectForm()

    def work() -> str:
        actions.expect(seen.contact, form.expected.fen, access.actor(), version_of(form.version))
        flash("意向金额已保存", "success")
        return url_for("contacts.detail", contact_id=contact_id)

    return web_forms.submit(form, work) or _page(_again(contact_id), expect_form=form)


@bp.route("/contacts/<int:contact_id>/steps/<string:step>", methods=["POST"])
@access.requires(P.SEE_CONTACT)
def take_step(contact_id: int, step: str) -> ResponseReturnValue:
    """Withdraw a question, or end a running contact with a reason."""
    seen = access.load(queries.get, contact_id, P.SEE_CONTACT)
    version = request.form.get("version", None, int)

    def work() -> str:
        if step == "withdraw":
            actions.withdraw(seen.contact, access.actor(), version)
        elif step == "close":
            actions.close(seen.contact, access.actor(), request.form.get("reason", ""), version)
        else:
            raise IllegalStep("没有这一步")
        return url_for("contacts.detail", contact_id=contact_id)

    return access.once(work)


def _again(contact_id: int) -> queries.Seen:
    return access.load(queries.get, contact_id, P.SEE_CONTACT)
