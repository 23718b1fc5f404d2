"""What the first page shows: what is open, what closes soon, what is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from market.db import db
from market.domain import browsing, clock
from market.domain.browsing import Filters
from market.models import Challenge
from market.queries import browse, cards
from market.queries.challenges import open_now
from market.queries.shelf import mark_of

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
    mark, other = mark_of("challenge", months), mark_of("capability", months)
    closing, newest = browse.remembered(mark, ("first page",), lambda: _challenges(challenges, months))
    fresh = cards.ids(capabilities, months).where(cards.columns("capability", months)["fresh"] == 1).limit(4)
    numbers = browse.remembered(other, ("first page, capabilities",), lambda: list(db.session.scalars(fresh)))
    rows = {row.id: row for row in cards.challenge_rows([*closing, *newest])}
    return FirstPage(
        open_challenges=browse.remembered(mark, ("open",), lambda: _count(open_now())),
        capabilities=browse.remembered(other, ("offered",), lambda: _count(cards.public("capability", months))),
        closing=tuple(rows[number] for number in closing if number in rows),
        newest=tuple(rows[number] for number in newest if number in rows),
        newest_capabilities=cards.capability_rows(numbers, months),
    )


def _count(condition: ColumnElement[bool]) -> int:
    """Return how many rows meet a condition: two numbers need no count of every facet."""
    return db.session.scalar(select(func.count()).where(condition)) or 0


def _challenges(filters: Filters, months: int) -> tuple[list[int], list[int]]:
    """Return the ids of those that close soon, and of the newest."""
    now = clock.now()
    soon = cards.ids(filters, months).where(Challenge.closes_at > now, Challenge.closes_at <= now + timedelta(days=_CLOSING_DAYS))
    soon = soon.order_by(None).order_by(Challenge.closes_at, Challenge.id).limit(4)
    return list(db.session.scalars(soon)), list(db.session.scalars(cards.ids(filters, months).limit(4)))
