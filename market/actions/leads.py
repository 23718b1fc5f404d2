"""Leads: ask, note a visit, assign, fill in for the enterprise (代填), let it confirm by a link, close."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from market.actions import challenges, history, limits, notices, steps, tokens, visit_files
from market.db import transaction
from market.domain import clock, identifiers
from market.domain.challenges import EDITABLE_STATES
from market.domain.errors import IllegalStep, Invalid, NotVisible
from market.domain.leads import CONSENT, DUE_WORKING_DAYS, LEAD, LINK_DAYS
from market.domain.permissions import PUBLIC, SYSTEM, Actor, Role, demand
from market.domain.permissions import Permission as P
from market.models import Challenge, Consent, Lead, Organisation, User
from market.queries import accounts, settings
from market.queries import leads as queries

ASKS_AN_ADDRESS = 10  # within an hour
ASKS_IN_ALL = 200  # within an hour
_HOUR = timedelta(hours=1)
_COLUMNS = ("wrong", "wanted", "company", "contact_name", "region")


def ask(values: Mapping[str, Any], address: str) -> Lead:
    """Keep what somebody without an account said in three sentences, with the consent to be called.

    Raises Invalid (phone, e-mail, no consent), TooMany (by address, and in all).
    """
    if not values.get("consent"):
        raise Invalid({"consent": "请先勾选，我们才能联系您"})
    lead = _lead(values, source="web")
    with transaction() as session:
        limits.hit("ask", address, ASKS_AN_ADDRESS, _HOUR, "这个网络一小时内提得太多了，请稍后再试，或者直接打电话")
        limits.hit("ask", "all", ASKS_IN_ALL, _HOUR, "现在提需求的人太多，请过一会儿再试，或者直接打电话")
        session.add(lead)
        session.flush()
        version = settings.current().privacy_version
        for document in ("privacy", "phone"):
            digest = hashlib.sha256(f"{CONSENT}\n{version}".encode()).hexdigest()
            session.add(
                Consent(
                    lead_id=lead.id, document=document, document_version=version, text_hash=digest, at=clock.now(), address=address[:64]
                )
            )
        history.record("lead", lead.id, "ask", PUBLIC, to_state="new")
        _tell(accounts.people_with(Role.CLERK), lead, "new", "有一条新线索待分派", "有单位提交了三句话需求，请查看并分派。")
        return lead


def note_visit(values: Mapping[str, Any], actor: Actor, uploads: Sequence[visit_files.Upload] = ()) -> Lead:
    """Keep what a visit or a call brought, with its photos; it is the visitor's to follow. Raises Forbidden, Invalid."""
    demand(actor, P.WORK_LEAD)
    lead = _lead(values, source=str(values.get("source") or "visit"))
    lead.state, lead.assignee_id = "assigned", actor.id
    if Role.BUREAU in actor.roles and actor.city:
        lead.region = actor.city
    with transaction() as session:
        session.add(lead)
        session.flush()
        history.record("lead", lead.id, "visit", actor, to_state="assigned")
        visit_files.with_lead(lead, uploads, actor)
        return lead


def _lead(values: Mapping[str, Any], source: str) -> Lead:
    missing = {name: "请填写这一项" for name in ("wrong", "company", "phone") if not values.get(name)}
    if missing:
        raise Invalid(missing)
    return Lead(
        **{name: values.get(name) or ("" if name != "region" else None) for name in _COLUMNS},
        phone=identifiers.phone(values["phone"]),
        email=identifiers.email(values["email"]) if values.get("email") else "",
        source=source,
        due=settings.work_calendar().add(clock.today(), DUE_WORKING_DAYS),
    )


def assign(lead: Lead, assignee_id: int, next_step: str, due: date | None, actor: Actor, version: int | None = None) -> None:
    """Give a lead to somebody. Raises Forbidden, IllegalStep, Stale, Invalid (nobody who works leads)."""
    steps.check_version(lead, version)
    assignee = queries.may_be_assigned(assignee_id)
    if assignee is None:
        raise Invalid({"assignee_id": "请选择负责人"})
    with transaction():
        detail = {"note": f"交给{assignee.name}" + (f"：{next_step}" if next_step else "")}
        steps.take(lead, LEAD, "assign", actor, {"assignee": True}, detail=detail)
        lead.assignee_id, lead.next_step, lead.due = assignee.id, next_step, due or lead.due
        _tell([assignee], lead, f"assigned-{lead.version}", "有一条线索交给您跟进", "请尽快与对方联系。", unless=actor.id)


def draft(lead: Lead, values: Mapping[str, Any], actor: Actor) -> Challenge:
    """Fill in the challenge for the enterprise (代填) and return the draft; the enterprise confirms it later.

    `values` holds name, credit_code, region of the organisation (found by code or name, or made as
    待认领) and what actions.challenges.create takes. Raises Forbidden, IllegalStep (there is one already), Invalid.
    """
    demand(actor, P.WORK_LEAD, lead.subject)
    if lead.state in {"closed", "confirmed"} or queries.challenge_of(lead.id) is not None:
        raise IllegalStep("这条线索已经代填过，或者已经结束")
    with transaction():
        organisation = _organisation(values, actor, lead.is_sample)
        challenge = challenges.create(values, actor, organisation=organisation, lead=lead)
        lead.organisation_id = organisation.id
        lead.assignee_id = lead.assignee_id or actor.id
        history.record(
            "lead", lead.id, "draft", actor, detail={"note": f"《{challenge.title}》", "challenge": challenge.id}, is_sample=lead.is_sample
        )
        return challenge


