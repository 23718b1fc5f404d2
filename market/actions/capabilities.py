"""Capabilities: draft, submit (through the authorised person), end, and confirm that they still hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from market.actions import history, notices, search, steps, tokens, versions
from market.db import db, transaction
from market.domain import capabilities as rules
from market.domain import clock, codes
from market.domain.capabilities import CAPABILITY
from market.domain.errors import Forbidden, IllegalStep, Invalid, NotVisible
from market.domain.permissions import SYSTEM, Actor, Role, demand
from market.domain.permissions import Permission as P
from market.models import Capability, IpRight
from market.queries import accounts, capabilities, settings
from market.queries import versions as words

COLUMNS = (
    "kind", "title", "summary", "problem", "advantages", "conditions", "evidence", "team", "field", "track", "stage", "trl",
    "price_stated", "price_fen", "disclosable", "contact_name", "contact_phone",
)  # fmt: skip
_MINOR = frozenset({"summary", "problem", "advantages", "conditions", "evidence", "team", "price_stated", "price_fen", "modes"})
RENEWAL = timedelta(days=45)
LISTED = 10  # capabilities with a link of their own in one reminder


def create(values: Mapping[str, Any], actor: Actor) -> Capability:
    """Write a draft of the actor's organisation and return it. Raises Forbidden."""
    demand(actor, P.CREATE_CAPABILITY)
    organisation = accounts.get_organisation(actor.organisation_id) if actor.organisation_id else None
    if organisation is None:
        raise Forbidden("请先加入一个单位，再发布成果")
    with transaction() as session:
        capability = Capability(
            organisation=organisation, author_id=actor.id, region=organisation.region, is_sample=organisation.is_sample, ip_rights=[]
        )
        _write(capability, values)
        session.add(capability)
        session.flush()
        history.record("capability", capability.id, "create", actor, to_state="draft", is_sample=capability.is_sample)
        return capability


def edit(capability: Capability, values: Mapping[str, Any], actor: Actor, version: int | None = None, *, quiet: bool = False) -> None:
    """Change a draft or returned capability, or the minor words of a published one at once.

    Kind, title, IP, stage, field and contact of a published one are major: they need 撤下 and a new
    review. Raises Forbidden, IllegalStep, Stale (with what differs).
    """
    demand(actor, P.EDIT_CAPABILITY, capability.subject)
    live = capability.state in rules.PUBLIC_STATES
    if live:
        demand(actor, P.SUBMIT_CAPABILITY, capability.subject)
    elif capability.state not in rules.EDITABLE_STATES:
        raise IllegalStep(f"目前是「{CAPABILITY.states[capability.state]}」，不能修改；先撤回提交再改")
    if live:
        _refuse_major(capability, values)
    with transaction() as session:
        versions.check(capability, lambda: _typed(capability, values), version)
        before = words.content(capability)
        _write(capability, {k: v for k, v in values.items() if k in _MINOR} if live else values)
        session.flush()
        changed = words.changed_labels(before, words.content(capability))
        if changed and not quiet:
            history.record("capability", capability.id, "edit", actor, detail={"changed": changed}, is_sample=capability.is_sample)
        if live:
            search.refresh(capability)


def _refuse_major(capability: Capability, values: Mapping[str, Any]) -> None:
    """Raise Invalid beside every field that only a new review may change."""
    said = "已发布后要先撤下，改好再审核"
    wrong = {name: said for name in COLUMNS if name not in _MINOR and name in values and values[name] != getattr(capability, name)}
    if "ip" in values and [(r["type"], r.get("number") or "", r.get("status") or "none") for r in values["ip"]] != [
        (r.type, r.number, r.status) for r in capability.ip_rights
    ]:
        wrong["ip"] = said
    if wrong:
        raise Invalid(wrong)


def _typed(capability: Capability, values: Mapping[str, Any]) -> Capability:
    """Return what was typed, as a row that is never stored."""
    typed = Capability(region=capability.region, ip_rights=[])
    _write(typed, values)
    return typed


def _write(capability: Capability, values: Mapping[str, Any]) -> None:
    for name in COLUMNS:
        if name in values:
            setattr(capability, name, values[name])
    if "modes" in values:
        capability.modes = ";".join(values["modes"])
    if "ip" in values:
        capability.ip_rights = [
            IpRight(type=row["type"], number=row.get("number") or "", status=row.get("status") or "none") for row in values["ip"]
        ]
    if capability.stage and not capability.trl:
        capability.trl = codes.STAGE_TRL.get(capability.stage)
    capability.changed_at = clock.now()


def submit(capability: Capability, actor: Actor, version: int | None = None) -> None:
    """Send a capability to moderation (the authorised person's act). Raises Invalid beside the field, Forbidden, IllegalStep, Stale."""
    demand(actor, P.SUBMIT_CAPABILITY, capability.subject)
    missing = {name: words_ for name, words_ in (("title", "请填写名称"), ("summary", "请写一段简介")) if not getattr(capability, name)}
    if not capability.disclosable:
        missing["disclosable"] = "请勾选：本单位同意公开，内容不涉密"
    if missing:
        raise Invalid(missing)
    with transaction():
        steps.check_version(capability, version)
        steps.take(capability, CAPABILITY, "submit", actor, {"has_text": True, "disclosable": True})
        capability.submitted_at = capability.changed_at = clock.now()
        capability.answer_due = settings.work_calendar().add(clock.today(), settings.current().moderation_days)
        number = versions.freeze(capability, actor)
        clerks = [user for user in accounts.people_with(Role.CLERK) if user.organisation_id != capability.organisation_id]
        text = f"「{capability.title}」，最迟 {capability.answer_due} 答复。"
        link = f"/moderation/capability/{capability.id}"
        notices.notify(clerks, "submitted", "有一条成果等待审核", text, link, dedupe=f"capability-{capability.id}-submitted-{number}")


