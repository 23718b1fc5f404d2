"""The model's tokenizer: a Unigram model over words, so that raw Chinese text goes in unsegmented.

The pieces are words (counted with jieba once, while training), single characters and Latin words, each
with the logarithm of its frequency; the tokenizer then finds the most probable cut by itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from market.matching import tokens

UNKNOWN = "[UNK]"
NUMBER = "0"
HAN_MINIMUM = 5
DOUBTFUL_MINIMUM = 25
"""A word that stands in no dictionary (jieba guessed it) must be this frequent."""
CHARACTER_MINIMUM = 5
LATIN_MINIMUM = 15
LONGEST_WORD = 8
FEWEST_WORDS = 50
GENERATIONS = ("2d", "3d", "4d", "2g", "3g", "4g", "5g", "6g")

_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff]"
_OTHER = r"[^\W_\u3400-\u4dbf\u4e00-\u9fff0-9]"
_NUMBER = r"(?<![a-z0-9])[0-9]+(?![gd](?![a-z0-9]))"
_RUN = rf"{_HAN}+|[0-9]+[gd](?![a-z0-9])|{_OTHER}+[0-9]*|[0-9]+"


def count_words(texts: Iterable[str]) -> Counter[str]:
    """How often each word occurs (jieba without overlaps; Latin words and numbers as they stand)."""
    counts: Counter[str] = Counter()
    cutter = tokens.jieba_cutter()
    for text in texts:
        for run in tokens.runs(text):
            if not tokens.is_han(run):
                counts[run] += 1
                continue
            for start in range(0, len(run), tokens.PIECE):
                counts.update(cutter.cut(run[start : start + tokens.PIECE], HMM=True))
    return counts


def choose_pieces(counts: Counter[str], known: Iterable[str], size: int, always: Iterable[str] = ()) -> list[tuple[str, float]]:
    """The vocabulary with log-frequencies: [UNK], number, letters, characters, then words by frequency.

    `known` are words that a dictionary has; those of `always` get a piece however rare they are. Raises
    ValueError when the texts themselves give fewer than 100 words.
    """
    if len(counts) < FEWEST_WORDS:
        raise ValueError("the folder of training data holds too little text for a vocabulary")
    dictionary = tokens.jieba_cutter().FREQ
    known_words, wanted = set(known), set(always)
    characters: Counter[str] = Counter()
    for word, n in counts.items():
        if tokens.is_han(word):
            characters.update(dict.fromkeys(word, n))
    kept = {ch: n for ch, n in characters.items() if n >= CHARACTER_MINIMUM}
    words = {
        word: n
        for word, n in counts.items()
        if 2 <= len(word) <= LONGEST_WORD
        and tokens.is_han(word)
        and n >= (HAN_MINIMUM if dictionary.get(word) or word in known_words else DOUBTFUL_MINIMUM)
    }
    latin = {word: n for word, n in counts.items() if _is_latin(word) and n >= LATIN_MINIMUM}
    words.update({word: max(counts[word], HAN_MINIMUM) for word in always if 2 <= len(word) <= LONGEST_WORD and tokens.is_han(word)})
    total = sum(counts.values())
    frequent = sorted({**words, **latin}.items(), key=lambda item: (item[0] not in wanted, -item[1], item[0]))
    head = [(UNKNOWN, 0.0), (NUMBER, math.log(0.02)), *((word, -10.0) for word in GENERATIONS)]
    letters = [(letter, -14.0) for letter in "123456789abcdefghijklmnopqrstuvwxyz"]
    single = [(ch, math.log(max(counts[ch], 1) / total)) for ch in sorted(kept, key=lambda ch: (-kept[ch], ch))]
    room = size - len(head) - len(letters) - len(single)
    return head + letters + single + [(word, math.log(n / total)) for word, n in frequent[:room]]


def build_tokenizer(pieces: list[tuple[str, float]]) -> Any:
    """A `tokenizers.Tokenizer` over these pieces that takes raw text."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(_NUMBER), NUMBER)])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(_RUN), behavior="removed", invert=True)
    return tokenizer


def _is_latin(word: str) -> bool:
    return 2 <= len(word) <= 20 and not tokens.is_han(word) and not word[0].isdigit() and "." not in word
