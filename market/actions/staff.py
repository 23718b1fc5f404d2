"""People of the commission: invited by the system administrator, roles, stand-ins (AB 角). Nobody changes the own account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from market.actions import history, members, notices, tokens
from market.db import db, transaction
from market.domain import clock, identifiers
from market.domain.errors import Forbidden, IllegalStep, Invalid
from market.domain.organisations import check_staff_roles
from market.domain.permissions import ANYTHING, ROLE_WORDS, STAFF, SYSTEM, Actor, Permission, Role, demand, roles_from
from market.models import Organisation, StandIn, User, UserRole
from market.queries import accounts


def invite(name: str, email: str, roles: Iterable[str], actor: Actor) -> str:
    """Add an account of the commission with `roles` and mail its invitation; returns the invitation's path.

    The account has no password until the invitation is accepted. Raises Forbidden, Invalid.
    """
    if actor is not SYSTEM:
        demand(actor, Permission.MANAGE_STAFF, ANYTHING)
    mailbox, chosen = identifiers.email(email), roles_from(roles)
    check_staff_roles(chosen)
    words = identifiers.clean_text(name, 40)
    if len(words) < 2:
        raise Invalid({"person_name": "请填写真实姓名"})
    with transaction() as session:
        if accounts.user_by_email(mailbox) is not None:
            raise Invalid({"email": "这个邮箱已有账户"})
        user = User(name=words, email=mailbox, organisation_id=commission().id)
        session.add(user)
        session.flush()
        session.add_all(UserRole(user_id=user.id, role=role.value) for role in sorted(chosen))
        history.record("user", user.id, "invite", actor, detail={"roles": sorted(role.value for role in chosen)})
        return _send(user, chosen)


def invite_again(user: User, actor: Actor) -> None:
    """Mail a new invitation to somebody who has not accepted the first; the old one is useless."""
    demand(actor, Permission.MANAGE_STAFF, user.subject)
    if user.password_hash is not None or not user.active:
        raise IllegalStep("这个账户已经开通")
    with transaction():
        _send(user, roles_from(role.role for role in user.roles))
        history.record("user", user.id, "invite", actor)


def _send(user: User, roles: frozenset[Role]) -> str:
    tokens.revoke("invitation", user_id=user.id)
    raw = tokens.issue("invitation", user_id=user.id, email=user.email)
    words = "、".join(ROLE_WORDS[role] for role in sorted(roles))
    text = f"{user.name}，您好：\n\n已为您开通科委账户（{words}）。请打开下面的链接设置密码，7 天内有效：\n{{site}}/invitations/{raw}\n\n首次登录要绑定手机验证器。"
    notices.mail(user.email, user.name, "请开通您的科委账户", text, dedupe=f"invitation-{accounts.token_hash(raw)[:32]}")
    return f"/invitations/{raw}"


def set_roles(user: User, roles: Iterable[str], actor: Actor) -> None:
    """Give a person of the commission other roles. Raises Forbidden (also for oneself), Invalid, IllegalStep."""
    _demand(user, actor)
    chosen = roles_from(roles)
    check_staff_roles(chosen)
    with transaction():
        _lock()
        if Role.SYSADMIN not in chosen:
            _keep_a_sysadmin(user)
        detail = {"before": sorted(role.role for role in user.roles), "after": sorted(role.value for role in chosen)}
        members.replace_roles(user.id, chosen)
        history.record("user", user.id, "set_roles", actor, detail=detail, is_sample=user.is_sample)
        stamp = f"roles-{user.id}-{clock.now():%Y%m%d%H%M%S%f}"
        words = "、".join(ROLE_WORDS[role] for role in sorted(chosen))
        notices.notify([user], "account", "您的角色已调整", f"现在的角色：{words}。", "/account", dedupe=stamp, is_sample=user.is_sample)


def disable(user: User, reason: str, actor: Actor) -> None:
    """Close an account of the commission: all sessions end at once. Raises Forbidden, IllegalStep."""
    _demand(user, actor)
    if not reason.strip():
        raise IllegalStep("停用需要写明理由")
    with transaction():
        _lock()
        _keep_a_sysadmin(user)
        members.close(user, reason, actor)


def enable(user: User, actor: Actor) -> None:
    """Open a closed account of the commission again. Raises Forbidden."""
    _demand(user, actor)
    members.reopen(user, actor)


def add_stand_in(absent_id: int, stand_in_id: int, first: date, last: date, actor: Actor) -> StandIn:
    """Let one person hold another's staff roles from first to last day (Shanghai dates, both included).

    Raises Forbidden, Invalid. Together the roles must be ones that one person may hold.
    """
    demand(actor, Permission.MANAGE_STAFF, ANYTHING)
    if absent_id == stand_in_id:
        raise Invalid({"stand_in_id": "代办人要另选一位"})
    if last < first or last < clock.today():
        raise Invalid({"last_day": "结束日期不能早于开始日期，也不能早于今天"})
    if actor.id in {absent_id, stand_in_id}:
        raise Forbidden("不能给自己设代办，请另一位系统管理员办理")
    absent, other = accounts.get_user(absent_id), accounts.get_user(stand_in_id)
    if absent is None or other is None or not absent.active or not other.active:
        raise Invalid({"stand_in_id": "请选择在用的科委账户"})
    held = [roles_from(role.role for role in person.roles) & STAFF for person in (absent, other)]
    if not all(held):
        raise Invalid({"stand_in_id": "请选择在用的科委账户"})
    check_staff_roles(held[0] | held[1], field="stand_in_id")
    with transaction() as session:
        row = StandIn(absent_id=absent_id, stand_in_id=stand_in_id, first_day=first, last_day=last)
        session.add(row)
        detail = {"stand_in": other.name, "from": first.isoformat(), "to": last.isoformat()}
        history.record("user", absent_id, "add_stand_in", actor, detail=detail, is_sample=absent.is_sample)
        text = f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d}，{other.name} 代办 {absent.name} 的工作。"
        session.flush()
        notices.notify([absent, other], "account", "已设置代办（AB 角）", text, "/todo", dedupe=f"stand-in-{row.id}")
        return row


def end_stand_in(row: StandIn, actor: Actor) -> None:
    """End an arrangement today: the stand-in holds the roles no longer."""
    demand(actor, Permission.MANAGE_STAFF, ANYTHING)
    with transaction() as session:
        history.record("user", row.absent_id, "end_stand_in", actor, detail={"stand_in_id": row.stand_in_id})
        session.delete(row)


def commission(name: str = "") -> Organisation:
    """Return the commission; adds it under `name` when there is none yet."""
    with transaction() as session:
        found = session.scalar(select(Organisation).where(Organisation.kind == "commission").order_by(Organisation.id))
        if found is None:
            found = Organisation(
                kind="commission", name=name or "科学技术委员会", region="310107", state="verified", verified_at=clock.now(), nature="014"
            )
            session.add(found)
            session.flush()
        return found


def _demand(user: User, actor: Actor) -> None:
    demand(actor, Permission.MANAGE_STAFF, user.subject)
    if user.id == actor.id:
        raise Forbidden("不能改自己的角色，也不能停用自己，请另一位系统管理员办理")
    if not roles_from(role.role for role in user.roles) & STAFF:
        raise Forbidden("单位成员由本单位管理员管理")


def _lock() -> None:
    # Two system administrators who send each other away at the same moment must not both succeed.
    db.session.execute(select(UserRole.id).where(UserRole.role == Role.SYSADMIN.value).order_by(UserRole.id).with_for_update())


def _keep_a_sysadmin(user: User) -> None:
    if not any(role.role == Role.SYSADMIN.value for role in user.roles):
        return
    if not any(other.id != user.id for other in accounts.people_with(Role.SYSADMIN)):
        raise IllegalStep("这是最后一位系统管理员，请先任命另一位")
