"""A form's key is written in the same transaction as its effect, so a double click or a retry never makes two."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from market.db import db, transaction
from market.domain import clock
from market.domain.errors import Duplicate
from market.models import IdempotencyKey

_BOTH = "与已有记录冲突，可能有人同时办理了同一件事，请刷新后查看"


def run(owner: str, route: str, key: str, request_hash: str, work: Callable[[], str]) -> str:
    """Run `work` in one transaction and return its location; the same key again returns the first location.

    An empty key runs unprotected (a form posted without one). Raises Duplicate when the key was
    used for a different form, and where the database itself refuses a second (a number, a name, an award).
    """
    if not key:
        try:
            with transaction():
                return work()
        except IntegrityError as error:
            raise Duplicate(_BOTH) from error
    try:
        with transaction() as session:
            known = _known(owner, route, key, request_hash)
            if known is not None:
                return known
            row = IdempotencyKey(owner=owner, route=route, key=key, request_hash=request_hash, at=clock.now())
            session.add(row)
            session.flush()
            row.location = work()
            return row.location
    except IntegrityError as error:
        known = _known(owner, route, key, request_hash)
        if known is None:
            raise Duplicate(_BOTH) from error
        return known


def _known(owner: str, route: str, key: str, request_hash: str) -> str | None:
    query = select(IdempotencyKey).where(IdempotencyKey.owner == owner, IdempotencyKey.route == route, IdempotencyKey.key == key)
    row = db.session.scalar(query)
    if row is None:
        return None
    if row.request_hash != request_hash:
        raise Duplicate("这张表单已经提交过一次；如需再提交，请重新打开页面")
    return row.location
