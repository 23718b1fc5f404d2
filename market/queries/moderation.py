"""The reviewers' desk: what waits and until when, one item with what changed, and who may look after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain import clock
from market.domain.challenges import SECTIONS as CHALLENGE_SECTIONS
from market.domain.permissions import Actor, Permission, Role, may
from market.models import Capability, Challenge, HistoryEntry, User, Version
from market.queries import accounts, challenges

Listing = Challenge | Capability
KINDS = {"challenge": "技术需求", "capability": "成果与能力"}
STATES = {"submitted": "待审核", "returned": "退回修改中", "suspended": "已中止"}
SECTIONS: dict[str, dict[str, str]] = {
    "challenge": CHALLENGE_SECTIONS,
    "capability": {
        "what": "名称与简介",
        "value": "解决的问题与优势",
        "ip": "阶段与知识产权",
        "terms": "价格与合作方式",
        "contact": "单位与联系人",
    },
}
_ADVISERS = (Role.ADVISER, Role.LIAISON, Role.CLERK)


@dataclass(frozen=True)
class QueueEntry:
    """One waiting listing. `own` when the reviewer's organisation posted it (四眼: somebody else decides)."""

    kind: str
    item_id: int
    title: str
    owner: str
    submitted_at: datetime | None
    due: date | None
    overdue: bool
    own: bool
    is_sample: bool

    @property
    def id(self) -> str:
        """Name it among both kinds."""
        return f"{self.kind}-{self.item_id}"


def queue(actor: Actor, kind: str = "", state: str = "submitted") -> list[QueueEntry]:
    """Return what is in `state` (of one kind, or both), the most urgent first."""
    found: list[QueueEntry] = []
    if kind in ("", "challenge"):
        query = select(Challenge).where(Challenge.state == state).options(joinedload(Challenge.organisation)).limit(500)
        rows = list(db.session.scalars(query))
        names = challenges.posters(rows, actor)
        found += [_entry("challenge", row, names[row.id], actor) for row in rows]
    if kind in ("", "capability"):
        other = select(Capability).where(Capability.state == state).options(joinedload(Capability.organisation)).limit(500)
        found += [_entry("capability", row, row.organisation.name, actor) for row in db.session.scalars(other)]
    last = clock.now()
    return sorted(found, key=lambda entry: (entry.due or date.max, entry.submitted_at or last, entry.id))


def _entry(kind: str, row: Listing, owner: str, actor: Actor) -> QueueEntry:
    waiting = row.state == "submitted"
    due = row.answer_due if waiting else None
    own = may(actor, Permission.MODERATE) and not may(actor, Permission.MODERATE, row.subject)
    return QueueEntry(kind, row.id, row.title, owner, row.submitted_at, due, due is not None and due < clock.today(), own, row.is_sample)


def counts() -> dict[str, int]:
    """Return how many of each kind wait for a decision."""
    found: dict[str, int] = {}
    for kind, model in (("challenge", Challenge), ("capability", Capability)):
        found[kind] = len(db.session.scalars(select(model.id).where(model.state == "submitted")).all())
    return found


def get(kind: str, item_id: int) -> Listing | None:
    """Return a listing of `kind` with what its moderation page reads, or None."""
    if kind == "challenge":
        return challenges.get(item_id)
    if kind != "capability":
        return None
    options = (
        joinedload(Capability.organisation),
        joinedload(Capability.adviser),
        joinedload(Capability.author),
        selectinload(Capability.ip_rights),
    )
    return db.session.scalar(select(Capability).where(Capability.id == item_id).options(*options))


def previous(kind: str, item_id: int) -> Version | None:
    """Return the submission before the present one, or None at the first."""
    query = select(Version).where(Version.subject_kind == kind, Version.subject_id == item_id).order_by(Version.number.desc())
    rows = db.session.scalars(query.limit(2)).all()
    return rows[1] if len(rows) == 2 else None


def history(kind: str, item_id: int) -> list[HistoryEntry]:
    """Return what happened to a listing, oldest first."""
    query = select(HistoryEntry).where(HistoryEntry.subject_kind == kind, HistoryEntry.subject_id == item_id)
    return list(db.session.scalars(query.order_by(HistoryEntry.seq)))


def advisers() -> list[User]:
    """Return who may be named 服务专员: advisers first, then liaisons and clerks."""
    people: dict[int, User] = {}
    for role in _ADVISERS:
        for user in accounts.people_with(role):
            people.setdefault(user.id, user)
    return list(people.values())
