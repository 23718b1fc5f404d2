"""What a visitor asked of a public list: words, facets, sorting, page; read from the address and written back into it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from market.domain import codes
from market.domain.identifiers import clean_text

PAGE_SIZE = 20
DEEPEST_PAGE = 2_000
QUERY_LIMIT = 100
_CHOICES_LIMIT = 20
DEADLINES = {"week": "7 天内", "month": "30 天内", "later": "30 天以后", "none": "长期有效", "past": "已截止"}
BUDGETS = {**codes.GROUPS["budget_band"], "open": "面议或待补"}
_TRACKS = {track: track for track in codes.TRACKS}


@dataclass(frozen=True)
class Facet:
    """One way to narrow a list. `words` maps its values to Chinese; an ordered facet keeps that order, others go by count."""

    name: str
    label: str
    words: Mapping[str, str]
    ordered: bool = False
    multiple: bool = True

    def knows(self, value: str) -> bool:
        """True when `value` is one this facet can have (a region: any six digits)."""
        return value in self.words or (self.name == "region" and re.fullmatch(r"[0-9]{6}", value) is not None)

    def word(self, value: str) -> str:
        """Return the Chinese word of a value."""
        return codes.region_name(value) if self.name == "region" else self.words.get(value, value)


_FIELD = Facet("field", "技术领域", codes.FIELDS)
_TRACK = Facet("track", "赛道", _TRACKS)
_REGION = Facet("region", "地区", codes.REGIONS)
_MODE = Facet("mode", "合作方式", codes.MODES)
FACETS: dict[str, tuple[Facet, ...]] = {
    "challenge": (
        _FIELD,
        _TRACK,
        _REGION,
        Facet("budget", "预算", BUDGETS, ordered=True),
        Facet("deadline", "申报截止", DEADLINES, ordered=True),
        Facet("procedure", "找合作方的办法", codes.PROCEDURES, ordered=True),
        Facet("need_type", "需求类型", codes.NEED_TYPES),
        _MODE,
    ),
    "capability": (
        _FIELD,
        _TRACK,
        _REGION,
        Facet("stage", "成熟阶段", codes.STAGES, ordered=True),
        Facet("budget", "价格", BUDGETS, ordered=True),
        _MODE,
    ),
}
STATUSES: dict[str, dict[str, str]] = {  # tabs above the list; the first is what an address without one means
    "challenge": {"open": "征集中", "choosing": "选定中", "done": "已签约", "all": "全部"},
    "capability": {"all": "全部", **codes.CAPABILITY_KINDS},
}
SORTS: dict[str, dict[str, str]] = {
    "challenge": {"new": "最新发布", "closing": "即将截止", "budget": "预算从高到低", "relevance": "相关度"},
    "capability": {"new": "最新发布", "confirmed": "最近由单位确认", "price": "价格从低到高", "relevance": "相关度"},
}


@dataclass(frozen=True)
class Filters:
    """One visitor's wish; hashable, so that counts can be remembered by it."""

    kind: str
    q: str = ""
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    status: str = ""
    sort: str = ""
    page: int = 1

    @property
    def default_sort(self) -> str:
        """Relevance when there are words, newest otherwise."""
        return "relevance" if self.q else "new"

    @property
    def sorts(self) -> list[tuple[str, str]]:
        """The sortings on offer: relevance only when there are words."""
        return [(value, word) for value, word in SORTS[self.kind].items() if value != "relevance" or self.q]

    def values(self, name: str) -> tuple[str, ...]:
        """Return the chosen values of one facet."""
        return dict(self.chosen).get(name, ())

    @property
    def narrowed(self) -> bool:
        """True when a facet is chosen."""
        return bool(self.chosen)

    def kept(self, *left_out: str) -> dict[str, str | tuple[str, ...]]:
        """Return the parameters of the address (defaults and the page left out), without those named."""
        parts: dict[str, str | tuple[str, ...]] = {"q": self.q} if self.q else {}
        if self.status != next(iter(STATUSES[self.kind])):
            parts["tab"] = self.status
        if self.sort != self.default_sort:
            parts["sort"] = self.sort
        parts.update(self.chosen)
        return {name: value for name, value in parts.items() if name not in left_out}

    def kept_beside_facets(self) -> dict[str, str | tuple[str, ...]]:
        """Return what the facets' form carries along: words, tab and sorting."""
        return self.kept(*(facet.name for facet in FACETS[self.kind]))

    def address(self, path: str) -> str:
        """Return `path` with this wish as its query string, shareable as it is."""
        query = urlencode(self.kept(), doseq=True)
        return f"{path}?{query}" if query else path

    def without(self, name: str, value: str) -> Filters:
        """Return the same wish without one chosen value."""
        rest = tuple((key, kept) for key, values in self.chosen if (kept := tuple(v for v in values if (key, v) != (name, value))))
        return replace(self, chosen=rest, page=1)

    def with_status(self, status: str) -> Filters:
        """Return the same wish on another tab."""
        return replace(self, status=status, page=1)

    def cleared(self) -> Filters:
        """Return the same words with nothing chosen."""
        return replace(self, chosen=(), page=1)


def read(kind: str, get: Callable[[str], list[str]]) -> Filters:
    """Return the wish that an address holds; `get` gives the values of a parameter. Unknown values are dropped."""

    def first(name: str) -> str:
        return next(iter(get(name)), "")

    q = clean_text(re.sub(r"\s+", " ", first("q")), QUERY_LIMIT)
    chosen = []
    for facet in FACETS[kind]:
        values = tuple(dict.fromkeys(value for value in get(facet.name)[:_CHOICES_LIMIT] if facet.knows(value)))
        if values:
            chosen.append((facet.name, values if facet.multiple else values[:1]))
    status = first("tab")
    filters = Filters(kind, q, tuple(chosen), status if status in STATUSES[kind] else next(iter(STATUSES[kind])))
    sort = first("sort")
    page = first("page")
    return replace(
        filters,
        sort=sort if sort in dict(filters.sorts) else filters.default_sort,
        page=min(max(int(page), 1), DEEPEST_PAGE) if re.fullmatch(r"[0-9]{1,4}", page) else 1,
    )
