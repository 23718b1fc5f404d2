"""Come in and go out: passwords with limits, sessions as rows, resets by mail."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from market.actions import history, limits, notices, passwords, tokens
from market.actions.passwords import PasswordHash
from market.db import db, transaction
from market.domain import clock, identifiers
from market.domain.errors import Invalid, TooMany
from market.domain.permissions import Actor
from market.models import AccessLog, User, UserSession
from market.queries import accounts

WRONG = "邮箱或密码不正确。刚注册的单位请先打开确认邮件里的链接；忘记密码可以重置"
BLOCKED = "这里连续多次登录没有成功，请 15 分钟后再试，或用「忘记密码」重设"
WINDOW = timedelta(minutes=15)
BY_ACCOUNT, BY_ADDRESS, BY_ALL = 5, 30, 600  # tries in one window


@dataclass(frozen=True)
class Visit:
    """Where a try comes from. `device` is set in a browser that this account has signed in with before."""

    address: str
    agent: str = ""
    device: str | None = None


def sign_in(email: str, password: str, visit: Visit) -> str:
    """Return the token of a new session.

    Raises Invalid with one and the same message whatever is wrong (unknown, password, disabled, address
    not confirmed) and TooMany after 5 tries an account, 30 an address, 600 in all within 15 minutes. A
    browser known to the account has a count of its own: a stranger's tries never lock the owner out.
    """
    name = email.strip().lower()[:254]
    account = f"{name}|{visit.device}" if visit.device else name
    _count_try(account, visit.address)
    user = accounts.user_by_email(name)
    usable = user is not None and user.active
    stored, user_id = (user.password_hash, user.id) if user is not None and usable else (None, None)
    if not passwords.matches(password, stored) or user_id is None:
        note("sign_in_refused", user_id, visit.address)
        raise Invalid({"password": WRONG})
    user = accounts.get_user(user_id)
    assert user is not None
    if user.email_confirmed_at is None:
        send_confirmation(user)
        note("sign_in_refused", user_id, visit.address)
        raise Invalid({"password": WRONG})
    limits.give_back("sign-in", account, WINDOW)
    limits.give_back("sign-in-address", visit.address, WINDOW)
    if stored and passwords.outdated(stored):
        _store_password(user_id, passwords.renew(password))
    note("sign_in", user_id, visit.address)
    return start_session(user_id, visit)


def _count_try(account: str, address: str) -> None:
    limits.hit("sign-in-all", "all", BY_ALL, WINDOW, BLOCKED)
    limits.hit("sign-in-address", address, BY_ADDRESS, WINDOW, BLOCKED)
    limits.hit("sign-in", account, BY_ACCOUNT, WINDOW, BLOCKED)


def start_session(user_id: int, visit: Visit, *, second_factor: bool = False) -> str:
    """Return the token of a new session row (wall time: a moved market clock signs nobody out)."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    with transaction() as session:
        session.add(
            UserSession(
                token_hash=accounts.token_hash(token),
                user_id=user_id,
                created_at=now,
                seen_at=now,
                totp_at=now if second_factor else None,
                address=visit.address[:64],
                agent=visit.agent[:200],
            )
        )
        session.execute(update(User).where(User.id == user_id).values(last_seen_at=clock.now()))
    return token


def end_session(session_id: int, user_id: int) -> None:
    """End one session of the person; every copy of its cookie is dead from now on."""
    _end(UserSession.id == session_id, UserSession.user_id == user_id)


def end_sessions(user_id: int, keep: int | None = None) -> None:
    """End all sessions of the person, except the one with id `keep`."""
    _end(UserSession.user_id == user_id, UserSession.id != (keep or 0))


def _end(*conditions: object) -> None:
    with transaction() as session:
        session.execute(
            update(UserSession)
            .where(UserSession.ended_at.is_(None), *conditions)  # type: ignore[arg-type]
            .values(ended_at=datetime.now(UTC))
            .execution_options(synchronize_session="fetch")
        )


def change_password(user_id: int, session_id: int, new: PasswordHash, actor: Actor) -> None:
    """Store a new password (the caller has checked the present one) and end the person's other sessions."""
    with transaction():
        _store_password(user_id, new)
        end_sessions(user_id, keep=session_id)
        tokens.revoke("reset", user_id=user_id)
        history.record("user", user_id, "change_password", actor)
        _tell_password_changed(user_id)


