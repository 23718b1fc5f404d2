"""Sample leads and contacts with their dated lines."""

from __future__ import annotations

from datetime import datetime, timedelta

from market.actions.sample.shelf import MARK, Person, Row, Shelf, fen
from market.db import db, transaction
from market.domain import clock
from market.domain.contacts import ANSWER_WORKING_DAYS
from market.domain.leads import DUE_WORKING_DAYS, LINK_DAYS
from market.models import Challenge, Contact, ContactLine, Lead, Organisation, Version
from market.queries.versions import content

DISTRICT = "310107"
CLOSED = "已谈清双方条件，暂不继续（示例）"


def load_leads(shelf: Shelf) -> None:
    """Write the leads; one that is filled in has its draft challenge, waiting for the enterprise."""
    with transaction() as session:
        for row in shelf.progress("线索", shelf.lines("leads.jsonl")):
            at = shelf.moment(row["day_offset"], row["key"])
            who = shelf.people[row["handled_by"]] if row["handled_by"] else None
            lead = Lead(
                wrong=row["wrong"],
                wanted=row["want"],
                company=row["company"],
                contact_name=row["contact_name"],
                phone=row["phone"],
                region=DISTRICT,
                assignee_id=who.id if who else None,
                state=row["state"],
                due=shelf.calendar.add(shelf.day(row["day_offset"]), DUE_WORKING_DAYS),
                next_step=row["note"] if row["state"] == "assigned" else "",
                close_reason=row["note"] if row["state"] == "closed" else None,
                created_at=at,
                is_sample=True,
            )
            session.add(lead)
            session.flush()
            shelf.tell("lead", lead.id, "ask", None, at, to_state="new")
            if who:
                _work(shelf, lead, row, who)


def _work(shelf: Shelf, lead: Lead, row: Row, who: Person) -> None:
    clerk = shelf.people["B00-2"]
    assigned = min(lead.created_at + timedelta(hours=20), shelf.now)
    shelf.tell("lead", lead.id, "assign", clerk, assigned, from_state="new", to_state="assigned")
    later = min(lead.created_at + timedelta(days=4), shelf.now)
    if row["state"] == "assigned":
        lead.due = shelf.calendar.add(shelf.today, 1 + lead.id % 3)
    if row["state"] == "closed":
        shelf.tell("lead", lead.id, "close", who, later, from_state="assigned", to_state="closed", reason=row["note"])
    if row["state"] in {"filled", "confirmed"}:
        challenge = _draft(shelf, lead, row, who)
        lead.due = max(clock.local(later).date() + timedelta(days=LINK_DAYS), shelf.today)
        note = {"note": f"《{challenge.title}》", "challenge": challenge.id}
        shelf.tell("lead", lead.id, "draft", who, later, detail=note)
        shelf.tell("lead", lead.id, "fill", who, later, from_state="assigned", to_state="filled")
        if row["state"] == "confirmed":
            _confirm(shelf, lead, challenge, min(later + timedelta(days=1), shelf.now))


def _confirm(shelf: Shelf, lead: Lead, challenge: Challenge, at: datetime) -> None:
    """The enterprise has opened its link and confirmed: the challenge waits for moderation."""
    challenge.confirmed = challenge.no_secrets = True
    challenge.state, challenge.submitted_at, challenge.changed_at = "submitted", at, at
    challenge.answer_due = shelf.calendar.add(clock.local(at).date(), 3)
    db.session.add(Version(subject_kind="challenge", subject_id=challenge.id, number=1, at=at, by_id=None, content=content(challenge)))
    shelf.tell("challenge", challenge.id, "submit", None, at, from_state="draft", to_state="submitted")
    shelf.tell("lead", lead.id, "confirm", None, at, from_state="filled", to_state="confirmed")


def _draft(shelf: Shelf, lead: Lead, row: Row, who: Person) -> Challenge:
    """Write what a liaison filled in for an enterprise that has no account yet."""
    organisation = Organisation(
        kind="enterprise", name=lead.company + MARK, region=DISTRICT, state="unclaimed", created_at=lead.created_at, is_sample=True
    )
    db.session.add(organisation)
    db.session.flush()
    lead.organisation_id = organisation.id
    written = min(lead.created_at + timedelta(days=3), shelf.now)
    challenge = Challenge(
        organisation_id=organisation.id,
        author_id=who.id,
        assignee_id=who.id,
        lead_id=lead.id,
        title=_title(row["wrong"]),
        pain=row["wrong"],
        requirements=row["want"],
        region=DISTRICT,
        contact_name=lead.contact_name,
        contact_phone=lead.phone,
        confirmed=False,
        indicators=[],
        created_at=written,
        changed_at=written,
        is_sample=True,
    )
    db.session.add(challenge)
    db.session.flush()
    made = {"to_state": "unclaimed", "reason": "代填需求时建立"}
    shelf.tell("organisation", organisation.id, "create", who, written, **made)
    shelf.tell("challenge", challenge.id, "create", who, written, to_state="draft")
    return challenge


