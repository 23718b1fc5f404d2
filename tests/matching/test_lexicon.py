"""The lexicon of the field: every entry says something, none twice, and each ties the two voices."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from market.matching import lexicon as lexicons
from market.matching import tokens
from market.matching.lexicon import FOLDER, LONGEST_TERM, Lexicon, lexicon, parse

FIELDS = [f"{n:02d}" for n in range(1, 12)]
WIDEST = 60
"""A name that stands in more entries than this says nothing."""
EMPTY_TERMS = frozenset(
    [
        "效率低",
        "成本高",
        "质量差",
        "不稳定",
        "精度低",
        "性能差",
        "损耗大",
        "技术落后",
        "优化",
        "改进",
        "设计",
        "开发",
        "研究",
        "系统",
        "设备",
        "产品",
        "企业",
        "材料",
    ]
)


@pytest.fixture(scope="module")
def whole() -> Lexicon:
    return lexicon()


def test_there_is_a_file_for_every_field_and_enough_in_all(whole: Lexicon) -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.txt")) == FIELDS
    counts = Counter(entry.field for entry in whole.entries)
    assert len(whole.entries) >= 3_000
    assert min(counts[field] for field in FIELDS) >= 100


def test_no_entry_is_there_twice(whole: Lexicon) -> None:
    said = Counter((entry.field, frozenset(entry.names("symptom"))) for entry in whole.entries)
    assert [key for key, n in said.items() if n > 1] == []


def test_no_name_stands_twice_in_an_entry(whole: Lexicon) -> None:
    for entry in whole.entries:
        for role in lexicons.ROLES:
            names = entry.names(role)
            assert len(set(names)) == len(names), (entry.field, names)


def test_names_are_expressions_not_sentences_and_not_single_letters(whole: Lexicon) -> None:
    for entry in whole.entries:
        for _, name in entry.all_names():
            assert 2 <= len(name) <= LONGEST_TERM, (entry.field, name)
            assert not set(name) & set("。，；！？,;!?"), (entry.field, name)


def test_no_name_says_nothing(whole: Lexicon) -> None:
    assert [name for name, n in whole.spread.items() if n > WIDEST] == []
    assert sorted(EMPTY_TERMS & {name for entry in whole.entries for name in entry.names("symptom")}) == []


def test_every_entry_ties_the_enterprise_to_the_laboratory(whole: Lexicon) -> None:
    for entry in whole.entries:
        assert entry.names("symptom")
        assert entry.names("mechanism") or entry.names("technique") or entry.names("material")


@pytest.mark.parametrize("line", ["只有一列", "甲乙 | | | |", " | 机理 | 技术 | |", "现象 | | | | 应用", "a | b | c | d | e | f"])
def test_a_line_that_ties_nothing_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="05"):
        parse(line, 0, "05")


def small(*lines: str) -> Lexicon:
    return Lexicon([parse(line, n, "06") for n, line in enumerate(lines)])


def test_parts_of_a_name_are_met_apart_but_in_one_sentence() -> None:
    words = small("冬天 续航、跑不远 | 析锂=锂枝晶 | 低温电解液 | | 电动车")
    met = {meeting.name for meeting in words.meetings("一到冬天，续航就掉一半。析锂了")}
    assert met == {"冬天 续航", "析锂"}
    assert words.meetings("冬天来了。续航还行") == []


def test_the_longer_of_two_names_counts_and_a_hidden_one_still_opens_a_pair() -> None:
    words = small("电镀 发黄 | 镀层氧化 | 钝化 | |", "车间 味大 | 挥发 | 吸附 | | 电镀车间")
    names = {meeting.name for meeting in words.meetings("电镀车间出来的件发黄")}
    assert names == {"电镀车间", "电镀 发黄"}


def test_latin_abbreviations_are_met_as_whole_words_only() -> None:
    words = small("电量 不准 | SOC误差 | EKF | BMS | 电池")
    assert {m.name for m in words.meetings("用ekf算")} == {"ekf"}
    assert words.meetings("weekfest") == []


def test_an_entry_lends_what_the_text_does_not_say_yet() -> None:
    words = small("冬天 续航 | 析锂 | 低温电解液、自加热 | FEC | 电动车")
    found = {expansion.name: expansion.source for expansion in words.expand("冬天续航掉得快，想要自加热")}
    assert found["低温电解液"] in {"冬天 续航", "自加热"}
    assert "自加热" not in found
    assert words.expand("我们是电动车厂") == []


def test_what_the_lexicon_knows_of_a_text_points_to_its_field(whole: Lexicon) -> None:
    shares = whole.field_shares("污水站出水氨氮老是超标，生化池泡沫多")
    assert max(shares, key=lambda field: shares[field]) == "07"
    assert sum(shares.values()) == pytest.approx(1)
    assert whole.field_shares("") == {}


def test_jieba_keeps_the_words_of_the_lexicon_whole() -> None:
    assert "弱溶剂化" in tokens.cut("弱溶剂化电解液")
    assert len(tokens.lexicon_words()) > 10_000


def test_a_folder_without_files_is_an_empty_lexicon(tmp_path: Path) -> None:
    assert lexicons.read(tmp_path).entries == ()
