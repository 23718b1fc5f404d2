"""Take one step of a lifecycle: permission, guards, state, history, all in the caller's transaction."""

from __future__ import annotations

from typing import Any, Protocol

from market.actions import history
from market.db import transaction
from market.domain.errors import Stale
from market.domain.lifecycle import Lifecycle
from market.domain.permissions import SYSTEM, Actor, Subject, demand


class Stateful(Protocol):
    """A row with a lifecycle."""

    id: Any
    state: Any
    is_sample: Any

    @property
    def subject(self) -> Subject: ...


def take(
    thing: Stateful,
    lifecycle: Lifecycle,
    name: str,
    actor: Actor,
    facts: dict[str, Any] | None = None,
    *,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
    subject: Subject | None = None,
) -> None:
    """Move `thing` by step `name` and write its history entry.

    Raises Forbidden (the actor may not), IllegalStep (wrong state, a guard refuses, no reason given).
    SYSTEM passes the permission check, never the guards. A step marked `system` is taken inside
    another action that has checked its own permission.
    """
    step = lifecycle.step(name)
    if actor is not SYSTEM and not step.system:
        demand(actor, step.permission, subject or thing.subject)
    with transaction():
        before = thing.state
        thing.state = lifecycle.take(before, name, {**(facts or {}), "reason": reason})
        history.record(
            lifecycle.subject,
            thing.id,
            name,
            actor,
            from_state=before,
            to_state=thing.state,
            reason=reason,
            detail=detail,
            is_sample=thing.is_sample,
        )


def check_version(thing: Any, version: int | None) -> None:
    """Raise Stale when the form was opened on an older version (None: the form carries no version)."""
    if version is not None and version != thing.version:
        raise Stale
