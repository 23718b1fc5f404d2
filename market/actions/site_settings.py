"""What the commission sets: names, records, time limits, and the year's holidays."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

from sqlalchemy import delete, select

from market.actions import challenges, history
from market.db import transaction
from market.domain import clock, codes, holidays, identifiers, rules_of_law
from market.domain.errors import Invalid
from market.domain.permissions import ANYTHING, Actor, Permission, demand
from market.domain.rules_of_law import Value
from market.models import Holiday, Setting
from market.queries.settings import LAW, MarketSettings, current

BY_COMMAND = frozenset({"sample_market", "clock_offset_days"})
EDITABLE = tuple(field.name for field in fields(MarketSettings) if field.name not in BY_COMMAND)
LIMITS = {  # smallest and largest
    "moderation_days": (1, 30),
    "contact_days": (1, 30),
    "confirmation_months": (1, 60),
    "publicity_days": (5, 30),
}
_SUBJECT = 1  # one chain for all settings


def change(values: dict[str, Any], actor: Actor) -> list[str]:
    """Store the settings among `values` that differ from now; returns their names. Raises Forbidden, Invalid.

    Names that are not editable are refused, so that a crafted form can move neither the clock nor the sample mark.
    """
    demand(actor, Permission.CONFIGURE, ANYTHING)
    if unknown := set(values) - set(EDITABLE):
        raise Invalid(dict.fromkeys(unknown, "这一项不能在这里改"))
    before = current()
    cleaned = {name: _clean(name, value) for name, value in values.items()}
    changed = {name: [getattr(before, name), value] for name, value in cleaned.items() if getattr(before, name) != value}
    if not changed:
        return []
    with transaction() as session:
        for name, (_old, value) in changed.items():
            session.merge(Setting(name=name, value=value, changed_at=clock.now(), changed_by_id=actor.id))
        history.record("settings", _SUBJECT, "change", actor, detail={"changed": changed})
    return sorted(changed)


def set_rule(name: str, value: Value, actor: Actor) -> None:
    """Add a dated value of a rule of law; one that starts on the same day takes the place of the old one. Raises Forbidden, Invalid."""
    demand(actor, Permission.SET_RULES, ANYTHING)
    rules_of_law.check(name, value)
    with transaction() as session:
        row = session.get(Setting, LAW + name, with_for_update=True)
        kept = [entry for entry in (row.value if row else []) if entry.get("since") != rules_of_law.stored(value)["since"]]
        entries = sorted([*kept, rules_of_law.stored(value)], key=lambda entry: str(entry.get("since") or ""))
        session.merge(Setting(name=LAW + name, value=entries, changed_at=clock.now(), changed_by_id=actor.id))
        history.record("settings", _SUBJECT, "set_rule", actor, detail={"rule": name, **rules_of_law.stored(value)})


def _clean(name: str, value: Any) -> Any:
    if name in LIMITS:
        low, high = LIMITS[name]
        if not isinstance(value, int) or not low <= value <= high:
            raise Invalid({name: f"请填 {low} 到 {high} 之间的整数"})
        return value
    text = identifiers.clean_text(str(value or ""), 120)
    if name == "district" and text not in codes.REGIONS:
        raise Invalid({name: "请选择行政区"})
    if name in {"name", "organiser", "terms_version", "privacy_version"} and not text:
        raise Invalid({name: "请填写这一项"})
    if name == "open_licence_url" and text and not text.startswith("https://"):
        raise Invalid({name: "请填写以 https:// 开头的网址"})
    if name == "ocds_prefix" and not re.fullmatch(r"[a-z0-9-]{0,30}", text, re.ASCII):
        raise Invalid({name: "前缀只有小写字母、数字和短横，例如 ocds-ab12cd"})
    if name.endswith("_version"):
        return text[:20]
    if name == "email" and text:
        return identifiers.email(text, field=name)
    return identifiers.phone(text, field=name) if name == "phone" and text else text


def set_holidays(year: int, text: str, source: str, actor: Actor) -> int:
    """Replace the table of `year` by what was pasted and recompute running publicity windows, never shortening one.

    Returns how many windows grew. Raises Forbidden, Invalid (a line that cannot be read).
    """
    demand(actor, Permission.CONFIGURE, ANYTHING)
    if not 2020 <= year <= 2100:
        raise Invalid({"year": "请填四位年份"})
    entries = holidays.parse(text, year)
    if not source.strip():
        raise Invalid({"source": "请写明来源，例如国务院办公厅通知的文号或网址"})
    with transaction() as session:
        rows = [holiday for holiday in session.scalars(select(Holiday)) if holiday.day.year == year]
        session.execute(delete(Holiday).where(Holiday.day.in_([row.day for row in rows])).execution_options(synchronize_session="fetch"))
        session.flush()
        session.add_all(
            Holiday(day=entry.day, worked=entry.worked, name=entry.name, source=identifiers.clean_text(source, 200)) for entry in entries
        )
        detail = {"year": year, "days": len(entries), "worked": sum(entry.worked for entry in entries), "source": source[:200]}
        history.record("settings", _SUBJECT, "set_holidays", actor, detail=detail)
        session.flush()
        return challenges.recompute_publicity()
