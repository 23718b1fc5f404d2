"""What only somebody at the terminal may do: the first administrator, and a lost second factor."""

from __future__ import annotations

from market.actions import passwords, second_factor, staff
from market.actions.people import Person, fill
from market.db import transaction
from market.domain import clock
from market.domain.errors import NotVisible
from market.domain.permissions import SYSTEM, Role
from market.models import User
from market.queries import accounts


def invite(name: str, email: str, organisation: str = "") -> str:
    """Add a system administrator and return the path of the invitation. Raises Invalid."""
    with transaction():
        staff.commission(organisation)
        return staff.invite(name, email, [Role.SYSADMIN.value], SYSTEM)


def create(name: str, email: str, organisation: str, password: str) -> User:
    """Add a system administrator with a password that was typed here. Raises Invalid."""
    hashed = passwords.make(password, about=(name, email))
    with transaction():
        invite(name, email, organisation)
        user = accounts.user_by_email(email)
        assert user is not None
        fill(user, Person(name=name, phone="", password=hashed))
        user.email_confirmed_at = clock.now()
        return user


def reset_second_factor(email: str) -> None:
    """Take the second factor from an account. Raises NotVisible."""
    user = accounts.user_by_email(email)
    if user is None:
        raise NotVisible("没有这个账户")
    second_factor.take_away(user, SYSTEM)
