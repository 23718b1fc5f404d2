"""Open contracting packages: the fields that OCDS 1.1 requires, its code lists, ids that stay, nothing that is not public."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from market.domain.open_contracting import Change, Choice, Process
from market.exports import ocds
from market.exports.ocds import Publication

START = datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai
DAY = timedelta(days=1)
ABOUT = Publication(
    "科委", "https://market.example.cn/open-data/ocds", "https://market.example.cn/open-data", "https://x.example/by", "ocds-ab12cd", START
)
PROCESS = Process(
    key=12, number="PT-JB-2026-0001", title="低温续航", description="冬天掉电。", field_name="新能源与高效节能", region="上海市普陀区", buyer="某新能源企业",
    low_fen=1_234_567_89, high_fen=20_000_000_00, open_call=True, published_at=START, closes_at=START + 30 * DAY, url="https://market.example.cn/challenges/12",
    sample=False, changes=(Change(1, START + 5 * DAY, "推迟", START + 60 * DAY),), choice=Choice(1, START + 61 * DAY, ("江南研究院", "申城大学"), "指标最好", START + 70 * DAY),
    ends=(("contract", START + 90 * DAY), ("complete", START + 400 * DAY)),
)  # fmt: skip
# What the published schema of OCDS 1.1 asks for.
REQUIRED = {
    "package": {"uri", "publisher", "publishedDate", "version"},
    "release": {"ocid", "id", "date", "tag", "initiationType"},
    "tender": {"id"},
    "awards": {"id"},
    "contracts": {"id", "awardID"},
    "documents": {"id"},
}
TAGS = {
    "planning", "planningUpdate", "tender", "tenderAmendment", "tenderUpdate", "tenderCancellation", "award", "awardUpdate", "awardCancellation", "contract",
    "contractUpdate", "contractAmendment", "implementation", "implementationUpdate", "contractTermination", "compiled",
}  # fmt: skip
CODES = {
    ("tender", "status"): {"planning", "planned", "active", "cancelled", "unsuccessful", "complete", "withdrawn"},
    ("tender", "procurementMethod"): {"open", "selective", "limited", "direct", None},
    ("tender", "mainProcurementCategory"): {"goods", "works", "services"},
    ("awards", "status"): {"pending", "active", "cancelled", "unsuccessful"},
    ("contracts", "status"): {"pending", "active", "cancelled", "terminated"},
}


def parts(release: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "tender", release["tender"]
    for name in ("awards", "contracts"):
        yield from ((name, one) for one in release.get(name, []))
    yield from (("documents", one) for one in release["tender"]["documents"])


def check(release: dict[str, Any]) -> None:
    assert REQUIRED["release"] <= set(release) and set(release["tag"]) <= TAGS and release["initiationType"] == "tender"
    assert datetime.fromisoformat(release["date"]).tzinfo
    known = {party["id"]: party["name"] for party in release["parties"]}
    for name, part in parts(release):
        assert REQUIRED[name] <= set(part)
        for (owner, field), words in CODES.items():
            assert owner != name or part.get(field) in words
        for party in (*part.get("suppliers", []), *([part["procuringEntity"]] if name == "tender" else [])):
            assert known[party["id"]] == party["name"]
    assert all(contract["awardID"] in {award["id"] for award in release["awards"]} for contract in release.get("contracts", []))


def loaded(package: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ocds.dumps(package))
    return found


def test_packages_hold_what_the_schema_asks_for() -> None:
    for year in (2025, 2026, 2027):
        package = loaded(ocds.release_package([PROCESS], ABOUT, year))
        assert set(package) >= REQUIRED["package"] and package["version"] == "1.1" and package["publisher"]["name"] == "科委"
        for release in package["releases"]:
            check(release)
    records = loaded(ocds.record_package([PROCESS], ABOUT))["records"]
    assert [record["ocid"] for record in records] == ["ocds-ab12cd-12"]
    for release in (*records[0]["releases"], records[0]["compiledRelease"]):
        check(release)
    assert records[0]["compiledRelease"]["tag"] == ["compiled"] and records[0]["compiledRelease"]["tender"]["status"] == "complete"


def test_each_release_says_what_was_known_then() -> None:
    found = ocds.releases(PROCESS, "p")
    assert [release["tag"][0] for release in found] == [
        "tender",
        "tenderAmendment",
        "award",
        "awardUpdate",
        "contract",
        "contractTermination",
    ]
    ends = [release["tender"]["tenderPeriod"]["endDate"][:10] for release in found]
    assert ends[0] == "2026-01-30" and set(ends[1:]) == {"2026-03-01"}
    assert "awards" not in found[1] and found[2]["awards"][0]["status"] == "pending" and found[3]["awards"][0]["status"] == "active"
    assert found[4]["contracts"][0]["status"] == "active" and found[5]["contracts"][0]["status"] == "terminated"
    assert [release["date"] for release in found] == sorted(release["date"] for release in found)


def test_ids_stay_whatever_happens_later() -> None:
    early = replace(PROCESS, changes=(), choice=None, ends=())
    before, after = ocds.releases(early, "p"), ocds.releases(PROCESS, "p")
    assert before[0]["id"] == after[0]["id"] and len({release["id"] for release in after}) == len(after)
    assert {release["ocid"] for release in after} == {"p-12"}


def test_the_year_is_shanghais() -> None:
    first = [release["tag"][0] for release in ocds.release_package([PROCESS], ABOUT, 2025)["releases"]]
    assert first == ["tender"]
    later = replace(PROCESS, published_at=START + timedelta(seconds=1))
    assert not ocds.release_package([later], ABOUT, 2025)["releases"]


def test_amounts_are_exact_and_what_was_not_stated_is_left_out() -> None:
    text = ocds.dumps(ocds.record_package([PROCESS], ABOUT)).decode()
    assert '"amount": 1234567.89' in text and '"amount": 20000000,' in text and "\\u0000" not in text
    bare = replace(
        PROCESS, low_fen=None, high_fen=None, closes_at=None, field_name="", choice=None, ends=(("withdraw", START + DAY),), changes=()
    )
    tender = ocds.record(bare, "p")["compiledRelease"]["tender"]
    assert not {"value", "minValue", "additionalProcurementCategories"} & set(tender) and "endDate" not in tender["tenderPeriod"]
    assert tender["status"] == "cancelled"


def test_without_a_published_choice_nobody_is_named_and_there_is_no_contract() -> None:
    compiled = ocds.record(replace(PROCESS, choice=None), "p")["compiledRelease"]
    assert "awards" not in compiled and "contracts" not in compiled and len(compiled["parties"]) == 1


@pytest.mark.parametrize("name", ["某新能源企业", "申城电池厂"])
def test_two_processes_of_one_poster_cannot_be_joined(name: str) -> None:
    one, two = (ocds.record(replace(PROCESS, key=key, buyer=name), "p")["compiledRelease"] for key in (1, 2))
    assert one["buyer"]["id"] != two["buyer"]["id"]
