"""A published challenge and what became of it, as open contracting data tells it: facts that anybody may read, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

TAGS = {"contract": "contract", "complete": "contractTermination", "no_award": "tenderUpdate", "withdraw": "tenderCancellation", "terminate": "tenderCancellation"}  # fmt: skip  # step of a challenge → tag of the release


@dataclass(frozen=True)
class Change:
    """Something added to a published challenge; `closes_at` where it moved the deadline."""

    number: int
    at: datetime
    text: str
    closes_at: datetime | None


@dataclass(frozen=True)
class Choice:
    """A choice that was published (公示), which one it is of this challenge, and when it became final."""

    number: int
    at: datetime
    suppliers: Sequence[str]
    reason: str
    confirmed_at: datetime | None


@dataclass(frozen=True)
class Process:
    """One published challenge as everybody may read it. `ends` are the steps that ended it, with their moments."""

    key: int
    number: str
    title: str
    description: str
    field_name: str
    region: str
    buyer: str
    low_fen: int | None
    high_fen: int | None
    open_call: bool
    published_at: datetime
    closes_at: datetime | None
    url: str
    sample: bool
    changes: Sequence[Change] = ()
    choice: Choice | None = None
    ends: Sequence[tuple[str, datetime]] = ()
