"""Who stands first: no capability and no organisation may fill everybody's list, and no list is filled by one organisation.

Two rules on rankings that are ready otherwise, both about places near the top only. Nothing is taken out: what has to
make room goes down to the first place that the rule leaves free, and the next best goes up.

- **Flood.** Among the first `FIRST` of all challenges one capability may stand in at most `capability_limit` lists, one
  organisation in at most `organisation_limit`: a multiple of the even share, never below `LEAST`.
- **Variety.** Among the first `NEAR` of one list at most `OF_ONE` are of one organisation.

Rankings know no fame; without the first rule a text that fits a little everywhere would stand everywhere all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

FIRST = 3
NEAR = 5
OF_ONE = 2
LEAST = 5
OVER_EVEN = 4
"""How many times the even share of first places one capability may have."""
OVER_EVEN_OWNER = 3
"""How many times the even share of its capabilities taken together one organisation may have."""

Pair = tuple[int, float]
"""An item and its score."""


@dataclass
class Places:
    """How many of the first places are taken: by item and by organisation. Grows while lists are laid out."""

    items: Counter[int] = field(default_factory=Counter)
    owners: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Limits:
    """In how many lists a capability, and an organisation by the number of its capabilities, may stand among the first."""

    challenges: int
    capabilities: int

    @property
    def of_capability(self) -> int:
        """The most lists in whose first places one capability stands."""
        return max(LEAST, ceil(OVER_EVEN * self._even))

    def of_organisation(self, offered: int) -> int:
        """The most lists in whose first places an organisation with so many capabilities stands."""
        return max(2 * LEAST, ceil(OVER_EVEN_OWNER * self._even * offered))

    @property
    def _even(self) -> float:
        return FIRST * self.challenges / max(self.capabilities, 1)


def laid_out(
    lists: Mapping[int, Sequence[Pair]], owners: Mapping[int, int], limits: Limits, taken: Places | None = None
) -> dict[int, list[int]]:
    """Return the items of each list in the order in which they are shown; both rules hold.

    `lists`: for each challenge its capabilities with their scores, best first; `owners`: the organisation of each
    capability that may be ranked (also those in no list: they count for the organisation's share). `taken`: first
    places of lists that stay as they are. First places are given out by score, the best score of all first, so that
    the outcome does not depend on the order of `lists`; equal scores go by number.
    """
    places = taken or Places()
    offered = Counter(owners.values())
    waiting = {query: [item for item, _ in ranked] for query, ranked in lists.items()}
    first: dict[int, list[int]] = {query: [] for query in lists}
    offers = sorted((-score, query, place, item) for query, ranked in lists.items() for place, (item, score) in enumerate(ranked))
    for _, query, _, item in offers:
        owner = owners.get(item, 0)
        room = places.items[item] < limits.of_capability and places.owners[owner] < limits.of_organisation(offered[owner])
        if len(first[query]) < FIRST and room and _fits(first[query], owner, owners):
            first[query].append(item)
            places.items[item] += 1
            places.owners[owner] += 1
    return {query: varied(first[query] + [item for item in waiting[query] if item not in set(first[query])], owners) for query in lists}


def varied(ranked: Sequence[int], owners: Mapping[int, int]) -> list[int]:
    """Return a list in which at most `OF_ONE` of the first `NEAR` are of one organisation, if enough others are there.

    The order is kept otherwise. An unknown organisation (0) is nobody's.
    """
    near: list[int] = []
    later: list[int] = []
    for item in ranked:
        if len(near) < NEAR and _fits(near, owners.get(item, 0), owners):
            near.append(item)
        else:
            later.append(item)
    return near + later


def _fits(near: Sequence[int], owner: int, owners: Mapping[int, int]) -> bool:
    return owner == 0 or sum(owners.get(item, 0) == owner for item in near) < OF_ONE
