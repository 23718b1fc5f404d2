"""Passwords of the sample market's demonstration accounts: generated, shown once, kept in one file for the owner of the machine."""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from market.actions import passwords, sign_in
from market.db import transaction
from market.domain import passwords as rules
from market.domain.errors import Invalid
from market.domain.permissions import ROLE_WORDS, roles_from
from market.models import User
from market.queries import accounts

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789"  # without those that look alike


@dataclass(frozen=True)
class SampleAccount:
    """One account to try the market with."""

    email: str
    password: str
    name: str
    organisation: str
    roles: str
    says: str


def renew(people: Path) -> list[SampleAccount]:
    """Give every demonstration account (demo=yes in `people`, a CSV) a new password and end its sessions.

    Only accounts marked as sample are touched: a real person with the same address keeps the password.
    """
    with people.open(encoding="utf-8-sig", newline="") as file:
        demos = [row for row in csv.DictReader(file) if row["demo"] == "yes"]
    made = []
    for row in demos:
        user = accounts.user_by_email(row["email"])
        if user is None or not user.is_sample or not user.active:
            continue
        shown = user.name, user.organisation.name if user.organisation else "", [role.role for role in user.roles]
        word = generate()
        _store(user.id, passwords.make(word))
        roles = "、".join(ROLE_WORDS[role] for role in sorted(roles_from(shown[2])))
        made.append(SampleAccount(row["email"], word, shown[0], shown[1], roles, row["says"]))
    return made


def _store(user_id: int, hashed: passwords.PasswordHash) -> None:
    with transaction() as session:
        session.get_one(User, user_id).password_hash = hashed
        sign_in.end_sessions(user_id)


def generate() -> str:
    """Return a random password of 16 characters in four groups that passes the rules (about 76 bits)."""
    while True:
        word = "-".join("".join(secrets.choice("".join(_LETTERS)) for _ in range(4)) for _ in range(4))
        try:
            rules.check(word)
        except Invalid:
            continue
        return word


def write(path: Path, made: Sequence[SampleAccount], address: str) -> None:
    """Write the accounts to `path`, readable by its owner alone (mode 0600)."""
    lines = [f"示例账户，登录地址 {address}/sign-in", "重新生成：flask accounts reset", ""]
    lines += [f"{one.email}\t{one.password}\t{one.roles}\t{one.organisation}\t{one.name}" for one in made]
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    temporary.replace(path)
