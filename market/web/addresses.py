"""What an address and a form may hold: numbers that a database can be asked for."""

from __future__ import annotations

from typing import Any

from flask import Request as FlaskRequest
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items
from werkzeug.routing import IntegerConverter, Map, ValidationError

LARGEST = 2**31 - 1  # what an integer column holds; PostgreSQL refuses to compare it with more
LARGEST_BID = 2**53 - 1  # the ids of bids are drawn, not counted


class NumberConverter(IntegerConverter):
    """`<int:…>` of every route: a number that no row can have is no address of this site (404), not an error of the database."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:
        """Take IntegerConverter's options; `max` is LARGEST where a route does not say."""
        options.setdefault("max", LARGEST)
        super().__init__(map, *args, **options)

    def to_python(self, value: str) -> int:
        """Return the number; raises ValidationError above the largest (so the rule does not match)."""
        if len(value) > 16:
            raise ValidationError
        return int(super().to_python(value))


class BidConverter(NumberConverter):
    """`<bid:bid_id>`: the id of a bid."""

    def __init__(self, map: Map) -> None:
        """Take no options."""
        super().__init__(map, max=LARGEST_BID)


class Parameters(ImmutableMultiDict[str, str]):
    """Query parameters and fields: no NUL (PostgreSQL stores none), and an int that was asked for is one that a column can hold."""

    def __init__(self, pairs: Any = None) -> None:
        """Take what ImmutableMultiDict takes; NUL characters are left out of names and values."""
        super().__init__(pairs if pairs is None else [(_stored(key), _stored(value)) for key, value in iter_multi_items(pairs)])

    def get(self, key: str, default: Any = None, type: Any = None) -> Any:  # type: ignore[override]  # one for all of Werkzeug's overloads
        """Return the first value of `key`, made into `type`; `default` where that fails."""
        return super().get(key, default, _whole if type is int else type)


def _stored(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value


def _whole(text: str) -> int:
    number = int(text) if len(text) < 12 else LARGEST + 1
    if abs(number) > LARGEST:
        raise ValueError
    return number


class Request(FlaskRequest):
    """A request whose numbers are bounded and whose texts can be stored."""

    parameter_storage_class = Parameters
