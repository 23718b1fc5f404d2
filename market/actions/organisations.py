"""Organisations: registered by themselves, edited by their administrators, verified by the commission, claimed by a link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from market.actions import history, notices, people, sign_in, steps
from market.actions.people import Accepted, Person
from market.db import db, transaction
from market.domain import clock, codes, identifiers
from market.domain.errors import IllegalStep, Invalid
from market.domain.organisations import FIRST_ROLES, ORGANISATION
from market.domain.permissions import Actor, Permission, Role, demand
from market.models import Organisation, User
from market.queries import accounts

REGISTERS = ("enterprise", "institute", "partner")
TAKEN = "这个代码的单位已经注册，请联系本单位管理员邀请您加入"


@dataclass(frozen=True)
class Details:
    """What an organisation says about itself. None leaves a value as it is."""

    name: str
    credit_code: str
    region: str
    track: str = ""
    tags: tuple[str, ...] = ()
    short_name: str | None = None
    legal_person: str | None = None
    address: str | None = None
    postcode: str | None = None
    phone: str | None = None
    nature: str | None = None
    public_institution: bool | None = None
    profile: str | None = None


def register(kind: str, details: Details, email: str, person: Person, texts: Iterable[Accepted], address: str) -> None:
    """Add an organisation that waits for verification, and its first administrator, who must confirm the address.

    An address that has an account already gets a mail that says so, and nothing is added: the answer on
    the page is the same. Raises Invalid.
    """
    if kind not in REGISTERS:
        raise Invalid({"kind": "请选择单位类型"})
    mailbox = identifiers.email(email)
    organisation = Organisation(kind=kind)
    _fill(organisation, details)
    with transaction() as session:
        _refuse_known_code(organisation)
        known = accounts.user_by_email(mailbox)
        if known is not None:
            people.say_account_exists(known)
            return
        session.add(organisation)
        session.flush()
        user = people.add(mailbox, person, organisation, FIRST_ROLES[kind], confirmed=False)
        people.accept(user.id, texts, address)
        actor = Actor(id=user.id, name=user.name, organisation_id=organisation.id)
        history.record("organisation", organisation.id, "register", actor, to_state="pending")
        history.record("user", user.id, "register", actor)
        sign_in.send_confirmation(user)
        ask_for_verification(organisation)


def edit(organisation: Organisation, details: Details, actor: Actor, version: int | None) -> None:
    """Change what an organisation says about itself.

    A new name or credit code sends a verified organisation back to 待核验. Raises Forbidden, Stale, Invalid.
    """
    demand(actor, Permission.EDIT_ORGANISATION, organisation.subject)
    with transaction() as session:
        session.refresh(organisation, with_for_update=True)
        steps.check_version(organisation, version)
        before = _words(organisation)
        identity = (organisation.name, organisation.credit_code)
        _fill(organisation, details)
        if (organisation.name, organisation.credit_code) != identity:
            _refuse_known_code(organisation)
        changed = {key: [old, new] for key, new in _words(organisation).items() if (old := before[key]) != new}
        if not changed:
            return
        if (organisation.name, organisation.credit_code) != identity and organisation.verified:
            steps.take(organisation, ORGANISATION, "rename", actor, detail={"changed": changed})
            ask_for_verification(organisation)
        else:
            history.record("organisation", organisation.id, "edit", actor, detail={"changed": changed}, is_sample=organisation.is_sample)


def decide(organisation: Organisation, step: str, reason: str, actor: Actor, version: int | None = None) -> None:
    """Verify, refuse, suspend, restore (the commission) or resubmit (its administrator), and tell its administrators.

    Raises Forbidden (also for one's own organisation: four eyes), IllegalStep, Stale.
    """
    with transaction() as session:
        session.refresh(organisation, with_for_update=True)
        steps.check_version(organisation, version)
        if step == "verify" and organisation.kind in REGISTERS and not organisation.credit_code:
            raise IllegalStep("还没有统一社会信用代码，不能核验通过")
        if step == "verify":
            organisation.verified_at = clock.now()  # before the step: the database refuses a verified one without a date
        steps.take(organisation, ORGANISATION, step, actor, reason=reason)
        organisation.state_reason = reason[:300] or None
        session.flush()
        if step == "resubmit":
            ask_for_verification(organisation)
            return
        word = ORGANISATION.states[organisation.state]
        stamp = f"organisation-{organisation.id}-{step}-{clock.now():%Y%m%d%H%M%S%f}"
        admins = accounts.people_of(organisation.id, frozenset({Role.ORG_ADMIN}))
        notices.notify(
            admins,
            "organisation",
            f"单位{word}",
            f"{organisation.name}：{word}。{reason}",
            f"/organisations/{organisation.id}",
            dedupe=stamp,
            is_sample=organisation.is_sample,
        )


def fill(organisation: Organisation, details: Details, taken: str = TAKEN) -> None:
    """Write what an organisation says about itself. Raises Invalid, also for the code of another one (`taken` says what to do)."""
    _fill(organisation, details)
    _refuse_known_code(organisation, taken)


def _fill(organisation: Organisation, details: Details) -> None:
    name = identifiers.clean_text(details.name, 120)
    if len(name) < 2:
        raise Invalid({"name": "请填写单位全称"})
    if details.region not in codes.REGIONS:
        raise Invalid({"region": "请选择所在地区"})
    organisation.name, organisation.region = name, details.region
    organisation.credit_code = identifiers.credit_code(details.credit_code)
    organisation.track = details.track if details.track in codes.TRACKS else None
    organisation.tags = ";".join(tag for tag in codes.TAGS if tag in details.tags)
    for field, limit in (("short_name", 40), ("legal_person", 40), ("address", 200)):
        if (value := getattr(details, field)) is not None:
            setattr(organisation, field, identifiers.clean_text(value, limit) or None)
    if details.profile is not None:
        organisation.profile = identifiers.clean_text(details.profile, 1000)
    if details.phone is not None:
        organisation.phone = identifiers.phone(details.phone) if details.phone.strip() else None
    if details.postcode is not None:
        if details.postcode and not (details.postcode.isascii() and details.postcode.isdigit() and len(details.postcode) == 6):
            raise Invalid({"postcode": "邮编是 6 位数字"})
        organisation.postcode = details.postcode or None
    if details.nature is not None:
        organisation.nature = details.nature if details.nature in codes.NATURES else None
    if details.public_institution is not None:
        organisation.public_institution = details.public_institution


def _words(organisation: Organisation) -> dict[str, Any]:
    return {key: getattr(organisation, key) for key in asdict(Details("", "", "")) if key != "profile"} | {
        "profile": (organisation.profile or "")[:200]
    }


def _refuse_known_code(organisation: Organisation, taken: str = TAKEN) -> None:
    with db.session.no_autoflush:
        query = select(Organisation).where(Organisation.credit_code == organisation.credit_code)
        other = db.session.scalar(query if organisation.id is None else query.where(Organisation.id != organisation.id))
    if other is None:
        return
    if other.state == "unclaimed":
        raise Invalid({"credit_code": "贵单位的资料已在本站待认领，请联系我们发认领链接"})
    raise Invalid({"credit_code": taken})


def ask_for_verification(organisation: Organisation) -> None:
    """Tell clerks and reviewers that an organisation waits."""
    staff: list[User] = accounts.people_with(Role.CLERK) + accounts.people_with(Role.REVIEWER)
    notices.notify(
        staff,
        "organisation",
        "有单位等待核验",
        f"{organisation.name}（{codes.label('organisation_kind', organisation.kind)}）等待核验。",
        "/organisations/to-verify",
        dedupe=f"organisation-{organisation.id}-waits-{clock.now():%Y%m%d%H%M%S%f}",
        is_sample=organisation.is_sample,
    )
