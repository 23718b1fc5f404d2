"""What the sample market was seen to show before its deals: lists with the item in them, and that a side opened it."""

from __future__ import annotations

from datetime import datetime, timedelta

from market.actions.sample.shelf import Shelf
from market.db import db, transaction
from market.models import Bid, Contact, Impression, MatchOutcome

ENGINE = "sample"
_BEFORE = timedelta(days=6)
_FIRST_SEEN_HERE = 2  # of three chosen bids two were found through a list, so that the pages show both kinds


def load_traces(shelf: Shelf) -> None:
    """Write a list and an opening before each contact that led to a contract, and before two of three chosen bids."""
    with transaction():
        for contact in shelf.contacts.values():
            if contact.state == "contracted":
                _of_contact(contact)
        chosen = sorted((bid for bid in shelf.bids.values() if bid.state == "chosen"), key=lambda bid: (bid.challenge_id, bid.id))
        for number, bid in enumerate(chosen):
            if number % 3 < _FIRST_SEEN_HERE and bid.received_at is not None:
                _of_bid(bid, bid.received_at)


def _of_contact(contact: Contact) -> None:
    item = ("capability", contact.capability_id) if contact.asked_by_seeker else ("challenge", contact.challenge_id)
    other = ("challenge", contact.challenge_id) if contact.asked_by_seeker else ("capability", contact.capability_id)
    _add(contact.created_at - _BEFORE, contact.asking_id, item, other)


def _of_bid(bid: Bid, sent: datetime) -> None:
    _add(sent - _BEFORE, bid.organisation_id, ("challenge", bid.challenge_id), ("capability", None))


def _add(at: datetime, organisation_id: int, item: tuple[str, int | None], query: tuple[str, int | None]) -> None:
    if item[1] is None:
        return
    same = {
        "organisation_id": organisation_id,
        "query_kind": query[0],
        "query_id": query[1],
        "item_kind": item[0],
        "item_id": item[1],
        "rank": 2,
        "engine_version": ENGINE,
        "surface": "recommendations",
        "is_sample": True,
    }
    db.session.add(Impression(at=at, **same))
    db.session.add(MatchOutcome(at=at + timedelta(minutes=4), act="opened", ref_id=None, user_id=None, **same))
