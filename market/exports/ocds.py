"""Open contracting data: published challenges and what became of them, as OCDS 1.1 release and record packages.

Only what anybody may read on the site: an anonymous poster is called as the public calls it and gets an id of this one process,
so that two of its challenges cannot be joined; a chosen side is named only where the choice was published (公示); prices of bids,
terms of contracts and files are never in it. The market is no procurement body: the packages are shaped like OCDS and say so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from market.domain import clock, money
from market.domain.open_contracting import TAGS, Change, Choice, Process

VERSION = "1.1"
JSON_TYPE = "application/json; charset=utf-8"
CURRENCY = "CNY"
# The code lists of OCDS 1.1 that the packages use; tests hold the output to them.
TENDER_STATUS = {"published": "active", "ended": "complete", "no_award": "unsuccessful", "withdraw": "cancelled", "terminate": "cancelled"}
_MONEY = re.compile(r'"\\u0000(-?\d+)"')


@dataclass(frozen=True)
class Publication:
    """Who publishes, where, under which licence, and the prefix of the ids."""

    publisher: str
    address: str
    policy: str
    licence: str
    prefix: str
    published_at: datetime
    next_address: str = ""
    sample: bool = False


@dataclass
class _State:
    """What is known of a process at one moment, as a release says it."""

    status: str = "active"
    closes_at: datetime | None = None
    changes: list[Change] = field(default_factory=list)
    award: dict[str, Any] | None = None
    contract: dict[str, Any] | None = None


def ocid(process: Process, prefix: str) -> str:
    """Return the id of a process: the prefix and the challenge's own number in the market, which never changes."""
    return f"{prefix}-{process.key}"


def releases(process: Process, prefix: str) -> list[dict[str, Any]]:
    """Return the releases of a process, oldest first: published, changed, chosen, final, ended."""
    return [_release(process, prefix, tag, at, state) for tag, at, state in _history(process, prefix)]


def record(process: Process, prefix: str) -> dict[str, Any]:
    """Return the record of a process: its releases and what they come to."""
    found = releases(process, prefix)
    compiled = {**found[-1], "id": f"{ocid(process, prefix)}-compiled-{found[-1]['date']}", "tag": ["compiled"]}
    return {"ocid": ocid(process, prefix), "releases": found, "compiledRelease": compiled}


def release_package(processes: Iterable[Process], about: Publication, year: int) -> dict[str, Any]:
    """Return the releases of a year (by the day in Shanghai on which they happened), oldest first."""
    found = [
        _release(process, about.prefix, tag, at, state)
        for process in processes
        for tag, at, state in _history(process, about.prefix)
        if clock.local(at).year == year
    ]
    return {**_package(about), "releases": sorted(found, key=lambda release: (release["date"], release["id"]))}


def record_package(processes: Iterable[Process], about: Publication) -> dict[str, Any]:
    """Return the records of processes."""
    return {**_package(about), "records": [record(process, about.prefix) for process in processes]}


def dumps(package: Mapping[str, Any]) -> bytes:
    """Return a package as JSON; amounts are written from whole 分, never through a binary fraction."""
    text = json.dumps(package, ensure_ascii=False, indent=1)
    return _MONEY.sub(lambda match: money.in_unit(int(match.group(1)), money.YUAN).replace(",", ""), text).encode()


def _package(about: Publication) -> dict[str, Any]:
    found: dict[str, Any] = {
        "uri": about.address,
        "version": VERSION,
        "publishedDate": _moment(about.published_at),
        "publisher": {"name": about.publisher + ("（含示例数据，不可引用）" if about.sample else "")},
        "publicationPolicy": about.policy,
    }
    if about.licence:
        found["license"] = about.licence
    if about.next_address:
        found["links"] = {"next": about.next_address}
    return found


def _history(process: Process, prefix: str) -> Iterator[tuple[str, datetime, _State]]:
    """Yield each release's tag, moment and what was known then."""
    key = ocid(process, prefix)
    happened: list[tuple[datetime, int, str, Any]] = [(process.published_at, 0, "tender", None)]
    happened += [(change.at, 1, "tenderAmendment", change) for change in process.changes]
    if process.choice:
        happened.append((process.choice.at, 2, "award", process.choice))
        if process.choice.confirmed_at:
            happened.append((process.choice.confirmed_at, 3, "awardUpdate", process.choice))
    happened += [(at, 4, TAGS[step], step) for step, at in process.ends if step in TAGS]
    state = _State(closes_at=process.closes_at)
    for at, _order, tag, what in sorted(happened, key=lambda one: one[:2]):
        state = _next(process, key, state, tag, what)
        yield tag, at, state


