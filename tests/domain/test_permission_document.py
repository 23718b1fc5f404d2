"""The document of permissions equals the code."""

from __future__ import annotations

from pathlib import Path

from market.domain import permission_document
from market.domain.permission_words import PERMISSION_WORDS
from market.domain.permissions import FOUR_EYES, GRANTS, STAFF, Actor, Permission, Role, Subject, may

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"


def test_the_document_is_what_the_command_prints() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == permission_document.markdown(), "flask permissions --write docs/permissions.md"


def test_every_permission_has_words() -> None:
    assert set(PERMISSION_WORDS) == set(Permission)


def test_who_decides_on_others_never_decides_on_the_own() -> None:
    clerk = Actor(id=1, organisation_id=9, organisation_verified=True, roles=STAFF)
    for permission in FOUR_EYES:
        assert may(clerk, permission, Subject(owners=frozenset({8})))
        assert not may(clerk, permission, Subject(owners=frozenset({9})))
        assert not may(clerk, permission, Subject(people=frozenset({1})))


def test_the_system_administrator_reads_no_business() -> None:
    rooms = {permission.value.split(":")[0] for role, permission in GRANTS if role is Role.SYSADMIN}
    assert rooms == {"accounts"}
    assert (Role.SYSADMIN, Permission.SEE_LOG) not in GRANTS and (Role.SYSADMIN, Permission.SEE_ORGANISATION_FILE) not in GRANTS
