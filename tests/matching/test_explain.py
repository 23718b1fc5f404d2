"""Reasons share out what the sides say, without a remainder, and name the words and the sentence that said it."""

from __future__ import annotations

import numpy as np
import pytest

from market.matching import explain, tokens
from market.matching.aligned import AlignedStore
from market.matching.engine import HybridEngine
from market.matching.explain import Evidence
from market.matching.fusion import Parts

QUERY = "低温电解液在零下二十度析锂，电池冬天续航掉电严重；希望充电不再析锂。"
DOCUMENTS = (
    "低温电解液配方。零下四十度仍能充电，抑制析锂，电池续航提高三成！Tesla 模块已验证；轴承与本项无关。",
    "高镍锂离子蓄电池的低温放电。负极枝晶与产气在线监测，冷启动可提前一周预警。",
    "无标点的一段关于电池续航和电解液的话",
)
PARTS = Parts(0.3, 0.35, 0.05)


def evidence(engine: HybridEngine, document: str) -> Evidence:
    """What the carried model says of a pair in a market of these three documents."""
    encoder = engine._encoder
    store = AlignedStore(lambda: encoder)
    store.put([1, 2, 3], DOCUMENTS)
    pairs = store.pairs(store.ask("", QUERY), document)
    own = encoder.words(QUERY)
    letters = dict(zip(own.numbers.tolist(), own.surfaces, strict=True))
    nearest = explain.nearest_words(pairs, letters, encoder.words(document), PARTS.aligned)
    return Evidence(QUERY, document, PARTS, {"电池": 2.0, "析锂": 1.5, "低温": 1.0}, nearest)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_word_by_word_part_is_shared_out_whole(carried: HybridEngine, document: str) -> None:
    nearest = evidence(carried, document).nearest
    assert sum(near.value for near in nearest) == pytest.approx(PARTS.aligned)
    for near in nearest:
        assert near.left in tokens.fold(QUERY)
        for place in near.places:
            assert tokens.fold(document[place:]).startswith(near.right)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_best_sentence_carries_the_largest_share(carried: HybridEngine, document: str) -> None:
    found = evidence(carried, document)
    spans = explain.sentences(document)
    shares = [PARTS.words * sum(v for term, v in found.terms.items() if term in tokens.fold(text)) / 4.5 for _, text in spans]
    for near in found.nearest:
        owners = {max(n for n, (begins, _) in enumerate(spans) if begins <= place) for place in near.places}
        for owner in owners:
            shares[owner] += near.value / len(owners)
    assert explain.best_sentence(found) == spans[int(np.argmax(shares))][1].strip()


def test_a_word_stands_beside_the_word_that_answers_it(carried: HybridEngine) -> None:
    named = explain.reasons(evidence(carried, DOCUMENTS[1]))
    pairs = {(reason.left, reason.right) for reason in named if reason.kind == "meaning" and reason.left}
    assert pairs
    assert all(left != right for left, right in pairs)
    assert all(right in DOCUMENTS[1] for _, right in pairs)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_strengths_add_up_to_the_parts(carried: HybridEngine, document: str) -> None:
    found = evidence(carried, document)
    assert sum(reason.strength for reason in explain.reasons(found)) == pytest.approx(PARTS.total)