def _next(process: Process, key: str, state: _State, tag: str, what: Any) -> _State:
    """Return what is known after one more thing happened."""
    after = _State(state.status, state.closes_at, list(state.changes), state.award, state.contract)
    if isinstance(what, Change):
        after.changes.append(what)
        after.closes_at = what.closes_at or state.closes_at
    elif isinstance(what, Choice):
        after.award = _award(key, what, final=tag == "awardUpdate")
    elif isinstance(what, str):
        after.status = TENDER_STATUS.get(what, TENDER_STATUS["ended"])
        if what in {"contract", "complete"} and process.choice:
            after.award = _award(key, process.choice, final=True)
            status = "active" if what == "contract" else "terminated"
            after.contract = {"id": f"{key}-contract-1", "awardID": after.award["id"], "title": process.title, "status": status}
    return after


def _award(key: str, choice: Choice, *, final: bool) -> dict[str, Any]:
    return {
        "id": f"{key}-award-{choice.number}",
        "description": choice.reason,
        "status": "active" if final else "pending",
        "date": _moment(choice.at),
        "suppliers": [_party(key, "supplier", n, name) for n, name in enumerate(choice.suppliers, 1)],
    }


def _party(key: str, role: str, number: int, name: str) -> dict[str, str]:
    """Return a reference to a party; its id is of this process alone, so nothing can be joined that the site keeps apart."""
    return {"id": f"{key}-{role}-{number}", "name": name}


def _release(process: Process, prefix: str, tag: str, at: datetime, state: _State) -> dict[str, Any]:
    key = ocid(process, prefix)
    buyer = _party(key, "buyer", 1, process.buyer)
    parties = [{**buyer, "roles": ["buyer", "procuringEntity"], "address": {"region": process.region, "countryName": "中国"}}]
    found: dict[str, Any] = {
        "ocid": key,
        "id": f"{key}-{tag}-{clock.local(at):%Y%m%d%H%M%S}",
        "date": _moment(at),
        "tag": [tag],
        "initiationType": "tender",
        "language": "zh",
        "buyer": buyer,
        "tender": _tender(process, key, state, buyer),
    }
    if state.award:
        parties += [{**supplier, "roles": ["supplier"]} for supplier in state.award["suppliers"]]
        found["awards"] = [state.award]
    if state.contract:
        found["contracts"] = [state.contract]
    found["parties"] = parties
    if process.sample:
        found["sample"] = True
    return found


def _tender(process: Process, key: str, state: _State, buyer: dict[str, str]) -> dict[str, Any]:
    """Return the challenge as it stood; what was not stated is left out, never invented."""
    period = {"startDate": _moment(process.published_at)}
    if state.closes_at:
        period["endDate"] = _moment(state.closes_at)
    found: dict[str, Any] = {
        "id": process.number or f"{key}-tender",
        "title": process.title,
        "description": process.description,
        "status": state.status,
        "procuringEntity": buyer,
        "procurementMethodDetails": "揭榜挂帅" if process.open_call else "公开需求，双方洽谈",
        "mainProcurementCategory": "services",
        "tenderPeriod": period,
        "documents": [
            {"id": f"{key}-notice", "documentType": "tenderNotice", "title": process.title, "url": process.url, "language": "zh"}
        ],
    }
    if process.open_call:
        found["procurementMethod"] = "open"
    if process.field_name:
        found["additionalProcurementCategories"] = [process.field_name]
    if process.low_fen:
        found["minValue"] = _value(process.low_fen)
    if process.high_fen:
        found["value"] = _value(process.high_fen)
    if state.changes:
        found["amendments"] = [
            {"id": f"{key}-amendment-{change.number}", "date": _moment(change.at), "description": change.text} for change in state.changes
        ]
    return found


def _value(fen: int) -> dict[str, Any]:
    return {"amount": f"\0{fen}", "currency": CURRENCY}


def _moment(at: datetime) -> str:
    return clock.local(at).isoformat(timespec="seconds")
