"""Hash and check passwords: argon2id, never more than two at once in a process, and never while a lock is held."""

from __future__ import annotations

from collections.abc import Iterable
from threading import BoundedSemaphore
from typing import NewType

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from market.db import in_transaction, release
from market.domain import passwords

PasswordHash = NewType("PasswordHash", str)

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's minimum for argon2id
_AT_ONCE = BoundedSemaphore(2)  # each hash takes 19 MiB and a core
_NOBODY = PasswordHash(
    "$argon2id$v=19$m=19456,t=2,p=1$ZDHlzbB4J4kDNbsWPciN8Q$cS+jA3SCFThu0JlY8qquXfgTfCygphkLp5m+hY0h7A4"
)  # of no password; checked when there is no account, so that both take the same time


def make(password: str, about: Iterable[str] = (), field: str = "password") -> PasswordHash:
    """Return the hash of a new password; raises Invalid when it breaks the rules of domain.passwords.

    Call it before the transaction that stores it: the running read is ended first, so that no lock waits.
    """
    passwords.check(password, about, field)
    return renew(password)


def renew(password: str) -> PasswordHash:
    """Return the hash of a password that is in use already (its rules may be older than today's)."""
    if not in_transaction():
        release()
    with _AT_ONCE:
        return PasswordHash(_HASHER.hash(password))


def matches(password: str, stored: str | None) -> bool:
    """True when `password` is the one of `stored`; takes the same time when nothing is stored."""
    if len(password.encode("utf-8", "replace")) > passwords.LONGEST:
        password, stored = "", None
    if not in_transaction():
        release()
    with _AT_ONCE:
        try:
            return _HASHER.verify(stored or _NOBODY, password) and stored is not None
        except (Argon2Error, InvalidHashError):
            return False


def outdated(stored: str) -> bool:
    """True when a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)
