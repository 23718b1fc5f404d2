"""The life of an Organisation: registered by itself, verified by the commission with a reason."""

from __future__ import annotations

from market.domain.errors import Invalid
from market.domain.lifecycle import Lifecycle, Step
from market.domain.permissions import STAFF
from market.domain.permissions import Permission as P
from market.domain.permissions import Role as R

ORGANISATION = Lifecycle(
    subject="organisation",
    states={"pending": "待核验", "verified": "已核验", "refused": "未通过核验", "suspended": "已停用", "unclaimed": "待认领"},
    tones={"pending": "waiting", "verified": "done", "refused": "stopped", "suspended": "stopped", "unclaimed": "neutral"},
    steps=(
        Step("verify", "核验通过", ("pending", "refused", "unclaimed"), "verified", P.VERIFY_ORGANISATION, needs_reason=True),
        Step("refuse", "核验不通过", ("pending",), "refused", P.VERIFY_ORGANISATION, needs_reason=True),
        Step("suspend", "停用", ("verified",), "suspended", P.VERIFY_ORGANISATION, needs_reason=True),
        Step("restore", "恢复", ("suspended",), "verified", P.VERIFY_ORGANISATION, needs_reason=True),
        Step("resubmit", "重新提交核验", ("refused",), "pending", P.EDIT_ORGANISATION),
        Step("rename", "变更名称或代码", ("verified",), "pending", P.EDIT_ORGANISATION, system=True),
        Step("claim", "认领", ("unclaimed",), "pending", P.EDIT_ORGANISATION, system=True),
        Step("merge", "并入已注册的单位", ("unclaimed",), "suspended", P.EDIT_ORGANISATION, system=True),
        Step("take_back", "认领有误，收回", ("pending", "refused"), "unclaimed", P.VERIFY_ORGANISATION, needs_reason=True, system=True),
    ),
)
FIRST_ROLES = {  # of the person who registers or claims an organisation
    "enterprise": (R.ORG_ADMIN,),
    "institute": (R.ORG_ADMIN,),
    "partner": (R.ORG_ADMIN, R.BROKER),
    "bureau": (R.ORG_ADMIN, R.BUREAU),
}
MEMBER_ROLES = {  # what an administrator may give inside the own organisation, by its kind
    "enterprise": (R.ORG_MEMBER, R.ORG_ADMIN),
    "institute": (R.ORG_MEMBER, R.TTO, R.ORG_ADMIN),
    "partner": (R.ORG_MEMBER, R.BROKER, R.ORG_ADMIN),
    "bureau": (R.BUREAU, R.ORG_ADMIN),
}
ALONE = frozenset({R.AUDITOR, R.SYSADMIN})  # who checks or configures holds no other staff role


def check_staff_roles(roles: frozenset[R], field: str = "roles") -> None:
    """Raise Invalid unless `roles` are staff roles that one person may hold together."""
    if not roles or not roles <= STAFF:
        raise Invalid({field: "请至少选一个科委角色"})
    if len(roles) > 1 and roles & ALONE:
        raise Invalid({field: "纪检审计和系统管理员不能兼任其他角色"})


def anonymous_name(kind: str, track: str | None, city_name: str) -> str:
    """Return how an organisation that asked for anonymity is called in public, e.g. 上海市某集成电路企业."""
    noun = {"enterprise": "企业", "institute": "院所", "partner": "机构"}.get(kind, "单位")
    return f"{city_name}某{track or ''}{noun}"
