"""What a demand does not say that a laboratory needs: a target value, the working condition, what was tried, the product.

Read from the words alone, so that a form can ask for it while it is written. What saying it is worth is measured on
judged demands: the sentences that say it are taken out, and the ranking is compared with and without them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from market.matching import tokens
from market.matching.elements import elements
from market.matching.lexicon import lexicon
from market.matching.quantities import quantities

FILE = Path(__file__).with_name("gains.json")
_CONDITIONS = (
    "工况 环境 温度 高温 低温 常温 零下 湿度 潮湿 转速 压力 真空 负载 载荷 介质 酸 碱 盐雾 腐蚀 粉尘 户外 室外 露天 水下 井下 车间 产线 现场 "
    "连续 昼夜 冬天 夏天 每小时 每天 每班 每分钟 节拍 振动 冲击 电压 电流 频率 流量 浓度 海拔"
)
CONDITION_WORDS = tuple(_CONDITIONS.split())
_TRIED = (
    "试过 试了 试用过 换过 换了 用过 加过 加了 改过 改了 做过 做了 调过 找过 找了 请过 请了 买过 上过 装过 涂过 贴过 配过 比过 测过 掺 现在用 现用 "
    "目前用 目前采用 现采用 现有工艺 现行工艺 现在靠 目前靠 现在是 原来 以前 一直用 一直靠 仍靠 还靠 人工 手工 进口 国产 卡在"
)
TRIED_WORDS = tuple(_TRIED.split())
_GOALS = re.compile(
    r"→|目标|降到|降至|压到|提到|提高到|做到|达到|控制在|不低于|不高于|不超过|不小于|不大于|至少|以内|以下|以上|砍掉|少一半|[成倍]"
)
_SENTENCE = re.compile(r"[^。；;！!？?\n]*[。；;！!？?\n]?")
_OBJECTS = frozenset({"product", "material", "application"})


def _says_target(sentence: str) -> bool:
    found = quantities(sentence)
    return any(math.isinf(q.low) or math.isinf(q.high) for q in found) or (_GOALS.search(sentence) is not None and _numbers(sentence))


def _numbers(sentence: str) -> bool:
    return re.search(r"\d|[一二两三四五六七八九十百千半]", sentence) is not None


def _says_condition(sentence: str) -> bool:
    return any(word in sentence for word in CONDITION_WORDS)


def _says_tried(sentence: str) -> bool:
    return any(word in sentence for word in TRIED_WORDS)


SAYS: Mapping[str, Callable[[str], bool]] = {"target": _says_target, "condition": _says_condition, "tried": _says_tried}
"""Gap → whether a sentence fills it."""


def lacking(text: str) -> list[str]:
    """What a demand does not say, the most needed first: "target", "condition", "tried", "object"; [] for an empty text."""
    sentences = [sentence for sentence in _SENTENCE.findall(text) if sentence.strip()]
    if not sentences:
        return []
    missing = [gap for gap, says in SAYS.items() if not any(says(sentence) for sentence in sentences)]
    names = any(element.kind in _OBJECTS for element in elements(tokens.fold(text)[:4_000], lexicon()))
    return missing + ([] if names else ["object"])


def without(text: str, gap: str) -> str:
    """The text without the sentences that say what `gap` asks for."""
    says = SAYS[gap]
    return "".join(sentence for sentence in _SENTENCE.findall(text) if not says(sentence))


@lru_cache(maxsize=1)
def gains() -> Mapping[str, Any]:
    """What was measured by `flask matching gains`: {"date", "command", "gaps": {gap: {n, without, with, low, high}}}; {} if never."""
    if not FILE.exists():
        return {}
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf8"))
    return found
