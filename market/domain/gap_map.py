"""The map of supply and demand: for each field and kind of element, what open demands ask and what no listing answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

ANSWERED = 0.25  # from which share of what its own words would bring an element counts as answered at all
ELEMENTS = {"effect": "现象与效果", "method": "方法", "material": "材料", "product": "产品", "application": "应用", "quantity": "指标"}
QUADRANTS = {
    (True, True): "供求都有",
    (True, False): "有求无供",
    (False, True): "有供无求",
    (False, False): "都没有",
}


@dataclass(frozen=True)
class Asked:
    """One element that a demand asks, and whether any of its best listings says something to it."""

    challenge_id: int
    title: str
    field: str  # code, or "none"
    kind: str  # one of ELEMENTS
    text: str
    answered: bool


@dataclass(frozen=True)
class Square:
    """One field × element: how often it is asked, how often nobody answers, in how many demands."""

    asked: int = 0
    missing: int = 0
    demands: int = 0


@dataclass(frozen=True)
class GapMap:
    """The map. `demand` and `supply` count open demands and published listings by field; `unranked` demands have no ranking yet."""

    squares: Mapping[tuple[str, str], Square] = field(repr=False)
    demand: Mapping[str, int]
    supply: Mapping[str, int]
    asked: tuple[Asked, ...] = field(repr=False)
    unranked: int

    def quadrant(self, code: str) -> str:
        """Return in words whether a field has demand and supply."""
        return QUADRANTS[(self.demand.get(code, 0) > 0, self.supply.get(code, 0) > 0)]

    def behind(self, code: str = "", kind: str = "") -> list[Asked]:
        """Return the unanswered elements behind a square (or behind a whole row or column)."""
        return [one for one in self.asked if not one.answered and code in {"", one.field} and kind in {"", one.kind}]


def build(asked: Iterable[Asked], demand: Mapping[str, int], supply: Mapping[str, int], unranked: int) -> GapMap:
    """Return the map of what is asked."""
    rows = tuple(asked)
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    demands: dict[tuple[str, str], set[int]] = defaultdict(set)
    for one in rows:
        counts[(one.field, one.kind)][0] += 1
        if not one.answered:
            counts[(one.field, one.kind)][1] += 1
            demands[(one.field, one.kind)].add(one.challenge_id)
    squares = {place: Square(asked_, missing, len(demands[place])) for place, (asked_, missing) in counts.items()}
    return GapMap(squares, demand, supply, rows, unranked)
