"""Sample bids: sealed while the challenge is open, opened and decided afterwards."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from market.actions.bid_body import seal
from market.actions.sample.listing_history import CHOSEN
from market.actions.sample.shelf import Row, Shelf, fen
from market.db import transaction
from market.domain import bids as rules
from market.models import Bid, BidAnswer, BidMember, BidMilestone, BidResponse, Challenge
from market.models.bids import random_id

UNOPENED = frozenset({"draft", "invited", "withdrawn", "lapsed"})  # outcomes that need no opening
WITHDRAWN = "技术条件还不成熟，先撤回（示例）"
PASSED_OVER = "报价高于预算，且周期较长（示例）"
MEMBER_SHARE = 3000  # basis points of the price that all members of a consortium share


def load_bids(shelf: Shelf) -> None:
    """Write the bids; `outcome` and the challenge's state say how far each came."""
    opened: dict[str, int] = defaultdict(int)
    with transaction() as session:
        for row in shelf.progress("揭榜申报", shelf.lines("bids.jsonl")):
            challenge = shelf.challenges[row["challenge"]]
            turns = shelf.turns[row["challenge"]]
            bid = _bid(shelf, row, challenge)
            if turns.opened is not None:
                bid.alias = rules.alias(opened[row["challenge"]])
                opened[row["challenge"]] += 1
                _open(shelf, bid, row, challenge)
            session.add(bid)
            shelf.bids[row["key"]] = bid
            _tell(shelf, bid, row)
        session.flush()


def body_of(row: Row, challenge: Challenge) -> dict[str, Any]:
    """Return the body of a bid as `actions.bid_body` keeps it: the half page of an 意向, or the full answer."""
    body = {
        "basis": row["basis"],
        "period_months": row["period_months"],
        "price_fen": fen(row["price_wan"]),
        "technology_fen": fen(row["technology_wan"]),
        "equipment_fen": fen(row["equipment_wan"]),
        "route": row["route"],
        "team": row["team"],
        "responses": {
            str(indicator.id): {name: row["response"][str(n)][name] for name in ("promised", "meets", "basis")}
            for n, indicator in enumerate(challenge.indicators, 1)
            if str(n) in row["response"]
        },
        "milestones": [{"name": one["name"], "month": one["month"], "share_bp": one["share"] * 100} for one in row["milestones"]],
        "complete": row["stage"] == "full",
    }
    return body if row["stage"] == "full" else rules.half(body)


def _bid(shelf: Shelf, row: Row, challenge: Challenge) -> Bid:
    payload = seal(body_of(row, challenge))
    written = shelf.moment(row["day_offset"], row["key"])
    received = None if row["outcome"] == "draft" else written
    return Bid(
        id=random_id(),
        challenge_id=challenge.id,
        organisation_id=shelf.organisations[row["org"]].id,
        author_id=shelf.head(row["org"]).id,
        state=row["outcome"] if row["outcome"] in UNOPENED else _sent(row),
        payload=payload,
        payload_sha256=hashlib.sha256(payload).hexdigest(),
        received_at=received,
        created_at=written,
        is_sample=True,
        members=_members(shelf, row, written),
    )


def _sent(row: Row) -> str:
    return "submitted" if row["stage"] == "full" else "intention"


def _members(shelf: Shelf, row: Row, confirmed: datetime) -> list[BidMember]:
    """Return a consortium, the lead's own row last; a bid of one organisation has no members."""
    if not row["members"]:
        return []
    share = MEMBER_SHARE // len(row["members"])
    lead_share = rules.WHOLE - share * len(row["members"])
    parts = [(key, "承担联合体分工中的一部分（示例）", share) for key in row["members"]] + [(row["org"], "牵头", lead_share)]
    return [
        BidMember(
            organisation_id=shelf.organisations[key].id,
            task=task,
            share_bp=part,
            confirmed_at=confirmed,
            confirmed_by_id=shelf.head(key).id,
            created_at=confirmed,
        )
        for key, task, part in parts
    ]


def _open(shelf: Shelf, bid: Bid, row: Row, challenge: Challenge) -> None:
    """Turn the body into rows, and note the decision where there is one."""
    turns, body = shelf.turns[row["challenge"]], body_of(row, challenge)
    assert turns.opened is not None
    bid.opened_at = shelf.moment(turns.opened, row["challenge"])
    bid.state = "opened" if row["outcome"] == "open" else row["outcome"]
    names = ("basis", "route", "team", "period_months", "price_fen", "technology_fen", "equipment_fen", "complete")
    bid.answer = BidAnswer(**{name: body[name] for name in names})
    bid.responses = [BidResponse(indicator_id=int(key), **response) for key, response in body["responses"].items()]
    bid.milestones = [BidMilestone(position=position, **one) for position, one in enumerate(body["milestones"], 1)]
    if row["outcome"] in {"chosen", "not_chosen"} and turns.decided is not None:
        bid.decided_at = shelf.moment(turns.decided, row["challenge"])
        bid.decision_reason = CHOSEN if row["outcome"] == "chosen" else PASSED_OVER
        bid.loss_reason = "price" if row["outcome"] == "not_chosen" else None


def _tell(shelf: Shelf, bid: Bid, row: Row) -> None:
    author, owner = shelf.head(row["org"]), shelf.people_of_challenge(row["challenge"])
    shelf.tell("bid", bid.id, "create", author, bid.created_at, to_state="draft")
    if bid.received_at is None:
        return
    step, state = ("submit", "submitted") if row["stage"] == "full" else ("intend", "intention")
    shelf.tell("bid", bid.id, step, author, bid.received_at, from_state="draft", to_state=state)
    _tell_unopened(shelf, bid, row, state)
    if bid.opened_at is not None:
        shelf.tell("bid", bid.id, "open", owner, bid.opened_at, from_state=state, to_state="opened")
    if bid.decided_at is not None:
        step = "choose" if bid.state == "chosen" else "pass_over"
        shelf.tell("bid", bid.id, step, owner, bid.decided_at, from_state="opened", to_state=bid.state, reason=bid.decision_reason)
    if bid.state == "reserve" and bid.opened_at is not None:
        at = min(bid.opened_at + timedelta(days=1), shelf.now)
        shelf.tell("bid", bid.id, "hold", owner, at, from_state="opened", to_state="reserve")


def _tell_unopened(shelf: Shelf, bid: Bid, row: Row, state: str) -> None:
    """Tell the last step of a bid that was invited, taken back, or that ended with its challenge."""
    later = shelf.moment(min(row["day_offset"] + 4, 0), row["key"])
    if bid.state == "invited":
        shelf.tell("bid", bid.id, "invite", shelf.people_of_challenge(row["challenge"]), later, from_state=state, to_state="invited")
    if bid.state == "withdrawn":
        shelf.tell("bid", bid.id, "withdraw", shelf.head(row["org"]), later, from_state=state, to_state="withdrawn", reason=WITHDRAWN)
    if bid.state == "lapsed":
        ended = shelf.challenges[row["challenge"]].ended_at or later
        shelf.tell("bid", bid.id, "lapse", None, ended, from_state=state, to_state="lapsed")
