"""How Chinese text becomes terms: one way for the index, for queries and for the database's full-text column.

Text is folded (NFKC, lower case) and split into runs of Chinese characters and runs of other letters
and digits; everything else separates. Words come from jieba's search mode, bigrams are each two
neighbouring characters of a Chinese run. jieba is loaded at the first cut, never at import.
"""

from __future__ import annotations

import re
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

PIECE = 1_000
"""jieba's time grows with the square of an unpunctuated run: longer runs are cut in pieces of this length."""
BUDGET_SECONDS = 2.0
"""After this time the rest of a text gets bigrams in place of words (about 500,000 characters)."""
QUERY_CHARACTERS = 200
CACHED_CHARACTERS = 2_000
LEARNT_FREQUENCY = 50
LEXICON_FOLDER = Path(__file__).parent / "lexicon"
_SEPARATOR = re.compile(r"[|、=\s]+")

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_HAN}]+|(?:(?![{_HAN}])[^\W_])+(?:\.\d+)?")
_IS_HAN = re.compile(rf"[{_HAN}]")

_FUNCTION_WORDS = (
    "的 了 和 与 及 或 在 是 有 对 等 为 将 从 到 中 上 下 以 于 被 把 也 都 就 还 而 并 但 其 该 此 这 那 之 所 能 可 会 要 "
    "我 我们 你 您 他 它 们 个 种 一个 一种 一些 可以 能够 需要 进行 通过 采用 使用 以及 并且 因此 由于 如果 但是 目前 "
    "现在 没有 不 很 更 最 请 吗 呢 吧 啊 怎么 什么 如何 希望 想 求"
)
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words that say nothing about a subject; left out of a query that has others."""

_lock = threading.Lock()
_cutter: Any = None


def fold(text: str) -> str:
    """The form in which texts are compared: NFKC, lower case (full-width letters become plain ones)."""
    return unicodedata.normalize("NFKC", text).casefold()


def runs(text: str) -> Iterator[str]:
    """Runs of Chinese characters, and of other letters and digits ("pm2.5" is one), in their order."""
    for match in _RUN.finditer(fold(text)):
        yield match.group()


def is_han(term: str) -> bool:
    """Whether a run or term is Chinese (a run is wholly one or the other)."""
    return _IS_HAN.match(term) is not None


def cut(text: str) -> tuple[str, ...]:
    """Words in their order, long words followed their parts first (jieba's search mode); no punctuation."""
    return _cut_cached(text) if len(text) <= CACHED_CHARACTERS else _cut(text)


def bigrams(text: str) -> tuple[str, ...]:
    """Each two neighbouring Chinese characters; a lone character, a number or a Latin word as it is."""
    return tuple(gram for run in runs(text) for gram in _grams(run))


def index_terms(text: str) -> str:
    """The terms of a text joined by spaces: what the database's full-text column holds.

    Words, then bigrams, then each distinct Chinese character once: that a query of a single character
    finds. Terms consist of letters and digits only (a decimal point is written 点), so that SQLite's
    `unicode61` and PostgreSQL's `simple` leave each of them whole.
    """
    terms = [*cut(text), *bigrams(text)]
    characters = dict.fromkeys(ch for run in runs(text) if is_han(run) for ch in run)
    latin = [part for term in terms if "." in term for part in term.split(".")]
    return " ".join(_plain(term) for term in (*terms, *characters, *latin))


def query_terms(query: str) -> list[str]:
    """The terms that a matching text must all have (`index_terms` has them wherever the words stand).

    A word of one or two characters stands for itself, a longer one for its bigrams, so that a text is
    found whichever way jieba cut it. Function words are left out unless there is nothing else. At most
    200 characters are read. Each term holds letters and digits only and needs no quoting.
    """
    words = [word for run in runs(query[:QUERY_CHARACTERS]) for word in _words_once(run)]
    telling = [word for word in words if word not in FUNCTION_WORDS] or words
    return list(dict.fromkeys(_plain(gram) for word in telling for gram in _grams(word)))


@lru_cache(maxsize=64)
def word_edges(folded: str) -> tuple[int, ...]:
    """The places in a folded text where a word begins or ends, in order."""
    edges: set[int] = set()
    for match in _RUN.finditer(folded):
        place = match.start()
        edges.add(place)
        for start in range(0, len(match.group()), PIECE):
            for word in _words_once(match.group()[start : start + PIECE]):
                place += len(word)
                edges.add(place)
    return tuple(sorted(edges))


def _grams(run: str) -> list[str]:
    if len(run) < 2 or not is_han(run):
        return [run]
    return [run[i : i + 2] for i in range(len(run) - 1)]


def _words_once(run: str) -> list[str]:
    """Words of a run without overlaps."""
    if not is_han(run):
        return [run]
    return list(jieba_cutter().cut(run, HMM=True))


def _plain(term: str) -> str:
    return term.replace(".", "点")


def _cut(text: str) -> tuple[str, ...]:
    deadline = time.monotonic() + BUDGET_SECONDS
    words: list[str] = []
    for run in runs(text):
        if not is_han(run):
            words.append(run)
            continue
        for start in range(0, len(run), PIECE):
            piece = run[start : start + PIECE]
            if time.monotonic() > deadline:
                words.extend(_grams(piece))
            else:
                words.extend(jieba_cutter().cut_for_search(piece, HMM=True))
    return tuple(words)


_cut_cached: Callable[[str], tuple[str, ...]] = lru_cache(maxsize=1_024)(_cut)


@lru_cache(maxsize=1)
def lexicon_words() -> frozenset[str]:
    """Chinese terms of the lexicon of two to eight characters, and the parts of spaced ones, in folded form."""
    lines = (line for path in sorted(LEXICON_FOLDER.glob("[0-9][0-9].txt")) for line in path.read_text(encoding="utf8").splitlines())
    parts = (part for line in lines if not line.startswith("#") for part in _SEPARATOR.split(fold(line)))
    return frozenset(part for part in parts if 2 <= len(part) <= 8 and all(is_han(ch) for ch in part))


def _learn(cutter: Any) -> None:
    """Teach jieba the words of the lexicon, so that 弱溶剂化 stays one word.

    jieba's own `add_word` computes a frequency by cutting each word first, which takes ten times as long as
    reading its whole dictionary; any fixed one that beats two words in a row does.
    """
    for word in lexicon_words():
        if not cutter.FREQ.get(word):
            cutter.FREQ[word] = LEARNT_FREQUENCY
            cutter.total += LEARNT_FREQUENCY
            for length in range(1, len(word)):
                cutter.FREQ.setdefault(word[:length], 0)


def jieba_cutter() -> Any:
    """This process's own jieba, with its dictionary read from the package.

    jieba itself would keep the parsed dictionary as a marshal file in the shared temporary folder, where
    another user of the machine could put a file of his own in its place.
    """
    global _cutter
    if _cutter is None:
        with _lock:
            if _cutter is None:
                import jieba

                cutter = jieba.Tokenizer()
                cutter.FREQ, cutter.total = cutter.gen_pfdict(cutter.get_dict_file())
                cutter.initialized = True
                _learn(cutter)
                _cutter = cutter
    return _cutter
