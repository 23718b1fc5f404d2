"""The mapping in two layers is a dictionary to whoever reads it, and a fork leaves the others alone."""

from __future__ import annotations

import random

import pytest

from market.matching import layers
from market.matching.layers import Layered


def test_it_is_a_dictionary_whatever_is_done_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "LEAST", 5)
    chance = random.Random(1)
    plain: dict[int, str] = {}
    layered: Layered[str] = Layered()
    bases = set()
    for step in range(2_000):
        number = chance.randrange(60)
        if chance.random() < 0.4 and number in plain:
            del plain[number]
            del layered[number]
        else:
            plain[number] = layered[number] = f"{number}:{step}"
        bases.add(id(layered._base))
        assert len(layered) == len(plain) and (number in layered) == (number in plain)
        if step % 50 == 0:
            assert dict(layered) == plain and layered.get(99) is None
    assert len(bases) > 3, "never merged: the test did not see what it is for"
    with pytest.raises(KeyError):
        del layered[99]


def test_a_fork_and_its_parent_do_not_see_each_other() -> None:
    parent: Layered[str] = Layered({1: "a", 2: "b"})
    child = parent.fork()
    child[3] = "c"
    child[1] = "A"
    del child[2]
    assert dict(parent) == {1: "a", 2: "b"} and dict(child) == {1: "A", 3: "c"}
    parent[4] = "d"
    assert 4 not in child


def test_a_fork_shares_the_base() -> None:
    parent: Layered[int] = Layered(dict.fromkeys(range(10_000), 0))
    child = parent.fork()
    child[10_000] = 1
    assert child._base is parent._base and len(child._delta) == 1
