"""Bureaus of cities: kept by the commission, which invites the first person; that person invites the others."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from market.actions import history, notices, steps, tokens
from market.db import db, transaction
from market.domain import clock, codes, identifiers
from market.domain.errors import IllegalStep, Invalid
from market.domain.permissions import ANYTHING, Actor, Permission, Role, demand
from market.models import Organisation
from market.queries import accounts


@dataclass(frozen=True)
class Bureau:
    """What the commission says about a bureau."""

    name: str
    region: str
    short_name: str = ""
    credit_code: str = ""
    phone: str = ""
    address: str = ""


def create(bureau: Bureau, email: str, actor: Actor) -> Organisation:
    """Add a bureau, verified by whoever adds it, and invite its first person when an address is given.

    Raises Forbidden, Invalid (a second bureau of the same city among others).
    """
    demand(actor, Permission.VERIFY_ORGANISATION, ANYTHING)
    organisation = Organisation(kind="bureau", state="verified", verified_at=clock.now(), public_institution=False)
    _fill(organisation, bureau)
    with transaction() as session:
        session.add(organisation)
        session.flush()
        history.record("organisation", organisation.id, "create_bureau", actor, to_state="verified")
        if email.strip():
            invite(organisation, email, actor)
        return organisation


def edit(organisation: Organisation, bureau: Bureau, actor: Actor, version: int | None) -> None:
    """Change what is said about a bureau. Raises Forbidden, Invalid, Stale."""
    demand(actor, Permission.VERIFY_ORGANISATION, organisation.subject)
    if organisation.kind != "bureau":
        raise IllegalStep("只有城市科技局由科委代为修改")
    with transaction() as session:
        session.refresh(organisation, with_for_update=True)
        steps.check_version(organisation, version)
        before = {name: getattr(organisation, name) for name in vars(bureau)}
        _fill(organisation, bureau)
        changed = {name: [old, getattr(organisation, name)] for name, old in before.items() if getattr(organisation, name) != old}
        if changed:
            history.record("organisation", organisation.id, "edit", actor, detail={"changed": changed}, is_sample=organisation.is_sample)


def invite(organisation: Organisation, email: str, actor: Actor) -> None:
    """Mail the invitation (7 days, once) to the bureau's first person, who then manages it and invites colleagues.

    Raises Forbidden, Invalid, IllegalStep (the bureau has somebody already).
    """
    demand(actor, Permission.VERIFY_ORGANISATION, organisation.subject)
    mailbox = identifiers.email(email)
    if organisation.kind != "bureau" or not organisation.verified:
        raise IllegalStep("只有在用的城市科技局可以这样邀请")
    if accounts.people_of(organisation.id, frozenset({Role.ORG_ADMIN})):
        raise IllegalStep("这家科技局已有管理员，请由管理员邀请同事")
    with transaction():
        history.record("organisation", organisation.id, "invite_first", actor, is_sample=organisation.is_sample)
        tokens.revoke("invitation", organisation_id=organisation.id)
        known = accounts.user_by_email(mailbox)
        if known is not None:
            raise Invalid({"email": "这个邮箱已有账户，请换一个邮箱"})
        raw = tokens.issue("invitation", organisation_id=organisation.id, email=mailbox, role=Role.ORG_ADMIN.value)
        text = (
            f"您好：\n\n{actor.name} 邀请您管理 {organisation.name} 在本站的账户：看本市单位的需求、线索和合同，推荐本市的企业和院所。"
            f"请打开下面的链接设置姓名和密码，7 天内有效：\n{{site}}/invitations/{raw}"
        )
        key = f"invitation-{accounts.token_hash(raw)[:32]}"
        notices.mail(mailbox, organisation.name, f"邀请您管理 {organisation.name}", text, dedupe=key, is_sample=organisation.is_sample)


def _fill(organisation: Organisation, bureau: Bureau) -> None:
    name = identifiers.clean_text(bureau.name, 120)
    if len(name) < 2:
        raise Invalid({"name": "请填写单位全称"})
    if bureau.region not in codes.REGIONS or bureau.region == codes.DISTRICT:
        raise Invalid({"region": "请选择本区以外的城市"})
    with db.session.no_autoflush:
        code = identifiers.credit_code(bureau.credit_code) if bureau.credit_code.strip() else None
        others = select(Organisation).where(Organisation.id != (organisation.id or 0))
        same_city = others.where(Organisation.kind == "bureau", Organisation.region == bureau.region, Organisation.state != "suspended")
        if (twin := db.session.scalar(same_city.limit(1))) is not None:
            raise Invalid({"region": f"这个城市已有科技局：{twin.name}"})
        if code and db.session.scalar(others.where(Organisation.credit_code == code).limit(1)) is not None:
            raise Invalid({"credit_code": "这个代码的单位已经在本站"})
    organisation.name, organisation.region, organisation.credit_code = name, bureau.region, code
    organisation.short_name = identifiers.clean_text(bureau.short_name, 40) or None
    organisation.address = identifiers.clean_text(bureau.address, 200) or None
    organisation.phone = identifiers.phone(bureau.phone) if bureau.phone.strip() else None
