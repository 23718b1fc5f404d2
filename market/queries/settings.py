"""What the commission has set, with the defaults that hold until then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import select

from market.db import db
from market.domain import clock, rules_of_law
from market.domain.calendar import WorkCalendar
from market.domain.rules_of_law import Value
from market.models import Holiday, Setting


@dataclass(frozen=True)
class MarketSettings:
    """Settings that staff change on the page 设置; `sample_market` and `clock_offset_days` are set by commands only."""

    name: str = "科创集市"
    organiser: str = "主办单位待录入"
    icp: str = ""
    police_record: str = ""
    site_code: str = ""
    phone: str = ""
    email: str = ""  # where objections in a publicity window may be sent
    district: str = "310107"
    moderation_days: int = 3  # working days until a sender is answered
    contact_days: int = 3  # working days until an asked side answers
    confirmation_months: int = 12  # how long a capability's confirmation holds
    publicity_days: int = 5  # working days, where a challenge asks for publicity
    terms_version: str = "2026-11"
    privacy_version: str = "2026-11"
    open_licence: str = "知识共享 署名 4.0（CC BY 4.0）"  # of the open data
    open_licence_url: str = "https://creativecommons.org/licenses/by/4.0/"
    ocds_prefix: str = ""  # given out by the standard's office to who registers; empty: ids are the market's own
    sample_market: bool = False
    clock_offset_days: int = 0


LAW = "law:"  # a rule's stored values are one setting of this beginning
NAMES = tuple(field.name for field in fields(MarketSettings))


def current() -> MarketSettings:
    """Return the settings as they stand now (one statement)."""
    stored: dict[str, Any] = {name: value for name, value in db.session.execute(select(Setting.name, Setting.value)) if name in NAMES}
    return MarketSettings(**stored)


def value(name: str, default: Any = None) -> Any:
    """Return one stored setting by name, also of those without a field (dated rules, release texts)."""
    return db.session.scalar(select(Setting.value).where(Setting.name == name)) or default


def stored_rules(names: Sequence[str] = tuple(rules_of_law.RULES)) -> dict[str, list[Value]]:
    """Return what staff entered for these rules of law, by name (one statement)."""
    query = select(Setting.name, Setting.value).where(Setting.name.in_([LAW + name for name in names]))
    return {name.removeprefix(LAW): rules_of_law.read(kept) for name, kept in db.session.execute(query)}


def rules(day: date | None = None, names: Sequence[str] = tuple(rules_of_law.RULES)) -> dict[str, Value | None]:
    """Return the rules of law in force on a day (today) by name, None where a value is 待录入 (one statement)."""
    kept, on = stored_rules(names), day or clock.today()
    return {name: rules_of_law.in_force(name, on, kept.get(name, ())) for name in names}


def rule(name: str, day: date | None = None) -> Value | None:
    """Return one rule of law as it stands on a day (today): value, source, whether checked; None is 待录入."""
    return rules(day, (name,))[name]


def work_calendar() -> WorkCalendar:
    """Return the working-day calendar with the staff's dated table on top of the official years."""
    rows = db.session.execute(select(Holiday.day, Holiday.worked)).all()
    table = {row.day: row.worked for row in rows}
    return WorkCalendar(table=table, table_years=frozenset(day.year for day in table))
