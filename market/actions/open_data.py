"""Files that anybody may take: released totals, and published challenges as open contracting data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from market.actions.exports import FORMATS, File, Progress, quiet
from market.domain import clock
from market.domain.errors import Invalid
from market.domain.open_contracting import Process
from market.exports import ocds, released, writers
from market.exports.writers import Conditions, Sheet
from market.models import Release
from market.queries import open_data as queries
from market.queries.settings import MarketSettings

KINDS = {"releases": "按事件", "records": "按项目"}
LOCAL_PREFIX = "unregistered-market"  # says in every id that no prefix was given out by the standard's office


@dataclass(frozen=True)
class Place:
    """Where the open data stands on the web: its page, one package, and the page of a challenge."""

    page: str
    package: Callable[[str, int, int], str]  # kind, year, number of the package
    challenge: Callable[[int], str]


def contracting_file(
    kind: str, year: int, site: MarketSettings, place: Place, number: int | None = None, progress: Progress = quiet
) -> File:
    """Return the release or record package of a year; `number` takes one part of it (from 1), None the whole, read part by part.

    Raises Invalid for a kind that is not known.
    """
    if kind not in KINDS:
        raise Invalid({"kind": "只有 releases 和 records"})
    total = queries.count(year)
    parts = [number] if number else list(range(1, -(-total // queries.PAGE) + 1))
    processes: list[Process] = []
    for part in parts:
        processes += queries.processes(year, place.challenge, part)
        progress(len(processes), total)
    more = number is not None and total > number * queries.PAGE
    about = ocds.Publication(
        publisher=site.organiser,
        address=place.package(kind, year, number or 1),
        policy=place.page,
        licence=site.open_licence_url,
        prefix=site.ocds_prefix or LOCAL_PREFIX,
        published_at=clock.now(),
        next_address=place.package(kind, year, number + 1) if more and number else "",
        sample=any(process.sample for process in processes),
    )
    package = ocds.release_package(processes, about, year) if kind == "releases" else ocds.record_package(processes, about)
    called = f"-{number}" if number and (more or number > 1) else ""
    return File(f"ocds-{kind}-{year}{called}.json", ocds.JSON_TYPE, ocds.dumps(package), len(processes))


def released_file(release: Release, form: str, site: MarketSettings) -> File:
    """Return the released totals of a year as CSV or XLSX. Raises Invalid for another format."""
    if form not in FORMATS:
        raise Invalid({"format": "只有 xlsx 和 csv"})
    rows = released.lines(release.year, release.data_until, release.figures)
    said = (
        ("数据截至", str(release.data_until)),
        ("发布时间", f"{clock.local(release.created_at):%Y-%m-%d %H:%M}（北京时间）"),
        *_licence(site),
    )
    title, sample = f"{release.year} 年技术合同登记情况（公开）", bool(release.figures.get("sample"))
    conditions = Conditions(title, f"{release.year} 年，截至 {release.data_until}", site.organiser, clock.now(), sample, said)
    name = f"技术合同登记-公开-{release.year}{'-含示例数据' if sample else ''}.{form}"
    return File(name, FORMATS[form], _table(form, "公开数据", rows, conditions), len(rows))


def _table(form: str, name: str, rows: Iterable[object], conditions: Conditions) -> bytes:
    if form == "csv":
        return writers.to_csv(released.COLUMNS, rows, conditions)
    return writers.to_xlsx([Sheet(name, released.COLUMNS, rows)], conditions)


def _licence(site: MarketSettings) -> tuple[tuple[str, str], ...]:
    words = " ".join(part for part in (site.open_licence, site.open_licence_url) if part)
    return (("许可", words),) if words else ()
