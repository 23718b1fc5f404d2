"""Moderation of both kinds of listings: publish, return with remarks, reject with a reason, suspend and resume."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from market.actions import challenges, notices, search, steps
from market.db import db, transaction
from market.domain import clock, codes
from market.domain.capabilities import CAPABILITY
from market.domain.challenges import CHALLENGE
from market.domain.errors import Forbidden, Invalid
from market.domain.permissions import Actor, Role, demand
from market.domain.permissions import Permission as P
from market.models import Capability, Challenge, SectionComment, User, Version
from market.queries import accounts, versions
from market.queries.moderation import SECTIONS, Listing

_LIFECYCLES = {"challenge": CHALLENGE, "capability": CAPABILITY}


def publish(listing: Listing, actor: Actor, values: Mapping[str, Any], version: int | None = None) -> None:
    """Publish with the reviewer's corrections: `field`, `track`, `adviser_id` (服务专员).

    Raises Forbidden (also for one's own organisation's), IllegalStep, Invalid, Stale.
    """
    _check_values(listing, values)
    if isinstance(listing, Challenge):
        challenges.publish(listing, actor, values, version)
        return
    with transaction():
        _lock(listing)
        steps.check_version(listing, version)
        for name in ("field", "track", "adviser_id"):
            if values.get(name):
                setattr(listing, name, values[name])
        listing.published_at = listing.changed_at = clock.now()
        listing.confirmed_on = listing.confirmed_on or clock.today()
        listing.field_guessed = False
        steps.take(listing, CAPABILITY, "publish", actor, {"field_known": bool(listing.field)})
        search.refresh(listing)
        _tell(listing, "published", "您的成果已发布", f"《{listing.title}》已公开发布，合适的需求会陆续推荐给您。")


def _check_values(listing: Listing, values: Mapping[str, Any]) -> None:
    wrong: dict[str, str] = {}
    if not (values.get("field") or listing.field):
        wrong["field"] = "发布前请确定技术领域"
    adviser_id = values.get("adviser_id")
    if adviser_id is not None:
        adviser = accounts.get_user(adviser_id)
        if adviser is None or not adviser.active or not accounts.actor_of(adviser).is_staff:
            wrong["adviser_id"] = "服务专员应是科委的在岗人员"
    if wrong:
        raise Invalid(wrong)


def send_back(listing: Listing, comments: Mapping[str, str], actor: Actor, version: int | None = None) -> None:
    """Return a listing to its sender with remarks by section. Raises Invalid when there is none, Forbidden, IllegalStep, Stale."""
    kind = versions.kind_of(listing)
    said = {code: text.strip() for code, text in comments.items() if code in SECTIONS[kind] and text.strip()}
    if not said:
        raise Invalid({"comments": "请至少在一栏写明要改什么"})
    with transaction() as session:
        _lock(listing)
        steps.check_version(listing, version)
        reason = "；".join(f"{SECTIONS[kind][code]}：{text}" for code, text in said.items())
        steps.take(listing, _LIFECYCLES[kind], "return", actor, reason=reason)
        listing.changed_at = clock.now()
        number = _number(listing)
        for code, text in said.items():
            session.add(
                SectionComment(
                    subject_kind=kind,
                    subject_id=listing.id,
                    section=code,
                    text=text[:2_000],
                    by_id=actor.id,
                    at=clock.now(),
                    version_number=number,
                )
            )
        _tell(listing, f"returned-{number}", "请修改后再提交", f"《{listing.title}》有 {len(said)} 处需要修改，意见写在页面各栏旁边。")


def reject(listing: Listing, reason_code: str, text: str, actor: Actor, version: int | None = None) -> None:
    """Refuse a listing with a reason code and a word to the sender. Raises Invalid, Forbidden, IllegalStep, Stale."""
    wrong = {} if reason_code in codes.REJECT_REASONS else {"reason_code": "请选择原因"}
    if not text.strip():
        wrong["reason"] = "请写一句给对方的说明"
    if wrong:
        raise Invalid(wrong)
    kind = versions.kind_of(listing)
    with transaction():
        _lock(listing)
        steps.check_version(listing, version)
        reason = f"{codes.REJECT_REASONS[reason_code]}：{text.strip()}"
        steps.take(listing, _LIFECYCLES[kind], "reject", actor, reason=reason, detail={"code": reason_code})
        listing.end_reason, listing.changed_at = reason[:300], clock.now()
        _tell(listing, f"rejected-{_number(listing)}", "没有通过审核", f"《{listing.title}》没有通过审核。{reason}")


def suspend(listing: Listing, actor: Actor, reason: str) -> None:
    """Take a public listing out of sight. Raises Forbidden, IllegalStep (also without a reason)."""
    _demand_other(listing, actor)
    if isinstance(listing, Challenge):
        challenges.suspend(listing, actor, reason)
    else:
        _hide_or_show(listing, "suspend", actor, reason)


def resume(listing: Listing, actor: Actor, reason: str) -> None:
    """Bring a suspended listing back. Raises Forbidden, IllegalStep (also without a reason)."""
    _demand_other(listing, actor)
    if isinstance(listing, Challenge):
        challenges.resume(listing, actor, reason)
    else:
        _hide_or_show(listing, "resume", actor, reason)


def _hide_or_show(capability: Capability, step: str, actor: Actor, reason: str) -> None:
    """Suspend or resume a capability and tell its people."""
    event, word = {"suspend": ("suspended", "中止公开"), "resume": ("resumed", "恢复公开")}[step]
    why = f"原因：{reason}" if step == "suspend" else ""
    with transaction():
        _lock(capability)
        steps.take(capability, CAPABILITY, step, actor, reason=reason)
        capability.changed_at = clock.now()
        search.refresh(capability)
        _tell(capability, f"{event}-{clock.now():%Y%m%d%H%M%S}", f"您的成果已{word}", f"《{capability.title}》已{word}。{why}")


def _demand_other(listing: Listing, actor: Actor) -> None:
    demand(actor, P.SUSPEND, listing.subject)
    if actor.organisation_id == listing.organisation_id:
        raise Forbidden("不能办理本单位的内容")


def _number(listing: Listing) -> int:
    kind = versions.kind_of(listing)
    query = select(func.max(Version.number)).where(Version.subject_kind == kind, Version.subject_id == listing.id)
    comments = select(func.max(SectionComment.version_number)).where(
        SectionComment.subject_kind == kind, SectionComment.subject_id == listing.id
    )
    return db.session.scalar(query) or (db.session.scalar(comments) or 0) + 1


def _tell(listing: Listing, event: str, title: str, text: str) -> None:
    kind = versions.kind_of(listing)
    people: list[User] = accounts.people_of(listing.organisation_id, frozenset({Role.ORG_ADMIN, Role.TTO}))
    ids = [i for i in (listing.author_id, getattr(listing, "assignee_id", None)) if i]
    people += db.session.scalars(select(User).where(User.id.in_(ids), User.disabled_at.is_(None)))
    path = "challenges" if kind == "challenge" else "capabilities"
    notices.notify(
        people,
        f"{kind}_{event.split('-')[0]}",
        title,
        text,
        f"/{path}/{listing.id}",
        dedupe=f"{kind}-{listing.id}-{event}",
        is_sample=listing.is_sample,
    )


def _lock(listing: Challenge | Capability) -> None:
    db.session.flush()
    db.session.refresh(listing, attribute_names=["state", "version"], with_for_update=True)