def check_password(user_id: int, password: str, field: str = "present") -> None:
    """Raise Invalid unless `password` is the person's present one; TooMany after 5 wrong tries in 15 minutes."""
    limits.hit("re-check", str(user_id), BY_ACCOUNT, WINDOW, BLOCKED)
    user = accounts.get_user(user_id)
    if not passwords.matches(password, user.password_hash if user else None):
        raise Invalid({field: "目前的密码不正确"})
    limits.give_back("re-check", str(user_id), WINDOW)


def ask_reset(email: str, visit: Visit) -> None:
    """Mail a reset link (30 minutes, once) when the address has an account; says and costs the same when it has none."""
    limits.hit("reset-address", visit.address, 10, timedelta(hours=1))
    name = email.strip().lower()[:254]
    try:
        limits.hit("reset", name, 3, timedelta(hours=1))
    except TooMany:
        return
    user = accounts.user_by_email(name)
    with transaction():
        if user is None or not user.active or user.password_hash is None:
            tokens.issue("reset", email=name)
            return
        tokens.revoke("reset", user_id=user.id)
        raw = tokens.issue("reset", user_id=user.id, email=user.email)
        text = f"{user.name}，您好：\n\n请在 30 分钟内打开下面的链接设置新密码（只能用一次）：\n{{site}}/reset-password/{raw}\n\n不是您本人申请的，不用理会，密码不会变。"
        notices.mail(user.email, user.name, "重设密码", text, dedupe=f"reset-{accounts.token_hash(raw)[:32]}", is_sample=user.is_sample)


def reset(raw: str, new: PasswordHash) -> None:
    """Set a new password by a mailed link; ends all sessions and clears the account's limits. Raises NotVisible."""
    with transaction() as session:
        token = tokens.spend("reset", raw)
        user = session.get(User, token.user_id) if token.user_id else None
        if user is None or not user.active:
            raise Invalid({"password": tokens.SPENT})
        _store_password(user.id, new)
        user.email_confirmed_at = user.email_confirmed_at or clock.now()
        end_sessions(user.id)
        limits.forget("sign-in", user.email)
        tokens.revoke("reset", user_id=user.id)
        history.record("user", user.id, "reset_password", Actor(id=user.id, name=user.name))
        _tell_password_changed(user.id)


def send_confirmation(user: User) -> None:
    """Mail a new confirmation link, three an hour at most (silently)."""
    try:
        limits.hit("confirm-mail", user.email, 3, timedelta(hours=1))
    except TooMany:
        return
    with transaction():
        raw = tokens.issue("confirm_email", user_id=user.id, email=user.email)
        text = f"{user.name}，您好：\n\n请打开下面的链接确认您的邮箱，三天内有效：\n{{site}}/confirm-email/{raw}\n\n不是您本人注册的，不用理会。"
        notices.mail(
            user.email, user.name, "确认您的邮箱", text, dedupe=f"confirm-{accounts.token_hash(raw)[:32]}", is_sample=user.is_sample
        )


def confirm_email(raw: str) -> None:
    """Mark the address of a mailed link as confirmed. Raises NotVisible."""
    with transaction() as session:
        token = tokens.spend("confirm_email", raw)
        user = session.get(User, token.user_id)
        if user is None or user.email != token.email:
            raise Invalid({"email": tokens.SPENT})
        user.email_confirmed_at = user.email_confirmed_at or clock.now()
        history.record("user", user.id, "confirm_email", Actor(id=user.id, name=user.name))


def _store_password(user_id: int, new: PasswordHash) -> None:
    with transaction() as session:
        user = session.get(User, user_id)
        if user is not None:
            user.password_hash = new
            session.flush()


def _tell_password_changed(user_id: int) -> None:
    user = db.session.get(User, user_id)
    if user is not None:
        stamp = f"{clock.now():%Y%m%d%H%M%S%f}"
        text = "您的账户刚刚更换了密码，其他设备上的登录已结束。不是您本人操作的，请立即重设密码并联系我们。"
        notices.notify([user], "account", "密码已更换", text, "/account/sessions", dedupe=f"password-{stamp}")


def note(act: str, user_id: int | None, address: str, detail: str = "") -> None:
    """Write one line of the access log."""
    with transaction() as session:
        line = AccessLog(at=clock.now(), user_id=user_id, act=act, address=identifiers.clean_text(address, 64), detail=detail[:300])
        session.add(line)
