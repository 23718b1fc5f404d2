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
from market.domain import clock
from market.queries import engine as engines
from market.queries import learning

group = AppGroup("matching", help="The matching engine: train, evaluate, rank.")
_READ = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
JUDGED = ROOT / "seed_data" / "judgements"


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
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON in place of the table.")
def evaluate(queries: Path, documents: Path, qrels: Path, ranking: Path | None, model: str, as_json: bool) -> None:
    """Measure ranking on three files and print the table, with confidence intervals."""
    config = current_app.config["MARKET"]
    name = model or config.encoder
    settings = matching.EngineSettings(model=name, query_prompt=config.encoder_query_prompt) if name else matching.EngineSettings()
    try:
        found = matching.evaluate_files(queries, documents, qrels, ranking, settings, tqdm)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(found["figures"], ensure_ascii=False, indent=1) if as_json else found["table"])


@group.command("tune")
@click.option("--judged", type=_FOLDER, default=JUDGED, show_default=True, help="Folder of judged sets.")
@click.option("--feedback/--no-feedback", default=True, help="Also learn from 有用, 不合适, contacts and bids of this market.")
def tune(judged: Path, feedback: bool) -> None:
    """Fit the weights of the engine's sides; write them only if they rank better what they were not fitted on."""
    config = current_app.config["MARKET"]
    try:
        report = matching.tune_weights(judged, [learning.outcomes()] if feedback else [], engines.configured().weights, tqdm)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(report, ensure_ascii=False, indent=1))
    if not report["better"]:
        raise click.ClickException("not better on held-out queries; the weights in use stay")
    config.weights_file.parent.mkdir(parents=True, exist_ok=True)
    config.weights_file.write_text(json.dumps(report["weights"]) + "\n", encoding="utf8")
    click.echo(f"written to {config.weights_file}; restart, then run `flask matching rank` and `flask matching figures`")


@group.command("figures")
@click.option("--judged", type=_FOLDER, default=JUDGED, show_default=True, help="Folder of judged sets.")
def figures(judged: Path) -> None:
    """Calibrate on the tuning halves and measure on the held-out halves: the figures of the public page."""
    matching.write_figures(judged, clock.today(), engines.configured().weights, tqdm)
    click.echo("written: market/matching/figures/calibration.json, market/matching/figures/quality.json")


@group.command("rank")
def rank() -> None:
    """Rank every open listing now (after a change of the model, or of the clock)."""
    with tqdm(desc="ranking", unit=" listings", ncols=80) as bar:

        def show(number: int, of: int) -> None:
            bar.total = of
            bar.update(number - bar.n)

        done = matches.rank_everything(show)
    click.echo(f"{done} listings ranked")


@group.command("gains")
@click.option("--write", is_flag=True, help="Write market/matching/gains.json, from which the form says what an answer is worth.")
def gains(write: bool) -> None:
    """Measure on the tuning halves what it costs a demand not to say its target, condition or what was tried."""
    found = {
        "date": clock.today().isoformat(),
        "command": "flask matching gains --write",
        "engine": matching.ENGINE_VERSION,
        "gaps": matching.measure_gains(sorted(JUDGED.glob("*_tuning")), JUDGED / "documents.jsonl", tqdm),
    }
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    if write:
        (ROOT / "market" / "matching" / "gains.json").write_text(text, encoding="utf8")
    click.echo(text)


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(group)
