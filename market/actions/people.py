"""What registering, accepting an invitation and claiming have in common: the person, the consent, the first words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from market.actions import history, notices
from market.actions.passwords import PasswordHash
from market.db import transaction
from market.domain import clock, identifiers
from market.domain.errors import Invalid
from market.domain.permissions import Actor, Role
from market.models import Consent, Organisation, User, UserRole


@dataclass(frozen=True)
class Person:
    """Who somebody says to be, with a password already hashed."""

    name: str
    phone: str
    title: str = ""
    password: PasswordHash | None = None


@dataclass(frozen=True)
class Accepted:
    """One text that somebody accepted: `document` is terms, privacy or phone; the hash is of its words (SHA-256, hex)."""

    document: str
    version: str
    text_hash: str


def add(email: str, person: Person, organisation: Organisation, roles: Iterable[Role], *, confirmed: bool) -> User:
    """Add a person with roles to an organisation; raises Invalid for a bad name or telephone."""
    with transaction() as session:
        user = User(email=email, organisation_id=organisation.id, email_confirmed_at=clock.now() if confirmed else None)
        fill(user, person)
        user.is_sample = organisation.is_sample
        session.add(user)
        session.flush()
        session.add_all(UserRole(user_id=user.id, role=role.value) for role in roles)
        session.flush()
        return user


def fill(user: User, person: Person) -> None:
    """Write name, title, telephone and, where given, the password. Raises Invalid."""
    name = identifiers.clean_text(person.name, 40)
    if len(name) < 2:
        raise Invalid({"person_name": "请填写真实姓名"})
    user.name = name
    user.title = identifiers.clean_text(person.title, 60) or None
    user.phone = identifiers.phone(person.phone) if person.phone.strip() else None
    if person.password is not None:
        user.password_hash = person.password


def accept(user_id: int, texts: Iterable[Accepted], address: str) -> None:
    """Keep which version of which text the person accepted, and when. Raises Invalid when one is missing."""
    accepted = list(texts)
    if {text.document for text in accepted} != {"terms", "privacy"}:
        raise Invalid({"terms": "请阅读并同意《用户协议》和《隐私政策》"})
    _keep(user_id, accepted, address)


def accept_again(user_id: int, texts: Iterable[Accepted], actor: Actor, address: str) -> None:
    """Keep the acceptance of texts that have a new version, beside the older ones."""
    accepted = list(texts)
    with transaction():
        _keep(user_id, accepted, address)
        detail = {text.document: text.version for text in accepted}
        history.record("user", user_id, "accept_texts", actor, detail=detail)


def _keep(user_id: int, accepted: Iterable[Accepted], address: str) -> None:
    with transaction() as session:
        session.add_all(
            Consent(
                user_id=user_id,
                document=text.document,
                document_version=text.version,
                text_hash=text.text_hash,
                at=clock.now(),
                address=address[:64],
            )
            for text in accepted
        )


def say_account_exists(user: User) -> None:
    """Tell the owner of an address that somebody tried to register or invite it (nobody else learns of it)."""
    text = (
        f"{user.name}，您好：\n\n有人用您的邮箱注册或被邀请加入另一家单位。您在本站已有账户，可以直接登录；忘记密码可以重设：\n"
        "{site}/forgot-password\n\n不是您本人，不用理会。"
    )
    key = f"exists-{user.id}-{clock.today():%Y%m%d}"
    notices.mail(user.email, user.name, "您在本站已有账户", text, dedupe=key, is_sample=user.is_sample)
