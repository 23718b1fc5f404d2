"""The rules of the house that no tool knows: this file walks the code, the templates, the tables and the documents."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect

from config import ROOT
from market.db import db
from market.domain import lifecycle_document, permission_document
from market.domain.permissions import Permission
from market.web.access import FREE
from tests.page import FORBIDDEN_WORDS

MARKET = ROOT / "market"
TEMPLATES = sorted((MARKET / "templates").rglob("*.html"))
SOURCES = sorted(
    path for folder in ("market", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
)
FREE_CONVERTERS = {"static", "bootstrap.static"}  # <path:filename> of Flask itself
JOURNAL_CALLERS = {"accounts", "attachments", "exports", "health", "jobs", "matches"}  # modules of market/actions
MARKUP = {
    "market/web/formatters.py",
    "market/web/matches/shown.py",
    "market/web/statistics/drawn.py",
    "market/web/statistics/shown.py",
}  # draw QR codes, charts, marks and links
SAFE: set[str] = set()  # templates that may use the filter
KNOWS_THE_NAME = {"leads/detail.html"}  # the desk that wrote the challenge for this very company
MONEY = (
    "domain/forecast.py",
    "domain/seasons.py",
    "domain/ledger.py",
    "domain/backtest.py",
    "domain/outlook.py",
    "domain/crosstabs.py",
    "domain/money.py",
    "domain/contracts.py",
    "domain/statistics.py",
    "models/contracts.py",
    "actions/contracts.py",
)
THIS_FILE = Path(__file__).resolve()


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _tracked() -> list[Path]:
    """Return the text files that git holds (all files where there is no git)."""
    run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = [n for n in run.stdout.split("\0") if n] if run.returncode == 0 else []
    paths = [ROOT / n for n in names] or SOURCES
    kinds = {".py", ".md", ".txt", ".in", ".toml", ".html", ".css", ".js", ".ini", ".mako", ".yml", ".yaml", ""}
    return [p for p in paths if p.suffix in kinds and p.is_file() and p != THIS_FILE]


# ── routes ──


def test_every_route_says_who_may_enter(app: Flask) -> None:
    bare = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in FREE and not isinstance(getattr(app.view_functions[rule.endpoint], "access", None), str | Permission)
    ]
    assert not bare


def test_addresses_are_kebab_case_and_their_parts_typed(app: Flask) -> None:
    wrong = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in FREE_CONVERTERS:
            continue
        fixed = re.sub(r"<[^>]+>", "", rule.rule)
        untyped = [part for part in re.findall(r"<([^>]+)>", rule.rule) if ":" not in part]
        if untyped or not re.fullmatch(r"[a-z0-9/.-]*", fixed):
            wrong.append(rule.rule)
    assert not wrong


# ── templates ──


def test_templates_compile(app: Flask) -> None:
    for path in TEMPLATES:
        app.jinja_env.get_template(str(path.relative_to(MARKET / "templates")))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_keeps_the_manners(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    name = str(path.relative_to(MARKET / "templates"))
    words = re.sub(r"{#.*?#}", "", text, flags=re.DOTALL)
    problems = [found.group() for found in FORBIDDEN_WORDS.finditer(words)]
    problems += re.findall(r"""\sstyle=["'{]|<style|\son[a-z]+=["']|<script(?![^>]*\bsrc=)[^>]*>|javascript:""", words)
    problems += re.findall(r"\|\s*safe\b", words) if name not in SAFE else []
    problems += [] if name in KNOWS_THE_NAME else re.findall(r"challenge\.organisation\.(?:name|short_name|display_name)", words)
    if len(text.splitlines()) > 200:
        problems.append("more than 200 lines")
    assert not problems


@pytest.mark.parametrize("path", [p for p in TEMPLATES if '{% extends "' in p.read_text(encoding="utf-8")], ids=_name)
def test_a_page_has_a_title_and_one_h1(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(r"{%-? block title", text), "no block title"
    heads = len(re.findall(r"<h1\b|\bpage_header\(|\berror_page\(", text))
    branches = len(re.findall(r"{%-? (?:elif|else)\b", text))
    assert 1 <= heads <= 1 + branches, f"{heads} h1"  # tests/page.py counts them on the page itself


# ── sizes and words of the code ──


def test_files_stay_below_400_lines_and_functions_below_50() -> None:
    long = [f"{_name(p)}: {n}" for p in SOURCES if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400]
    for path in SOURCES:
        long += [f"{_name(path)}:{f.lineno} {f.name}" for f in _functions(path) if (f.end_lineno or 0) - f.lineno >= 50]
    assert not long


def test_nothing_is_left_for_later_and_nothing_is_poured_unread() -> None:
    found = []
    for path in SOURCES:
        if path == THIS_FILE:
            continue
        text = path.read_text(encoding="utf-8")
        found += [f"{_name(path)}: {word}" for word in re.findall(r"\b(?:TODO|FIXME|XXX)\b|populate_obj", text)]
        if "Markup(" in text and "market" in path.parts[len(ROOT.parts) :] and _name(path) not in MARKUP:
            found.append(f"{_name(path)}: Markup")
    assert not found


def test_money_never_becomes_a_float() -> None:
    assert not [name for name in MONEY if re.search(r"\bfloat\(", (MARKET / name).read_text(encoding="utf-8"))]


def test_only_the_listed_write_during_a_get() -> None:
    callers = set()
    for path in MARKET.rglob("*.py"):
        if path == MARKET / "db.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (getattr(node.func, "id", "") == "journal" or getattr(node.func, "attr", "") == "journal"):
                callers.add(str(path.relative_to(MARKET)))
    assert callers == {f"actions/{name}.py" for name in JOURNAL_CALLERS}


# ── migrations ──


def _scripts(app: Flask) -> ScriptDirectory:
    return ScriptDirectory.from_config(app.extensions["migrate"].migrate.get_config())


def test_migrations_are_numbered_without_a_gap_and_have_one_head(app: Flask) -> None:
    scripts = _scripts(app)
    numbers = sorted(script.revision for script in scripts.walk_revisions())
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]
    assert scripts.get_heads() == [numbers[-1]]
    for script in scripts.walk_revisions():
        assert Path(script.path).name.startswith(f"{script.revision}_")


def test_migrations_equal_the_models(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _p: (
                    kind != "table" or not str(name).startswith(("search_index", "figure_change", "match_term", "match_vector"))
                ),
            },
        )
        differences = compare_metadata(context, db.metadata)
    assert not differences


