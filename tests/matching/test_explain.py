"""The quick way to the reasons gives what the slow, plain way gives: word by word, sentence by sentence."""

from __future__ import annotations

import numpy as np
import pytest

from market.matching import explain, tokens
from market.matching.engine import HybridEngine
from market.matching.explain import Evidence

QUERY = "低温电解液在零下二十度析锂，电池冬天续航掉电严重；希望充电不再析锂。"
DOCUMENTS = (
    "低温电解液配方。零下四十度仍能充电，抑制析锂，电池续航提高三成！Tesla 模块已验证；轴承与本项无关。",
    "高速轴承的润滑。振动与磨损在线监测，齿轮异响可提前一周预警。",
    "无标点的一段关于电池续航和电解液的话",
)


def evidence(engine: HybridEngine, document: str) -> Evidence:
    """What the carried model says of a pair, the dense part taken as 0.4."""
    encoder = engine._encoder
    words, others = encoder.words(QUERY, is_query=True), encoder.words(document, is_query=False)
    return Evidence(QUERY, document, 0.3, 0.4, {"电池": 2.0, "析锂": 1.5, "低温": 1.0}, words, others)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_best_sentence_carries_the_largest_share(carried: HybridEngine, document: str) -> None:
    found = evidence(carried, document)
    assert found.document_words is not None
    spans = explain.sentences(document)
    shares = [0.3 * sum(v for term, v in found.terms.items() if term in tokens.fold(text)) / 4.5 for _, text in spans]
    for column, (start, _end) in enumerate(found.document_words.spans):
        place = max(n for n, (begins, _) in enumerate(spans) if begins <= start)
        shares[place] += float(found.pairs[:, column].sum())
    assert explain.best_sentence(found) == spans[int(np.argmax(shares))][1].strip()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_nearest_word_is_the_nearest_telling_one(carried: HybridEngine, document: str) -> None:
    found = evidence(carried, document)
    assert found.query_words is not None and found.document_words is not None
    surfaces = [tokens.fold(surface) for surface in found.document_words.surfaces]
    shares: dict[str, float] = {}
    nearest: dict[str, str] = {}
    for surface, row in zip(found.query_words.surfaces, found.pairs, strict=True):
        left = tokens.fold(surface)
        if not explain._tells(left):
            continue
        shares[left] = shares.get(left, 0.0) + float(row.sum())
        telling = [j for j in np.argsort(-row) if explain._tells(surfaces[j])]
        others = [j for j in telling[:12] if surfaces[j] != left and row[j] > 0.3 * row[telling[0]]]
        nearest.setdefault(left, surfaces[others[0] if others else telling[0]])
    assert explain._meanings(found) == {left: (share, nearest[left]) for left, share in shares.items()} != {}


def test_strengths_add_up_to_both_parts(carried: HybridEngine) -> None:
    found = evidence(carried, DOCUMENTS[0])
    assert sum(reason.strength for reason in explain.reasons(found)) == pytest.approx(0.7)
