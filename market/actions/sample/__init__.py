"""The sample market: load it, say whether it is there, take it out again. Everything in it is invented and marked 示例."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from config import ROOT
from market.actions import duplicates, forecasts, goals
from market.actions.sample import (
    additions,
    bidding,
    campaign,
    clearing,
    deals,
    listings,
    mailbox,
    newcomers,
    papers,
    people,
    registry,
    talks,
    traces,
)
from market.actions.sample.chronicle import Chronicle
from market.actions.sample.shelf import Progress, Shelf, quiet
from market.db import db, transaction
from market.domain.errors import IllegalStep
from market.models import Contract, Organisation
from market.queries import settings

FILES = ROOT / "seed_data"
STAGES = (
    people.load_organisations,
    people.load_people,
    newcomers.load_newcomers,
    listings.load_challenges,
    additions.load_addenda,
    listings.load_capabilities,
    talks.load_leads,
    talks.load_contacts,
    bidding.load_bids,
    additions.load_objections,
    deals.load_contracts,
    deals.load_cooperations,
    registry.load_registry,
    campaign.load_campaign,
    papers.load_papers,
    traces.load_traces,
    mailbox.load_mailbox,
)


def load(progress: Progress = quiet, folder: Path = FILES) -> int:
    """Load the sample market, dated from today; returns how many entries its history has.

    All or nothing. Nobody can sign in before `sample_accounts.renew`. Raises IllegalStep when it is loaded already.
    """
    if present():
        raise IllegalStep("示例市场已经载入；要重新载入，请先清除")
    with transaction():
        shelf = Shelf(folder=folder, calendar=settings.work_calendar(), progress=progress)
        for stage in STAGES:
            stage(shelf)
        people.load_settings(shelf)
        written = shelf.chronicle.write()
        duplicates.look(list(db.session.scalars(select(Contract.id).where(Contract.is_sample).order_by(Contract.id))))
        goals.ensure_goals()
        _release_last_year(shelf)
    forecasts.refresh()
    return written


def _release_last_year(shelf: Shelf) -> None:
    """The leader releases last year's totals; the release itself says that it is a sample."""
    year = shelf.today.year - 1
    goals.release(year, date(year, 12, 31), shelf.people["B00-5"].actor)


def remove(progress: Progress = quiet) -> int:
    """Take out all sample rows and nothing else; returns how many. Raises IllegalStep when there are none."""
    if not present():
        raise IllegalStep("没有载入示例市场")
    with transaction():
        gone = clearing.clear(progress)
        goals.ensure_goals()
    return gone


def present() -> bool:
    """True while the sample market is loaded."""
    return settings.current().sample_market or db.session.scalar(select(Organisation.id).where(Organisation.is_sample).limit(1)) is not None


def untouched() -> bool:
    """True while the market has no organisation at all, so that a first start may fill it."""
    return db.session.scalar(select(Organisation.id).limit(1)) is None


def counts() -> dict[str, int]:
    """Return how many sample rows each table holds, by table name."""
    found: Counter[str] = Counter()
    for model in clearing.MARKED:
        found[model.__tablename__] = db.session.scalar(select(func.count()).select_from(model).where(model.is_sample)) or 0
    return dict(found)


__all__ = ["Chronicle", "Progress", "counts", "load", "present", "remove"]
