"""What sample enterprises added after publication, and the objections to sample choices."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select

from market.actions.sample.shelf import Shelf
from market.db import transaction
from market.domain import clock
from market.models import Addendum, Bid, Objection

OFFICE_DAYS = 3  # working days in which the office answers an objection


def load_addenda(shelf: Shelf) -> None:
    """Write the explanations and extensions of challenges that are still open; right after their publication was told."""
    numbers: dict[str, int] = defaultdict(int)
    with transaction() as session:
        for row in shelf.progress("补充说明", shelf.lines("addenda.jsonl")):
            key = row["challenge"]
            challenge, owner = shelf.challenges[key], shelf.people_of_challenge(key)
            numbers[key] += 1
            at = shelf.moment(row["day_offset"], f"{key}-{numbers[key]}")
            extended = row.get("extended_from")
            before = None if extended is None else clock.end_of_day(shelf.day(extended))
            session.add(
                Addendum(
                    challenge_id=challenge.id,
                    number=numbers[key],
                    text=row["text"],
                    closes_before=before,
                    closes_after=challenge.closes_at if before else None,
                    at=at,
                    by_id=owner.id,
                )
            )
            if before and challenge.closes_at:
                detail = {"from": f"{clock.local(before):%Y-%m-%d}", "to": f"{clock.local(challenge.closes_at):%Y-%m-%d}"}
                state = challenge.state
                shelf.tell(
                    "challenge", challenge.id, "extend", owner, at, from_state=state, to_state=state, reason=row["text"], detail=detail
                )
            else:
                shelf.tell("challenge", challenge.id, "addendum", owner, at, detail={"note": f"第 {numbers[key]} 号"})
        session.flush()


def load_objections(shelf: Shelf) -> None:
    """Write the objections to choices whose publicity window runs; the clerk recorded them on the day they came."""
    clerk, reviewer = shelf.people["B00-2"], shelf.people["B00-4"]
    with transaction() as session:
        for row in shelf.progress("异议", shelf.lines("objections.jsonl")):
            challenge = shelf.challenges[row["challenge"]]
            bid = session.scalar(select(Bid).where(Bid.challenge_id == challenge.id, Bid.state == "chosen"))
            if bid is None or challenge.publicity_from is None:
                continue
            day = max(shelf.day(row["day_offset"]), challenge.publicity_from)
            at = max(shelf.moment(day, row["challenge"]), bid.decided_at or shelf.now)
            answered = None if row["state"] == "open" else shelf.now
            session.add(
                objection := Objection(
                    challenge_id=challenge.id,
                    bid_id=bid.id,
                    state=row["state"],
                    received_on=day,
                    channel=row["channel"],
                    raised_by=row["raised_by"],
                    reach=row["reach"],
                    text=row["text"],
                    recorded_at=at,
                    recorded_by_id=clerk.id,
                    answer_due=shelf.calendar.add(day, OFFICE_DAYS),
                    answer=row["answer"],
                    answered_at=answered,
                    answered_by_id=reviewer.id if answered else None,
                )
            )
            session.flush()
            shelf.tell("challenge", challenge.id, "object", clerk, at, detail={"objection": objection.id, "state": "open"})
            if answered:
                detail = {"objection": objection.id, "state": row["state"]}
                shelf.tell("challenge", challenge.id, "answer_objection", reviewer, answered, detail=detail)
