"""What was counted, kept in this process for as long as what it was counted from stands as it was."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from market.db import only_reading

Made = TypeVar("Made")
_every: list[Callable[[], None]] = []


class Memory:
    """At most `most` values, each for `seconds` at most.

    A key must name everything that the value depends on: the database, its revision, the day, what was asked.
    Nothing is remembered inside of a write: what is read there may yet be taken back.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        _every.append(self.clear)

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what is kept under `key`, or make it and keep it."""
        if not only_reading():
            return make()
        with self._lock:
            known = self._kept.get(key)
        if known is not None and time.monotonic() - known[0] < self._seconds:
            return cast(Made, known[1])
        fresh = make()
        with self._lock:
            self._kept[key] = (time.monotonic(), fresh)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return fresh

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()


def at_forget(clear: Callable[[], None]) -> None:
    """Register what else `forget` has to clear."""
    _every.append(clear)


def forget() -> None:
    """Clear every memory of this process (tests that put another database in the place of one)."""
    for clear in _every:
        clear()
