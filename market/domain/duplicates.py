"""Which contracts may be one and the same, and the life of such a suspicion until a person has decided.

A number used twice is refused outright (the database holds it). What is only likely goes to a person: the same two
parties on the same day for the same amount, or a title that is nearly equal with one of the parties the same. Nearly
equal means that nine tenths of the pairs of neighbouring characters agree and every figure in the titles is the same,
so that 一期 and 2 期, or the services of 2025 and 2026, are two.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from market.domain.lifecycle import Lifecycle, Step
from market.domain.permissions import Permission as P

NEAR_BP = 9_000  # of 10,000: from here on two titles are nearly equal (the project's own choice)
CAUSES = {"deal": "双方、签订日期和成交额都相同", "title": "项目名称几乎一样，且有一方相同"}
DUPLICATE = Lifecycle(
    subject="duplicate",
    states={"open": "待判断", "same": "是同一份", "different": "不是同一份"},
    tones={"open": "waiting", "same": "stopped", "different": "done"},
    steps=(
        Step("same", "是同一份合同", ("open",), "same", P.DECIDE_DUPLICATE, needs_reason=True),
        Step("different", "不是同一份", ("open",), "different", P.DECIDE_DUPLICATE, needs_reason=True),
        Step("reopen", "重新判断", ("same", "different"), "open", P.DECIDE_DUPLICATE, needs_reason=True),
    ),
)
_DROPPED = re.compile(r"[\W_]+")
_FIGURES = re.compile(r"\d+|[一二三四五六七八九十百]+(?=[期年批标号次阶代])")


@dataclass(frozen=True)
class Deal:
    """What of a contract says that it is this one. Parties are known by code where there is one, else by name."""

    id: int
    title: str
    seller: str
    buyer: str
    signed_on: date | None
    amount_fen: int


@dataclass(frozen=True)
class Likeness:
    """Two contracts (the smaller id first) that may be one, and why; `bp` is how alike the titles are, of 10,000."""

    first: int
    second: int
    cause: str
    bp: int


def party_key(name: str, facts: Mapping[str, object] | None) -> str:
    """Return what a party is known by: its 统一社会信用代码, else its name without blanks and width."""
    code = str((facts or {}).get("credit_code") or "").strip().upper()
    return code or re.sub(r"\s", "", unicodedata.normalize("NFKC", name))


def party_keys(parties: Iterable[tuple[str, Mapping[str, object] | None]]) -> dict[tuple[str, str], str]:
    """Return one key for each (name, code) of many parties: the same for one code under two names, and for one name with and without code."""
    known = [(name, party_key(name, None), party_key("", facts)) for name, facts in parties]
    of_code: dict[str, str] = {}
    for _name, plain, code in known:
        if code:
            of_code.setdefault(code, plain)
    return {(name, code): of_code.get(code, plain) for name, plain, code in known}


def folded(title: str) -> str:
    """Return a title without width, case, blanks and punctuation."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", title)).lower()


def figures(title: str) -> tuple[str, ...]:
    """Return the figures of a title in order, also 一期, 二年."""
    return tuple(_FIGURES.findall(unicodedata.normalize("NFKC", title)))


def _pairs(text: str) -> Counter[str]:
    return Counter(text[n : n + 2] for n in range(len(text) - 1)) or Counter([text])


def likeness_bp(one: str, other: str) -> int:
    """Return how alike two titles are (Dice over pairs of characters, of 10,000); 0 when a figure differs."""
    if figures(one) != figures(other):
        return 0
    left, right = _pairs(folded(one)), _pairs(folded(other))
    return 20_000 * sum((left & right).values()) // (sum(left.values()) + sum(right.values()))


def compare(one: Deal, other: Deal) -> Likeness | None:
    """Return why two contracts may be one, or None."""
    first, second = sorted((one.id, other.id))
    alike = likeness_bp(one.title, other.title)
    sides = one.seller == other.seller, one.buyer == other.buyer
    if all(sides) and one.signed_on == other.signed_on is not None and one.amount_fen == other.amount_fen:
        return Likeness(first, second, "deal", alike)
    return Likeness(first, second, "title", alike) if any(sides) and alike >= NEAR_BP else None


def among(deals: Sequence[Deal], asked: Iterable[int]) -> list[Likeness]:
    """Return every pair of `deals` that may be one contract and of which one is in `asked`.

    Exact, and fast for lists of tens of thousands: within the contracts of one party only titles are compared that share
    one of their rarest pairs of characters (nine tenths cannot agree otherwise).
    """
    wanted, by_id = set(asked), {deal.id: deal for deal in deals}
    found: dict[tuple[int, int], Likeness] = {}
    for group in _groups(deals):
        if wanted.isdisjoint(deal.id for deal in group):
            continue
        for one, other in _candidates(group, wanted):
            key = (min(one, other), max(one, other))
            if key not in found and (said := compare(by_id[one], by_id[other])):
                found[key] = said
    return [found[key] for key in sorted(found)]


def _groups(deals: Sequence[Deal]) -> Iterator[list[Deal]]:
    """Yield the contracts of each seller and of each buyer, where there are two or more."""
    for side in ("seller", "buyer"):
        groups: dict[str, list[Deal]] = defaultdict(list)
        for deal in deals:
            groups[getattr(deal, side)].append(deal)
        yield from (group for group in groups.values() if len(group) > 1)


def _candidates(group: Sequence[Deal], wanted: set[int]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of one party's contracts that are worth comparing."""
    texts = {deal.id: sorted(_pairs(folded(deal.title)).elements()) for deal in group}
    common = Counter(pair for text in texts.values() for pair in set(text))
    buckets: dict[object, list[int]] = defaultdict(list)
    for deal in group:
        buckets[deal.signed_on, deal.amount_fen].append(deal.id)
        text = sorted(texts[deal.id], key=lambda pair: (common[pair], pair))
        # Of n pairs at least 9/11 must be in the other title: one of the first n - ⌈9n/11⌉ + 1 is, then.
        for pair in set(text[: len(text) - -(-9 * len(text) // 11) + 1]):
            buckets[pair].append(deal.id)
    for members in buckets.values():
        for position, one in enumerate(members):
            for other in members[position + 1 :]:
                if one in wanted or other in wanted:
                    yield one, other
