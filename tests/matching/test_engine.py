"""Ranking, reasons, facts and keeping in step, over the small model."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from market.matching import Document, question
from market.matching.engine import HybridEngine
from tests.matching.conftest import capability, challenge

OFFERS = [
    capability(1, "弱溶剂化电解液", "抑制析锂，改善低温充电。"),
    capability(2, "齿轮箱振动分析", "判断润滑状态。可给出磨损趋势。"),
    capability(3, "膜分离脱除氨氮", "出水稳定。"),
    capability(4, "血清抗体检测", "用于病毒免疫评价。"),
    capability(5, "防火墙与入侵检测", "发现木马。"),
]
TODAY = date(2026, 6, 10)


@pytest.fixture
def filled(engine: HybridEngine) -> HybridEngine:
    engine.sync(OFFERS, revision=1)
    return engine


@pytest.mark.parametrize(("text", "best"), [("冬天掉电，续航不行", 1), ("轴承异响", 2), ("污泥太多，废水超标", 3), ("加密漏洞", 5)])
def test_what_shares_no_word_is_found_by_its_meaning(filled: HybridEngine, text: str, best: int) -> None:
    assert filled.rank(question(text))[0].id == best


def test_words_that_the_model_does_not_know_are_found_by_their_letters(filled: HybridEngine) -> None:
    filled.sync([capability(6, "超声清洗喷嘴")], revision=2)
    assert filled.rank(question("喷嘴堵了想用超声清洗"))[0].id == 6


def test_the_strengths_of_the_reasons_add_up_to_the_score(filled: HybridEngine) -> None:
    query = challenge(9, "低温续航差，充电时析锂", "想换电解液", field="06", region="310107", stage="pilot")
    filled.sync([capability(1, "弱溶剂化电解液", "抑制析锂。", field="06", region="310104", stage="lab", confirmed_on=date(2024, 1, 1))])
    hits = filled.rank(query, on=TODAY)
    assert len(hits) >= 2
    for hit in hits:
        assert sum(reason.strength for reason in hit.reasons) == pytest.approx(hit.score, abs=1e-6)
    assert {"phrase", "field", "region", "stage", "freshness"} <= {reason.kind for reason in hits[0].reasons}


def test_explaining_a_pair_gives_the_score_of_its_hit(filled: HybridEngine) -> None:
    query = question("低温续航差，充电时析锂")
    for hit in filled.rank(query):
        reasons = filled.explain(query, OFFERS[hit.id - 1])
        assert sum(reason.strength for reason in reasons) == pytest.approx(hit.score, abs=1e-5)


def test_a_reason_names_the_words_of_both_sides_and_the_sentence(filled: HybridEngine) -> None:
    hit = filled.rank(question("轴承异响"))[0]
    meaning = next(reason for reason in hit.reasons if reason.kind == "meaning")
    assert meaning.left in {"轴承", "异响"}
    assert meaning.right in {"齿轮", "振动", "润滑", "磨损"}
    assert meaning.right in meaning.sentence
    assert hit.reasons[-1].kind == "rest"


def test_words_that_meet_become_one_phrase(filled: HybridEngine) -> None:
    hit = filled.rank(question("想做齿轮箱振动分析"))[0]
    phrases = {reason.left for reason in hit.reasons if reason.kind == "phrase"}
    assert any("振动分析" in phrase for phrase in phrases)


def test_the_best_sentence_counts_more_than_the_others(filled: HybridEngine) -> None:
    text = "课题组成立多年。轴承润滑与磨损是主要方向。办公室在二楼。"
    filled.sync([capability(7, "课题组介绍", text)], revision=2)
    query = question("轴承异响")
    hit = next(hit for hit in filled.rank(query) if hit.id == 7)
    assert hit.sentence == "轴承润滑与磨损是主要方向。"

    def without(sentence: str) -> float:
        changed = capability(7, "课题组介绍", text.replace(sentence, ""))
        return sum(reason.strength for reason in filled.explain(query, changed))

    others = [without("课题组成立多年。"), without("办公室在二楼。")]
    assert without(hit.sentence) < min(others)


def test_only_the_allowed_are_ranked(filled: HybridEngine) -> None:
    assert [hit.id for hit in filled.rank(question("冬天掉电"), among={2, 3, 99})] != []
    assert {hit.id for hit in filled.rank(question("冬天掉电"), among={2, 3, 99})} <= {2, 3}
    assert filled.rank(question("冬天掉电"), among=set()) == []


def test_the_score_of_the_visible_does_not_tell_of_the_hidden(engine: HybridEngine) -> None:
    engine.sync(OFFERS, revision=1)
    seen = {1, 2, 3, 4, 5}
    before = {hit.id: hit.rank for hit in engine.rank(question("掉电"), among=seen)}
    engine.sync([capability(50, "掉电保护", "掉电、续航、电池。")], revision=2)
    assert {hit.id: hit.rank for hit in engine.rank(question("掉电"), among=seen)} == before


def test_both_directions_rank_the_other_kind(filled: HybridEngine) -> None:
    filled.sync([challenge(1, "轴承异响"), challenge(2, "出水氨氮高")], revision=2)
    assert filled.rank(OFFERS[1])[0].id == 1
    assert filled.rank(OFFERS[2])[0].id == 2


@pytest.mark.parametrize("text", ["", "   ", "，。！"])
def test_nothing_asked_finds_nothing(filled: HybridEngine, text: str) -> None:
    assert filled.rank(question(text)) == []


@pytest.mark.parametrize("text", ["电", "电池", "5", "a"])
def test_one_and_two_characters_may_be_asked(filled: HybridEngine, text: str) -> None:
    assert all(hit.score > 0 for hit in filled.rank(question(text)))


def test_an_empty_market_ranks_nothing(engine: HybridEngine) -> None:
    assert engine.rank(question("电池")) == []
    assert engine.similar(challenge(1, "电池")) == []
    assert engine.revision == 0


def test_equal_listings_come_in_the_order_of_their_numbers(engine: HybridEngine) -> None:
    engine.sync([capability(n, "低温电解液") for n in (8, 3, 5)], revision=1)
    assert [hit.id for hit in engine.rank(question("电池掉电"))] == [3, 5, 8]
    assert [hit.rank for hit in engine.rank(question("电池掉电"))] == [1, 2, 3]


FACTS = {"field": "06", "track": "新能源", "region": "310107"}


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"field": "06"}, {"field": "01"}),
        ({"track": "新能源"}, {"track": "农业"}),
        ({"region": "310104"}, {"region": "320100"}),
        ({"stage": "mass"}, {"stage": "lab"}),
        ({"stage": "lab"}, {"stage": "research"}),
        ({"confirmed_on": date(2026, 5, 1)}, {"confirmed_on": date(2025, 3, 1)}),
        ({"confirmed_on": date(2025, 3, 1)}, {"confirmed_on": date(2023, 3, 1)}),
    ],
)
def test_facts_move_equal_texts_in_one_direction(engine: HybridEngine, better: dict[str, object], worse: dict[str, object]) -> None:
    engine.sync([capability(1, "低温电解液", **worse), capability(2, "低温电解液", **better)], revision=1)
    hits = engine.rank(challenge(1, "电池掉电", stage="pilot", **FACTS), on=TODAY)
    assert [hit.id for hit in hits] == [2, 1]
    assert hits[0].score > hits[1].score


def test_facts_never_lift_what_has_no_evidence(filled: HybridEngine) -> None:
    filled.sync([capability(8, "办公室", **FACTS)], revision=2)
    assert 8 not in {hit.id for hit in filled.rank(challenge(1, "木马入侵", **FACTS), on=TODAY)}


def test_duplicates_of_the_same_kind_are_named_first(filled: HybridEngine) -> None:
    copy = capability(20, "膜分离脱除氨氮", "出水稳定。")
    filled.sync([copy, capability(21, "膜分离脱除氨氮工艺", "出水较稳定。")], revision=2)
    hits = filled.similar(copy)
    assert [hit.id for hit in hits[:2]] == [3, 21]
    assert hits[0].score == pytest.approx(1.0, abs=1e-4)
    assert 0.5 < hits[1].score < 1
    assert 20 not in {hit.id for hit in hits}
    for hit in hits:
        assert sum(reason.strength for reason in hit.reasons) == pytest.approx(hit.score)


def test_a_withdrawn_listing_is_found_no_more(filled: HybridEngine) -> None:
    filled.sync([], [("capability", 1)], revision=2)
    assert 1 not in {hit.id for hit in filled.rank(question("掉电"))}
    assert filled.revision == 2


def test_a_changed_listing_is_found_by_its_new_words_only(filled: HybridEngine) -> None:
    filled.sync([capability(1, "疫苗佐剂")], revision=2)
    assert filled.rank(question("疫苗"))[0].id == 1
    assert 1 not in {hit.id for hit in filled.rank(question("析锂"))}


def test_an_older_revision_changes_nothing(filled: HybridEngine) -> None:
    filled.sync([capability(9, "掉电保护")], revision=5)
    filled.sync([], [("capability", 9)], revision=4)
    assert filled.revision == 5
    assert 9 in {hit.id for hit in filled.rank(question("掉电"))}


def test_stored_vectors_are_taken_and_rank_like_fresh_ones(tiny_model: Path, filled: HybridEngine) -> None:
    from market.matching import EngineSettings

    vectors = filled.embed([document.content for document in OFFERS])
    other = HybridEngine(EngineSettings(model=str(tiny_model)))
    other.embed = lambda texts: (_ for _ in ()).throw(AssertionError("embedded again"))  # type: ignore[method-assign,assignment]
    with pytest.raises(AssertionError, match="embedded again"):
        other.sync(OFFERS, revision=1)
    del other.embed
    other.sync(OFFERS, revision=1, vectors={d.key: v for d, v in zip(OFFERS, vectors, strict=True)})
    query = question("轴承异响")
    assert [(hit.id, hit.score) for hit in other.rank(query)] == [(hit.id, hit.score) for hit in filled.rank(query)]
    assert other.fingerprint == filled.fingerprint


def test_the_fingerprint_changes_with_the_content(filled: HybridEngine) -> None:
    before = filled.fingerprint
    assert filled.fingerprint == before
    filled.sync([capability(1, "疫苗佐剂")], revision=1)
    assert filled.fingerprint != before


def test_readers_see_the_index_before_or_after_never_between(filled: HybridEngine) -> None:
    wrong: list[object] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                titles = {hit.id for hit in filled.rank(question("掉电 续航"), k=3)}
                if not titles & {1, 30}:
                    wrong.append(titles)
            except Exception as error:  # the test reports whatever a reader met
                wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for revision in range(2, 40):
        old, new = (1, 30) if revision % 2 == 0 else (30, 1)
        filled.sync([capability(new, "电池掉电续航")], [("capability", old)], revision=revision)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_a_process_that_imported_everything_may_fork_and_rank(tiny_model: Path) -> None:
    code = f"""
