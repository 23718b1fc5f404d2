"""What the commission has set, with the defaults that hold until then."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import select

from market.db import db
from market.domain.calendar import WorkCalendar
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
    sample_market: bool = False
    clock_offset_days: int = 0


NAMES = tuple(field.name for field in fields(MarketSettings))


def current() -> MarketSettings:
    """Return the settings as they stand now (one statement)."""
    stored: dict[str, Any] = {name: value for name, value in db.session.execute(select(Setting.name, Setting.value)) if name in NAMES}
    return MarketSettings(**stored)


def value(name: str, default: Any = None) -> Any:
    """Return one stored setting by name, also of those without a field (dated rules, release texts)."""
    return db.session.scalar(select(Setting.value).where(Setting.name == name)) or default


def work_calendar() -> WorkCalendar:
    """Return the working-day calendar with the staff's dated table on top of the official years."""
    rows = db.session.execute(select(Holiday.day, Holiday.worked)).all()
    table = {row.day: row.worked for row in rows}
    return WorkCalendar(table=table, table_years=frozenset(day.year for day in table))
