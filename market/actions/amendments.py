"""What may be added to a published challenge: a later deadline, words of explanation; numbered, dated, public, told to those concerned."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from market.actions import challenges, history, notices, search, steps
from market.db import db, transaction
from market.domain import anonymity, clock
from market.domain import challenges as rules
from market.domain.bids import ARRIVED_STATES, EDITABLE_STATES
from market.domain.challenges import CHALLENGE
from market.domain.errors import IllegalStep, Invalid
from market.domain.permissions import Actor, Role, demand
from market.domain.permissions import Permission as P
from market.models import Addendum, Bid, BidMember, Challenge, Contact
from market.queries import accounts

LIVE_CONTACTS = ("asked", "accepted")


def extend(challenge: Challenge, day: date, reason: str, actor: Actor, version: int | None = None) -> Addendum:
    """Move the deadline to the end of `day`, later only, with a reason that everybody reads.

    Raises Forbidden, IllegalStep (not published, no deadline, passed with bids in hand), Invalid, Stale.
    """
    if day > clock.today() + timedelta(days=rules.LONGEST_EXTENSION):
        raise Invalid({"closes_on": "新的截止日期最多到一年以后"})
    with transaction():
        challenges.lock(challenge)
        steps.check_version(challenge, version)
        reason = _words(challenge, reason, "reason", "请写明延期的理由")
        before, after = challenge.closes_at, clock.end_of_day(day)
        passed = before is not None and before < clock.now()
        facts = {
            "has_deadline": before is not None,
            "passed": passed,
            "has_bids": passed and _arrived(challenge),
            "later": before is not None and after > max(before, clock.now()),
        }
        if before is not None and not facts["later"] and challenge.state == "published":
            raise Invalid({"closes_on": f"只能往后延：要晚于 {clock.local(max(before, clock.now())):%Y-%m-%d}"})
        detail = {"from": f"{clock.local(before):%Y-%m-%d}" if before else "", "to": f"{day:%Y-%m-%d}"}
        steps.take(challenge, CHALLENGE, "extend", actor, facts, reason=reason, detail=detail)
        challenge.closes_at = after
        row = _append(challenge, reason, actor, before, after)
        _tell(
            challenge,
            row,
            "申报截止日期已推迟" if challenge.procedure == "open_call" else "截止日期已推迟",
            f"《{challenge.title}》的截止日期由 {detail['from']} 推迟到 {detail['to']}（当天 23:59）。理由：{reason}",
        )
        return row


def explain(challenge: Challenge, text: str, actor: Actor, version: int | None = None) -> Addendum:
    """Add words of explanation (补充说明) to a published challenge; they stay. Raises Forbidden, IllegalStep, Invalid, Stale."""
    demand(actor, P.AMEND_CHALLENGE, challenge.subject)
    with transaction():
        challenges.lock(challenge)
        steps.check_version(challenge, version)
        if challenge.state not in rules.AMENDABLE_STATES:
            raise IllegalStep(f"目前是「{CHALLENGE.states[challenge.state]}」，不能再补充说明")
        if challenge.closes_at is not None and challenge.closes_at < clock.now():
            raise IllegalStep("已经截止，不能再补充说明")
        text = _words(challenge, text, "text", "请写明要补充什么")
        row = _append(challenge, text, actor)
        history.record("challenge", challenge.id, "addendum", actor, detail={"note": f"第 {row.number} 号"}, is_sample=challenge.is_sample)
        _tell(challenge, row, f"补充说明第 {row.number} 号", f"《{challenge.title}》有新的补充说明：{text[:200]}")
        return row


def _words(challenge: Challenge, text: str, name: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid({name: missing})
    if len(text) > rules.ADDENDUM_LIMIT:
        raise Invalid({name: f"最多 {rules.ADDENDUM_LIMIT} 个字"})
    said = challenge.anonymous and anonymity.betrays(text, (challenge.organisation.name, challenge.organisation.short_name))
    if said:
        raise Invalid({name: f"这段话会公开，而您选了对公众匿名：{said}"})
    return text


def _append(challenge: Challenge, text: str, actor: Actor, before: datetime | None = None, after: datetime | None = None) -> Addendum:
    number = (db.session.scalar(select(func.max(Addendum.number)).where(Addendum.challenge_id == challenge.id)) or 0) + 1
    row = Addendum(challenge_id=challenge.id, number=number, text=text, closes_before=before, closes_after=after, by_id=actor.id)
    db.session.add(row)
    challenge.changed_at = clock.now()
    db.session.flush()
    search.refresh(challenge)
    return row


def _arrived(challenge: Challenge) -> bool:
    query = select(func.count()).where(Bid.challenge_id == challenge.id, Bid.state.in_(ARRIVED_STATES))
    return bool(db.session.scalar(query))


def _tell(challenge: Challenge, row: Addendum, title: str, text: str) -> None:
    """Tell the bidders (drafts too), their members, those in contact, the poster's own people and the clerks.

    Who bids is nobody's business before opening, and staff read the outbox: bidders of a sealed call, and
    those who only drafted, are told inside the site alone.
    """
    link, key = f"/challenges/{challenge.id}", f"challenge-{challenge.id}-addendum-{row.number}"
    silent, loud = _bidders(challenge)
    if challenge.visibility == "at_deadline":
        silent, loud = silent | loud, set()
    for organisations, by_mail in ((loud | _contacted(challenge), True), (silent, False)):
        people = [person for organisation_id in sorted(organisations) for person in accounts.people_of(organisation_id)]
        notices.notify(people, "challenge_amended", title, text, link, dedupe=key, is_sample=challenge.is_sample, by_mail=by_mail)
    clerks = [person for person in accounts.people_with(Role.CLERK) if person.organisation_id != challenge.organisation_id]
    own = accounts.people_of(challenge.organisation_id, frozenset({Role.ORG_ADMIN}))
    notices.notify([*own, *clerks], "challenge_amended", title, text, link, dedupe=key, is_sample=challenge.is_sample, by_mail=False)


def _bidders(challenge: Challenge) -> tuple[set[int], set[int]]:
    """Return the organisations that only drafted, and those whose bid has arrived; members go with their lead."""
    query = select(Bid.id, Bid.organisation_id, Bid.state).where(Bid.challenge_id == challenge.id, Bid.state.in_(EDITABLE_STATES))
    rows = db.session.execute(query).all()
    lead = {row.id: row.state in ARRIVED_STATES for row in rows}
    members = select(BidMember.bid_id, BidMember.organisation_id).where(BidMember.bid_id.in_(lead), BidMember.declined_at.is_(None))
    found = [(row.organisation_id, lead[row.id]) for row in rows]
    found += [(row.organisation_id, lead[row.bid_id]) for row in db.session.execute(members)]
    loud = {organisation_id for organisation_id, arrived in found if arrived}
    return {organisation_id for organisation_id, _arrived in found} - loud, loud


def _contacted(challenge: Challenge) -> set[int]:
    query = select(Contact.provider_id).where(Contact.challenge_id == challenge.id, Contact.state.in_(LIVE_CONTACTS))
    return set(db.session.scalars(query))
