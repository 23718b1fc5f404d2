"""The second factor: TOTP (RFC 6238, 30 seconds, six digits), used once a step, and recovery codes."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, or_, update

from market.actions import history, limits, notices, sign_in
from market.actions.sign_in import Visit
from market.db import db, transaction
from market.domain import clock
from market.domain.errors import Forbidden, Invalid
from market.domain.permissions import SYSTEM, Actor, Permission, demand
from market.models import RecoveryCode, User
from market.queries import accounts

STEP = 30  # seconds
WRONG = "验证码不正确或已用过，请等手机上出现下一个再输入"
CODES = 10


def begin(user_id: int, key: str) -> None:
    """Give the person a new secret that waits for its first code. Raises Forbidden when one is confirmed already."""
    with transaction() as session:
        user = session.get(User, user_id)
        if user is None or user.totp_confirmed_at is not None:
            raise Forbidden("两步验证已经开启")
        user.totp_secret = _cipher(key).encrypt(pyotp.random_base32().encode()).decode()
        user.totp_last_step = None


def waiting_secret(user: User, key: str) -> str | None:
    """Return the secret of an enrolment that has begun and is not confirmed, else None."""
    return _secret(user, key) if user.totp_secret and user.totp_confirmed_at is None else None


def address_for(secret: str, email: str, issuer: str) -> str:
    """Return the otpauth address that a phone reads from the QR code."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer))


def confirm(user_id: int, code: str, key: str, actor: Actor) -> list[str]:
    """Finish the enrolment with a first code; returns the ten recovery codes, shown once. Raises Invalid, TooMany."""
    _check_code(user_id, code, key, confirmed=False)
    with transaction() as session:
        user = session.get(User, user_id)
        if user is None or user.totp_confirmed_at is not None:
            raise Forbidden("两步验证已经开启")
        user.totp_confirmed_at = clock.now()
        history.record("user", user_id, "enrol_second_factor", actor, is_sample=user.is_sample)
        return _new_codes(user_id)


def renew_codes(user_id: int, actor: Actor) -> list[str]:
    """Replace the recovery codes; returns the new ones, shown once (the caller has checked the password)."""
    with transaction():
        history.record("user", user_id, "renew_recovery_codes", actor)
        return _new_codes(user_id)


def pass_with(user_id: int, session_id: int, code: str, key: str, visit: Visit) -> str:
    """Return the token of a new session that has passed the second factor; the old one ends.

    `code` is six digits, or a recovery code. Raises Invalid, TooMany.
    """
    if len(code.strip().replace(" ", "")) == 6:
        _check_code(user_id, code, key, confirmed=True)
    else:
        _use_recovery_code(user_id, code)
    return change_session(user_id, session_id, visit)


def change_session(user_id: int, session_id: int, visit: Visit) -> str:
    """End a session and return the token of the one that follows it, second factor passed."""
    with transaction():
        sign_in.end_session(session_id, user_id)
        return sign_in.start_session(user_id, visit, second_factor=True)


def switch_off(user_id: int, actor: Actor) -> None:
    """Remove the person's second factor at own wish (the caller has checked the password). Staff may not."""
    if actor.is_staff:
        raise Forbidden("科委人员必须使用两步验证")
    _remove(user_id, "drop_second_factor", actor)


def take_away(user: User, actor: Actor) -> None:
    """Let somebody who lost phone and codes enrol again: secret, codes and sessions go. Raises Forbidden."""
    if actor is not SYSTEM:
        demand(actor, Permission.MANAGE_STAFF, user.subject)
    if user.id == actor.id:
        raise Forbidden("不能重置自己的两步验证")
    _remove(user.id, "reset_second_factor", actor)


def _remove(user_id: int, step: str, actor: Actor) -> None:
    with transaction() as session:
        user = session.get_one(User, user_id)
        user.totp_secret = user.totp_confirmed_at = user.totp_last_step = None
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        if step == "reset_second_factor":
            sign_in.end_sessions(user_id)
        history.record("user", user_id, step, actor, is_sample=user.is_sample)
        stamp = f"{clock.now():%Y%m%d%H%M%S%f}"
        text = "您的账户已取消两步验证。不是您本人要求的，请立即更换密码并联系我们。"
        notices.notify([user], "account", "两步验证已取消", text, "/account", dedupe=f"totp-off-{stamp}")


def _check_code(user_id: int, code: str, key: str, *, confirmed: bool) -> None:
    _count_try(user_id)
    user = accounts.get_user(user_id)
    secret = _secret(user, key) if user is not None and user.totp_secret and (user.totp_confirmed_at is not None) == confirmed else None
    typed = code.strip().replace(" ", "")
    step = _matching_step(secret, typed) if secret else None
    if step is None or not _use_step(user_id, step):
        raise Invalid({"code": WRONG})
    limits.give_back("second-factor", str(user_id), timedelta(minutes=5))


def _matching_step(secret: str, typed: str) -> int | None:
    if re.fullmatch(r"[0-9]{6}", typed) is None:
        return None
    # Wall time: the phone knows nothing of the market's clock.
    now = int(datetime.now(UTC).timestamp()) // STEP
    totp = pyotp.TOTP(secret)
    return next((step for step in (now, now - 1, now + 1) if secrets.compare_digest(totp.generate_otp(step), typed)), None)


def _use_step(user_id: int, step: int) -> bool:
    """True when `step` is later than the last one used; it is then the last. One statement, so that two never both win."""
    with transaction() as session:
        done = session.execute(
            update(User)
            .where(User.id == user_id, or_(User.totp_last_step.is_(None), User.totp_last_step < step))
            .values(totp_last_step=step)
            .execution_options(synchronize_session="fetch")
        )
        return int(getattr(done, "rowcount", 0)) == 1


def _use_recovery_code(user_id: int, code: str) -> None:
    _count_try(user_id)
    with transaction() as session:
        done = session.execute(
            update(RecoveryCode)
            .where(RecoveryCode.user_id == user_id, RecoveryCode.code_hash == _code_hash(user_id, code), RecoveryCode.used_at.is_(None))
            .values(used_at=clock.now())
            .execution_options(synchronize_session=False)
        )
        if int(getattr(done, "rowcount", 0)) != 1:
            raise Invalid({"code": WRONG})
        user = session.get_one(User, user_id)
        history.record("user", user_id, "use_recovery_code", Actor(id=user_id, name=user.name), is_sample=user.is_sample)


def _count_try(user_id: int) -> None:
    limits.hit("second-factor", str(user_id), 5, timedelta(minutes=5))
    limits.hit("second-factor-day", str(user_id), 50, timedelta(days=1))


def _new_codes(user_id: int) -> list[str]:
    codes = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(CODES)]
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    db.session.add_all(RecoveryCode(user_id=user_id, code_hash=_code_hash(user_id, code)) for code in codes)
    return codes


def _code_hash(user_id: int, code: str) -> str:
    return hashlib.sha256(f"{user_id}:{code.strip().lower()}".encode("utf-8", "replace")).hexdigest()


def _cipher(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"second factor" + key.encode()).digest()))


def _secret(user: User, key: str) -> str | None:
    try:
        return _cipher(key).decrypt((user.totp_secret or "").encode()).decode()
    except InvalidToken:
        return None
