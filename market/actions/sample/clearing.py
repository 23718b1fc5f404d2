"""Take the sample rows out again, in an order that no foreign key refuses; what is real stays."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, insert, select, update

from market.actions import search
from market.actions.sample.people import BEFORE
from market.actions.sample.shelf import Progress
from market.db import db, transaction
from market.domain import clock
from market.models import (
    Adjustment,
    Attachment,
    Bid,
    Call,
    Campaign,
    Candidate,
    Capability,
    Challenge,
    Contact,
    ContactLine,
    Contract,
    Cooperation,
    DuplicateCase,
    Evidence,
    FilingReminder,
    Forecast,
    Goal,
    HistoryEntry,
    HistoryHead,
    ImportBatch,
    Impression,
    IndexChange,
    Lead,
    Match,
    MatchFeedback,
    MatchOutcome,
    Notice,
    Organisation,
    Outbox,
    Payment,
    PrecheckAnswer,
    Release,
    SectionComment,
    Setting,
    Token,
    User,
    Version,
)
from market.queries import settings

MARKED: tuple[Any, ...] = (  # tables that carry is_sample, children before parents
    HistoryEntry,
    HistoryHead,
    Outbox,
    Notice,
    Match,
    Impression,
    MatchFeedback,
    MatchOutcome,
    Attachment,
    Release,
    Forecast,
    Goal,
    Cooperation,
    Payment,
    Adjustment,
    FilingReminder,
    Call,
    Evidence,
    Candidate,
    Campaign,
    PrecheckAnswer,
    DuplicateCase,
    Contract,
    ImportBatch,
    Bid,
    ContactLine,
    Contact,
    Challenge,
    Capability,
    Lead,
    User,
    Organisation,
)
KEPT_TEXTS: tuple[Any, ...] = (Version, SectionComment, Attachment, Token)
RANKINGS: tuple[Any, ...] = (Match, MatchFeedback)
LISTINGS: dict[str, Any] = {"challenge": Challenge, "capability": Capability}


def clear(progress: Progress) -> int:
    """Delete all sample rows and what hangs on them; returns how many marked rows went. Restores the settings."""
    with transaction() as session:
        gone = sum(session.scalar(select(func.count()).select_from(model).where(model.is_sample)) or 0 for model in MARKED)
        _restore_settings()
        for kind, model in LISTINGS.items():
            _forget(kind, list(session.scalars(select(model.id).where(model.is_sample))))
        _spare_real_people()
        for model in progress("清除", MARKED):
            session.execute(delete(model).where(model.is_sample).execution_options(synchronize_session=False))
        session.expire_all()
    return gone


def _restore_settings() -> None:
    """Put back what the sample's settings replaced, unless somebody changed it since."""
    before: dict[str, list[Any]] = settings.value(BEFORE, {})
    now = settings.current()
    for name, (old, sample) in before.items():
        row = db.session.get(Setting, name)
        if row is None or getattr(now, name) != sample:
            continue
        if old == getattr(settings.MarketSettings(), name):
            db.session.delete(row)
        else:
            row.value = old
    db.session.execute(delete(Setting).where(Setting.name.in_([BEFORE, "clock_offset_days"])))


def _forget(kind: str, ids: list[int]) -> None:
    """Take listings out of the index, the stored rankings and the texts kept about them."""
    if not ids:
        return
    session = db.session
    search.drop_terms(kind, ids)
    session.execute(insert(IndexChange), [{"kind": kind, "item_id": key, "at": clock.now()} for key in ids])
    for model in KEPT_TEXTS:
        session.execute(delete(model).where(model.subject_kind == kind, model.subject_id.in_(ids)))
    for model in RANKINGS:
        session.execute(delete(model).where(model.query_kind == kind, model.query_id.in_(ids)))
        session.execute(delete(model).where(model.item_kind == kind, model.item_id.in_(ids)))
    session.execute(delete(Impression).where(Impression.item_kind == kind, Impression.item_id.in_(ids)))


def _spare_real_people() -> None:
    """A real person who was added to a sample organisation keeps the account, without an organisation."""
    sample = select(Organisation.id).where(Organisation.is_sample)
    db.session.execute(
        update(User)
        .where(User.is_sample.is_(False), User.organisation_id.in_(sample))
        .values(organisation_id=None)
        .execution_options(synchronize_session=False)
    )
