"""What a challenge is asked for before it goes to review: one concrete question for each thing that a laboratory misses.

The codes are those of `market.matching.lacking`; the table is the order in which they are asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, an answer in the true voice, and the part of the form (its anchor) where the answer belongs."""

    ask: str
    example: str
    anchor: str


QUESTIONS = {
    "object": Question("是哪种产品、什么材料上的问题？", "注塑的家电外壳，用的是再生聚丙烯", "part-need"),
    "target": Question("要达到什么数才算解决？", "零下二十度续航保持率不低于 75%，现在是 56%", "part-indicators"),
    "condition": Question(
        "在什么条件下用？温度、压力、转速、介质、一天开几个小时？", "150℃、含盐的蒸汽里连续开 20 小时", "part-background"
    ),
    "tried": Question("现在怎么做，试过什么，卡在哪里？", "换过两家电解液，低温好了但循环寿命掉到 800 次", "part-background"),
}


def questions(codes: Sequence[str]) -> list[tuple[str, Question]]:
    """Return the questions for these codes, in the order of the table; unknown codes ask nothing."""
    return [(code, question) for code, question in QUESTIONS.items() if code in codes]
