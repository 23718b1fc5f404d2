"""应登未登: open a campaign, gather its candidates by signals, assign them, note what was said, settle what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from market.actions import campaign_signals, history, notices, steps
from market.db import transaction
from market.domain import clock, identifiers
from market.domain.campaigns import CALL_KINDS, CANDIDATE, OPEN_STATES, reason_words
from market.domain.errors import IllegalStep, Invalid
from market.domain.permissions import ANYTHING, Actor, demand
from market.domain.permissions import Permission as P
from market.models import Call, Campaign, Candidate
from market.queries import campaigns as queries

MOST_AT_ONCE = 500


def create(name: str, year: int, note: str, actor: Actor) -> Campaign:
    """Open a campaign for a year. Raises Forbidden, Invalid."""
    demand(actor, P.RUN_CAMPAIGN, ANYTHING)
    if not name.strip():
        raise Invalid({"name": "请给这次行动起个名字"})
    if not 2020 <= year <= clock.today().year + 1:
        raise Invalid({"year": "请填四位年份"})
    with transaction() as session:
        campaign = Campaign(name=identifiers.clean_text(name, 80), year=year, note=identifiers.clean_text(note, 2_000), by_id=actor.id)
        session.add(campaign)
        session.flush()
        history.record("campaign", campaign.id, "create", actor, detail={"year": year})
        return campaign


def gather(campaign: Campaign, actor: Actor) -> dict[str, int]:
    """Look for candidates in what the market knows; return the new rows of evidence by signal. Again changes nothing that is there.

    Raises Forbidden, IllegalStep (the campaign is closed).
    """
    demand(actor, P.RUN_CAMPAIGN, ANYTHING)
    _open(campaign)
    with transaction():
        found = campaign_signals.gather(campaign)
        campaign.gathered_at = clock.now()
        history.record("campaign", campaign.id, "gather", actor, detail=dict(found), is_sample=campaign.is_sample)
        return found


def close(campaign: Campaign, actor: Actor) -> None:
    """End a campaign; its figures stay. Raises Forbidden, IllegalStep."""
    demand(actor, P.RUN_CAMPAIGN, ANYTHING)
    _open(campaign)
    with transaction():
        campaign.closed_at = clock.now()
        history.record("campaign", campaign.id, "close", actor, is_sample=campaign.is_sample)


def _open(campaign: Campaign) -> None:
    if campaign.closed_at is not None:
        raise IllegalStep("这次行动已经结束")


def assign(campaign: Campaign, ids: Sequence[int], assignee_id: int, due: date | None, actor: Actor) -> int:
    """Give these candidates to one person (who is told once), also in bulk; return how many changed hands.

    A candidate that somebody has spoken to already keeps its state. Raises Forbidden, IllegalStep, Invalid.
    """
    demand(actor, P.RUN_CAMPAIGN, ANYTHING)
    _open(campaign)
    person = queries.worker(assignee_id)
    if person is None:
        raise Invalid({"assignee_id": "请选择负责人"})
    if not ids:
        raise Invalid({"candidates": "请先勾选单位"})
    if len(ids) > MOST_AT_ONCE:
        raise Invalid({"candidates": f"一次最多分派 {MOST_AT_ONCE} 家"})
    changed = 0
    with transaction():
        for candidate in queries.of_campaign(campaign.id, ids):
            if candidate.state not in OPEN_STATES or (candidate.assignee_id == person.id and candidate.due == due):
                continue
            detail = {"note": f"交给{person.name}" + (f"，{due:%m 月 %d 日}前联系" if due else "")}
            if candidate.state in ("new", "assigned"):
                steps.take(candidate, CANDIDATE, "assign", actor, {"assignee": True}, detail=detail)
            else:
                history.record("candidate", candidate.id, "reassign", actor, detail=detail, is_sample=candidate.is_sample)
            candidate.assignee_id, candidate.due = person.id, due or candidate.due
            changed += 1
        if changed and person.id != actor.id:
            text = f"「{campaign.name}」有 {changed} 家单位交给您联系，请看每家的线索，打个电话或上门。"
            key = f"campaign-{campaign.id}-{person.id}-{clock.now():%Y%m%d%H%M}"
            notices.notify(
                [person], "campaign", "有应登未登的单位交给您联系", text, "/campaigns/mine", dedupe=key, is_sample=campaign.is_sample
            )
    return changed


def note(candidate: Candidate, values: Mapping[str, Any], actor: Actor) -> Call:
    """Keep what was said to a candidate, and what comes next; the first contact sets the day from which 亿 recovered counts.

    `values`: kind, text, on, next_step, due, contact_name, contact_phone. Raises Forbidden, IllegalStep, Invalid.
    """
    demand(actor, P.WORK_CANDIDATE, candidate.subject)
    _open(candidate.campaign)
    on, text = values.get("on") or clock.today(), str(values.get("text") or "").strip()
    if values.get("kind") not in CALL_KINDS:
        raise Invalid({"kind": "请选择怎么联系的"})
    if not text:
        raise Invalid({"text": "请写一句说了什么"})
    if on > clock.today() or on < date(candidate.campaign.year, 1, 1):
        raise Invalid({"on": "联系日期不能晚于今天，也不能早于行动的那一年"})
    phone = str(values.get("contact_phone") or "").strip()
    if phone:
        candidate.contact_phone = identifiers.phone(phone, "contact_phone")
    with transaction() as session:
        call = Call(
            candidate_id=candidate.id, on=on, kind=values["kind"], text=identifiers.clean_text(text, 1_000), by_id=actor.id, by_name=actor.name,
            is_sample=candidate.is_sample,
        )  # fmt: skip
        session.add(call)
        candidate.first_contact_on = min(on, candidate.first_contact_on or on)
        candidate.contact_name = str(values.get("contact_name") or "").strip()[:40] or candidate.contact_name
        candidate.next_step = str(values.get("next_step") or "").strip()[:200]
        candidate.due = values.get("due") or None
        detail = {"note": f"{CALL_KINDS[call.kind]}：{call.text[:100]}"}
        if candidate.state in ("new", "assigned", "contacted"):
            steps.take(candidate, CANDIDATE, "contact", actor, detail=detail)
        else:
            history.record("candidate", candidate.id, "note", actor, detail=detail, is_sample=candidate.is_sample)
        session.flush()
        return call


def settle(candidate: Candidate, name: str, values: Mapping[str, Any], actor: Actor, version: int | None = None) -> None:
    """Say what came of it: plan, register, unfit, refuse, or reopen.

    `values`: planned_on and planned_fen (plan), reason_code and reason. 已登 needs a registered contract after the first
    contact. Raises Forbidden, IllegalStep, Stale, Invalid.
    """
    steps.check_version(candidate, version)
    _open(candidate.campaign)
    if name not in {"plan", "register", "unfit", "refuse", "reopen"}:
        raise IllegalStep("没有这一步")
    outcome = {"unfit": "unfit", "refuse": "refused"}.get(name, "")
    reason = reason_words(outcome, {key: str(values.get(key) or "") for key in ("reason_code", "reason")})
    planned_on = values.get("planned_on")
    if name == "plan" and planned_on and planned_on < clock.today():
        raise Invalid({"planned_on": "打算登记的日期不能早于今天"})
    facts = {"planned_on": planned_on, "recovered": name == "register" and queries.recovered_by_candidate([candidate.id])}
    with transaction():
        detail = {"planned_on": planned_on.isoformat(), "planned_fen": values.get("planned_fen")} if name == "plan" and planned_on else {}
        steps.take(candidate, CANDIDATE, name, actor, facts, reason=reason or None, detail=detail)
        candidate.reason = reason
        if name == "plan":
            candidate.planned_on, candidate.planned_fen, candidate.due = planned_on, values.get("planned_fen"), planned_on
