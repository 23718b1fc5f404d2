"""A demand taken apart: what is to be cured, by which means, in which material, for what use, with which figures.

Elements come from the lexicon (a name's column says what it is), from quantities, and from the words that the
lexicon does not know, whose last characters say what they are. For each element a document's best sentence is
found in the scorer's own terms: what the element's words add to the score there, against what they would add
if the document had those very words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from market.matching import tokens
from market.matching.aligned import AlignedStore, Asked
from market.matching.encoder import Encoder
from market.matching.explain import sentences
from market.matching.lexicon import Lexicon, Role
from market.matching.quantities import Quantity, compared, quantities
from market.matching.types import Element, ElementKind, ElementMatch

MOST = 8
MOST_FIGURES = 4
"""Of them figures; a demand lists many, and its words are to be answered too."""
LONGEST = 10
MISSING = 0.25
"""Below this share of what its own words would add, an element counts as missing from the document."""
KIND_OF_ROLE: Mapping[Role, ElementKind] = {
    "symptom": "effect",
    "mechanism": "effect",
    "technique": "method",
    "material": "material",
    "application": "application",
}
ENDINGS: tuple[tuple[ElementKind, str], ...] = (
    ("method", "法 工艺 技术 算法 处理 检测 控制 加工 设计 优化 改性 诊断 识别 监测 预测 分析 焊接 涂覆 合成 提取 制备 方案"),
    ("material", "材料 合金 树脂 涂料 涂层 粉体 粉 纤维 钢 铝 铜 膜 胶 剂 液 油 酸 盐 陶瓷 橡胶 塑料 玻璃 浆料 薄膜"),
    ("effect", "率 度 性 寿命 效率 成本 噪声 噪音 磨损 开裂 裂纹 泄漏 老化 变形 腐蚀 能耗 精度 误差 良率 异味 故障 堵塞 发热 稳定性 问题"),
    ("application", "行业 领域 车间 工厂 医院 农业 矿山 港口 现场 场景 市场 企业 园区 工地 环境"),
    (
        "product",
        "机 器 装置 系统 设备 仪 泵 阀 车 板 管 线 件 箱 柜 炉 罐 塔 壳 瓶 轴 轮 灯 船 服 鞋 模具 电池 电机 轴承 刀具 传感器 平台 软件 芯片 产品",
    ),
)
"""What a word's last characters say about it; the longest ending decides."""
_BY_ENDING: dict[str, ElementKind] = {ending: kind for kind, words in ENDINGS for ending in words.split()}
_GENERAL = "公司 企业 技术 产品 问题 需求 目标 要求 方法 工艺 设备 系统 材料 研究 开发 解决 提高 降低 目前 现有 使用 生产 希望 情况"
GENERAL = frozenset(_GENERAL.split())
"""Words that alone are no element."""
_NUMERALS = re.compile(
    "[一二两三四五六七八九十百千半几]{2}|[一二两三四五六七八九十百千几半][年月天日次台个条家排根块厘毫公]|回来|下来|厉害|不敢|遇到|背景"
)
"""Neither is a number in words: 二十七八, 不到一年, 两百多万."""


def elements(text: str, lexicon: Lexicon) -> list[Element]:
    """What a demand consists of, in the order of the text; none overlaps another. At most `MOST` figures and 2 × `MOST` others."""
    folded = tokens.fold(text)
    figures = sorted(quantities(folded), key=lambda q: not _bounded(q))
    taken = np.zeros(len(folded) + 1, dtype=bool)
    for q in figures:
        taken[q.start : q.end] = True
    kept = [Element("quantity", q.label, q.start, q.end) for q in figures[:MOST]]
    seen = {element.text for element in kept}
    others: list[Element] = []
    known, words = _from_lexicon(folded, lexicon), list(_from_words(folded))
    telling = [element for element in words if _ending(element.text)]
    for element in [*known, *telling, *words]:
        enough = len(others) >= MOST and not _ending(element.text) and element not in known
        if not enough and element.text not in seen and not taken[element.start : element.end].any():
            taken[element.start : element.end] = True
            seen.add(element.text)
            others.append(element)
    return sorted(kept + others[: 2 * MOST], key=lambda element: element.start)


