"""No capability and no organisation fills everybody's list; nothing is lost by that, and the order of the lists does not matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from market.domain.fairness import FIRST, LEAST, NEAR, OF_ONE, Limits, Pair, Places, laid_out, varied


def test_one_capability_stands_among_the_first_of_a_few_lists_only_and_the_best_scores_keep_it() -> None:
    lists: dict[int, list[Pair]] = {n: [(1, 0.9 - n / 100), (10 + n, 0.5), (30 + n, 0.4), (50 + n, 0.3)] for n in range(10)}
    owners = {item: item for ranked in lists.values() for item, _ in ranked}
    out = laid_out(lists, owners, Limits(10, len(owners)))
    first = [query for query, ranked in out.items() if 1 in ranked[:FIRST]]
    assert first == list(range(LEAST)), "the five with the best scores"
    assert all(out[query][0] == 1 for query in first)
    assert all(out[query][FIRST] == 1 for query in range(LEAST, 10)), "moved down to the first place behind the first"


def test_an_organisation_stands_among_the_first_of_a_few_lists_only() -> None:
    lists: dict[int, list[Pair]] = {n: [(n, 0.9), (100 + n, 0.5), (200 + n, 0.4), (300 + n, 0.3)] for n in range(20)}
    owners = {item: 7 if item < 20 else item for ranked in lists.values() for item, _ in ranked}
    limits = Limits(20, 800)
    out = laid_out(lists, owners, limits)
    assert sum(ranked[0] < 20 for ranked in out.values()) == limits.of_organisation(20) == 2 * LEAST


def test_at_most_two_of_one_organisation_are_near_the_top_and_the_order_is_kept_otherwise() -> None:
    assert varied([1, 2, 3, 4, 5, 6, 7], {1: 9, 2: 9, 3: 9, 4: 9, 5: 5, 6: 6, 7: 7}) == [1, 2, 5, 6, 7, 3, 4]
    assert varied([1, 2, 3], {1: 9, 2: 9, 3: 9}) == [1, 2, 3], "nobody else is there"
    assert varied([1, 2, 3, 4], {}) == [1, 2, 3, 4]


def test_places_that_other_lists_hold_count() -> None:
    taken = Places(Counter({1: LEAST}))
    assert laid_out({1: [(1, 0.9), (2, 0.8), (3, 0.7), (4, 0.6)]}, {1: 1, 2: 2, 3: 3, 4: 4}, Limits(1, 100), taken) == {1: [2, 3, 4, 1]}


def test_where_few_capabilities_meet_many_challenges_the_limit_grows_with_the_even_share() -> None:
    assert Limits(100, 10).of_capability == 4 * FIRST * 100 // 10
    assert Limits(10, 1_000).of_capability == LEAST


LISTS = st.dictionaries(
    st.integers(1, 12),
    st.lists(st.tuples(st.integers(1, 15), st.sampled_from([0.1, 0.5, 0.9])), unique_by=lambda pair: pair[0], max_size=12),
    max_size=12,
)


@given(LISTS, st.dictionaries(st.integers(1, 15), st.integers(1, 4)))
def test_nothing_is_lost_both_rules_hold_and_the_order_of_the_lists_is_of_no_account(
    lists: Mapping[int, Sequence[Pair]], owners: Mapping[int, int]
) -> None:
    ranked = {query: sorted(pairs, key=lambda pair: (-pair[1], pair[0])) for query, pairs in lists.items()}
    limits = Limits(len(lists), 1_000)
    out = laid_out(ranked, owners, limits)
    assert {query: sorted(items) for query, items in out.items()} == {
        query: sorted(item for item, _ in pairs) for query, pairs in lists.items()
    }
    assert out == laid_out(dict(reversed(ranked.items())), owners, limits)
    for items in out.values():
        near = Counter(owners[item] for item in items[:NEAR] if item in owners)
        spare = [item for item in items[NEAR:] if item not in owners or near[owners[item]] < OF_ONE]
        assert not spare or max(near.values(), default=0) <= OF_ONE
