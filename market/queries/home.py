"""What the first page shows: what is open, what closes soon, what is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from market.db import db
from market.domain import browsing, clock
from market.domain.browsing import Filters
from market.models import Challenge
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
    mark, other = browse.mark_of("challenge", months), browse.mark_of("capability", months)
    closing, newest = browse.remembered(mark, ("first page",), lambda: _challenges(challenges, months))
    fresh = cards.ids(capabilities, months).where(cards.columns("capability", months)["fresh"] == 1).limit(4)
    numbers = browse.remembered(other, ("first page, capabilities",), lambda: list(db.session.scalars(fresh)))
    rows = {row.id: row for row in cards.challenge_rows([*closing, *newest])}
    return FirstPage(
        open_challenges=browse.counts_of(challenges, mark).by_status.get("open", 0),
        capabilities=browse.counts_of(capabilities, other).total,
        closing=tuple(rows[number] for number in closing if number in rows),
        newest=tuple(rows[number] for number in newest if number in rows),
        newest_capabilities=cards.capability_rows(numbers, months),
    )


def _challenges(filters: Filters, months: int) -> tuple[list[int], list[int]]:
    """Return the ids of those that close soon, and of the newest."""
    now = clock.now()
    soon = cards.ids(filters, months).where(Challenge.closes_at > now, Challenge.closes_at <= now + timedelta(days=_CLOSING_DAYS))
    soon = soon.order_by(None).order_by(Challenge.closes_at, Challenge.id).limit(4)
    return list(db.session.scalars(soon)), list(db.session.scalars(cards.ids(filters, months).limit(4)))
