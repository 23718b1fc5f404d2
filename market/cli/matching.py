"""`flask matching`: train the carried model, measure a model, rank everything now."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from tqdm import tqdm

from config import ROOT
from market import matching
from market.actions import matches

group = AppGroup("matching", help="The matching engine: train, evaluate, rank.")
_READ = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("train")
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of licensed data files.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=ROOT / "market" / "matching" / "model", show_default=True)
def train(data: Path, out: Path) -> None:
    """Train a model from DATA; the same data give the same model. OUT must be new or empty."""
    try:
        report = matching.train_model(data, out, progress=tqdm)
    except (FileExistsError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(report, ensure_ascii=False, indent=1))


@group.command("evaluate")
@click.option("--queries", required=True, type=_READ, help="JSON lines {id, title, description[, field]}.")
@click.option("--documents", required=True, type=_READ, help="JSON lines of the same form.")
@click.option("--qrels", required=True, type=_READ, help="Judgements: query, document, grade, with tabs between.")
@click.option("--run", "ranking", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the scores.")
@click.option("--model", default="", help="Another model's name or folder; empty: the configured one.")
def evaluate(queries: Path, documents: Path, qrels: Path, ranking: Path | None, model: str) -> None:
    """Measure ranking on three files and print the table, with confidence intervals."""
    config = current_app.config["MARKET"]
    name = model or config.encoder
    settings = matching.EngineSettings(model=name, query_prompt=config.encoder_query_prompt) if name else matching.EngineSettings()
    try:
        click.echo(matching.evaluate_files(queries, documents, qrels, ranking, settings)["table"])
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@group.command("rank")
def rank() -> None:
    """Rank every open listing now (after a change of the model, or of the clock)."""
    with tqdm(desc="ranking", unit=" listings", ncols=80) as bar:

        def show(number: int, of: int) -> None:
            bar.total = of
            bar.update(number - bar.n)

        done = matches.rank_everything(show)
    click.echo(f"{done} listings ranked")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(group)
