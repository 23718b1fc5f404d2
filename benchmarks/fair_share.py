"""What the rules on first places cost: nDCG@10 on the tuning halves before and after, and how first places are spread.

    python -m benchmarks.fair_share

`domain.fairness` moves a capability or an organisation down that stands in too many first places. Who owns what is read
from the sample market, from which the judged documents come.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from market.domain import fairness
from market.matching import EngineSettings
from market.matching.engine import HybridEngine
from market.matching.evaluate import measure, read_collection

ROOT = Path(__file__).resolve().parents[1] / "seed_data"
JUDGED = ROOT / "judgements"


def owners() -> dict[int, int]:
    """The organisation of each judged document, both numbered from 1."""
    rows = [json.loads(line) for path in sorted((ROOT / "capabilities").glob("*.jsonl")) for line in path.open(encoding="utf8")]
    by_key = {row["key"]: row["org"] for row in rows}
    numbers = {org: number for number, org in enumerate(sorted(set(by_key.values())), 1)}
    documents = [json.loads(line)["id"] for line in (JUDGED / "documents.jsonl").open(encoding="utf8")]
    return {number: numbers[by_key[key]] for number, key in enumerate(documents, 1) if key in by_key}


def main() -> None:
    """Print one line for each set."""
    owned = owners()
    print(
        "| set | demands | nDCG@10 before | after | most lists led by one capability, before | after | by one organisation, before | after |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for folder in sorted(JUDGED.glob("*_tuning")):
        collection = read_collection(folder / "queries.jsonl", JUDGED / "documents.jsonl", folder / "qrels.tsv")
        engine = HybridEngine(EngineSettings())
        engine.sync(collection.documents, revision=1)
        lists = {query.id: engine.scored(query, 40) for query in collection.queries}
        before = {query: [item for item, _ in ranked] for query, ranked in lists.items()}
        after = fairness.laid_out(lists, owned, fairness.Limits(len(lists), len(owned)))
        figures = [str(len(lists)), *(f"{_mean(one, collection.judgements):.4f}" for one in (before, after))]
        for owner in ({}, owned):
            figures += [str(_most(one, owner)) for one in (before, after)]
        print("| " + " | ".join([folder.name, *figures]) + " |")


def _mean(lists: dict[int, list[int]], judgements: object) -> float:
    values = [measure(ranked, judgements[query])[0] for query, ranked in lists.items() if any(judgements.get(query, {}).values())]  # type: ignore[index, attr-defined]
    return sum(values) / len(values)


def _most(lists: dict[int, list[int]], owner: dict[int, int]) -> int:
    """In how many lists the item (or the organisation) that stands there most often is among the first."""
    met = Counter(name for ranked in lists.values() for name in {owner.get(item, item) for item in ranked[: fairness.FIRST]})
    return max(met.values())


if __name__ == "__main__":
    main()
