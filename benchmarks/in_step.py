"""What it costs to keep an engine in step: one listing more in a market of many, the search after it, a snapshot, a start.

    python -m benchmarks.in_step [LISTINGS]

In this process, without a database; texts are put together from the words of the lexicon, so that a run needs no file.
"""

from __future__ import annotations

import random
import resource
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from market.matching import Document, open_engine, question
from market.matching.lexicon import lexicon

TIMES = 30
ASKED = "电池包冬天续航掉得厉害，低温下充电慢"


def texts(count: int) -> list[Document]:
    """Capabilities of about 250 characters each; the same count gives the same texts."""
    chance = random.Random(3)  # noqa: S311
    words = sorted({name for entry in lexicon().entries for _role, name in entry.all_names()})
    made = []
    for number in range(1, count + 1):
        sentences = ["针对" + "、".join(chance.choices(words, k=5)) + "，提供" + "与".join(chance.choices(words, k=3)) for _ in range(5)]
        made.append(Document(number, "capability", "".join(chance.choices(words, k=2)), "。".join(sentences)))
    return made


def main() -> None:
    """Fill, measure, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    engine = open_engine()
    documents = texts(count + 2 * TIMES)
    started = perf_counter()
    engine.sync(documents[:count], revision=1)
    _say("fill", perf_counter() - started)
    syncs, ranks = [], []
    for n in range(TIMES):
        started = perf_counter()
        engine.sync([documents[count + n]], [("capability", n + 1)] if n % 3 == 0 else [], revision=n + 2)
        syncs.append(perf_counter() - started)
        started = perf_counter()
        engine.rank(question(ASKED))
        ranks.append(perf_counter() - started)
    _say("one listing more, median", statistics.median(syncs))
    _say("one listing more, slowest", max(syncs))
    _say("rank, median", statistics.median(ranks))
    with tempfile.TemporaryDirectory() as folder:
        started = perf_counter()
        engine.save(Path(folder))
        _say("snapshot", perf_counter() - started)
        other = open_engine()
        started = perf_counter()
        other.load(Path(folder))
        _say("start from the snapshot", perf_counter() - started)
    print(f"{'memory, most':<28}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>10.0f} MB")


def _say(name: str, seconds: float) -> None:
    print(f"{name:<28}{seconds * 1000:>10.1f} ms", flush=True)


if __name__ == "__main__":
    main()
