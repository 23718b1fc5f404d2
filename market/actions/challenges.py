"""Challenges: write, change, submit, publish, end; every step with its history entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from market.actions import history, notices, search, steps, versions
from market.db import db, transaction
from market.domain import challenges as rules
from market.domain import clock
from market.domain.bids import BID
from market.domain.challenges import CHALLENGE
from market.domain.errors import Forbidden, IllegalStep, Invalid
from market.domain.permissions import SYSTEM, Actor, Role, demand
from market.domain.permissions import Permission as P
from market.models import Bid, Challenge, HistoryEntry, Indicator, Lead, Organisation, User
from market.queries import accounts, settings
from market.queries import versions as words

COLUMNS = (
    "title",
    "pain",
    "background",
    "tried",
    "requirements",
    "field",
    "track",
    "need_type",
    "budget_stated",
    "budget_fen",
    "budget_max_fen",
    "period_months",
    "ip_wish",
    "anonymous",
    "contact_name",
    "contact_phone",
    "no_secrets",
    "procedure",
    "visibility",
    "publicity_days",
)
LAPSABLE = ("draft", "intention", "invited", "submitted", "opened", "reserve")


def create(values: Mapping[str, Any], actor: Actor, *, organisation: Organisation | None = None, lead: Lead | None = None) -> Challenge:
    """Write a draft and return it.

    `values` holds columns of Challenge, `modes` (codes), `closes_on` (a date) and `indicators` (dicts
    name present target unit method must); what is missing keeps its default. Without `lead` it is the
    actor's own organisation's. With `lead` somebody fills it in for `organisation` (代填): it waits for
    `confirm`. Raises Forbidden, Invalid.
    """
    if lead is not None:
        demand(actor, P.WORK_LEAD, lead.subject)
        if organisation is None:
            raise Invalid({"organisation": "请先选定发榜单位"})
    else:
        demand(actor, P.CREATE_CHALLENGE)
        organisation = accounts.get_organisation(actor.organisation_id) if actor.organisation_id else None
        if organisation is None:
            raise Forbidden("请先加入一个单位，再发布需求")
    with transaction() as session:
        challenge = Challenge(
            organisation=organisation,
            author_id=actor.id,
            region=organisation.region,
            assignee_id=actor.id if lead else None,
            lead_id=lead.id if lead else None,
            confirmed=lead is None,
            is_sample=organisation.is_sample,
            indicators=[],
        )
        _write(challenge, values)
        session.add(challenge)
        session.flush()
        history.record("challenge", challenge.id, "create", actor, to_state="draft", is_sample=challenge.is_sample)
        return challenge


def edit(challenge: Challenge, values: Mapping[str, Any], actor: Actor, version: int | None = None, *, quiet: bool = False) -> None:
    """Change a draft or a returned challenge; `quiet` (autosave) leaves no history entry.

    Raises Forbidden, IllegalStep (not editable now), Invalid, Stale (with what differs).
    """
    demand(actor, P.EDIT_CHALLENGE, challenge.subject)
    with transaction() as session:
        lock(challenge)
        versions.check(challenge, lambda: _typed(challenge, values), version)
        if challenge.state not in rules.EDITABLE_STATES:
            raise IllegalStep(f"目前是「{CHALLENGE.states[challenge.state]}」，不能修改；先撤回提交再改")
        before = words.content(challenge)
        _write(challenge, values)
        session.flush()
        changed = words.changed_labels(before, words.content(challenge))
        if changed and not quiet:
            history.record("challenge", challenge.id, "edit", actor, detail={"changed": changed}, is_sample=challenge.is_sample)


def _typed(challenge: Challenge, values: Mapping[str, Any]) -> Challenge:
    """Return what was typed, as a row that is never stored."""
    typed = Challenge(region=challenge.region, indicators=[])
    _write(typed, values)
    return typed


def confirm(challenge: Challenge, actor: Actor = SYSTEM) -> None:
    """Note that the enterprise confirmed what somebody filled in for it (代填); the caller checked the link or the person."""
    with transaction():
        challenge.confirmed = True
        history.record("challenge", challenge.id, "confirm", actor, is_sample=challenge.is_sample)


def submit(challenge: Challenge, actor: Actor, version: int | None = None) -> None:
    """Send a challenge to moderation: freezes a version and promises an answer within the set working days.

    Raises Invalid beside the field that is missing, Forbidden, IllegalStep, Stale.
    """
    _demand_words(challenge)
    with transaction():
        lock(challenge)
        steps.check_version(challenge, version)
        facts = {"has_text": True, "no_secrets": challenge.no_secrets, "confirmed": challenge.confirmed}
        steps.take(challenge, CHALLENGE, "submit", actor, facts)
        challenge.submitted_at = challenge.changed_at = clock.now()
        challenge.answer_due = settings.work_calendar().add(clock.today(), settings.current().moderation_days)
        number = versions.freeze(challenge, actor)
        clerks = [user for user in accounts.people_with(Role.CLERK) if user.organisation_id != challenge.organisation_id]
        notices.notify(
            clerks,
            "challenge_submitted",
            "有需求待审核",
            f"《{challenge.title}》已提交，最迟 {challenge.answer_due:%Y-%m-%d} 答复。",
            f"/moderation/challenge/{challenge.id}",
            dedupe=f"challenge-{challenge.id}-submitted-{number}",
            is_sample=challenge.is_sample,
        )


def _demand_words(challenge: Challenge) -> None:
    missing = {name: said for name, said in (("title", "请写一句标题"), ("pain", "请写明要解决的难题")) if not getattr(challenge, name)}
    if not challenge.no_secrets:
        missing["no_secrets"] = "提交前请勾选"
    if challenge.closes_at is not None and challenge.closes_at <= clock.now():
        missing["closes_on"] = "截止日期应在今天之后"
    if missing:
        raise Invalid(missing)


def publish(challenge: Challenge, actor: Actor, values: Mapping[str, Any] | None = None, version: int | None = None) -> None:
    """Publish with the reviewer's corrections (`field`, `track`, `need_type`, `adviser_id`); numbers an open call.

    The procedure is frozen from here. Raises Forbidden (also for one's own: 四眼), IllegalStep, Stale.
    """
    values = values or {}
    with transaction():
        lock(challenge)
        steps.check_version(challenge, version)
        for name in ("field", "track", "need_type", "adviser_id"):
            if values.get(name):
                setattr(challenge, name, values[name])
        now = clock.now()
        challenge.published_at = challenge.changed_at = now
        facts = {
            "procedure": challenge.procedure,
            "measurable": rules.measurable(challenge.indicators),
            "deadline_ahead": challenge.closes_at is not None and challenge.closes_at > now,
            "field_known": bool(challenge.field),
        }
        steps.take(challenge, CHALLENGE, "publish", actor, facts, detail={"procedure": challenge.procedure})
        challenge.field_guessed = False
        if challenge.procedure == "open_call" and challenge.number is None:
            challenge.number = _next_number(clock.today().year)
        search.refresh(challenge)
        tell_owner(challenge, "published", "您的需求已发布", f"《{challenge.title}》已公开发布，合适的成果与能力会陆续推荐给您。")


def _next_number(year: int) -> str:
    prefix = rules.NUMBER_PREFIX.format(year=year)
    query = select(Challenge.number).where(Challenge.number.like(f"{prefix}%")).order_by(Challenge.number.desc()).limit(1)
    last = db.session.scalar(query.with_for_update())
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:04d}"


def take_step(challenge: Challenge, name: str, actor: Actor, reason: str | None = None, version: int | None = None) -> None:
    """Take one of the owner's plain steps: submit, take_back, withdraw, terminate, complete.

    Raises IllegalStep for any other name: those belong to moderation, bids and contracts.
    """
    if name == "submit":
        submit(challenge, actor, version)
        return
    if name not in {"take_back", "withdraw", "terminate", "complete"}:
        raise IllegalStep("没有这一步")
    with transaction():
        lock(challenge)
        steps.check_version(challenge, version)
        steps.take(challenge, CHALLENGE, name, actor, reason=reason)
        challenge.changed_at = clock.now()
        if name == "take_back":
            challenge.submitted_at = challenge.answer_due = None
            return
        if name in {"withdraw", "terminate"}:
            challenge.ended_at, challenge.end_reason = clock.now(), (reason or "")[:300]
            _lapse_bids(challenge, actor)
        search.refresh(challenge)


def _lapse_bids(challenge: Challenge, actor: Actor) -> None:
    bids = db.session.scalars(select(Bid).where(Bid.challenge_id == challenge.id, Bid.state.in_(LAPSABLE)).order_by(Bid.id)).all()
    for bid in bids:
        told = bid.state != "draft"
        steps.take(bid, BID, "lapse", actor)
        if told:
            notices.notify(
                accounts.people_of(bid.organisation_id),
                "challenge_ended",
                "您申报的榜单已撤回",
                f"《{challenge.title}》{CHALLENGE.states[challenge.state]}，您的揭榜申报随之失效，内容不再公开给任何人。",
                f"/challenges/{challenge.id}",
                dedupe=f"challenge-{challenge.id}-{challenge.state}-bid-{bid.id}",
                is_sample=challenge.is_sample,
                by_mail=bid.opened_at is not None or challenge.visibility == "on_arrival",
            )


def suspend(challenge: Challenge, actor: Actor, reason: str) -> None:
    """Take a public challenge out of sight; its clocks stop until `resume`."""
    with transaction():
        lock(challenge)
        steps.take(challenge, CHALLENGE, "suspend", actor, reason=reason)
        challenge.changed_at = clock.now()
        search.refresh(challenge)
        tell_owner(challenge, "suspended", "您的需求已中止", f"《{challenge.title}》已中止公开。原因：{reason}", once=False)


def resume(challenge: Challenge, actor: Actor, reason: str) -> None:
    """Bring a suspended challenge back to where it was; its deadline moves by the days it stood still."""
    with transaction():
        lock(challenge)
        query = select(HistoryEntry).where(
            HistoryEntry.subject_kind == "challenge", HistoryEntry.subject_id == challenge.id, HistoryEntry.step == "suspend"
        )
        entry = db.session.scalars(query.order_by(HistoryEntry.seq.desc()).limit(1)).first()
        came_from = entry.from_state if entry and entry.from_state else "published"
        name = "resume" if came_from == "published" else f"resume_{came_from}"
        steps.take(challenge, CHALLENGE, name, actor, {"came_from": came_from}, reason=reason)
        _restart_clocks(challenge, came_from, (clock.now() - entry.at) if entry else timedelta())
        challenge.changed_at = clock.now()
        search.refresh(challenge)
        tell_owner(challenge, "resumed", "您的需求已恢复", f"《{challenge.title}》已恢复公开。", once=False)


def _restart_clocks(challenge: Challenge, came_from: str, stood_still: timedelta) -> None:
    if came_from == "published" and challenge.closes_at is not None:
        challenge.closes_at = clock.end_of_day(clock.local(challenge.closes_at + stood_still).date())
    if came_from == "publicity":
        calendar = settings.work_calendar()
        challenge.publicity_from = clock.today()
        challenge.publicity_until, challenge.publicity_estimated = calendar.window(clock.today(), challenge.publicity_days)


def recompute_publicity() -> int:
    """Recompute the running publicity windows after the table of holidays changed; returns how many moved.

    A window that runs is never shortened; a longer one is lengthened, and 按周末推算 is taken off once the year is known.
    """
    moved = 0
    with transaction() as session:
        calendar = settings.work_calendar()
        query = select(Challenge).where(Challenge.state == "publicity", Challenge.publicity_from.is_not(None)).with_for_update()
        for challenge in session.scalars(query).all():
            first, before = challenge.publicity_from, challenge.publicity_until
            if first is None or before is None:
                continue
            last, estimated = calendar.window(first, challenge.publicity_days)
            challenge.publicity_estimated = estimated
            if last > before:
                challenge.publicity_until = last
                moved += 1
                detail = {"from": before.isoformat(), "to": last.isoformat()}
                history.record_system("challenge", challenge.id, "recompute_publicity", detail=detail, is_sample=challenge.is_sample)
    return moved


def tell_owner(challenge: Challenge, kind: str, title: str, text: str, *, once: bool = True) -> None:
    """Notify the author, who filled it in, and the organisation's administrators."""
    people: list[User] = accounts.people_of(challenge.organisation_id, frozenset({Role.ORG_ADMIN}))
    others = db.session.scalars(select(User).where(User.id.in_([i for i in (challenge.author_id, challenge.assignee_id) if i])))
    round_ = "" if once else f"-{clock.now():%Y%m%d%H%M%S}"
    notices.notify(
        [*people, *others],
        f"challenge_{kind}",
        title,
        text,
        f"/challenges/{challenge.id}",
        dedupe=f"challenge-{challenge.id}-{kind}{round_}",
        is_sample=challenge.is_sample,
    )


def lock(challenge: Challenge) -> None:
    """Read the row again, locked (PostgreSQL), with indicators and organisation, so that two writers cannot both pass a check."""
    db.session.flush()
    query = (
        select(Challenge)
        .where(Challenge.id == challenge.id)
        .options(selectinload(Challenge.indicators), selectinload(Challenge.organisation))
    )
    db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def _write(challenge: Challenge, values: Mapping[str, Any]) -> None:
    for name in COLUMNS:
        if name in values:
            setattr(challenge, name, values[name])
    if "modes" in values:
        challenge.modes = ";".join(values["modes"] or [])
    if "closes_on" in values:
        day: date | None = values["closes_on"]
        challenge.closes_at = clock.end_of_day(day) if day else None
    if "indicators" in values:
        rows = [row for row in values["indicators"] if row.get("name")]
        challenge.indicators[:] = [Indicator(position=n, **row) for n, row in enumerate(rows)]
    low, high = challenge.budget_fen, challenge.budget_max_fen
    if low is not None and high is not None and high < low:
        raise Invalid({"budget_max": "上限不能低于下限"})
    challenge.changed_at = clock.now()
