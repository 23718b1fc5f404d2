"""flask import: take a list in from the terminal, by the same steps as the page."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from sqlalchemy import select
from tqdm import tqdm

from market.actions import import_columns, import_settle, imports
from market.db import db
from market.domain import money as amounts
from market.domain import registry
from market.domain.campaigns import LIST_SIGNALS
from market.domain.errors import IllegalStep, Invalid
from market.domain.permissions import SYSTEM
from market.models import ImportBatch, Organisation


@click.command("import")
@click.argument("kind", type=click.Choice(list(import_columns.KINDS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--money", type=click.Choice(["元", "万元"]), default=None, help="表头没有写单位时，金额的单位")
@click.option("--organisation", default=None, help="统一社会信用代码：按本单位成果导入为草稿")
@click.option("--campaign", type=int, default=None, help="应登未登名单：导入到哪个行动（编号）")
@click.option("--signal", type=click.Choice(LIST_SIGNALS), default="listed", help="应登未登名单：tender 采购成交公告，listed 其他名单")
@click.option("--accept", is_flag=True, help="登记机构清单：有差异的全部采用登记机构的数据")
@click.option("--yes", is_flag=True, help="不再询问，直接导入")
def command(
    kind: str, file: Path, money: str | None, organisation: str | None, campaign: int | None, signal: str, accept: bool, yes: bool
) -> None:
    """Check FILE, show what would go in, and write it."""
    owner = db.session.scalar(select(Organisation.id).where(Organisation.credit_code == organisation)) if organisation else None
    if organisation and (owner is None or kind != "capabilities"):
        raise click.ClickException("没有这个单位，或这种清单不能按单位导入")
    try:
        upload = imports.Upload(kind, file.name, file.read_bytes(), money or "", campaign, signal)
        batch, new = imports.start(upload, SYSTEM, owner)
        batch_id = batch.id
        if not new and batch.state not in ("received", "checking", "checked"):
            click.echo("这份文件已经导入过，没有再导入一遍")
            return
        _bar("检查", "import_check", batch_id)
        batch = db.session.get_one(ImportBatch, batch_id)
        _show(batch, file)
        if batch.state == "failed" or not (yes or click.confirm("导入吗？")):
            return
        imports.confirm(batch, SYSTEM)
        _bar("写入", "import_write", batch_id)
        click.echo(f"已导入 {db.session.get_one(ImportBatch, batch_id).done} 行")
        if accept and batch.kind == "registry":
            import_settle.accept_all(db.session.get_one(ImportBatch, batch_id), SYSTEM)
            _bar("采用", "import_settle", batch_id)
    except Invalid as error:
        raise click.ClickException("；".join(error.fields.values())) from error
    except IllegalStep as error:
        raise click.ClickException(str(error)) from error


def _bar(label: str, kind: str, batch_id: int) -> None:
    """Do a job at once with a progress bar, and mark it done so that the worker leaves it."""
    work = imports.HANDLERS[kind]
    with tqdm(desc=label, unit=" 行", ncols=80) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        work({"batch_id": batch_id}, show)
    imports.settle(kind, batch_id)


def _show(batch: ImportBatch, file: Path) -> None:
    if batch.state == "failed":
        raise click.ClickException(batch.message)
    counts = batch.summary["counts"]
    click.echo(f"可以导入 {counts['good']} 行，有问题 {counts['refused']} 行，重复 {counts['duplicate']} 行")
    if held := [f"{registry.STATES[state]} {counts[state]} 行" for state in ("same", *registry.OPEN) if counts.get(state)]:
        click.echo(f"与本站的合同对照：{'，'.join(held)}；逐份处理在导入页 /imports/{batch.id}")
    for name, fen in batch.summary["sums"].items():
        click.echo(f"{name}合计 {amounts.in_unit(fen, amounts.YUAN)} 元")
    if batch.summary["unknown"]:
        click.echo(f"不认识的列（不会导入）：{'、'.join(batch.summary['unknown'])}")
    if counts["refused"] or counts["duplicate"]:
        out = file.with_name(f"{file.stem}-未导入.xlsx")
        out.write_bytes(imports.refused_file(batch, "命令行"))
        click.echo(f"没有导入的行和原因在 {out}")


def register(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(command)
