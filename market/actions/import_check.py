"""Read an uploaded list into staged rows: values, reasons beside what cannot go in, duplicates, sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert, select

from market import db as database
from market.actions import import_columns as columns
from market.actions import import_ledger, import_registry, spreadsheets
from market.actions.import_templates import EXAMPLE
from market.db import db, transaction
from market.domain import clock, identifiers
from market.domain.contracts import check_amounts
from market.domain.errors import Invalid
from market.models import Capability, Challenge, Contract, Cooperation, ImportBatch, ImportMapping, ImportRow, Organisation
from market.queries.claims import NOBODY

CHUNK = 1_000
TOTALS = frozenset({"合计", "总计", "小计"})
Progress = Callable[[int, int], None]


class ColumnsMissing(Invalid):
    """A list without a column that every row needs; which of its `unknown` headers means it, a person may say."""

    def __init__(self, missing: list[str], headers: list[str], unknown: list[str]) -> None:
        said = "请在下面说明是哪一列，或改好再传" if unknown else ""
        super().__init__({"file": f"缺少列：{'、'.join(missing)}。文件里的列：{'、'.join(headers)}。{said}"})
        self.unknown = unknown


@dataclass
class Reading:
    """What checking a row needs to know of the whole file."""

    kind: str
    own: str | None  # the name of the organisation that imports its own list
    own_region: str | None
    found: Mapping[int, columns.Column]
    units: Mapping[str, str | None]
    learned: Mapping[tuple[str, str], str]
    taken: set[tuple[str, ...]]
    regions: Mapping[str, str]
    organisation_id: int | None = None
    sums: dict[str, int] = field(default_factory=dict)
    unmapped: set[tuple[str, str]] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=lambda: {"good": 0, "refused": 0, "duplicate": 0})


def check_batch(batch_id: int, progress: Progress) -> None:
    """Stage and check every row of a batch in chunks; a file that cannot be read leaves it `failed` with the reason.

    Reading the file and checking its rows holds no lock; each chunk is one short write.
    """
    with transaction() as session:
        batch = session.get_one(ImportBatch, batch_id)
        if batch.state not in ("received", "checking"):
            return
        batch.state, batch.done = "checking", 0
        session.execute(delete(ImportRow).where(ImportRow.batch_id == batch_id))
        content = batch.content or b""
    try:
        with database.reading():
            of_kind = db.session.get_one(ImportBatch, batch_id).kind
            learned = {(row.kind, row.text): row.value for row in db.session.scalars(select(ImportMapping))}
        headers = {text: value for (kind, text), value in learned.items() if kind == f"column:{of_kind}"[:20]}
        table = spreadsheets.read(content, columns.knows(of_kind, headers))
        with database.reading():
            reading, unknown = _prepare(db.session.get_one(ImportBatch, batch_id), table, learned, headers)
    except Invalid as error:
        with transaction() as session:
            batch = session.get_one(ImportBatch, batch_id)
            batch.state, batch.message = "failed", "；".join(error.fields.values())[:300]
            batch.summary = {"unknown": error.unknown} if isinstance(error, ColumnsMissing) else {}
        return
    total = len(table.rows)
    for start in range(0, total, CHUNK):
        staged = [_staged(batch_id, table.headers, number, cells, reading) for number, cells in table.rows[start : start + CHUNK]]
        if of_kind == "registry":
            with database.reading():
                import_registry.judge(staged, reading.counts)
        elif of_kind == "ledger":
            with database.reading():
                import_ledger.judge(staged, reading.organisation_id, reading.counts)
        with transaction() as session:
            session.execute(insert(ImportRow), staged)
            batch = session.get_one(ImportBatch, batch_id)
            batch.done, batch.total = min(start + CHUNK, total), total
        progress(min(start + CHUNK, total), total)
    summary = {
        "counts": reading.counts, "unknown": unknown, "sums": reading.sums, "headers": table.headers,
        "unmapped": sorted(reading.unmapped)[:60], "columns": [c.headers[0] for c in reading.found.values()],
    }  # fmt: skip
    with transaction() as session:
        batch = session.get_one(ImportBatch, batch_id)
        batch.state, batch.summary = "checked", summary


def _prepare(
    batch: ImportBatch, table: spreadsheets.Table, learned: Mapping[tuple[str, str], str], headers: Mapping[str, str]
) -> tuple[Reading, list[str]]:
    found, unknown = columns.assign(batch.kind, table.headers, headers)
    own = db.session.get(Organisation, batch.organisation_id) if batch.organisation_id else None
    present = {column.name for column in found.values()}
    missing = [c.headers[0] for c in columns.COLUMNS[batch.kind] if c.required and c.name not in present]
    if missing:
        raise ColumnsMissing(missing, table.headers, unknown)
    units = {c.name: columns.bare(table.headers[i])[1] or batch.options.get("money") for i, c in found.items()}
    organisations = db.session.execute(select(Organisation.name, Organisation.region)).all()
    regions = {row.name: row.region for row in organisations}
    taken = in_market(batch.kind)
    return Reading(
        batch.kind, own.name if own else None, own.region if own else None, found, units, learned, taken, regions, batch.organisation_id
    ), unknown


def in_market(kind: str) -> set[tuple[str, ...]]:
    """Return the keys of what is in the market already, so that it does not go in twice."""
    if kind in ("challenges", "capabilities"):
        model: Any = Challenge if kind == "challenges" else Capability
        query: Any = select(model.title, Organisation.name).join(Organisation, Organisation.id == model.organisation_id)
        return {tuple(row) for row in db.session.execute(query)}
    if kind == "contracts":
        rows = db.session.execute(
            select(
                Contract.registration_number,
                Contract.title,
                Contract.seller_name,
                Contract.buyer_name,
                Contract.signed_on,
                Contract.amount_fen,
            )
        ).all()
        return {("number", row[0]) for row in rows if row[0]} | {tuple(str(v) for v in row[1:]) for row in rows}
    if kind in ("registry", "candidates", "ledger"):
        return set()  # held against the market chunk by chunk, or by the campaign's own keys
    if kind == "cooperations":
        return {tuple(row) for row in db.session.execute(select(Cooperation.title, Cooperation.party_a, Cooperation.party_b))}
    pairs = db.session.execute(select(Organisation.name, Organisation.credit_code)).all()
    return {("name", row[0]) for row in pairs} | {("code", row[1]) for row in pairs if row[1]}


def keys(kind: str, values: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return what makes a row the same as another one; any key met before makes it a duplicate."""
    if kind in ("challenges", "capabilities"):
        return [(str(values["title"]), str(values["organisation"]))]
    if kind == "contracts":
        if values.get("number"):
            return [("number", str(values["number"]))]
        return [tuple(str(values.get(name)) for name in ("title", "seller_name", "buyer_name", "signed_on", "amount_fen"))]
    if kind == "registry":
        return [("number", str(values["number"]))]
    if kind == "ledger":
        return import_ledger.keys(values)
    if kind == "candidates":
        return [(str(values["name"]), str(values["text"]), str(values.get("on")))]
    if kind == "cooperations":
        return [(str(values["title"]), str(values["party_a"]), str(values["party_b"]))]
    found: list[tuple[str, ...]] = [("name", str(values["name"]))]
    if values.get("credit_code"):
        found.append(("code", str(values["credit_code"])))
    return found


