"""The lexicon of the field: what an enterprise says, and what a laboratory calls it.

One text file a technical field (`01.txt` … `11.txt`), one entry a line, five columns with ` | ` between them:
现象 (the enterprise's words), 机理 (why), 技术 (what is done about it), 材料 (materials and devices), 应用
(products and trades). Terms of a column stand with 、 between them, names of one thing with =. A term with a
space in it is met where all its parts stand in one sentence. The words are the project's own.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from market.matching import tokens

FOLDER = tokens.LEXICON_FOLDER
Role = Literal["symptom", "mechanism", "technique", "material", "application"]
ROLES: tuple[Role, ...] = ("symptom", "mechanism", "technique", "material", "application")
"""The columns of an entry in their order: 现象 机理 技术 材料 应用."""

ROLE_WEIGHTS: Mapping[Role, float] = {"symptom": 1.0, "mechanism": 1.0, "technique": 1.0, "material": 0.6, "application": 0.4}
"""How much a role says about what an entry is about."""
LEAST_STRENGTH = 0.45
MOST_NAMES = 60
LONGEST_TERM = 24

_CLAUSE_END = re.compile(r"[。；！？;!?\n]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: for each role its terms; names of one thing stand together in a tuple."""

    number: int
    field: str
    terms: Mapping[Role, tuple[tuple[str, ...], ...]]

    def names(self, role: Role) -> tuple[str, ...]:
        """All names of a role, synonyms beside each other."""
        return tuple(name for group in self.terms[role] for name in group)

    def all_names(self) -> Iterator[tuple[Role, str]]:
        """Every name with its role."""
        for role in ROLES:
            for name in self.names(role):
                yield role, name


@dataclass(frozen=True, slots=True)
class Meeting:
    """A term of an entry met in a text: `start` and `end` are places in the folded text."""

    entry: int
    role: Role
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Expansion:
    """A name that the lexicon adds to a text, because `source` stands in the text and both are in `entry`."""

    name: str
    weight: float
    source: str
    entry: int


class Lexicon:
    """Entries, and where their terms stand in a text."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        self._heads: dict[str, list[tuple[str, int, Role]]] = defaultdict(list)
        self.spread: Counter[str] = Counter()
        """In how many entries a name stands."""
        for entry in self.entries:
            for role, name in entry.all_names():
                self._heads[name.split(" ", 1)[0]].append((name, entry.number, role))
                self.spread[name] += 1
        self._longest = max((len(head) for head in self._heads), default=0)

    def meetings(self, text: str) -> list[Meeting]:
        """Every term of every entry that stands in the text; of overlapping names the longest counts."""
        folded = tokens.fold(text)
        found: list[Meeting] = []
        begin = 0
        for end in (*(match.start() for match in _CLAUSE_END.finditer(folded)), len(folded)):
            found += self._in_clause(folded[begin:end], begin)
            begin = end + 1
        return found

    def expand(self, text: str, most: int = MOST_NAMES) -> list[Expansion]:
        """Names that belong to what the text says and do not stand in it themselves, strongest first.

        An entry speaks for itself as much as the roles say of which a name stands in the text, the more the
        rarer the name is in the lexicon; `application` or `material` alone open no entry.
        """
        folded = tokens.fold(text)
        met: dict[int, dict[Role, tuple[float, str]]] = defaultdict(dict)
        for meeting in self.meetings(folded):
            weight = ROLE_WEIGHTS[meeting.role] / (1 + math.log(self.spread[meeting.name]))
            if weight > met[meeting.entry].get(meeting.role, (0.0, ""))[0]:
                met[meeting.entry][meeting.role] = (weight, meeting.name)
        best: dict[str, Expansion] = {}
        for number, roles in met.items():
            strength = sum(weight for weight, _ in roles.values())
            if strength < LEAST_STRENGTH:
                continue
            source = max(roles.values())[1]
            for role, name in self.entries[number].all_names():
                weight = min(strength, 1.5) * ROLE_WEIGHTS[role]
                if name not in folded and weight > (best[name].weight if name in best else 0.0):
                    best[name] = Expansion(name, weight, source, number)
        return sorted(best.values(), key=lambda found: (-found.weight, found.name))[:most]

    def field_shares(self, text: str) -> dict[str, float]:
        """For each field how much of what the lexicon knows in the text is its own; adds up to 1, or {}."""
        points: Counter[str] = Counter()
        for meeting in self.meetings(text):
            points[self.entries[meeting.entry].field] += 1 / self.spread[meeting.name]  # type: ignore[assignment]
        total = sum(points.values())
        return {field: value / total for field, value in points.items()} if total else {}

    def _in_clause(self, clause: str, offset: int) -> Iterator[Meeting]:
        for place, head, hidden in self._heads_in(clause):
            for name, number, role in self._heads[head]:
                others = name.split(" ")[1:]
                if (others or not hidden) and all(other in clause for other in others):
                    yield Meeting(number, role, name, offset + place, offset + place + len(head))

    def _heads_in(self, clause: str) -> Iterator[tuple[int, str, bool]]:
        """Places of known heads, and whether each lies inside a longer one that begins no later.

        A hidden head is no word of its own (电镀 in 电镀车间), but it may still open a name of several parts.
        """
        covered = 0
        for place in range(len(clause)):
            for length in range(min(self._longest, len(clause) - place), 0, -1):
                head = clause[place : place + length]
                if head in self._heads and _stands_alone(clause, place, place + length):
                    yield place, head, place + length <= covered
                    covered = max(covered, place + length)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """A Latin abbreviation must not be part of a longer word."""
    if not text[start].isascii() or not text[start].isalnum():
        return True
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())


def parse(line: str, number: int, field: str) -> Entry:
    """One line of a file. Raises ValueError where it is not of the form of an entry."""
    columns = [column.strip() for column in line.split("|")]
    if len(columns) != len(ROLES):
        raise ValueError(f"{field}: an entry has {len(ROLES)} columns: {line}")
    terms: dict[Role, tuple[tuple[str, ...], ...]] = {}
    for role, column in zip(ROLES, columns, strict=True):
        groups = (tuple(tokens.fold(" ".join(name.split())) for name in group.split("=") if name.strip()) for group in column.split("、"))
        terms[role] = tuple(group for group in groups if group)
    if not terms["symptom"] or not any(terms[role] for role in ROLES[1:4]):
        raise ValueError(f"{field}: an entry ties the enterprise's words to the laboratory's: {line}")
    return Entry(number, field, terms)


def read(folder: Path = FOLDER) -> Lexicon:
    """All files of a folder, in the order of the fields. Raises ValueError at a line that is no entry."""
    entries: list[Entry] = []
    for path in sorted(folder.glob("[0-9][0-9].txt")):
        for line in path.read_text(encoding="utf8").splitlines():
            if line.strip() and not line.startswith("#"):
                entries.append(parse(line, len(entries), path.stem))
    return Lexicon(entries)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The project's lexicon, read once in each process."""
    return read()
