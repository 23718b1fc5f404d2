"""Members of an organisation: invited by mail, given roles, sent away. The last administrator stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, select

from market.actions import history, limits, notices, people, sign_in, tokens
from market.actions.people import Accepted, Person
from market.db import db, transaction
from market.domain import clock, identifiers
from market.domain.errors import Forbidden, IllegalStep, Invalid, NotVisible
from market.domain.organisations import FIRST_ROLES, MEMBER_ROLES
from market.domain.permissions import ROLE_WORDS, STAFF, Actor, Permission, Role, demand, roles_from
from market.models import Organisation, Token, User, UserRole
from market.queries import accounts


def invite(organisation: Organisation, email: str, role: str, actor: Actor) -> None:
    """Mail an invitation (7 days, once) to join the organisation in `role`.

    An address with an account elsewhere gets a mail that says so; the answer is the same. Raises
    Forbidden, Invalid, TooMany (30 a day for one organisation).
    """
    demand(actor, Permission.MANAGE_MEMBERS, organisation.subject)
    mailbox = identifiers.email(email)
    chosen = _roles(organisation, [role])
    with transaction():
        limits.hit("invite", str(organisation.id), 30, timedelta(days=1), "一天最多发 30 份邀请，请明天再试")
        known = accounts.user_by_email(mailbox)
        if known is not None and known.organisation_id == organisation.id:
            raise Invalid({"email": "这个人已经是本单位成员"})
        history.record("organisation", organisation.id, "invite", actor, detail={"role": role}, is_sample=organisation.is_sample)
        tokens.revoke("invitation", organisation_id=organisation.id, email=mailbox)
        raw = tokens.issue("invitation", organisation_id=organisation.id, email=mailbox, role=next(iter(chosen)).value)
        if known is not None:
            people.say_account_exists(known)
            return
        text = (
            f"您好：\n\n{actor.name} 邀请您以「{ROLE_WORDS[Role(role)]}」的身份加入 {organisation.name}。"
            f"请打开下面的链接设置姓名和密码，7 天内有效：\n{{site}}/invitations/{raw}"
        )
        key = f"invitation-{accounts.token_hash(raw)[:32]}"
        notices.mail(mailbox, "", f"邀请您加入 {organisation.name}", text, dedupe=key, is_sample=organisation.is_sample)


def withdraw_invitation(token_id: int, organisation: Organisation, actor: Actor) -> None:
    """Make an open invitation of the organisation useless. Raises NotVisible where it has no such invitation."""
    demand(actor, Permission.MANAGE_MEMBERS, organisation.subject)
    with transaction() as session:
        query = select(Token).where(Token.id == token_id, Token.organisation_id == organisation.id, Token.purpose == "invitation")
        token = session.scalar(query)
        if token is None:
            raise NotVisible
        if token.used_at is None:
            token.used_at = clock.now()
            history.record("organisation", organisation.id, "withdraw_invitation", actor, is_sample=organisation.is_sample)


def accept(raw: str, person: Person, texts: Iterable[Accepted], address: str) -> None:
    """Become a member, or open the account that the system administrator has made. Raises NotVisible, Invalid."""
    with transaction() as session:
        token = tokens.spend("invitation", raw)
        user = session.get(User, token.user_id) if token.user_id else None
        if user is None:
            user = _new_member(token, person)
        elif user.password_hash is not None or not user.active:
            raise IllegalStep("这个账户已经开通，请直接登录")
        else:
            people.fill(user, person)
            user.email_confirmed_at = clock.now()
        people.accept(user.id, texts, address)
        actor = Actor(id=user.id, name=user.name, organisation_id=user.organisation_id)
        history.record("user", user.id, "accept_invitation", actor, is_sample=user.is_sample)
        if user.organisation_id:
            admins = [p for p in accounts.people_of(user.organisation_id, frozenset({Role.ORG_ADMIN})) if p.id != user.id]
            key = f"joined-{user.id}"
            notices.notify(admins, "member", "新成员已加入", f"{user.name} 已接受邀请。", "/members", dedupe=key, is_sample=user.is_sample)


def _new_member(token: Token, person: Person) -> User:
    organisation = db.session.get(Organisation, token.organisation_id)
    if organisation is None or token.email is None or organisation.state == "suspended":
        raise IllegalStep("邀请您的单位目前不能增加成员")
    if accounts.user_by_email(token.email) is not None:
        raise Invalid({"person_name": "这个邮箱已有账户，请直接登录"})
    roles = roles_from([token.role or ""])
    if roles == {Role.ORG_ADMIN} and not accounts.people_of(organisation.id):
        roles = frozenset(FIRST_ROLES.get(organisation.kind, (Role.ORG_ADMIN,)))  # the first to come also does the work
    return people.add(token.email, person, organisation, roles, confirmed=True)


def set_roles(user: User, roles: Iterable[str], actor: Actor) -> None:
    """Give a member other roles inside the organisation; the last administrator keeps the role. Raises Forbidden, Invalid."""
    organisation = _demand(user, actor)
    chosen = _roles(organisation, roles)
    with transaction():
        _lock(organisation)
        if Role.ORG_ADMIN not in chosen:
            _keep_an_admin(user)
        before = sorted(role.role for role in user.roles)
        replace_roles(user.id, chosen)
        detail = {"before": before, "after": sorted(role.value for role in chosen)}
        history.record("user", user.id, "set_roles", actor, detail=detail, is_sample=user.is_sample)


def disable(user: User, reason: str, actor: Actor) -> None:
    """Close a member's account: all sessions end at once. The last administrator stays. Raises Forbidden, IllegalStep."""
    organisation = _demand(user, actor)
    with transaction():
        _lock(organisation)
        _keep_an_admin(user)
        close(user, reason, actor)


