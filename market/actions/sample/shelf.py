"""What the loader carries from file to file: the rows already made by their keys, the day of loading, the people who act."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

from market.actions.sample.chronicle import Chronicle
from market.domain import clock, money
from market.domain.calendar import WorkCalendar
from market.domain.permissions import SYSTEM, Actor, Role
from market.models import Bid, Capability, Challenge, Contact, Organisation

Row = dict[str, Any]
T = TypeVar("T")
Progress = Callable[[str, Sequence[Any]], Iterable[Any]]  # (what, rows) → the same rows, while somebody draws a bar

MARK = "（示例）"


def quiet(_what: str, rows: Sequence[T]) -> Iterable[T]:
    """The progress of somebody who watches nothing."""
    return rows


@dataclass
class Person:
    """One sample person with what the history says of somebody."""

    id: int
    name: str
    phone: str
    organisation_id: int
    roles: frozenset[Role]

    @property
    def actor(self) -> Actor:
        """The person as an actor."""
        return Actor(id=self.id, name=self.name, organisation_id=self.organisation_id, organisation_verified=True, roles=self.roles)


@dataclass(frozen=True)
class Turns:
    """On which days (relative to the day of loading) an open challenge took its turns; None: it did not come to that."""

    opened: int | None = None
    decided: int | None = None
    contracted: int | None = None


@dataclass
class Shelf:
    """Everything that one file's loader needs of the files before it."""

    folder: Path
    calendar: WorkCalendar
    progress: Progress = quiet
    today: date = field(default_factory=clock.today)
    now: datetime = field(default_factory=clock.now)
    chronicle: Chronicle = field(default_factory=Chronicle)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    by_code: dict[str, Organisation] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # a name in the files → the name as loaded
    challenges: dict[str, Challenge] = field(default_factory=dict)
    capabilities: dict[str, Capability] = field(default_factory=dict)
    turns: dict[str, Turns] = field(default_factory=dict)
    bids: dict[str, Bid] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)

    def table(self, name: str) -> list[dict[str, str]]:
        """Return the rows of a CSV file."""
        with (self.folder / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def lines(self, pattern: str) -> list[Row]:
        """Return the objects of the JSON Lines files that match `pattern`, file by file."""
        found = sorted(self.folder.glob(pattern))
        return [json.loads(line) for path in found for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]

    def day(self, offset: int) -> date:
        """Return the date `offset` days from the day of loading."""
        return self.today + timedelta(days=offset)

    def moment(self, day: date | int, salt: str) -> datetime:
        """Return a moment in the office hours of `day` (or of an offset), the same for the same `salt`, never later than now."""
        when = self.day(day) if isinstance(day, int) else day
        minutes = 9 * 60 + crc32(f"{salt}{when}".encode()) % 480
        return min(clock.start_of_day(when) + timedelta(minutes=minutes), self.now)

    def head(self, organisation_key: str) -> Person:
        """Return the first person of an organisation: its administrator."""
        return self.people[f"{organisation_key}-1"]

    def people_of_challenge(self, challenge_key: str) -> Person:
        """Return the administrator of the enterprise that posted a challenge."""
        organisation_id = self.challenges[challenge_key].organisation_id
        return next(person for person in self.people.values() if person.organisation_id == organisation_id)

    def marked(self, name: str) -> str:
        """Return an organisation's name with its mark 示例."""
        return self.names.get(name) or (name if name.endswith(MARK) else name + MARK)

    def tell(self, kind: str, subject_id: int, step: str, who: Person | None, at: datetime, **more: Any) -> None:
        """Note one entry of the history; `more`: from_state, to_state, reason, detail."""
        self.chronicle.add(kind, subject_id, step, who.actor if who else SYSTEM, at, **more)


def fen(wan: float | None) -> int | None:
    """Return 万元 as 分, rounded; None stays None."""
    return None if wan is None else round(wan * money.WAN)
