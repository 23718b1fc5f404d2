"""Objections to a choice in its publicity window: recorded as they reach the office, answered with a reason; they hold the choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from market.actions import challenges, history, notices, steps
from market.db import db, transaction
from market.domain import clock, codes
from market.domain import objections as rules
from market.domain.errors import IllegalStep, Invalid
from market.domain.objections import OBJECTION
from market.domain.permissions import Actor, Role, demand
from market.domain.permissions import Permission as P
from market.models import Bid, Challenge, Objection
from market.queries import accounts, settings

_DECIDERS = frozenset({Role.ORG_ADMIN, Role.TTO})


def record(challenge: Challenge, values: Mapping[str, Any], actor: Actor) -> Objection:
    """Write an objection down: `received_on`, `channel`, `raised_by`, `reach`, `text`. Its answer is due within the set working days.

    Raises Forbidden (also for one's own organisation's: 四眼), IllegalStep (not in 公示), Invalid.
    """
    demand(actor, P.HANDLE_OBJECTION, challenge.subject)
    with transaction() as session:
        challenges.lock(challenge)
        if challenge.state != "publicity":
            raise IllegalStep("只有公示中的选定可以登记异议")
        chosen = db.session.scalar(select(Bid.id).where(Bid.challenge_id == challenge.id, Bid.state == "chosen"))
        if chosen is None:
            raise IllegalStep("没有选定的申报")
        written = {name: str(values.get(name) or "").strip() for name in ("raised_by", "reach", "text")}
        wrong = {} if values.get("channel") in codes.OBJECTION_CHANNELS else {"channel": "请选择怎么收到的"}
        wrong |= {name: "请填写这一项" for name in ("raised_by", "text") if not written[name]}
        if wrong:
            raise Invalid(wrong)
        rules.check_received(values["received_on"], challenge.publicity_from, challenge.publicity_until, clock.today())
        due = settings.work_calendar().add(clock.today(), settings.current().moderation_days)
        row = Objection(
            challenge_id=challenge.id,
            bid_id=chosen,
            received_on=values["received_on"],
            channel=values["channel"],
            raised_by=written["raised_by"][:120],
            reach=written["reach"][:120],
            text=written["text"][: rules.TEXT_LIMIT],
            recorded_by_id=actor.id,
            answer_due=due,
        )
        session.add(row)
        session.flush()
        _note(challenge, row, "object", actor)
        _tell(
            challenge,
            row,
            "公示期收到一件异议",
            f"《{challenge.title}》的选定收到一件异议。答复之前不能确认选定，最迟 {due:%Y-%m-%d} 答复。",
        )
        return row


def answer(objection: Objection, challenge: Challenge, step: str, text: str, actor: Actor, version: int | None = None) -> None:
    """Answer an objection with a reason: dismiss, uphold, or drop (its raiser took it back). An upheld one stops this choice.

    Raises Forbidden, IllegalStep, Invalid, Stale.
    """
    demand(actor, P.HANDLE_OBJECTION, challenge.subject)
    with transaction():
        challenges.lock(challenge)
        db.session.refresh(objection, attribute_names=["state", "version"], with_for_update=True)
        steps.check_version(objection, version)
        if not text.strip():
            raise Invalid({"answer": "请写明答复和理由"})
        objection.state = OBJECTION.take(objection.state, step, {"reason": text})
        objection.answer = text.strip()[: rules.TEXT_LIMIT]
        objection.answered_at, objection.answered_by_id = clock.now(), actor.id
        _note(challenge, objection, "answer_objection", actor)
        more = "请撤销选定后重新选定。" if objection.state == "upheld" else ""
        word = OBJECTION.states[objection.state]
        _tell(
            challenge, objection, f"异议已答复：{word}", f"《{challenge.title}》公示期的异议：{word}。{more}答复：{objection.answer[:300]}"
        )


def _note(challenge: Challenge, row: Objection, step: str, actor: Actor) -> None:
    """Write the step into the challenge's chain; who raised it and what was said stay in the objection."""
    detail = {"objection": row.id, "state": row.state}
    history.record("challenge", challenge.id, step, actor, detail=detail, is_sample=challenge.is_sample)


def _tell(challenge: Challenge, row: Objection, title: str, text: str) -> None:
    notices.notify(
        accounts.people_of(challenge.organisation_id, _DECIDERS),
        "objection",
        title,
        text,
        f"/challenges/{challenge.id}/bids",
        dedupe=f"objection-{row.id}-{row.state}",
        is_sample=challenge.is_sample,
    )