def _organisation(values: Mapping[str, Any], actor: Actor, is_sample: bool) -> Organisation:
    name = str(values.get("name") or "").strip()
    code = identifiers.credit_code(values["credit_code"]) if values.get("credit_code") else None
    known = queries.organisation_named(name, code)
    if known is not None:
        return known
    if not name or not values.get("region"):
        raise Invalid({"name": "请填写单位全称"} if not name else {"region": "请选择单位所在地"})
    with transaction() as session:
        made = Organisation(kind="enterprise", name=name, credit_code=code, region=values["region"], state="unclaimed", is_sample=is_sample)
        session.add(made)
        session.flush()
        history.record("organisation", made.id, "create", actor, to_state="unclaimed", reason="代填需求时建立", is_sample=is_sample)
        return made


def send_link(lead: Lead, actor: Actor) -> str:
    """Ask the enterprise to confirm what was filled in; returns the link's token (kept only as a hash).

    It goes out by mail where the lead has an address, and is shown once to be sent by phone. People who
    act for the organisation are told too. Raises Forbidden, IllegalStep.
    """
    challenge = queries.challenge_of(lead.id)
    ready = challenge is not None and challenge.state in EDITABLE_STATES
    with transaction():
        steps.take(lead, LEAD, "fill", actor, {"challenge": ready})
        assert challenge is not None
        challenge.confirmed = False
        lead.due = clock.today() + timedelta(days=LINK_DAYS)  # until then it is the enterprise's turn
        tokens.revoke("confirm", subject_kind="lead", subject_id=lead.id)
        raw = tokens.issue("confirm", timedelta(days=LINK_DAYS), subject_kind="lead", subject_id=lead.id, email=lead.email or None)
        key = f"lead-{lead.id}-confirm-{lead.version}"
        words = f"您提的难题已整理成《{challenge.title}》。请打开链接核对，确认后提交审核；哪里不对也请写明。\n\n{{site}}/confirm/{raw}"
        if lead.email:
            notices.mail(lead.email, lead.contact_name, "请确认为您整理的技术需求", words, dedupe=key, is_sample=lead.is_sample)
        people = accounts.people_of(challenge.organisation_id)
        notices.notify(
            people,
            "lead",
            "有人替贵单位整理了一条需求",
            "请核对是否属实。",
            f"/challenges/{challenge.id}",
            dedupe=key,
            is_sample=lead.is_sample,
        )
        return raw


def confirm(raw: str, no_secrets: bool, version: int | None) -> Challenge:
    """The enterprise confirms by its link, and that it holds no secrets: the challenge goes to moderation.

    Raises NotVisible (the link holds no longer), Stale (the text changed while it was read), Invalid.
    """
    if not no_secrets:
        raise Invalid({"no_secrets": "确认前请勾选"})
    lead, challenge = _opened(raw)
    steps.check_version(challenge, version)
    with transaction():
        tokens.spend("confirm", raw)
        challenge.no_secrets = True
        challenges.confirm(challenge, SYSTEM)
        challenges.submit(challenge, SYSTEM)
        steps.take(lead, LEAD, "confirm", _enterprise(lead))
        _tell(_workers(lead), lead, f"confirmed-{lead.version}", "企业已确认代填的需求", f"《{challenge.title}》已提交审核。")
        return challenge


def refuse(raw: str, words: str) -> None:
    """The enterprise wants changes, in its own words; the link is used up. Raises NotVisible, Invalid (no words)."""
    if not words.strip():
        raise Invalid({"words": "请写明哪里要改"})
    lead, challenge = _opened(raw)
    with transaction():
        tokens.spend("confirm", raw)
        steps.take(lead, LEAD, "refuse", _enterprise(lead), reason=words.strip())
        lead.due = settings.work_calendar().add(clock.today(), DUE_WORKING_DAYS)
        _tell(
            _workers(lead), lead, f"refused-{lead.version}", "企业要求修改代填的需求", f"《{challenge.title}》：请按企业的意见修改后再发。"
        )


def close(lead: Lead, reason: str, actor: Actor) -> None:
    """End a lead with a reason; its link stops working. Raises Forbidden, IllegalStep."""
    with transaction():
        steps.take(lead, LEAD, "close", actor, reason=reason.strip())
        lead.close_reason = reason.strip()[:300]
        tokens.revoke("confirm", subject_kind="lead", subject_id=lead.id)


def _opened(raw: str) -> tuple[Lead, Challenge]:
    found = queries.by_link(raw)
    if found is None:
        raise NotVisible(tokens.SPENT)
    return found


def _enterprise(lead: Lead) -> Actor:
    return Actor(name=f"{lead.contact_name or lead.company}（确认链接）"[:80], organisation_id=lead.organisation_id)


def _workers(lead: Lead) -> list[User]:
    user = accounts.get_user(lead.assignee_id) if lead.assignee_id else None
    return [user] if user else accounts.people_with(Role.CLERK)


def _tell(people: list[User], lead: Lead, event: str, title: str, text: str, unless: int | None = None) -> None:
    told = [person for person in people if person.id != unless]
    notices.notify(told, "lead", title, text, f"/leads/{lead.id}", dedupe=f"lead-{lead.id}-{event}", is_sample=lead.is_sample)
