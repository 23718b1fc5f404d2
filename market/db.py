"""The SQLAlchemy object, the read and the write engine, and the only two ways to commit.

`transaction()` is the one place that commits business changes; `journal()` is the one short write
a GET may make (impressions, session touch, access log). Everything else reads on a connection
that the database itself keeps read-only. This module knows no Flask request: which engine a
session uses is a context variable that app.py sets for each request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.orm.exc import StaleDataError

from market.domain.errors import MarketError, Stale

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

_writing: ContextVar[bool] = ContextVar("market_db_writing", default=True)
_depth: ContextVar[int] = ContextVar("market_db_depth", default=0)
_engines: WeakKeyDictionary[Engine, tuple[Engine, Engine]] = WeakKeyDictionary()


class Base(DeclarativeBase):
    """Declarative base with named constraints, so that both databases migrate alike."""

    metadata = MetaData(naming_convention=NAMING)


def engines(engine: Engine) -> tuple[Engine, Engine]:
    """Return the (read, write) faces of one engine; cached, or one session would open two connections."""
    pair = _engines.get(engine)
    if pair is None:
        pair = (engine.execution_options(write=False), engine.execution_options(write=True))
        _engines[engine] = pair
    return pair


class RoutedSession(FlaskSession):
    """A session whose every statement goes to the read or the write engine, by the context variable."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        bind = super().get_bind(*args, **kwargs)
        if isinstance(bind, Engine):
            return engines(bind)[1 if _writing.get() else 0]
        return bind


db = SQLAlchemy(model_class=Base, session_options={"class_": RoutedSession})

if TYPE_CHECKING:

    class Model(Base):
        """What every table derives from."""

        __abstract__ = True

else:
    Model = db.Model


def use_read_only(read_only: bool) -> None:
    """Choose for the current context: True puts every statement on the read-only connection."""
    _writing.set(not read_only)


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit on leaving the outermost block, roll back on an exception; nests.

    Raises MarketError when called where only reading is allowed (a GET request), Stale when somebody else
    changed a row meanwhile.
    """
    if not _writing.get():
        raise MarketError("只读请求不能修改数据")
    token = _depth.set(_depth.get() + 1)
    try:
        yield db.session()
        if _depth.get() == 1:
            db.session.commit()
        else:
            db.session.flush()
    except StaleDataError as error:  # two changed one row at the same moment: PostgreSQL lets both read it
        db.session.rollback()
        raise Stale from error
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _depth.reset(token)


@contextmanager
def journal() -> Iterator[Session]:
    """One short write of its own, allowed during a GET; the callers are listed by a test."""
    engine = db.engine
    with Session(engines(engine)[1]) as session, session.begin():
        yield session


@contextmanager
def reading() -> Iterator[None]:
    """Read on the read-only connection and end the read on leaving, so that nobody waits for a lock meanwhile.

    For the worker and the commands, whose reads would else begin a write transaction on SQLite. Rows that were
    loaded before are read anew afterwards. Inside a `transaction()` it does nothing: that has the lock already.
    """
    if in_transaction():
        yield
        return
    release()
    token = _writing.set(False)
    try:
        yield
    finally:
        release()
        _writing.reset(token)


def release() -> None:
    """End the running read so that slow work (password hashing, ranking) holds no lock."""
    db.session.rollback()


def only_reading() -> bool:
    """True where every statement goes to the read-only connection (a GET, or inside `reading()`)."""
    return not _writing.get()


def in_transaction() -> bool:
    """True inside a `transaction()` block."""
    return _depth.get() > 0


def check_sqlite_version(version: tuple[int, int, int]) -> None:
    """Raise RuntimeError on an SQLite inside the range of the WAL-reset corruption bug (mended in 3.51.3)."""
    mended = (version >= (3, 51, 3) and version != (3, 52, 0)) or version in {(3, 50, 7), (3, 44, 6)}
    if not mended:
        raise RuntimeError("SQLite {}.{}.{} can corrupt a WAL database under several workers; 3.51.3 or newer is needed".format(*version))


def prepare_engine(engine: Engine) -> None:
    """Install the pragmas and the read-only switch of the engine's kind (SQLite or PostgreSQL)."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        event.listen(engine, "begin", _postgres_begin)


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON", "trusted_schema=OFF"):
        connection.execute("PRAGMA " + pragma)


def _sqlite_begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("write", True)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if write else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _postgres_begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("write", True):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
