"""Sample challenges and capabilities in every state, with their search terms."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select

from market.actions.sample import listing_history
from market.actions.sample.shelf import Row, Shelf, Turns, fen
from market.actions.search import put_terms, words_of
from market.db import db, transaction
from market.domain import clock
from market.domain.capabilities import PUBLIC_STATES as SHOWN_CAPABILITIES
from market.domain.challenges import NUMBER_PREFIX
from market.domain.challenges import PUBLIC_STATES as SHOWN_CHALLENGES
from market.matching import index_terms
from market.models import Capability, Challenge, IndexChange, Indicator, IpRight

VALID_DAYS = 365  # how long a challenge without a deadline stays open
PUBLICITY_DAYS = 5
OFFICE_ADVISER = "B00-10"


def load_challenges(shelf: Shelf) -> None:
    """Write the challenges; open calls are numbered in the order of their publication."""
    rows = shelf.lines("challenges/*.jsonl")
    with transaction() as session:
        numbers = _numbers(shelf, rows)
        for row in shelf.progress("技术需求", rows):
            challenge = _challenge(shelf, row, numbers.get(row["key"]))
            _end(shelf, challenge, row)
            session.add(challenge)
            shelf.challenges[row["key"]] = challenge
        session.flush()
        for row in rows:
            listing_history.of_challenge(shelf, shelf.challenges[row["key"]], row)
        _index(shelf, [item for item in shelf.challenges.values() if item.state in SHOWN_CHALLENGES], "challenge")


def _numbers(shelf: Shelf, rows: list[Row]) -> dict[str, str]:
    """Return 榜 numbers by key; they go on after the last number that is already taken."""
    counts: Counter[int] = Counter()
    for number in db.session.scalars(select(Challenge.number).where(Challenge.number.is_not(None))):
        year, last = int(str(number).split("-")[2]), int(str(number).split("-")[3])
        counts[year] = max(counts[year], last)
    found = {}
    for row in sorted(rows, key=lambda row: row["day_offset"]):
        if row["procedure"] == "open_call" and (row["state"] in SHOWN_CHALLENGES or row["state"] == "expired"):
            year = shelf.day(row["day_offset"]).year
            counts[year] += 1
            found[row["key"]] = NUMBER_PREFIX.format(year=year) + f"{counts[year]:04d}"
    return found


def _challenge(shelf: Shelf, row: Row, number: str | None) -> Challenge:
    state = "published" if row["state"] == "expired" else row["state"]
    public, head = state in SHOWN_CHALLENGES or state == "suspended", shelf.head(row["org"])
    organisation = shelf.organisations[row["org"]]
    day = shelf.moment(row["day_offset"], row["key"])
    written = day - timedelta(days=6 if public else (0 if state == "draft" else 2))
    submitted = day - timedelta(days=2) if public else (None if state == "draft" else day)
    return Challenge(
        number=number,
        organisation_id=organisation.id,
        author_id=head.id,
        adviser_id=shelf.people[OFFICE_ADVISER].id if public else None,
        **{name: row[name] for name in ("title", "pain", "background", "tried", "requirements", "field", "track", "need_type", "ip_wish")},
        region=organisation.region,
        budget_stated=state != "draft",
        budget_fen=fen(row["budget_wan"]),
        budget_max_fen=fen(row["budget_max_wan"]),
        period_months=row["period_months"],
        modes=";".join(row["modes"]),
        anonymous=row["anonymous"],
        contact_name=head.name,
        contact_phone=head.phone,
        no_secrets=state != "draft",
        procedure=row["procedure"],
        visibility=row.get("visibility") or ("at_deadline" if row["procedure"] == "open_call" else "on_arrival"),
        closes_at=None if row["deadline_offset"] is None else clock.end_of_day(shelf.day(row["deadline_offset"])),
        valid_until=_valid_until(shelf, row) if public and row["procedure"] != "open_call" else None,
        state=state,
        submitted_at=submitted,
        answer_due=shelf.calendar.add(clock.local(submitted).date(), 3) if submitted else None,
        published_at=day if public else None,
        created_at=written,
        changed_at=day,
        is_sample=True,
        indicators=[Indicator(position=n, **indicator) for n, indicator in enumerate(row["indicators"])],
    )


def _valid_until(shelf: Shelf, row: Row) -> date:
    until = shelf.day(row["day_offset"] + VALID_DAYS)
    return until if row["state"] != "published" else max(until, shelf.day(30))


def _end(shelf: Shelf, challenge: Challenge, row: Row) -> None:
    """Set the turns an open challenge took, its publicity, and how it ended."""
    turns = shelf.turns[row["key"]] = _turns(row)
    if challenge.state in {"publicity", "selected"} and row["procedure"] == "open_call" and turns.decided is not None:
        challenge.publicity_days = PUBLICITY_DAYS
        first = shelf.day(turns.decided)
        while not shelf.calendar.is_working(first):
            first -= timedelta(days=1)
        turns = shelf.turns[row["key"]] = replace(turns, decided=(first - shelf.today).days)
        challenge.publicity_from = first
        challenge.publicity_until, challenge.publicity_estimated = shelf.calendar.window(first, PUBLICITY_DAYS)
    if row["state"] in listing_history.ENDINGS:
        challenge.end_reason = listing_history.ENDINGS[row["state"]]
    if row["state"] in {*listing_history.ENDINGS, "completed"}:
        challenge.ended_at = challenge.changed_at = shelf.moment(listing_history.end_offset(row, turns), row["key"])


def _turns(row: Row) -> Turns:
    """Return the days of the turns: opened two days after the deadline, decided a week later, signed in the month after."""
    state, published = row["state"], row["day_offset"]
    closed = row["deadline_offset"] if row["deadline_offset"] is not None else published + min(25, -published // 2)
    opened, decided = min(closed + 2, -1), min(closed + 9, -1)
    if state in {"selecting", "terminated"}:
        return Turns(opened)
    if state == "publicity":
        return Turns(opened, -1 - published % 3)
    if state == "selected":
        return Turns(opened, decided)
    if state in {"contracted", "completed"}:
        return Turns(opened, decided, min(closed + 30, -1))
    return Turns()


def load_capabilities(shelf: Shelf) -> None:
    """Write the capabilities; 'expired' ones are published but confirmed long ago."""
    rows = shelf.lines("capabilities/*.jsonl")
    with transaction() as session:
        for row in shelf.progress("成果与能力", rows):
            capability = _capability(shelf, row)
            session.add(capability)
            shelf.capabilities[row["key"]] = capability
        session.flush()
        for row in rows:
            listing_history.of_capability(shelf, shelf.capabilities[row["key"]], row)
        _index(shelf, [item for item in shelf.capabilities.values() if item.state in SHOWN_CAPABILITIES], "capability")


def _capability(shelf: Shelf, row: Row) -> Capability:
    state = "published" if row["state"] == "expired" else row["state"]
    public, head = state in SHOWN_CAPABILITIES or state in {"withdrawn", "suspended"}, shelf.head(row["org"])
    organisation, day = shelf.organisations[row["org"]], shelf.moment(row["day_offset"], row["key"])
    submitted = day - timedelta(days=2) if public else (None if state == "draft" else day)
    names = ("kind", "title", "summary", "problem", "advantages", "field", "track", "stage", "trl", "team", "conditions")
    values: dict[str, Any] = {name: row[name] for name in names}
    return Capability(
        **values,
        organisation_id=organisation.id,
        author_id=head.id,
        adviser_id=shelf.people[OFFICE_ADVISER].id if public else None,
        region=organisation.region,
        modes=";".join(row["modes"]),
        price_stated=state != "draft",
        price_fen=fen(row["price_wan"]),
        disclosable=state != "draft",
        contact_name=head.name,
        contact_phone=head.phone,
        state=state,
        confirmed_on=shelf.day(row["confirmed_offset"]) if row["confirmed_offset"] is not None else None,
        submitted_at=submitted,
        answer_due=shelf.calendar.add(clock.local(submitted).date(), 3) if submitted else None,
        published_at=day if public else None,
        end_reason=listing_history.TAKEN_DOWN if state == "withdrawn" else None,
        created_at=day - timedelta(days=6 if public else 2),
        changed_at=day,
        is_sample=True,
        ip_rights=[IpRight(type=ip["type"], number=ip["number"], status=ip["status"]) for ip in row["ip"]],
    )


def _index(shelf: Shelf, items: list[Any], kind: str) -> None:
    """Write the search terms of the public listings and log each for the matching index."""
    if items:
        put_terms(kind, {item.id: index_terms(words_of(item)) for item in items})
        db.session.execute(insert(IndexChange), [{"kind": kind, "item_id": item.id, "at": shelf.now} for item in items])
