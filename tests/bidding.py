"""Bids for tests: written through the actions, as a request would."""

from __future__ import annotations

from typing import Any

from market.actions import bids as actions
from market.db import db
from market.domain.permissions import Actor
from market.models import Bid, Challenge, User
from market.queries import accounts, challenges
from market.queries import bids as queries
from tests.cast import Cast
from tests.factories import ChallengeFactory, IndicatorFactory

CANARY = "秘密配方金丝雀"


def actor(user: User) -> Actor:
    """Return the person as an actor, freshly read."""
    db.session.expire_all()
    found = accounts.get_user(user.id)
    assert found is not None
    return accounts.actor_of(found)


def call(cast: Cast, **more: Any) -> Challenge:
    """Return a published open call of the enterprise with one 必达 indicator."""
    made = ChallengeFactory(organisation=cast.enterprise, author_id=cast.engineer.id, open_call=True, number="PT-JB-2026-0009", **more)
    IndicatorFactory(challenge=made)
    return fresh_call(made)


def fresh_call(challenge: Challenge) -> Challenge:
    """Return the challenge read again."""
    number = challenge.id
    db.session.expire_all()
    found = challenges.get(number)
    assert found is not None
    return found


def fresh(bid: Bid | int) -> Bid:
    """Return the bid read again."""
    found = queries.get(bid if isinstance(bid, int) else bid.id)
    assert found is not None
    return found


def values(challenge: Challenge, **more: Any) -> dict[str, Any]:
    """Return a whole answer."""
    return {
        "basis": f"{CANARY}：去年做过三百只。",
        "period_months": 12,
        "price_fen": 100_000_000,
        "technology_fen": 80_000_000,
        "equipment_fen": 20_000_000,
        "route": f"弱溶剂路线，{CANARY}。",
        "team": "六人",
        "responses": {str(row.id): {"promised": "86", "meets": "exceeds", "basis": "小试数据"} for row in challenge.indicators},
        "milestones": [{"name": "小试", "month": 4, "share_bp": 4_000}, {"name": "样机", "month": 12, "share_bp": 6_000}],
        **more,
    }


def sent(challenge: Challenge, user: User, **more: Any) -> Bid:
    """Return a bid of the person's organisation, sent."""
    who = actor(user)
    bid = actions.create(fresh_call(challenge), values(fresh_call(challenge), **more), who)
    bid = fresh(bid)
    actions.send(bid, values(bid.challenge, **more), who)
    return fresh(bid)
