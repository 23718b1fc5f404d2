"""What the first page shows: what is open, what closes soon, what is new."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from market.db import db
from market.domain import browsing, clock
from market.models import Capability, Challenge
from market.queries import browse, cards

_CLOSING_DAYS = 14


@dataclass(frozen=True)
class FirstPage:
    """The first page's rows and counts."""

    open_challenges: int
    capabilities: int
    closing: tuple[cards.ChallengeRow, ...]
    newest: tuple[cards.ChallengeRow, ...]
    newest_capabilities: tuple[cards.CapabilityRow, ...]


def first_page(months: int) -> FirstPage:
    """Return the first page; `months` is how long a capability's confirmation holds."""
    challenges = browsing.read("challenge", lambda _name: [])
    capabilities = browsing.read("capability", lambda _name: [])
    soon = clock.now() + timedelta(days=_CLOSING_DAYS)
    closing = cards.challenge_query(replace(challenges, sort="closing"), False).where(Challenge.closes_at <= soon).limit(4)
    newest = cards.challenge_query(challenges, False).limit(4)
    fresh = cards.capability_query(capabilities, months, False).where(Capability.confirmed_on >= cards.oldest(months)).limit(6)
    return FirstPage(
        open_challenges=browse.counts_of(challenges, months).by_status.get("open", 0),
        capabilities=browse.counts_of(capabilities, months).total,
        closing=tuple(cards.challenge_row(row) for row in db.session.execute(closing)),
        newest=tuple(cards.challenge_row(row) for row in db.session.execute(newest)),
        newest_capabilities=tuple(cards.capability_row(row, stale=False) for row in db.session.execute(fresh)),
    )
