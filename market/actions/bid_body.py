"""The body of a bid as one payload: the only encoding and the only decoding. JSON today; a later version may encrypt here."""

from __future__ import annotations

import json
from typing import Any


def seal(body: dict[str, Any]) -> bytes:
    """Return the payload of a body; the same body gives the same bytes.

    A body holds basis, period_months, price_fen (None: 面议), technology_fen, equipment_fen, route, team,
    responses ({indicator id as text: {promised, meets, basis}}), milestones ([{name, month, share_bp}])
    and complete (False: only a 意向). See domain.bids.blank().
    """
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def unseal(payload: bytes) -> dict[str, Any]:
    """Return the body in a payload."""
    body: dict[str, Any] = json.loads(payload)
    return body