def matched(found: Sequence[Element], query: str, document: str, asked: Asked, aligned: AlignedStore, words: Encoder) -> list[ElementMatch]:
    """For each element how well the document answers it, figures first, then the weightiest; at most `MOST`.

    A figure counts as wanted if it has a bound, or if the document has one to compare with it: "年出货约 1.8 万套" is none.
    The share of an element in a sentence is what its words add to the word-by-word side there, against what
    they would add if the sentence had those very words.
    """
    spans = sentences(document)
    if not spans:
        return []
    said = aligned.said(asked, [words.word_numbers(sentence) for _, sentence in spans])
    tokens_ = words.words(query)
    verdicts = {want.start: (offer, met) for want, offer, met in compared(quantities(query), quantities(document))}
    bounded = {want.start for want in quantities(query) if _bounded(want)}
    rows: list[tuple[float, ElementMatch]] = []
    for element in found:
        inside = [n for n, (start, end) in zip(tokens_.numbers, tokens_.spans, strict=True) if start < element.end and end > element.start]
        picked = np.flatnonzero(np.isin(asked.words, inside))
        weight = float(asked.weights[picked].sum())
        if element.kind == "quantity":
            if element.start in verdicts or element.start in bounded:
                rows.append((1 + weight, _figure(element, document, spans, *verdicts.get(element.start, (None, None)))))
        elif weight > 0:
            shares = asked.weights[picked] @ said[picked] / weight
            best = int(shares.argmax())
            share = min(float(shares[best]), 1.0)
            sentence = spans[best][1].strip() if share >= MISSING else ""
            rows.append((weight, ElementMatch(element.kind, element.text, share, weight * share, sentence)))
    rows.sort(key=lambda row: -row[0])
    figures = [row for row in rows if row[1].kind == "quantity"][:MOST_FIGURES]
    others = [row for row in rows if row[1].kind != "quantity"][: MOST - len(figures)]
    return [row[1] for row in figures + others]


def _bounded(quantity: Quantity) -> bool:
    return math.isinf(quantity.low) or math.isinf(quantity.high)


def _figure(element: Element, document: str, spans: Sequence[tuple[int, str]], offer: Quantity | None, met: bool | None) -> ElementMatch:
    """A wanted figure beside the offered one: 1 = met, 0.5 = named but not met, 0 = not named."""
    if offer is None:
        return ElementMatch(element.kind, element.text, 0.0, 0.0)
    sentence = spans[_sentence_at(spans, offer.start)][1].strip()
    return ElementMatch(element.kind, element.text, 1.0 if met else 0.5, 0.0, sentence, met)


def _from_lexicon(folded: str, lexicon: Lexicon) -> list[Element]:
    met = sorted(lexicon.meetings(folded), key=lambda m: (lexicon.spread[m.name], m.start))
    return [Element(KIND_OF_ROLE[m.role], folded[m.start : m.end], m.start, m.end) for m in met if m.end - m.start > 1]


def _from_words(folded: str) -> Iterator[Element]:
    """Neighbouring words that say something, as one phrase of at most `LONGEST` characters."""
    edges = tokens.word_edges(folded)
    start = end = -1
    for a, b in pairwise(edges):
        word = folded[a:b]
        telling = len(word) > 1 and word not in tokens.FUNCTION_WORDS and tokens.is_han(word)
        if telling and start >= 0 and a == end and b - start <= LONGEST:
            end = b
            continue
        if start >= 0:
            yield from _phrase(folded, start, end)
        start, end = (a, b) if telling else (-1, -1)
    if start >= 0:
        yield from _phrase(folded, start, end)


def _phrase(folded: str, start: int, end: int) -> Iterator[Element]:
    text = folded[start:end]
    if text in GENERAL or len(text) < 2 or _NUMERALS.search(text):
        return
    yield Element(_ending(text) or "effect", text, start, end)


def _ending(text: str) -> ElementKind | None:
    return next((_BY_ENDING[text[-n:]] for n in (3, 2, 1) if text[-n:] in _BY_ENDING), None)


def _sentence_at(spans: Sequence[tuple[int, str]], place: int) -> int:
    """The number of the sentence that holds a place of the folded text (folding may lengthen it a little)."""
    reached = 0
    for n, (_, sentence) in enumerate(spans):
        reached += len(tokens.fold(sentence))
        if place < reached:
            return n
    return len(spans) - 1