def _staged(batch_id: int, headers: list[str], number: int, cells: list[str], reading: Reading) -> dict[str, Any]:
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    if (why := _no_row(cells, headers)) is not None:
        reading.counts["duplicate"] += 1
        raw = {"cells": cells}
        return {
            "batch_id": batch_id,
            "number": number,
            "raw": raw,
            "values": {},
            "errors": {"row": why},
            "state": "duplicate",
            "item_id": None,
        }
    for position, column in reading.found.items():
        try:
            values[column.name] = columns.read_cell(column, cells[position], reading.units.get(column.name), reading.learned)
        except Invalid as error:
            errors.update(error.fields)
            if cells[position] and column.kind not in ("text", "money", "day"):
                reading.unmapped.add((column.kind, cells[position][:120]))
    if not errors:
        errors = _rules(reading, values)
    state = "refused" if errors else "good"
    if not errors:
        found = keys(reading.kind, values)
        if any(key in reading.taken for key in found):
            state, errors = "duplicate", {"row": "重复：系统或文件里已有同样的一行"}
        reading.taken.update(found)
    reading.counts[state] += 1
    for column in reading.found.values():
        if column.kind == "money" and isinstance(values.get(column.name), int):
            reading.sums[column.headers[0]] = reading.sums.get(column.headers[0], 0) + values[column.name]
    raw = {"cells": cells}
    return {"batch_id": batch_id, "number": number, "raw": raw, "values": values, "errors": errors, "state": state, "item_id": None}


def _no_row(cells: list[str], headers: list[str]) -> str | None:
    """Return why a line of the table is no row of the list: a sum, the template's example, the header once more; None when it is one."""
    filled = [cell for cell in cells if cell]
    first = filled[0].replace(" ", "").rstrip("：:") if filled else ""
    if first in TOTALS or any(cell.replace(" ", "") in TOTALS for cell in filled[1:2]):
        return "合计行，不导入"
    if first.startswith(EXAMPLE):
        return "模板的示例行，不导入"
    return "重复的表头，不导入" if cells == headers else None


def _rules(reading: Reading, values: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong with a row whose cells can all be read; fills in what follows from the others."""
    try:
        if reading.kind in ("challenges", "capabilities"):
            _listing(reading, values)
        elif reading.kind in ("contracts", "registry"):
            _contract(values)
        elif reading.kind == "ledger":
            import_ledger.check(values, reading.own)
        elif reading.kind in ("organisations", "candidates") and values.get("credit_code"):
            values["credit_code"] = identifiers.credit_code(values["credit_code"])
    except Invalid as error:
        return dict(error.fields)
    return {}


def _listing(reading: Reading, values: dict[str, Any]) -> None:
    named = values.get("organisation")
    if reading.own and named not in (None, reading.own):
        raise Invalid({"organisation": "只能导入本单位的成果"})
    values["organisation"] = reading.own or named or NOBODY
    values["region"] = values.get("region") or reading.own_region or (reading.regions.get(named) if named else None)
    if not values["region"]:
        raise Invalid({"region": "请填写地区"})
    if not reading.own and not values.get("field"):
        raise Invalid({"field": "请填写技术领域"})


def _contract(values: dict[str, Any]) -> None:
    if values.get("number"):
        values["number"] = columns.check_number(values["number"])
    if bool(values.get("number")) != bool(values.get("registered_on")):
        raise Invalid({"number": "合同登记编号和登记日期应同时填写"})
    check_amounts(values["amount_fen"], values.get("technical_amount_fen"))
    if values.get("number") and values.get("technical_amount_fen") is None:
        raise Invalid({"technical_amount_fen": "已登记的合同请填写技术交易额"})
    if values.get("registered_on") and (
        values["registered_on"] < values["signed_on"] or values["registered_on"] > clock.today().isoformat()
    ):
        raise Invalid({"registered_on": "登记日期应在签订日期之后、今天之前"})