def _title(words: str) -> str:
    """Return the first clause of what was said, with the next where the first is short."""
    first, _, rest = words.partition("，")
    return first if len(first) >= 10 else f"{first}，{rest.split('，')[0]}"


def load_contacts(shelf: Shelf) -> None:
    """Write the contacts, their answers and their lines."""
    with transaction() as session:
        for row in shelf.progress("对接", shelf.lines("contacts.jsonl")):
            contact = _contact(shelf, row)
            session.add(contact)
            session.flush()
            shelf.contacts[row["key"]] = contact
            _tell(shelf, contact, row)


def _sides(shelf: Shelf, row: Row) -> tuple[Person, Person]:
    """Return who asked and who answers (for an introduction: the provider asks through the broker)."""
    seeker, provider = shelf.head(row["challenge_org"]), shelf.head(row["capability_owner"])
    return (seeker, provider) if row["asked_by"] == "challenge" else (provider, seeker)


def _contact(shelf: Shelf, row: Row) -> Contact:
    asking, answering = _sides(shelf, row)
    answered = row["state"] not in {"asked", "withdrawn"}
    at, broker = shelf.moment(row["day_offset"], row["key"]), shelf.people.get(row["introduced_by"])
    refused = row["decline_reason"] if row["state"] == "declined" else ""
    return Contact(
        seeker_id=shelf.organisations[row["challenge_org"]].id,
        provider_id=shelf.organisations[row["capability_owner"]].id,
        asked_by_seeker=row["asked_by"] == "challenge",
        challenge_id=shelf.challenges[row["challenge"]].id if row["challenge"] else None,
        capability_id=shelf.capabilities[row["capability"]].id if row["capability"] else None,
        asked_by_id=broker.id if broker else asking.id,
        answered_by_id=answering.id if answered else None,
        broker_id=broker.id if broker else None,
        message=row["message"],
        state=row["state"],
        answer_due=shelf.calendar.add(shelf.day(row["day_offset"]), ANSWER_WORKING_DAYS),
        answered_at=shelf.moment(min(row["day_offset"] + 1, 0), row["key"]) if answered else None,
        decline_reason=None if not refused else ("no_capacity" if "人手" in refused or "驻场" in refused else "too_early"),
        answer_note=refused[:300] or None,
        expected_fen=fen(row["expected_wan"]),
        ended_at=_ended(shelf, row),
        end_reason=(row["decline_reason"] or CLOSED)[:300] if row["state"] == "closed" else None,
        created_at=at,
        is_sample=True,
        lines=[
            ContactLine(
                happened_on=shelf.day(line["day_offset"]),
                kind=line["kind"],
                text=line["text"],
                by_id=asking.id,
                by_name=asking.name,
                created_at=shelf.moment(line["day_offset"], line["text"]),
                is_sample=True,
            )
            for line in row["log"]
        ],
    )


def _ended(shelf: Shelf, row: Row) -> datetime | None:
    """Return when a contact came to its end; None while it goes on."""
    if row["state"] == "contracted":
        return shelf.moment(row["contract"]["signed_offset"], row["key"])
    days = {"closed": -1, "withdrawn": min(row["day_offset"] + 2, 0)}
    return shelf.moment(days[row["state"]], row["key"]) if row["state"] in days else None


def _tell(shelf: Shelf, contact: Contact, row: Row) -> None:
    asking, answering = _sides(shelf, row)
    broker = shelf.people.get(row["introduced_by"])
    step = "introduce" if broker else "ask"
    shelf.tell("contact", contact.id, step, broker or asking, contact.created_at, to_state="asked")
    if row["state"] == "withdrawn" and contact.ended_at:
        shelf.tell("contact", contact.id, "withdraw", asking, contact.ended_at, from_state="asked", to_state="withdrawn")
    if contact.answered_at is None:
        return
    if row["state"] == "declined":
        shelf.tell(
            "contact",
            contact.id,
            "decline",
            answering,
            contact.answered_at,
            from_state="asked",
            to_state="declined",
            reason=contact.answer_note,
        )
        return
    shelf.tell("contact", contact.id, "accept", answering, contact.answered_at, from_state="asked", to_state="accepted")
    if contact.ended_at and row["state"] == "contracted":
        shelf.tell("contact", contact.id, "contract", answering, contact.ended_at, from_state="accepted", to_state="contracted")
    elif contact.ended_at:
        shelf.tell(
            "contact", contact.id, "close", asking, contact.ended_at, from_state="accepted", to_state="closed", reason=contact.end_reason
        )
