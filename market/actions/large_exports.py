"""Long tables, written by the worker into a file of the instance folder; the page shows how far it is and hands it out for a day."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from market.actions import exports, jobs
from market.actions.exports import Ledger
from market.db import reading, transaction
from market.domain import statistics as rules
from market.domain.errors import Invalid
from market.domain.permissions import SYSTEM, Actor, Role, demand, roles_from
from market.domain.permissions import Permission as P
from market.domain.statistics import Filter
from market.models import Job
from market.queries.contracts import ListFilter
from market.queries.export_jobs import KIND
from market.queries.statistics import has_sample

KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Wanted:
    """What is to be exported: the list of contracts, or the rows behind a figure."""

    contracts: ListFilter | None = None
    rows: Filter | None = None

    def ledger(self) -> Ledger:
        """Return the table. Raises Invalid where neither is named."""
        if self.contracts is not None:
            return exports.contracts_ledger(self.contracts)
        if self.rows is not None:
            return exports.figure_ledger(self.rows)
        raise Invalid({"what": "没有写明导出什么"})

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can carry it."""
        if self.contracts is not None:
            return {"contracts": asdict(self.contracts)}
        return {"rows": self.rows.query() if self.rows else {}}


def read(plain: Mapping[str, Any]) -> Wanted:
    """Return what `plain` gave."""
    if "contracts" in plain:
        return Wanted(contracts=ListFilter(**plain["contracts"]))
    return Wanted(rows=rules.parse(plain["rows"], datetime.now(UTC).year))


def start(wanted: Wanted, form: str, actor: Actor, address: str = "") -> Job:
    """Ask the worker for a file and note it in the access log. Raises Forbidden, Invalid."""
    demand(actor, P.EXPORT)
    if form not in exports.FORMATS:
        raise Invalid({"format": "只能导出为 xlsx 或 csv"})
    roles = [role.value for role in actor.roles if role in {Role.CLERK, Role.REVIEWER, Role.LEADER}]
    called = f"{wanted.ledger().name}{'-含示例数据' if has_sample() else ''}.{form}"
    file = {"format": form, "file": secrets.token_hex(16), "name": called}
    with transaction() as session:
        job = jobs.enqueue(KIND, {**wanted.plain(), **file, "by": actor.name, "user": actor.id, "roles": roles}, actor.id)
        session.add(exports.log_line(actor, "export", f"在后台生成 {called}", address, job.id))
        return job


def handlers(folder: Path) -> dict[str, jobs.Handler]:
    """Return what the worker does with such jobs; the files lie in `folder`."""
    return {KIND: lambda payload, progress: run(payload, progress, folder)}


def run(payload: Mapping[str, Any], progress: jobs.Progress, folder: Path) -> None:
    """Write the file of one job beside and move it into place, so that no half one is handed out."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    forget(folder)
    by = Actor(id=payload["user"], name=payload["by"], roles=roles_from(payload["roles"])) if payload["user"] else SYSTEM
    target = path(payload, folder)
    beside = target.with_suffix(".part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w+b") as out, reading():
        ledger = read(payload).ledger()
        exports.write_ledger(out, ledger, payload["format"], by, progress)
    beside.replace(target)


def path(payload: Mapping[str, Any], folder: Path) -> Path:
    """Return where the file of a job lies; its name cannot be guessed."""
    return folder / f"{payload['file']}.{payload['format']}"


def forget(folder: Path) -> None:
    """Delete files older than a day."""
    oldest = (datetime.now(UTC) - KEPT).timestamp()
    for file in folder.iterdir():
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)
