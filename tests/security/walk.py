"""The one walk over every route × method × person × state; the tests of permissions and of secrets read what it brought home."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask

from tests.cast import Cast
from tests.security import declared, secrets_kept
from tests.security import world as worlds
from tests.security.walking import Walker, answer, walking

# Who is let in is not decided by the database; what a page reads is. So everybody walks on SQLite, and a crowd of every kind on PostgreSQL.
CROWD = {"sqlite": None, "postgresql": frozenset({"nobody", "seeker", "tto", "stranger", "bureau", "clerk", "sysadmin"})}
FEW = 3
UNKNOWN = "unknown"  # the state of a subject that is not there
DATA: dict[str, dict[str, Any]] = {"challenges.dismiss": {"organisation_id": "2"}, "contracts.remove_payment": {"reason": "记错了"}}


@dataclass
class Found:
    """What everybody was answered, by cell („endpoint METHOD“, state), and what was told to whom that should not be."""

    answers: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    requests: int = 0


_walks: dict[str, Found] = {}


def walked(app: Flask, cast: Cast, database: str) -> Found:
    """Return the walk on this database; it is made once for all tests that read it."""
    if database not in _walks:
        _walks[database] = _walk(app, cast, CROWD[database])
    return _walks[database]


def _walk(app: Flask, cast: Cast, crowd: frozenset[str] | None) -> Found:
    found, table = Found(), declared.rows()
    world = worlds.build(cast, secrets_kept.NAME)
    secrets_kept.plant(world)
    with walking(app, world, crowd) as walker, pytest.MonkeyPatch.context() as patch:
        patch.setattr("market.app._error_page", lambda status, message, _changes=None: (message, status))  # one page, tested elsewhere
        for rule in worlds.rules(app):
            kind = world.kind(rule)
            for method in worlds.methods(rule):
                cell = f"{rule.endpoint} {method}"
                found.kinds[cell] = kind
                states = world.states(rule)
                if not isinstance(table.get(cell), dict):
                    states = states[:FEW]  # declared to be the same in every state: a few say so
                for state in states:
                    _ask(app, walker, found, (cell, state), worlds.path(app, rule, world.values(rule, state)), method)
                if kind or "token" in rule.arguments:
                    values = {**world.values(rule, world.states(rule)[0]), f"{kind}_id": worlds.UNKNOWN, "token": "x" * 43}
                    path = worlds.path(app, rule, {name: values[name] for name in rule.arguments})
                    _ask(app, walker, found, (cell, UNKNOWN), path, method)
        found.broken = walker.broken
    return found


def _ask(app: Flask, walker: Walker, found: Found, cell: tuple[str, str], path: str, method: str) -> None:
    endpoint = cell[0].split()[0]
    if endpoint == "contacts.create":
        path += "?capability=3"
    answers: dict[str, str] = {}
    for part in walker.browsers:
        response = walker.open(part, method, path, data=DATA.get(endpoint) if method == "POST" else None)
        answers[part] = answer(response)
        found.told += [f"{part} reads {said} on {method} {path}" for said in secrets_kept.told(response, part, endpoint)]
        found.requests += 1
    found.answers[cell] = answers
