"""Take a list in: upload, choose what an unknown word means, confirm, fetch what was refused, undo."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from market.actions import duplicates, history, import_columns, import_write, jobs, spreadsheets
from market.actions.import_check import check_batch
from market.actions.import_settle import settle_batch
from market.actions.import_write import write_batch
from market.db import db, transaction
from market.domain import clock, identifiers, registry
from market.domain.campaigns import LIST_SIGNALS
from market.domain.errors import Forbidden, IllegalStep, Invalid
from market.domain.permissions import SYSTEM, Actor, Permission, demand, may
from market.exports.writers import Column, Conditions, Sheet, to_xlsx
from market.models import Campaign, ImportBatch, ImportMapping, ImportRow, Job

HANDLERS: dict[str, jobs.Handler] = {
    "import_check": lambda payload, progress: check_batch(payload["batch_id"], progress),
    "import_write": lambda payload, progress: write_batch(payload["batch_id"], progress),
    "find_duplicates": lambda payload, progress: duplicates.look_at_batch(payload["batch_id"], progress),
    "import_settle": lambda payload, progress: settle_batch(payload["batch_id"], payload.get("by_id"), progress),
}


@dataclass(frozen=True)
class Upload:
    """A file as it was sent in; `money` is 元, 万元 or empty; `campaign_id` and `signal` say where a list of candidates goes."""

    kind: str
    name: str
    content: bytes
    money: str = ""
    campaign_id: int | None = None
    signal: str = "listed"

    @property
    def options(self) -> dict[str, Any]:
        """What the batch remembers of how to read the file; two uploads with the same options and bytes are one."""
        found: dict[str, Any] = {"money": self.money if self.money in import_columns.UNITS else None}
        return found | {"campaign_id": self.campaign_id, "signal": self.signal} if self.kind == "candidates" else found


def permission(actor: Actor) -> Permission:
    """Return by which permission this person imports."""
    return Permission.IMPORT_LISTS if may(actor, Permission.IMPORT_LISTS) else Permission.IMPORT_OWN_CAPABILITIES


def own_kinds(actor: Actor) -> tuple[str, ...]:
    """Return the lists that a person may bring for the own organisation."""
    return ("capabilities", "ledger") if may(actor, Permission.CREATE_CONTRACT) else ("capabilities",)


def start(upload: Upload, actor: Actor, organisation_id: int | None = None) -> tuple[ImportBatch, bool]:
    """Keep an uploaded file and let the worker check it; return (batch, False) when the same file is there already.

    Raises Forbidden, Invalid beside `file` or `kind`.
    """
    whole = actor is SYSTEM or may(actor, Permission.IMPORT_LISTS)
    if not whole:
        demand(actor, Permission.IMPORT_OWN_CAPABILITIES)
        if upload.kind not in own_kinds(actor):
            raise Forbidden
        organisation_id = actor.organisation_id
    if upload.kind not in import_columns.KINDS:
        raise Invalid({"kind": "请选择清单"})
    if upload.kind == "ledger" and organisation_id is None:
        raise Invalid({"kind": "合同台账由卖方单位自己导入"})
    if upload.kind == "candidates":
        _check_campaign(upload)
    spreadsheets.read(upload.content)
    digest = hashlib.sha256(upload.content).hexdigest()
    options = upload.options
    with transaction() as session:
        query = select(ImportBatch).where(
            ImportBatch.file_sha256 == digest, ImportBatch.kind == upload.kind, ImportBatch.state.not_in(("failed", "undone"))
        )
        owner = ImportBatch.organisation_id
        query = query.where(owner.is_(None) if organisation_id is None else owner == organisation_id)
        for same in session.scalars(query):
            elsewhere = same.options.get("campaign_id") != options.get("campaign_id") or same.options.get("signal") != options.get("signal")
            if not elsewhere and (same.options.get("money") == options["money"] or same.state not in ("received", "checked")):
                return same, False
        batch = ImportBatch(
            kind=upload.kind, file_name=identifiers.clean_text(upload.name, 160) or "清单", file_sha256=digest, content=upload.content,
            organisation_id=organisation_id, by_id=actor.id, options=options,
        )  # fmt: skip
        session.add(batch)
        session.flush()
        jobs.enqueue("import_check", {"batch_id": batch.id}, actor.id)
        return batch, True


def _check_campaign(upload: Upload) -> None:
    campaign = db.session.get(Campaign, upload.campaign_id) if upload.campaign_id else None
    if campaign is None or campaign.closed_at is not None:
        raise Invalid({"file": "名单要导入到一个进行中的应登未登行动"})
    if upload.signal not in LIST_SIGNALS:
        raise Invalid({"signal": "请选择名单的性质"})


def remember(batch: ImportBatch, choices: list[tuple[str, str, str]], actor: Actor) -> None:
    """Remember what unknown headers and words mean (kind, text, value) and check the batch again."""
    _demand(batch, actor)
    if batch.state not in ("checked", "failed"):
        raise IllegalStep("这一批现在不能改对应关系")
    whole = actor is SYSTEM or may(actor, Permission.IMPORT_LISTS)
    asked = {(kind, text) for kind, text in batch.summary.get("unmapped", [])}
    asked |= {(f"column:{batch.kind}"[:20], header) for header in batch.summary.get("unknown", [])}
    with transaction() as session:
        for kind, text, value in choices:
            if not value or (kind, text) not in asked or not _sensible(batch.kind, kind, value):
                continue
            kept = session.scalar(select(ImportMapping).where(ImportMapping.kind == kind, ImportMapping.text == text[:120]))
            if kept is None:
                session.add(ImportMapping(kind=kind, text=text[:120], value=value))
            elif whole:  # an organisation adds words; only the commission changes what is remembered for all
                kept.value = value
        batch.state, batch.message = "received", ""
        jobs.enqueue("import_check", {"batch_id": batch.id}, actor.id)


def _sensible(batch_kind: str, kind: str, value: str) -> bool:
    if kind == f"column:{batch_kind}"[:20]:
        return value in {column.name for column in import_columns.COLUMNS[batch_kind]}
    kinds = {column.kind for column in import_columns.COLUMNS[batch_kind]} - {"text", "money", "day"}
    return kind in kinds and value in import_columns.table(kind)


def confirm(batch: ImportBatch, actor: Actor) -> None:
    """Let the worker write the good rows. Raises IllegalStep; contracts go in all or not at all."""
    _demand(batch, actor)
    counts = batch.summary.get("counts", {})
    held = sum(
        counts.get(state, 0) for state in ("same", *registry.OPEN, "update")
    )  # rows of the registry's list that the market has, or may have
    if batch.state != "checked" or not (counts.get("good") or held):
        raise IllegalStep("没有可以导入的行")
    if batch.kind == "contracts" and counts.get("refused"):
        raise IllegalStep("技术合同要么全部导入，要么都不导入：请先改正有问题的行再传")
    with transaction():
        batch.state, batch.done, batch.total = "writing", 0, counts["good"]
        history.record("import", batch.id, "confirm", actor, from_state="checked", to_state="writing", detail={"rows": counts["good"]})
        jobs.enqueue("import_write", {"batch_id": batch.id}, actor.id)


def undo(batch: ImportBatch, actor: Actor) -> tuple[int, int]:
    """Take a written batch out again, as far as nobody has touched it; give up one that was only checked. Return (deleted, kept)."""
    _demand(batch, actor)
    if batch.state in ("checked", "failed"):
        with transaction():
            history.record("import", batch.id, "give_up", actor, from_state=batch.state, to_state="undone")
            batch.state, batch.undone_at, batch.content, batch.message = "undone", clock.now(), None, "已放弃，没有导入"
        return 0, 0
    return import_write.undo(batch.id, actor)


def _demand(batch: ImportBatch, actor: Actor) -> None:
    if actor is not SYSTEM:
        demand(actor, permission(actor), batch.subject)


def refused_file(batch: ImportBatch, by: str) -> bytes:
    """Return the refused and duplicate rows as they came, with the reason beside each, as XLSX."""
    query = (
        select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.state.in_(("refused", "duplicate"))).order_by(ImportRow.number)
    )
    rows = list(db.session.scalars(query))

    def cell(position: int) -> Any:
        return lambda row: row.raw["cells"][position]

    columns = [
        Column("原因", lambda row: "；".join(row.errors.values()), width=40),
        Column("原文件行号", lambda row: row.number, "integer", 10),
    ]
    columns += [
        Column(header or f"第 {i + 1} 列", cell(i))
        for i, header in enumerate(batch.summary.get("headers", []))
        if header not in import_columns.OWN_HEADERS
    ]
    conditions = Conditions(f"未导入的行：{batch.file_name}", import_columns.KINDS[batch.kind], by, clock.now(), batch.is_sample)
    return to_xlsx([Sheet("未导入", columns, rows)], conditions)


def settle(kind: str, batch_id: int) -> None:
    """Mark a job done that the terminal has done itself, so that the worker leaves it."""
    with transaction() as session:
        for job in session.scalars(select(Job).where(Job.kind == kind, Job.state == "waiting")):
            if job.payload.get("batch_id") == batch_id:
                job.state, job.finished_at = "done", clock.now()
