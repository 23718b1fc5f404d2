"""What an address asks of a list, read and written back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from market.domain.browsing import FACETS, SORTS, STATUSES, Filters, read


def from_address(kind: str, address: str) -> Filters:
    """Read a wish back from its address."""
    values = parse_qs(urlsplit(address).query)
    return read(kind, lambda name: values.get(name, []))


@st.composite
def wishes(draw: st.DrawFn) -> Filters:
    """Any wish a visitor can click together."""
    kind = draw(st.sampled_from(["challenge", "capability"]))
    asked: dict[str, list[str]] = {"q": [draw(st.sampled_from(["", "电", "电池 低温", "a&b=c", "100%"]))]}
    for facet in FACETS[kind]:
        asked[facet.name] = draw(st.lists(st.sampled_from(sorted(facet.words)), max_size=3))
    asked["tab"] = [draw(st.sampled_from(sorted(STATUSES[kind])))]
    asked["sort"] = [draw(st.sampled_from(sorted(SORTS[kind])))]
    return read(kind, lambda name: asked.get(name, []))


@given(wishes())
def test_an_address_says_all_of_a_wish(wish: Filters) -> None:
    assert from_address(wish.kind, wish.address("/list")) == wish


@given(wishes())
def test_taking_every_chip_out_leaves_nothing_chosen(wish: Filters) -> None:
    for name, values in wish.chosen:
        for value in values:
            wish = wish.without(name, value)
    assert not wish.narrowed


@given(st.dictionaries(st.sampled_from(["q", "field", "region", "tab", "sort", "page", "budget", "mode"]), st.lists(st.text(), max_size=3)))
def test_no_address_breaks_the_list(asked: dict[str, list[str]]) -> None:
    wish = read("challenge", lambda name: asked.get(name, []))
    assert wish.status in STATUSES["challenge"]
    assert wish.sort in dict(wish.sorts)
    assert 1 <= wish.page <= 2000
    assert len(wish.q) <= 100


def test_relevance_needs_words() -> None:
    assert read("challenge", lambda name: ["relevance"] if name == "sort" else []).sort == "new"
    assert read("challenge", lambda name: ["电池"] if name == "q" else []).sort == "relevance"
