"""The history of the sample rows, written in bulk: the same chains and hashes as actions.history makes one by one."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert

from market.db import transaction
from market.domain.chain import digest
from market.domain.permissions import Actor
from market.models import HistoryEntry, HistoryHead


class Chronicle:
    """Collects entries in the order in which they happened and writes the chains at the end."""

    def __init__(self) -> None:
        self._chains: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)

    def add(
        self,
        kind: str,
        subject_id: int,
        step: str,
        actor: Actor,
        at: datetime,
        *,
        from_state: str | None = None,
        to_state: str | None = None,
        reason: str | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Append one entry to the chain of (kind, subject_id); an entry is never earlier than the one before it."""
        chain = self._chains[(kind, subject_id)]
        entry = {
            "subject_kind": kind,
            "subject_id": subject_id,
            "seq": len(chain) + 1,
            "at": max(at, chain[-1]["at"]) if chain else at,
            "actor_id": actor.id,
            "actor_name": actor.name,
            "actor_roles": ";".join(sorted(actor.roles)),
            "organisation_id": actor.organisation_id,
            "step": step,
            "from_state": from_state,
            "to_state": to_state,
            "reason": reason,
            "detail": detail or {},
            "previous_hash": chain[-1]["hash"] if chain else "",
            "is_sample": True,
        }
        entry["hash"] = digest(SimpleNamespace(**entry))
        chain.append(entry)

    def write(self) -> int:
        """Write all chains with their heads; returns how many entries."""
        entries = sorted((entry for chain in self._chains.values() for entry in chain), key=lambda entry: entry["at"])
        heads = [
            {"subject_kind": kind, "subject_id": key, "seq": chain[-1]["seq"], "hash": chain[-1]["hash"], "is_sample": True}
            for (kind, key), chain in self._chains.items()
        ]
        with transaction() as session:
            if entries:
                session.execute(insert(HistoryEntry), entries)
                session.execute(insert(HistoryHead), heads)
        self._chains.clear()
        return len(entries)
