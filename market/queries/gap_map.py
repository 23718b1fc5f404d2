"""What open demands ask and the stored rankings of matching do not answer, by field and kind of element."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from market.db import db
from market.domain import gap_map as rules
from market.domain.gap_map import Asked, GapMap
from market.models import Capability, Challenge, Match
from market.queries.memory import Memory

BEST = 5  # listings of a demand that are asked whether they say something to an element
_memory = Memory(most=4, seconds=3_600)


def gap_map() -> GapMap:
    """Return the map of published demands against published listings (four statements, one while nothing changed)."""
    parts = (
        (Challenge, func.max(Challenge.changed_at), Challenge.state == "published"),
        (Capability, func.max(Capability.id), Capability.state == "published"),
        (Match, func.max(Match.id), Match.query_kind == "challenge"),
    )
    counted = [
        select(one).select_from(model).where(condition).scalar_subquery()
        for model, last, condition in parts
        for one in (func.count(), last)
    ]
    key = tuple(db.session.execute(select(*counted)).one())
    return _memory.get((str(db.engine.url), *key), _gap_map)


def _gap_map() -> GapMap:
    demands = {
        id_: (title, field or "none")
        for id_, title, field in db.session.execute(
            select(Challenge.id, Challenge.title, Challenge.field).where(Challenge.state == "published")
        )
    }
    best = (
        select(Match.query_id, Match.elements)
        .join(Challenge, Challenge.id == Match.query_id)
        .where(Match.query_kind == "challenge", Match.item_kind == "capability", Match.rank <= BEST, Challenge.state == "published")
    )
    found: dict[tuple[int, str, str], bool] = {}
    ranked = set()
    for challenge_id, elements in db.session.execute(best.execution_options(yield_per=500)):
        ranked.add(challenge_id)
        for one in elements:
            place = (challenge_id, one["kind"], one["text"])
            found[place] = found.get(place, False) or _answered(one)
    asked = [Asked(id_, demands[id_][0], demands[id_][1], kind, text, answered) for (id_, kind, text), answered in sorted(found.items())]
    return rules.build(asked, _by_field(Challenge), _by_field(Capability), len(demands.keys() - ranked))


def _answered(one: dict[str, Any]) -> bool:
    """True when a listing says something to an element: for a figure, that it is not below what is asked."""
    if not one["sentence"]:
        return False
    return one["met"] is not False if one["kind"] == "quantity" else one["share"] >= rules.ANSWERED


def _by_field(model: Any) -> dict[str, int]:
    key = func.coalesce(model.field, "none")
    return {
        code: int(count) for code, count in db.session.execute(select(key, func.count()).where(model.state == "published").group_by(key))
    }