def test_migrations_go_down_and_up_again(app: Flask) -> None:
    before = set(inspect(db.engine).get_table_names())
    db.session.remove()
    flask_migrate.downgrade(revision="base")
    left = set(inspect(db.engine).get_table_names()) - {"alembic_version"}
    flask_migrate.upgrade()
    assert not left
    assert set(inspect(db.engine).get_table_names()) == before


# ── requirements and documents ──


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_locked_requirements_hold_packages_and_versions_only(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").split("\n")
    wrong = [line for line in lines if line and not re.fullmatch(r"[a-z0-9][a-z0-9.-]*==[A-Za-z0-9.]+", line)]
    assert not wrong
    assert "torch==2.13.0" in lines
    assert not [line for line in lines if line.startswith(("nvidia-", "cuda-", "triton"))]


def test_the_development_list_contains_the_runtime_list() -> None:
    runtime, development = (set((ROOT / n).read_text(encoding="utf-8").split()) for n in ("requirements.txt", "requirements-dev.txt"))
    assert runtime <= development


@pytest.mark.parametrize(
    ("name", "text"),
    [("permissions.md", permission_document.markdown), ("lifecycles.md", lifecycle_document.markdown)],
    ids=["permissions", "lifecycles"],
)
def test_documents_equal_the_code(name: str, text: object) -> None:
    assert callable(text)
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text()


def test_every_promise_names_a_test_that_exists() -> None:
    """docs/security.md: a promise without its test is an advertisement."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "security.md").read_text(encoding="utf-8"))
    there = {(path, name) for path in {path for path, _ in named} if (ROOT / path).is_file() for name in _names(ROOT / path)}
    assert len(named) > 40
    assert not sorted(set(named) - there)


def _names(path: Path) -> set[str]:
    return {function.name for function in _functions(path)}


def test_no_file_names_a_machine_or_a_registry() -> None:
    # Written in two halves, so that this file names none of them itself.
    halves = ("/work|/main", "/opt|/wheels", "/opt|/pypi", "/root|/", "/home|/[a-z]+/", "pypi|\\.org", "python|hosted\\.org")
    halves += ("download\\.py|torch\\.org", "extra-|index-url")
    places = re.compile("|".join(half.replace("|", "") for half in halves))
    found = []
    for path in _tracked():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{_name(path)}: {hit.group()}" for hit in places.finditer(text)]
    assert not found
