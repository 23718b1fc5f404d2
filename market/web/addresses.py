"""What an address may hold: numbers that a database can be asked for."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter, ValidationError

LARGEST = 2**53 - 1  # ids are counted from 1 or drawn below 2**53 (bids); a database refuses what no integer column holds


class NumberConverter(IntegerConverter):
    """`<int:…>` of every route: a number that no row can have is no address of this site (404), not an error of the database."""

    def to_python(self, value: str) -> int:
        """Return the number; raises ValidationError above LARGEST (so the rule does not match)."""
        number = int(super().to_python(value)) if len(value) < 20 else LARGEST + 1
        if number > LARGEST:
            raise ValidationError
        return number
