"""How text becomes terms."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest

from market.matching import bigrams, cut, fold, index_terms, query_terms, tokens

TEXTS = (
    "锂离子电池在-20℃下续航只剩六成",
    "PM2.5浓度≥35μg/m³，ＡＢＣ型滤筒",
    "轴承异响，更换润滑脂后仍有0.5mm窜动",
    "面向5G基站的GaN功放；TGF-β抗体",
)


def test_importing_the_door_loads_no_heavy_library() -> None:
    heavy = "('torch','faiss','jieba','numpy','sentence_transformers','bm25s','scipy','sklearn')"
    code = f"import sys, market.matching; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_the_terms_alone_load_no_learning_library() -> None:
    code = "import sys; from market.matching import index_terms; index_terms('电池'); print('torch' in sys.modules, 'faiss' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["False", "False"]


def test_words_come_with_their_parts_and_without_punctuation() -> None:
    assert cut("锂离子电池，很好用！") == ("离子", "锂离子", "电池", "很", "好", "用")


def test_full_width_letters_and_case_do_not_matter() -> None:
    assert cut("ＧａＮ功放") == cut("gan功放")
    assert fold("Ｍpa") == "mpa"


def test_a_bigram_never_bridges_punctuation_or_latin() -> None:
    assert bigrams("电池，PM2.5管") == ("电池", "pm2.5", "管")


@pytest.mark.parametrize("text", TEXTS)
def test_every_one_and_two_character_piece_of_a_text_finds_it(text: str) -> None:
    held = set(index_terms(text).split())
    for run in tokens.runs(text):
        pieces = [run] if not tokens.is_han(run) else [run[i : i + n] for n in (1, 2) for i in range(len(run) - n + 1)]
        for piece in pieces:
            assert set(query_terms(piece)) <= held, piece


@pytest.mark.parametrize("text", TEXTS)
def test_every_longer_piece_finds_it_however_jieba_cuts_it(text: str) -> None:
    held = set(index_terms(text).split())
    for run in (run for run in tokens.runs(text) if tokens.is_han(run)):
        for start in range(len(run)):
            for end in range(start + 3, len(run) + 1):
                assert set(query_terms(run[start:end])) <= held, run[start:end]


@pytest.mark.parametrize("text", TEXTS)
def test_terms_hold_letters_and_digits_only(text: str) -> None:
    for term in [*index_terms(text).split(), *query_terms(text)]:
        assert re.fullmatch(r"[^\W_]+", term), term


def test_part_of_a_decimal_is_found_too() -> None:
    held = set(index_terms("PM2.5").split())
    assert set(query_terms("PM2.5")) <= held
    assert set(query_terms("pm2")) <= held


def test_function_words_are_left_out_unless_they_are_all() -> None:
    assert query_terms("怎么提高电池的续航") == ["提高", "电池", "续航"]
    assert query_terms("的") == ["的"]


@pytest.mark.parametrize("query", ["", "  ", "，。！", '"*()-', "\x00"])
def test_a_query_without_letters_has_no_terms(query: str) -> None:
    assert query_terms(query) == []


def test_a_query_is_read_up_to_its_cap() -> None:
    assert "电池" in query_terms("，" * 198 + "电池")
    assert query_terms("，" * 200 + "电池") == []


def test_a_long_run_without_punctuation_stays_quick() -> None:
    began = time.monotonic()
    words = cut("测" * 100_000)
    assert set("".join(words)) == {"测"}
    assert time.monotonic() - began < 15  # in one piece it takes twice as long on an idle machine


def test_past_the_budget_the_rest_becomes_bigrams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "BUDGET_SECONDS", -1.0)
    assert cut("动力电池" * 600)[:3] == ("动力", "力电", "电池")


def test_the_same_text_is_cut_once() -> None:
    assert cut("低温放电性能") is cut("低温放电性能")


def test_word_edges_lie_between_words() -> None:
    text = "低温电池，GaN"
    edges = tokens.word_edges(fold(text))
    assert edges == (0, 2, 4, 5, 8)