def take_step(capability: Capability, name: str, actor: Actor, reason: str | None = None, version: int | None = None) -> None:
    """Take one of the owner's steps: submit, take_back, reserve, license, release, withdraw."""
    if name == "submit":
        submit(capability, actor, version)
        return
    with transaction():
        steps.check_version(capability, version)
        steps.take(capability, CAPABILITY, name, actor, {}, reason=reason)
        capability.changed_at = clock.now()
        if name == "withdraw":
            capability.end_reason = reason
        search.refresh(capability)


def confirm(capability: Capability, actor: Actor) -> None:
    """Say that a capability still holds; its twelve months (a setting) begin anew."""
    if actor is not SYSTEM:
        demand(actor, P.CONFIRM_CAPABILITY, capability.subject)
    if capability.state not in rules.PUBLIC_STATES:
        raise IllegalStep("只有已发布的成果需要确认")
    with transaction():
        capability.confirmed_on = clock.today()
        history.record("capability", capability.id, "confirm", actor, is_sample=capability.is_sample)
        search.refresh(capability)


def confirm_many(ids: Iterable[int], actor: Actor) -> int:
    """Confirm those of `ids` that belong to the actor's organisation; return how many."""
    with transaction():
        found = [capability for capability in capabilities.confirmable(actor.organisation_id or 0) if capability.id in set(ids)]
        for capability in found:
            confirm(capability, actor)
        return len(found)


def confirm_by_link(raw: str) -> Capability:
    """Confirm by the mailed link, once. Raises NotVisible when it is spent or the capability is gone."""
    with transaction():
        token = tokens.spend("renew", raw)
        capability = capabilities.get(token.subject_id or 0)
        if capability is None:
            raise NotVisible
        confirm(capability, SYSTEM)
        return capability


def remind_renewals() -> int:
    """Remind every organisation once a month of what is to be confirmed: all its authorised people, in one mail each.

    Due is what was never confirmed, or whose confirmation runs out within a month. The mail carries a link for
    each capability (ten at most) and the page on which many are confirmed at once. Returns how many were told.
    """
    today, months = clock.today(), settings.current().confirmation_months
    oldest = today - timedelta(days=months * 365 // 12 - 31)
    never_or_old = or_(Capability.confirmed_on.is_(None), Capability.confirmed_on <= oldest)
    with transaction():
        query = select(Capability).where(Capability.state.in_(rules.PUBLIC_STATES), never_or_old)
        due: dict[int, list[Capability]] = {}
        for capability in db.session.scalars(query.order_by(Capability.confirmed_on.asc().nulls_first(), Capability.id)):
            due.setdefault(capability.organisation_id, []).append(capability)
        return sum(_remind(organisation_id, rows, f"renew-{organisation_id}-{today:%Y%m}") for organisation_id, rows in due.items())


def _remind(organisation_id: int, rows: list[Capability], key: str) -> int:
    people = accounts.people_of(organisation_id, frozenset({Role.TTO})) or accounts.people_of(organisation_id, frozenset({Role.ORG_ADMIN}))
    untold = [person for person in people if not notices.is_told(f"{key}:{person.id}")]
    if not untold:
        return 0
    title = f"请确认 {len(rows)} 项成果仍然有效" if len(rows) > 1 else "请确认成果仍然有效"
    sample = rows[0].is_sample
    lines = [_renewal_line(row) for row in rows[:LISTED]]
    more = [f"另有 {len(rows) - LISTED} 项。"] if len(rows) > LISTED else []
    for person in untold:
        body = "\n".join(
            [
                f"{person.name}，您好：",
                "",
                "下面的成果很久没有确认。仍然有效的，打开链接点一下；不确认的会往后排，再久不再展示。",
                "",
                *lines,
                *more,
            ]
        )
        body += "\n\n登录后可以一次确认多项：{site}/capabilities/renew"
        notices.mail(person.email, person.name, title, body, dedupe=f"{key}:{person.id}", is_sample=sample)
        names = "、".join(f"「{row.title}」" for row in rows[:3])
        text = f"{names}{'等' if len(rows) > 3 else ''}很久没有确认。不确认的会往后排，再久不再展示。"
        notices.notify([person], "renew", title, text, "/capabilities/renew", dedupe=f"{key}-in-app", is_sample=sample, by_mail=False)
    return len(untold)


def _renewal_line(row: Capability) -> str:
    """Return what a mail says of one capability; the link is a fresh one, good for all who get the mail."""
    raw = tokens.issue("renew", RENEWAL, subject_kind="capability", subject_id=row.id)
    last = f"上次确认 {row.confirmed_on}" if row.confirmed_on else "还没有确认过"
    return f"「{row.title}」，{last}\n{{site}}/renew/{raw}"
