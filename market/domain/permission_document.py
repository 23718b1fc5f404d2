"""The table of permissions as Markdown: what docs/permissions.md holds."""

from __future__ import annotations

from market.domain.permission_words import PERMISSION_WORDS
from market.domain.permissions import FOUR_EYES, NEEDS_VERIFIED, ROLE_WORDS, SCOPE_WORDS, Permission, table

_HEAD = """# 谁能看什么，谁能办什么

This table is printed from `market/domain/permissions.py` by `flask permissions --write docs/permissions.md`; a test compares.

格子里写的是范围：{scopes}。空格（—）就是不能。
带 ※ 的事项从不适用于自己的单位（四眼原则）；带 ＋ 的事项要求单位已核验。
"""


def markdown() -> str:
    """Return the whole document."""
    lines = [
        _HEAD.format(scopes="、".join(SCOPE_WORDS.values())),
        _row(["事项", *ROLE_WORDS.values()]),
        _row(["---"] * (len(ROLE_WORDS) + 1)),
    ]
    for name, cells in table():
        permission = Permission(name)
        marks = ("※" if permission in FOUR_EYES else "") + ("＋" if permission in NEEDS_VERIFIED else "")
        lines.append(_row([f"{PERMISSION_WORDS[permission]}{marks} `{name}`", *cells]))
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
