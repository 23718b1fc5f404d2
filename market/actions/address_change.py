"""A new e-mail address for an account: asked for with the password, confirmed by a link to the new address."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from market.actions import history, limits, notices, people, tokens
from market.db import transaction
from market.domain import clock, identifiers
from market.domain.errors import Invalid
from market.domain.permissions import Actor
from market.models import User
from market.queries import accounts

TAKEN = "这个邮箱已经不能使用，请换一个邮箱重新申请"


def ask(user_id: int, email: str, actor: Actor) -> None:
    """Mail a link (one day, once) to the new address and tell the old one; the account keeps its address until then.

    The caller has checked the password. An address that has an account gets a mail that says so; the answer
    is the same. Raises Invalid (bad address, or the present one), TooMany (5 a day).
    """
    mailbox = identifiers.email(email)
    limits.hit("change-email", str(user_id), 5, timedelta(days=1), "一天最多申请 5 次，请明天再试")
    with transaction() as session:
        user = session.get_one(User, user_id)
        if user.email == mailbox:
            raise Invalid({"email": "这就是您现在的登录邮箱"})
        tokens.revoke("change_email", user_id=user.id)
        raw = tokens.issue("change_email", user_id=user.id, email=mailbox)
        history.record("user", user.id, "ask_change_email", actor, is_sample=user.is_sample)
        warning = (
            f"有人申请把您的登录邮箱换成 {_hint(mailbox)}。新邮箱里的链接打开以前，仍用现在的邮箱登录。不是您本人申请的，请立即更换密码。"
        )
        stamp = f"change-email-asked-{clock.now():%Y%m%d%H%M%S%f}"
        notices.notify([user], "account", "有人申请更换您的登录邮箱", warning, "/account", dedupe=stamp)
        known = accounts.user_by_email(mailbox)
        if known is not None:
            people.say_account_exists(known)
            return
        text = (
            f"{user.name}，您好：\n\n请打开下面的链接，把登录邮箱换成这个邮箱，一天内有效，只能用一次：\n"
            f"{{site}}/change-email/{raw}\n\n不是您本人申请的，不用理会，什么都不会变。"
        )
        key = f"change-email-{accounts.token_hash(raw)[:32]}"
        notices.mail(mailbox, user.name, "确认新的登录邮箱", text, dedupe=key, is_sample=user.is_sample)


def confirm(raw: str) -> None:
    """Make the address of the link the account's own and tell the old one. Raises NotVisible, Invalid.

    Links that went to the old address (reset, confirmation) are useless from now on.
    """
    try:
        with transaction() as session:
            token = tokens.spend("change_email", raw)
            user = session.get(User, token.user_id, with_for_update=True)
            if user is None or not user.active or token.email is None or accounts.user_by_email(token.email) is not None:
                raise Invalid({"email": TAKEN})
            old, user.email, user.email_confirmed_at = user.email, token.email, clock.now()
            session.flush()
            for purpose in ("reset", "confirm_email", "change_email"):
                tokens.revoke(purpose, user_id=user.id)
            actor = Actor(id=user.id, name=user.name, organisation_id=user.organisation_id)
            history.record("user", user.id, "change_email", actor, is_sample=user.is_sample)
            text = (
                f"{user.name}，您好：\n\n您账户的登录邮箱已经换成 {_hint(user.email)}，这个邮箱不再收到本站的消息。"
                "\n\n不是您本人操作的，请立即打电话联系我们。"
            )
            key = f"changed-email-{accounts.token_hash(raw)[:32]}"
            notices.mail(old, user.name, "您的登录邮箱已更换", text, dedupe=key, is_sample=user.is_sample)
    except IntegrityError as race:  # somebody registered with the address a moment ago
        raise Invalid({"email": TAKEN}) from race


def _hint(email: str) -> str:
    name, _, domain = email.partition("@")
    return f"{name[:2]}***@{domain}"
