"""What the tests of accounts share: a password that holds, links out of mails, a browser with the real cookies."""

from __future__ import annotations

import re

import pytest

from market.actions import passwords
from market.db import db, transaction
from market.models import Outbox, User
from tests.cast import Cast

SECRET = "Correct-Horse-9-Battery"
OTHER = "Another-Horse-7-Stable"


def give_password(user: User, password: str = SECRET) -> User:
    """Let a person sign in with `password`."""
    hashed = passwords.make(password)
    with transaction():
        user.password_hash = hashed
    return user


def mailed_path(address: str) -> str:
    """Return the path of the link in the last mail to `address`."""
    row = db.session.query(Outbox).filter_by(to_address=address).order_by(Outbox.id.desc()).first()
    assert row is not None, f"no mail to {address}"
    found = re.search(r"\{site\}(/\S+)", row.body)
    assert found is not None, row.body
    return found.group(1)


def mails_to(address: str) -> list[Outbox]:
    """Return the mails to an address, the oldest first."""
    return list(db.session.query(Outbox).filter_by(to_address=address).order_by(Outbox.id))


@pytest.fixture
def seeker(cast: Cast) -> User:
    """The administrator of the enterprise, with the password SECRET."""
    return give_password(cast.seeker)
