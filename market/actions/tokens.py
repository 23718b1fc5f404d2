"""Single-use links: a random token goes out by mail, only its hash is kept."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from market.db import db, transaction
from market.domain import clock
from market.domain.errors import NotVisible
from market.models import Token
from market.queries.accounts import token_hash

LIFETIMES = {
    "confirm_email": timedelta(days=3),
    "change_email": timedelta(days=1),
    "reset": timedelta(minutes=30),
    "invitation": timedelta(days=7),
    "claim": timedelta(days=30),
}
SPENT = "链接已失效：可能已用过、已过期，或有更新的一封"


def issue(purpose: str, lifetime: timedelta | None = None, **facts: Any) -> str:
    """Return a new token for `purpose`; `facts` are columns of Token (user_id, organisation_id, email, role, …)."""
    raw = secrets.token_urlsafe(32)
    expires = clock.now() + (lifetime or LIFETIMES[purpose])
    with transaction() as session:
        session.add(Token(token_hash=token_hash(raw), purpose=purpose, expires_at=expires, **facts))
    return raw


def spend(purpose: str, raw: str) -> Token:
    """Use a token up and return it; raises NotVisible when it is unknown, used or expired.

    Two who spend it at the same moment: one gets it (the row is locked, or the database has one writer).
    """
    with transaction() as session:
        query = select(Token).where(Token.token_hash == token_hash(raw), Token.purpose == purpose).with_for_update()
        token = session.scalar(query.execution_options(populate_existing=True))
        if token is None or token.used_at is not None or token.expires_at <= clock.now():
            raise NotVisible(SPENT)
        token.used_at = clock.now()
        session.flush()
        return token


def revoke(purpose: str, **facts: Any) -> None:
    """Make all open tokens of `purpose` with these columns useless (a newer one replaces them)."""
    with transaction():
        conditions = [getattr(Token, name) == value for name, value in facts.items()]
        db.session.execute(
            update(Token)
            .where(Token.purpose == purpose, Token.used_at.is_(None), *conditions)
            .values(used_at=clock.now())
            .execution_options(synchronize_session="fetch")
        )