def enable(user: User, actor: Actor) -> None:
    """Open a member's closed account again. Raises Forbidden."""
    _demand(user, actor)
    reopen(user, actor)


def close(user: User, reason: str, actor: Actor) -> None:
    """Close an account (the caller has checked who may): sessions, open links and the right to sign in go."""
    with transaction():
        user.disabled_at = clock.now()
        sign_in.end_sessions(user.id)
        tokens.revoke("reset", user_id=user.id)
        tokens.revoke("invitation", user_id=user.id)
        history.record("user", user.id, "disable", actor, reason=reason or None, is_sample=user.is_sample)


def reopen(user: User, actor: Actor) -> None:
    """Open a closed account again (the caller has checked who may)."""
    with transaction():
        user.disabled_at = None
        history.record("user", user.id, "enable", actor, is_sample=user.is_sample)


def replace_roles(user_id: int, roles: Iterable[Role]) -> None:
    """Write the person's roles anew (the caller has checked who may)."""
    with transaction() as session:
        session.execute(delete(UserRole).where(UserRole.user_id == user_id).execution_options(synchronize_session="fetch"))
        session.add_all(UserRole(user_id=user_id, role=role.value) for role in sorted(roles))
        session.flush()


def edit_profile(user_id: int, person: Person, actor: Actor) -> None:
    """Change one's own name, title and telephone. Raises Invalid."""
    with transaction() as session:
        user = session.get_one(User, user_id)
        people.fill(user, person)
        history.record("user", user_id, "edit_profile", actor, is_sample=user.is_sample)


def _demand(user: User, actor: Actor) -> Organisation:
    demand(actor, Permission.MANAGE_MEMBERS, user.subject)
    held = roles_from(role.role for role in user.roles)
    organisation = user.organisation
    if organisation is None or held & STAFF:
        raise Forbidden("科委人员由系统管理员管理")
    if user.id == actor.id:
        raise IllegalStep("不能改自己的角色，也不能停用自己，请另一位管理员办理")
    return organisation


def _roles(organisation: Organisation, roles: Iterable[str]) -> frozenset[Role]:
    allowed = MEMBER_ROLES.get(organisation.kind, ())
    chosen = roles_from(roles)
    if not chosen or not chosen <= frozenset(allowed):
        raise Invalid({"role": "请选择本单位可用的角色"})
    return chosen


def _lock(organisation: Organisation) -> None:
    # Two administrators who send each other away at the same moment must not both succeed.
    db.session.execute(select(Organisation.id).where(Organisation.id == organisation.id).with_for_update())


def _keep_an_admin(user: User) -> None:
    if user.organisation_id is None:
        return
    others = (
        select(User.id)
        .join(UserRole)
        .where(User.organisation_id == user.organisation_id, User.id != user.id, User.disabled_at.is_(None))
        .where(UserRole.role == Role.ORG_ADMIN.value)
    )
    if db.session.scalar(others.limit(1)) is None:
        raise IllegalStep("这是本单位最后一位管理员，请先让另一位成员担任管理员")
