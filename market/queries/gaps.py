"""What a text still lacks for good matching, as questions, and what answering was measured to bring."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from market import matching
from market.domain import completeness

ENOUGH = 8  # characters before it is worth asking
LONGEST = 4_000


@dataclass(frozen=True)
class Gap:
    """One question; `percent` is how much better demands that say it were ranked, None where that was not shown."""

    code: str
    ask: str
    example: str
    anchor: str
    percent: int | None
    n: int


def of_text(text: str) -> list[Gap]:
    """Return what a text lacks, as questions; [] for a text too short to say. Never raises: a form must not fail for its help."""
    if len(text.strip()) < ENOUGH:
        return []
    try:
        found = matching.lacking(text[:LONGEST])
        kept: Mapping[str, Any] = matching.gains().get("gaps", {})
    except Exception:
        logging.getLogger("market").exception("the engine could not tell what a text lacks")
        return []
    return [
        Gap(code, question.ask, question.example, question.anchor, *_worth(kept.get(code)))
        for code, question in completeness.questions(found)
    ]


def of_values(values: Mapping[str, Any]) -> list[Gap]:
    """Return what a challenge's fields lack (title, pain, background, tried, requirements, indicators as rows)."""
    rows = "；".join(
        f"{row['name']} {row.get('target') or ''}{row.get('unit') or ''}" for row in values.get("indicators") or [] if row.get("name")
    )
    fields = [str(values.get(name) or "") for name in ("title", "pain", "background", "tried", "requirements")]
    found = of_text("\n".join([*fields, rows]))
    told = {"target": any(row.get("target") for row in values.get("indicators") or []), "tried": bool(values.get("tried"))}
    return [gap for gap in found if not told.get(gap.code)]


def _worth(kept: Mapping[str, Any] | None) -> tuple[int | None, int]:
    """The measured gain in percent, only where its whole interval is above nothing."""
    if not kept or kept["low"] <= 0 or kept["without"] <= 0:
        return None, 0
    return round(100 * kept["gain"] / kept["without"]), int(kept["n"])
