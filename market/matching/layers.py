"""A mapping in two layers, so that a copy with one change costs that change and not the whole.

The base is shared by all copies and never changed; beside it lie what came since (the delta) and the tombstones of
what went. When these have grown to a share of the base, a new base is made of both: each entry is moved a few times
in its life, however many changes there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Generic, Self, TypeVar

V = TypeVar("V")

LEAST = 256
SHARE = 16
"""A delta of more than `LEAST` entries and a `SHARE`th of the base is merged."""


def due(changes: int, base: int) -> bool:
    """Whether so many changes beside a base of this size are to be merged into a new one."""
    return changes > max(LEAST, base // SHARE)


class Layered(MutableMapping[int, V], Generic[V]):
    """Numbers to values. Not to be changed while somebody reads: change a `fork`."""

    def __init__(self, base: Mapping[int, V] | None = None) -> None:
        self._base: Mapping[int, V] = base if base is not None else {}
        self._delta: dict[int, V] = {}
        self._gone: set[int] = set()

    def fork(self) -> Self:
        """A copy that may be changed while others read this one."""
        other = type(self)(self._base)
        other._delta, other._gone = dict(self._delta), set(self._gone)
        return other

    def merged(self) -> dict[int, V]:
        """Everything in one new dictionary."""
        return dict(self.items())

    def __getitem__(self, number: int) -> V:
        if number in self._delta:
            return self._delta[number]
        if number in self._gone:
            raise KeyError(number)
        return self._base[number]

    def __setitem__(self, number: int, value: V) -> None:
        self._delta[number] = value
        if number in self._base:
            self._gone.add(number)
        self._merge_if_due()

    def __delitem__(self, number: int) -> None:
        if number not in self:
            raise KeyError(number)
        self._delta.pop(number, None)
        if number in self._base:
            self._gone.add(number)
        self._merge_if_due()

    def __contains__(self, number: object) -> bool:
        return number in self._delta or (number in self._base and number not in self._gone)

    def __iter__(self) -> Iterator[int]:
        yield from (number for number in self._base if number not in self._gone)
        yield from self._delta

    def __len__(self) -> int:
        return len(self._base) - len(self._gone) + len(self._delta)

    def _merge_if_due(self) -> None:
        if due(len(self._delta) + len(self._gone), len(self._base)):
            self._base, self._delta, self._gone = self.merged(), {}, set()
