"""Selection: invite, open all bids at once, choose with a reason, 公示, reserve, or end without a choice."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from market.actions import challenges, notices, search, steps
from market.actions.bid_body import unseal
from market.db import db, transaction
from market.domain import anonymity, clock, codes
from market.domain import bids as rules
from market.domain.bids import BID
from market.domain.challenges import CHALLENGE
from market.domain.errors import Duplicate, Forbidden, IllegalStep, Invalid
from market.domain.permissions import Actor, demand
from market.domain.permissions import Permission as P
from market.models import Bid, BidAnswer, BidMember, BidMilestone, BidResponse, Challenge, Contract
from market.queries import accounts, objections, settings
from market.queries import bids as queries

REASON_LIMIT = 1_000


def invite(bid: Bid, actor: Actor) -> None:
    """Ask the bidder of a 意向 for the full answer; raises Forbidden, IllegalStep."""
    with transaction():
        challenge = _locked(bid.challenge, actor)
        fresh = _one(challenge, bid.id)
        if challenge.visibility != "on_arrival":
            raise IllegalStep("到期开启的榜单不用邀请，申报方直接提交方案")
        in_time = rules.window_open(challenge.state, challenge.procedure, challenge.closes_at, clock.now())
        steps.take(fresh, BID, "invite", actor, {"before_deadline": in_time}, subject=challenge.subject)
        _tell(
            fresh,
            challenge,
            "bid_invited",
            "请您提交完整方案",
            f"发榜方看了您对《{challenge.title}》的意向，邀请您在截止前提交完整方案。",
        )


def open_all(challenge: Challenge, actor: Actor) -> int:
    """Open every bid that has arrived, all at once and under random names; returns how many. After the deadline only.

    Raises Forbidden, IllegalStep (before the deadline, none arrived, opened already).
    """
    with transaction() as session:
        challenge = _locked(challenge, actor)
        bids = _all(challenge)
        arrived = [bid for bid in bids if bid.state in rules.ARRIVED_STATES]
        facts = {"bids_closed": rules.bids_closed(challenge.closes_at, clock.now()), "has_bids": bool(arrived)}
        steps.take(challenge, CHALLENGE, "open_bids", actor, facts)
        secrets.SystemRandom().shuffle(arrived)
        indicators = {indicator.id for indicator in challenge.indicators}
        for position, bid in enumerate(arrived):
            bid.opened_at, bid.alias = clock.now(), rules.alias(position)
            _write_rows(bid, indicators)
            steps.take(bid, BID, "open", actor)
            _tell(bid, challenge, "bid_opened", "您的揭榜申报已开启", f"《{challenge.title}》的申报已经截止并统一开启，发榜方正在比较。")
        for bid in bids:
            if bid.state == "draft":
                steps.take(bid, BID, "lapse", actor)
        _changed(challenge)
        session.flush()
    return len(arrived)


def choose(bid: Bid, actor: Actor, reason: str, loss_reasons: Mapping[int, str] | None = None, version: int | None = None) -> None:
    """Choose one opened bid, with the reason; the others that are not in reserve are told why not.

    Where the challenge asks for 公示 the window of working days starts today and `confirm_choice` ends it.
    `loss_reasons`: bid id → code of codes.BID_LOSS_REASONS. Raises Forbidden, IllegalStep, Stale, Duplicate.
    """
    with transaction() as session:
        challenge = _locked(bid.challenge, actor)
        steps.check_version(challenge, version)
        bids = _all(challenge)
        if any(one.state == "chosen" for one in bids):
            raise Duplicate("这个榜单已经选定了合作方")
        winner = next((one for one in bids if one.id == bid.id), None)
        if winner is None:
            raise IllegalStep("没有这份申报")
        others = [one for one in bids if one.id != winner.id and one.state == "opened"]
        codes_given = {one.id: _loss_reason((loss_reasons or {}).get(one.id)) for one in others}
        publicity, reason = challenge.publicity_days > 0, _reason(reason)
        if publicity:
            _check_public(challenge, reason)
        step = "announce" if publicity else "choose"
        steps.take(challenge, CHALLENGE, step, actor, {"needs_publicity": publicity}, reason=reason, detail={"bid": winner.alias})
        steps.take(winner, BID, "choose", actor, reason=reason)
        winner.decided_at, winner.decision_reason = clock.now(), reason
        session.flush()  # the index one_award speaks here
        for one in others:
            steps.take(one, BID, "pass_over", actor, detail={"reason": codes_given[one.id]})
            one.decided_at, one.loss_reason = clock.now(), codes_given[one.id]
        until = ""
        if publicity:
            challenge.publicity_from = clock.today()
            challenge.publicity_until, challenge.publicity_estimated = settings.work_calendar().window(
                clock.today(), challenge.publicity_days
            )
            until = f"选定结果公示至 {challenge.publicity_until:%Y-%m-%d}{'（按周末推算）' if challenge.publicity_estimated else ''}。"
        _changed(challenge)
        _tell(winner, challenge, "bid_chosen", "您的揭榜申报被选定", f"《{challenge.title}》选定了您的方案。{until}")
        for one in others:
            word = codes.BID_LOSS_REASONS[codes_given[one.id]]
            _tell(
                one, challenge, "bid_not_chosen", "您的揭榜申报未选定", f"《{challenge.title}》这次没有选定您的方案，原因：{word}。{until}"
            )
        for one in bids:
            if one.state == "reserve":
                _tell(one, challenge, "bid_in_reserve", "您的方案列为候补", f"《{challenge.title}》已选定合作方，您的方案仍为候补。{until}")


def confirm_choice(challenge: Challenge, actor: Actor) -> None:
    """End the publicity window once its last day is over and no objection stands; raises Forbidden, IllegalStep."""
    with transaction():
        challenge = _locked(challenge, actor)
        over = challenge.publicity_until is not None and clock.today() > challenge.publicity_until
        steps.take(challenge, CHALLENGE, "confirm_choice", actor, {"publicity_over": over} | _objections(challenge))
        _changed(challenge)
        for bid in _all(challenge):
            if bid.state == "chosen":
                _tell(bid, challenge, "choice_confirmed", "公示期满，选定生效", f"《{challenge.title}》的公示已结束，可以签订合同了。")


def reopen(challenge: Challenge, actor: Actor, reason: str, version: int | None = None) -> None:
    """Take a choice back, with the reason: all its bids stand opened again, everybody concerned is told.

    Open to the enterprise's authorised people and to the commission, until a contract is recorded.
    Raises Forbidden, IllegalStep, Invalid, Stale.
    """
    demand(actor, P.REOPEN_CHOICE, challenge.subject)
    with transaction():
        challenges.lock(challenge)
        steps.check_version(challenge, version)
        reason = _reason(reason)
        bids = _all(challenge)
        contract = select(Contract.id).where(Contract.bid_id.in_([bid.id for bid in bids]), Contract.state != "abandoned").limit(1)
        facts = _objections(challenge) | {"has_contract": db.session.scalar(contract) is not None}
        before = next((bid.alias for bid in bids if bid.state == "chosen"), None)
        steps.take(challenge, CHALLENGE, "reopen_choice", actor, facts, reason=reason, detail={"bid": before})
        challenge.publicity_from = challenge.publicity_until = None
        challenge.publicity_estimated = False
        _changed(challenge)
        for bid in bids:
            if bid.state in {"chosen", "not_chosen"}:
                steps.take(bid, BID, "unchoose", actor)
                bid.decided_at = bid.decision_reason = bid.loss_reason = None
            if bid.state in {"opened", "reserve"}:
                _tell(bid, challenge, "choice_reopened", "选定已撤销，将重新选定", f"《{challenge.title}》撤销了原来的选定。理由：{reason}")
        challenges.tell_owner(
            challenge, "choice_reopened", "选定已撤销", f"《{challenge.title}》可以重新选定了。理由：{reason}", once=False
        )


def _objections(challenge: Challenge) -> dict[str, bool]:
    """Return what the objections to the standing choice say to the guards."""
    found = objections.standing(challenge.id)
    return {"open_objection": "open" in found, "upheld_objection": "upheld" in found}


def _check_public(challenge: Challenge, reason: str) -> None:
    """Raise Invalid when a reason that 公示 will print names an anonymous poster."""
    names = (challenge.organisation.name, challenge.organisation.short_name)
    said = anonymity.betrays(reason, names) if challenge.anonymous else None
    if said:
        raise Invalid({"reason": f"公示会写出理由，而这个榜单对公众匿名：{said}"})


def reserve(bid: Bid, actor: Actor) -> None:
    """Keep an opened bid in reserve (候补); raises Forbidden, IllegalStep."""
    with transaction():
        challenge = _locked(bid.challenge, actor)
        fresh = _one(challenge, bid.id)
        steps.take(fresh, BID, "hold", actor, {"decided": challenge.state != "selecting"}, subject=challenge.subject)
        _tell(fresh, challenge, "bid_reserved", "您的方案列为候补", f"《{challenge.title}》把您的方案列为候补。")


def no_award(challenge: Challenge, actor: Actor, reason: str) -> None:
    """End the call without a choice (流榜), with the reason; unopened bids stay closed for ever. Raises Forbidden, IllegalStep."""
    with transaction():
        challenge = _locked(challenge, actor)
        facts = {"bids_closed": rules.bids_closed(challenge.closes_at, clock.now())}
        reason = _reason(reason)
        steps.take(challenge, CHALLENGE, "no_award", actor, facts, reason=reason)
        challenge.ended_at, challenge.end_reason = clock.now(), reason[:300]
        for bid in _all(challenge):
            if bid.state in {"opened", "reserve"}:
                steps.take(bid, BID, "pass_over", actor, detail={"reason": "other"})
                bid.decided_at, bid.loss_reason = clock.now(), "other"
            elif bid.state == "draft" or bid.state in rules.ARRIVED_STATES:
                told = bid.state != "draft"
                steps.take(bid, BID, "lapse", actor)
                if not told:
                    continue
            else:
                continue
            _tell(bid, challenge, "no_award", "您申报的榜单流榜", f"《{challenge.title}》这次没有选定合作方。理由：{reason}")
        _changed(challenge)


def _locked(challenge: Challenge, actor: Actor) -> Challenge:
    if not queries.is_enterprise(challenge, actor):
        raise Forbidden("由发榜单位的授权人选定")
    demand(actor, P.CHOOSE_BID, challenge.subject)
    challenges.lock(challenge)
    return challenge


def _all(challenge: Challenge) -> list[Bid]:
    """Return the challenge's bids read afresh under its lock."""
    options = (
        joinedload(Bid.organisation),
        selectinload(Bid.members).joinedload(BidMember.organisation),
        joinedload(Bid.answer),
        selectinload(Bid.responses),
        selectinload(Bid.milestones),
    )
    query = select(Bid).where(Bid.challenge_id == challenge.id).options(*options).order_by(Bid.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _one(challenge: Challenge, bid_id: int) -> Bid:
    found = next((bid for bid in _all(challenge) if bid.id == bid_id), None)
    if found is None:
        raise IllegalStep("没有这份申报")
    return found


def _write_rows(bid: Bid, indicators: set[int]) -> None:
    """Turn the payload into rows: the only place that does."""
    body: dict[str, Any] = rules.blank() | (unseal(bid.payload) if bid.payload else {})
    if not body["complete"]:
        body = rules.half(body)
    names = ("basis", "route", "team", "period_months", "price_fen", "technology_fen", "equipment_fen", "complete")
    bid.answer = BidAnswer(**{name: body[name] for name in names})
    bid.responses[:] = [
        BidResponse(indicator_id=int(key), promised=row.get("promised", ""), meets=row.get("meets") or "meets", basis=row.get("basis", ""))
        for key, row in body["responses"].items()
        if key.isdecimal() and int(key) in indicators and (rules.answered(row) or row.get("basis"))
    ]
    bid.milestones[:] = [
        BidMilestone(position=position, name=row["name"], month=row["month"], share_bp=row["share_bp"])
        for position, row in enumerate(body["milestones"], 1)
    ]


def _reason(text: str) -> str:
    text = text.strip()[:REASON_LIMIT]
    if not text:
        raise Invalid({"reason": "请写明理由"})
    return text


def _loss_reason(code: str | None) -> str:
    if code is not None and code not in codes.BID_LOSS_REASONS:
        raise Invalid({"loss_reason": "请从列表里选未选定的原因"})
    return code or "other"


def _changed(challenge: Challenge) -> None:
    challenge.changed_at = clock.now()
    search.refresh(challenge)


def _tell(bid: Bid, challenge: Challenge, kind: str, title: str, text: str) -> None:
    """Tell the people of the bidder and of its confirmed members."""
    organisations = {bid.organisation_id} | {member.organisation_id for member in bid.members if member.confirmed_at}
    people = [person for organisation in sorted(organisations) for person in accounts.people_of(organisation)]
    moment = f"{clock.now():%Y%m%d%H%M%S}"
    notices.notify(
        people,
        kind,
        title,
        text,
        f"/bids/{bid.id}",
        dedupe=f"bid-{bid.id}-{kind}-{moment}",
        is_sample=bid.is_sample,
        by_mail=bid.opened_at is not None or challenge.visibility == "on_arrival",
    )