import os, torch, faiss, sentence_transformers
from market.matching import Document, EngineSettings, open_engine, question
engine = open_engine(EngineSettings(model={str(tiny_model)!r}))
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        engine.sync([Document(1, "capability", "低温电解液"), Document(2, "capability", "轴承润滑")], revision=1)
        os._exit(0 if engine.rank(question("电池掉电"))[0].id == 1 else 1)
    children.append(child)
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[0, 0]"


def test_a_long_text_is_ranked_and_explained_within_its_caps(filled: HybridEngine) -> None:
    filled.sync([capability(40, "电池", "低温充电析锂。" * 3_000)], revision=2)
    hit = next(hit for hit in filled.rank(question("电池低温掉电" * 2_000)) if hit.id == 40)
    assert sum(reason.strength for reason in hit.reasons) == pytest.approx(hit.score, abs=1e-5)


def test_fields_and_tracks_are_shares_and_learn_from_the_market(carried: HybridEngine, engine: HybridEngine) -> None:
    shares = carried.guess_field("废水氨氮超标，污泥处置费用高")
    assert shares[0][0] == "07"
    assert sum(share for _, share in shares) == pytest.approx(1.0)
    assert carried.guess_track("防火墙被勒索攻击绕过")[0][0] == "网络安全"
    assert carried.guess_field("，。") == []
    engine.sync([capability(n, "轴承润滑", field="08", track="核应用") for n in range(100)], revision=1)
    assert engine.guess_field("轴承异响")[0][0] == "08"
    assert engine.guess_track("轴承异响")[0][0] == "核应用"


def test_the_content_that_is_hashed_is_title_and_text() -> None:
    assert Document(1, "challenge", "题", "文").content == "题\n文"
    assert Document(1, "challenge", "题").content == "题"
