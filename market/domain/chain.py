"""The hash of one history entry: canonical JSON, chained to the hash before it. Writing and checking use this one function."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from typing import Any


def digest(entry: Any) -> str:
    """Return the SHA-256 (hex) of an entry's content and the previous hash; every column of the entry counts."""
    content = {
        "kind": entry.subject_kind,
        "id": entry.subject_id,
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor_name,
        "roles": entry.actor_roles,
        "organisation": entry.organisation_id,
        "step": entry.step,
        "from": entry.from_state,
        "to": entry.to_state,
        "reason": entry.reason,
        "detail": entry.detail,
        "previous": entry.previous_hash,
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
