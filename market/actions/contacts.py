"""Contacts (对接): ask, introduce, answer, note what happened, state the expected amount, end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from market.actions import history, notices, outcomes, steps, visit_files
from market.db import db, transaction
from market.domain import clock, codes
from market.domain import contacts as rules
from market.domain.contacts import CONTACT
from market.domain.errors import Duplicate, Forbidden, IllegalStep, Invalid
from market.domain.permissions import Actor, Role, demand
from market.domain.permissions import Permission as P
from market.models import Capability, Challenge, Contact, ContactLine, User
from market.queries import accounts, settings

ANSWERERS = frozenset({Role.ORG_ADMIN, Role.TTO})


def ask(
    message: str,
    actor: Actor,
    *,
    challenge: Challenge | None = None,
    capability: Capability | None = None,
    about: str = "capability",
    match_rank: int | None = None,
) -> Contact:
    """Ask the other side with one sentence; the answer is due within the set working days.

    `about` names the listing of the other side (capability or challenge); the other one, where given, is
    one of the asking organisation's own. Raises Forbidden, Invalid, IllegalStep (the listing no longer
    takes questions), Duplicate (such a contact is open already).
    """
    demand(actor, P.ASK_CONTACT)
    if not message.strip():
        raise Invalid({"message": "请写一句来意，对方据此决定是否对接"})
    target: Challenge | Capability | None = capability if about == "capability" else challenge
    attached: Challenge | Capability | None = challenge if about == "capability" else capability
    if target is None or actor.organisation_id is None:
        raise Forbidden
    if target.organisation_id == actor.organisation_id:
        raise Invalid({"message": "这是本单位自己发布的，不用对接"})
    if attached is not None and attached.organisation_id != actor.organisation_id:
        raise Invalid({"attached": "只能附上本单位的需求或成果"})
    with transaction():
        return _open(
            actor,
            message,
            seeker_id=actor.organisation_id if about == "capability" else target.organisation_id,
            provider_id=target.organisation_id if about == "capability" else actor.organisation_id,
            target=target,
            challenge=challenge,
            capability=capability,
            asked_by_seeker=about == "capability",
            match_rank=match_rank,
        )


def introduce(challenge: Challenge, capability: Capability, message: str, actor: Actor) -> Contact:
    """Bring two sides together (引荐): the provider answers, the seeker is told and may withdraw.

    Raises Forbidden, Invalid, IllegalStep, Duplicate as `ask` does.
    """
    demand(actor, P.INTRODUCE)
    if not message.strip():
        raise Invalid({"message": "请写明为什么引荐这两家"})
    if challenge.organisation_id == capability.organisation_id:
        raise Invalid({"capability": "需求和成果是同一单位的"})
    with transaction():
        _demand_live(challenge)
        contact = _open(
            actor,
            message,
            seeker_id=challenge.organisation_id,
            provider_id=capability.organisation_id,
            target=capability,
            challenge=challenge,
            capability=capability,
            asked_by_seeker=True,
            match_rank=None,
            broker_id=actor.id,
        )
        text = f"引荐人为您的《{challenge.title}》推荐了《{capability.title}》，对方答复后双方互见联系方式；如不需要可以撤回。"
        _tell(contact, contact.seeker_id, "introduced", "有人为您引荐了合作方", text)
        return contact


def _open(
    actor: Actor,
    message: str,
    *,
    seeker_id: int,
    provider_id: int,
    target: Challenge | Capability,
    challenge: Challenge | None,
    capability: Capability | None,
    asked_by_seeker: bool,
    match_rank: int | None,
    broker_id: int | None = None,
) -> Contact:
    _demand_live(target)
    _demand_single(seeker_id, provider_id, challenge, target)
    contact = Contact(
        seeker_id=seeker_id,
        provider_id=provider_id,
        asked_by_seeker=asked_by_seeker,
        challenge_id=challenge.id if challenge else None,
        capability_id=capability.id if capability else None,
        asked_by_id=actor.id,
        broker_id=broker_id,
        message=message.strip(),
        match_rank=match_rank,
        answer_due=settings.work_calendar().add(clock.today(), settings.current().contact_days),
        is_sample=target.is_sample,
    )
    db.session.add(contact)
    db.session.flush()
    outcomes.of_contact(contact)
    step = "introduce" if broker_id else "ask"
    history.record("contact", contact.id, step, actor, to_state="asked", is_sample=contact.is_sample)
    text = f"就《{target.title}》有单位想与您对接，请在 {contact.answer_due:%Y-%m-%d} 前答复同意或婉拒。"
    _tell(contact, contact.answering_id, "asked", "有一个对接请求等您答复", text)
    return contact


def _demand_live(listing: Challenge | Capability) -> None:
    """Lock the listing (two askers of one organisation meet here) and refuse one that takes no questions now."""
    db.session.refresh(listing, attribute_names=["state", "version"], with_for_update=True)
    open_states = ("published", "selecting") if isinstance(listing, Challenge) else ("published", "reserved")
    if listing.state not in open_states:
        raise IllegalStep("它现在不接受新的对接")


def _demand_single(seeker_id: int, provider_id: int, challenge: Challenge | None, target: Challenge | Capability) -> None:
    query = select(Contact.id).where(
        Contact.seeker_id == seeker_id, Contact.provider_id == provider_id, Contact.state.in_(rules.OPEN_STATES)
    )
    same = Contact.capability_id == target.id if isinstance(target, Capability) else Contact.challenge_id == target.id
    if db.session.scalar(query.where(same).limit(1)) is not None:
        raise Duplicate("双方就同一项内容已有进行中的对接，请在「对接」里继续")


def answer(contact: Contact, accept: bool, actor: Actor, *, reason: str = "", note: str = "", version: int | None = None) -> None:
    """Accept, or decline with a reason code (codes.DECLINE_REASONS); both sides are told.

    Raises Forbidden, Invalid, IllegalStep, Stale.
    """
    if not accept and reason not in codes.DECLINE_REASONS:
        raise Invalid({"reason": "请选择婉拒的原因"})
    with transaction():
        _lock(contact)
        steps.check_version(contact, version)
        facts = {"asked_by_self": actor.organisation_id == contact.asking_id}
        name = "accept" if accept else "decline"
        contact.answered_at, contact.answered_by_id = clock.now(), actor.id
        steps.take(contact, CONTACT, name, actor, facts, reason=None if accept else codes.DECLINE_REASONS[reason])
        contact.answer_note = note.strip()[:300] or None
        if accept:
            title, text = "对方同意对接", "双方现在都能看到对方的联系人和电话，请尽快联系，并把经过记下来。"
        else:
            contact.decline_reason, contact.ended_at = reason, clock.now()
            title, text = "对方婉拒了对接", f"原因：{codes.DECLINE_REASONS[reason]}。"
        _tell(contact, contact.asking_id, name, title, text)


def withdraw(contact: Contact, actor: Actor, version: int | None = None) -> None:
    """Take the question back before it is answered: the asking side, or the broker who introduced.

    Raises Forbidden, IllegalStep, Stale.
    """
    introduced_it = contact.broker_id in actor.hands
    if actor.organisation_id != contact.asking_id and not introduced_it:
        raise Forbidden
    with transaction():
        _lock(contact)
        steps.check_version(contact, version)
        contact.ended_at = clock.now()
        steps.take(contact, CONTACT, "withdraw", actor)
        _tell(contact, contact.answering_id, "withdrawn", "对接请求已撤回", "对方撤回了对接请求，您不用再答复。")


def close(contact: Contact, actor: Actor, reason: str, version: int | None = None) -> None:
    """End an accepted contact with a reason; the other side is told.

    Raises Forbidden, IllegalStep (without a reason, or not running), Stale.
    """
    with transaction():
        _lock(contact)
        steps.check_version(contact, version)
        steps.take(contact, CONTACT, "close", actor, reason=reason.strip())
        contact.ended_at, contact.end_reason = clock.now(), reason.strip()[:300]
        for side in (contact.seeker_id, contact.provider_id):
            if side != actor.organisation_id:
                _tell(contact, side, "closed", "一项对接已结束", f"原因：{contact.end_reason}")


def note(
    contact: Contact, happened_on: date, kind: str, text: str, actor: Actor, uploads: Sequence[visit_files.Upload] = ()
) -> ContactLine:
    """Add one dated line (codes.CONTACT_LINE_KINDS) of what happened, with photos or papers (name and bytes).

    Raises Forbidden, Invalid, IllegalStep before both sides have met.
    """
    demand(actor, P.NOTE_CONTACT, contact.subject)
    if kind not in codes.CONTACT_LINE_KINDS:
        raise Invalid({"kind": "请选择类别"})
    if not text.strip():
        raise Invalid({"text": "请写一句经过"})
    if happened_on > clock.today():
        raise Invalid({"happened_on": "日期不能晚于今天"})
    with transaction() as session:
        _lock(contact)
        if contact.state not in rules.MET_STATES:
            raise IllegalStep("对方同意对接之后才记经过")
        line = ContactLine(
            contact_id=contact.id,
            happened_on=happened_on,
            kind=kind,
            text=text.strip(),
            by_id=actor.id,
            by_name=actor.name,
            is_sample=contact.is_sample,
        )
        session.add(line)
        session.flush()
        history.record("contact", contact.id, "note", actor, detail={"kind": kind}, is_sample=contact.is_sample)
        visit_files.with_line(contact, line, uploads, actor)
        return line


def expect(contact: Contact, fen: int | None, actor: Actor, version: int | None = None) -> None:
    """State the expected amount in 分 (意向), or None to take it back. Both sides may.

    Raises Forbidden, IllegalStep, Stale.
    """
    demand(actor, P.NOTE_CONTACT, contact.subject)
    with transaction():
        _lock(contact)
        steps.check_version(contact, version)
        if contact.state != "accepted":
            raise IllegalStep("对接进行中才能填写意向金额")
        before, contact.expected_fen = contact.expected_fen, fen
        history.record("contact", contact.id, "expect", actor, detail={"from": before, "to": fen}, is_sample=contact.is_sample)


def _lock(contact: Contact) -> None:
    db.session.flush()
    db.session.refresh(contact, attribute_names=["state", "version", "expected_fen"], with_for_update=True)


def _tell(contact: Contact, organisation_id: int, kind: str, title: str, text: str) -> None:
    people: list[User] = accounts.people_of(organisation_id, ANSWERERS)
    asker = accounts.get_user(contact.asked_by_id) if contact.asked_by_id else None
    if asker is not None and asker.organisation_id == organisation_id and asker.active:
        people.append(asker)
    link = f"/contacts/{contact.id}"
    key = f"contact-{contact.id}-{kind}-{organisation_id}"
    notices.notify(people, f"contact_{kind}", title, text, link, dedupe=key, is_sample=contact.is_sample)
