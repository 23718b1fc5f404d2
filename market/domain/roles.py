"""Who people are (roles) and how far a grant reaches (scopes); what each role may do is in permissions.py."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """How far a grant reaches."""

    OWN = "own"
    CITY = "city"
    ASSIGNED = "assigned"
    PARTY = "party"
    ANY = "any"


SCOPE_WORDS = {Scope.OWN: "本单位", Scope.CITY: "本市", Scope.ASSIGNED: "指派给本人", Scope.PARTY: "作为一方", Scope.ANY: "全部"}


class Role(StrEnum):
    """What a person is; one person may hold several."""

    ORG_MEMBER = "org_member"
    ORG_ADMIN = "org_admin"
    TTO = "tto"
    BROKER = "broker"
    BUREAU = "bureau"
    LIAISON = "liaison"
    ADVISER = "adviser"
    CLERK = "clerk"
    REVIEWER = "reviewer"
    LEADER = "leader"
    AUDITOR = "auditor"
    SYSADMIN = "sysadmin"


ROLE_WORDS = {
    Role.ORG_MEMBER: "单位成员",
    Role.ORG_ADMIN: "单位管理员",
    Role.TTO: "成果转化负责人",
    Role.BROKER: "技术经理人",
    Role.BUREAU: "城市科技局",
    Role.LIAISON: "高企联络员",
    Role.ADVISER: "服务专员",
    Role.CLERK: "科委经办",
    Role.REVIEWER: "科委审核",
    Role.LEADER: "科委领导",
    Role.AUDITOR: "纪检审计",
    Role.SYSADMIN: "系统管理员",
}
STAFF = frozenset({Role.LIAISON, Role.ADVISER, Role.CLERK, Role.REVIEWER, Role.LEADER, Role.AUDITOR, Role.SYSADMIN})
NEEDS_TOTP = STAFF


def roles_from(values: Iterable[str]) -> frozenset[Role]:
    """Return the roles named by `values`; unknown names are ignored."""
    known = {role.value: role for role in Role}
    return frozenset(known[value] for value in values if value in known)
