"""Bids: write, send, withdraw, confirm a consortium. The body is one payload; only this module and selection read it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from market.actions import challenges, history, notices, outcomes, steps
from market.actions.bid_body import seal, unseal
from market.db import db, transaction
from market.domain import bids as rules
from market.domain import clock
from market.domain.bids import BID
from market.domain.errors import Duplicate, Forbidden, IllegalStep, Invalid
from market.domain.permissions import Actor, Role, Subject, demand
from market.domain.permissions import Permission as P
from market.models import Bid, BidMember, Challenge, Notice, Organisation
from market.queries import accounts
from market.queries import bids as queries

SIGNATORIES = frozenset({Role.ORG_ADMIN, Role.TTO})
FIXED_CONSORTIUM = ("intention", "submitted")


def create(challenge: Challenge, values: Mapping[str, Any], actor: Actor) -> Bid:
    """Write a draft bid of the actor's organisation.

    `values` holds the keys of domain.bids.blank() and `members`: [{who (name or credit code), task, share_bp}],
    with `lead_share_bp` and `lead_task`. Raises Late, Forbidden, IllegalStep, Invalid, Duplicate.
    """
    demand(actor, P.CREATE_BID)
    organisation = accounts.get_organisation(actor.organisation_id) if actor.organisation_id else None
    if organisation is None or not organisation.verified:
        raise Forbidden("单位通过核验后才能揭榜申报")
    with transaction() as session:
        challenges.lock(challenge)
        _demand_open(challenge)
        if organisation.id == challenge.organisation_id:
            raise Forbidden("不能申报本单位发布的榜单")
        if queries.own(challenge.id, organisation.id) is not None:
            raise Duplicate("本单位已经有一份申报，请在原来的申报上修改")
        bid = Bid(
            challenge_id=challenge.id,
            organisation_id=organisation.id,
            author_id=actor.id,
            is_sample=organisation.is_sample or challenge.is_sample,
            members=[],
        )
        session.add(bid)
        session.flush()
        _write_body(bid, values)
        _write_members(bid, challenge, organisation, values, actor)
        session.flush()
        history.record("bid", bid.id, "create", actor, to_state="draft", is_sample=bid.is_sample)
    return bid


def save(bid: Bid, values: Mapping[str, Any], actor: Actor, version: int | None = None, *, quiet: bool = False) -> None:
    """Save without sending. What was sent already stands until the next sending: the new text is kept beside it.

    `quiet` (saved in the background while typing) asks no member yet: the consortium is kept as typed until somebody saves it.
    Raises Late, Forbidden, Stale, IllegalStep, Invalid.
    """
    if quiet:
        values = unasked(values)
    with transaction() as session:
        challenge = _locked(bid, actor, version)
        if bid.state == "draft":
            _write_body(bid, values)
        elif bid.state in rules.EDITABLE_STATES:
            bid.payload = seal({**_sent(bid), "draft": _clean(values)})
        else:
            raise IllegalStep(f"目前是「{BID.states[bid.state]}」，不能修改")
        _write_members(bid, challenge, bid.organisation, values, actor)
        session.flush()


def send(bid: Bid, values: Mapping[str, Any], actor: Actor, version: int | None = None) -> None:
    """Send the 意向, or the full answer where it is asked for; the receipt is `payload_sha256` and `received_at`.

    The act of an authorised person: what leaves an institute leaves through its TTO, a professor drafts.
    Raises Late, Forbidden, Stale, IllegalStep, Invalid.
    """
    with transaction() as session:
        challenge = _locked(bid, actor, version, P.SUBMIT_BID)
        whole = rules.takes_answer(challenge.visibility, bid.state)
        body = _clean(values) | {"complete": whole}
        if not body["basis"]:
            raise Invalid({"basis": "请写明依据：凭什么做得到"})
        if whole:
            rules.check_answer(body, challenge.indicators)
        _write_members(bid, challenge, bid.organisation, values, actor)
        session.flush()
        step, first = ("submit" if whole else "intend"), bid.state in {"draft", "invited"}
        facts = {
            "before_deadline": True,
            "has_basis": True,
            "answers_all": True,
            "may_answer": True,
            "members_confirmed": all(member.confirmed_at and not member.declined_at for member in bid.members),
        }
        bid.payload = seal(body)
        bid.payload_sha256 = hashlib.sha256(bid.payload).hexdigest()
        bid.received_at = clock.now()
        steps.take(bid, BID, step, actor, facts)
        outcomes.of_bid(bid, actor.id)
        if challenge.visibility == "on_arrival":
            word = "完整方案" if whole else "揭榜意向"
            round_ = "" if first else f"-{clock.now():%Y%m%d%H%M%S}"
            notices.notify(
                accounts.people_of(challenge.organisation_id),
                "bid_arrived",
                f"您的榜单收到一份{word}" if first else f"一份{word}有修改",
                f"《{challenge.title}》有新的{word}，登录后可以查看。",
                f"/challenges/{challenge.id}/bids",
                dedupe=f"bid-{bid.id}-{step}-{bid.version}{round_}",
                is_sample=bid.is_sample,
            )


def unasked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed with the consortium kept as words, so that saving it asks nobody."""
    names = ("members", "lead_task", "lead_share_bp")
    return {key: value for key, value in values.items() if key not in names} | {"consortium": {name: values.get(name) for name in names}}


def withdraw(bid: Bid, actor: Actor, version: int | None = None) -> None:
    """Take a sent bid back before the deadline; an enterprise that had read it is told. Raises Late, Forbidden, Stale, IllegalStep."""
    with transaction():
        challenge = _locked(bid, actor, version, P.SUBMIT_BID)
        steps.take(bid, BID, "withdraw", actor, {"before_deadline": True})
        if challenge.visibility == "on_arrival":
            notices.notify(
                accounts.people_of(challenge.organisation_id),
                "bid_withdrawn",
                "一份揭榜申报已撤回",
                f"《{challenge.title}》有一份申报由申报方撤回，截止前对方可以重新申报。",
                f"/challenges/{challenge.id}/bids",
                dedupe=f"bid-{bid.id}-withdraw-{clock.now():%Y%m%d%H%M%S}",
                is_sample=bid.is_sample,
            )


def discard(bid: Bid, actor: Actor, version: int | None = None) -> None:
    """Delete a draft: its words and its consortium go for good, only the chain of history stays. Raises Forbidden, Stale, IllegalStep.

    The row itself stays behind, empty: were it gone, nothing would tell that its history is of a sealed call and nobody's to read.
    """
    if bid.organisation_id != actor.organisation_id:
        raise Forbidden
    demand(actor, P.EDIT_BID, bid.subject)
    with transaction() as session:
        _lock(bid)
        steps.check_version(bid, version)
        steps.take(bid, BID, "discard", actor)
        for member in bid.members:
            if member.organisation_id != bid.organisation_id and not member.declined_at:
                _whisper(
                    bid,
                    member.organisation_id,
                    "bid_discarded",
                    "联合体的申报草稿已删除",
                    f"{bid.organisation.name}删除了这份草稿。",
                    "/bids",
                )
        bid.payload = bid.payload_sha256 = bid.received_at = None
        bid.members[:] = []
        session.flush()


def redraft(bid: Bid, actor: Actor, version: int | None = None) -> None:
    """Make a withdrawn bid a draft again; raises Late, Forbidden, Stale, IllegalStep."""
    with transaction():
        _locked(bid, actor, version)
        steps.take(bid, BID, "redraft", actor, {"before_deadline": True})
        bid.payload = seal(editable_body(bid) | {"complete": False})
        bid.payload_sha256 = bid.received_at = None


def answer_membership(bid: Bid, accepts: bool, actor: Actor) -> None:
    """Confirm or decline the actor's organisation's part in a consortium, once; raises Late, Forbidden, IllegalStep."""
    own = Subject(owners=frozenset({actor.organisation_id} if actor.organisation_id else ()))
    demand(actor, P.CONFIRM_MEMBERSHIP, own)
    with transaction():
        challenge = _lock(bid)
        member = next((m for m in bid.members if m.organisation_id == actor.organisation_id != bid.organisation_id), None)
        if member is None:
            raise Forbidden
        _demand_open(challenge)
        if member.confirmed_at or member.declined_at:
            raise IllegalStep("贵单位已经答复过")
        if bid.state not in rules.EDITABLE_STATES:
            raise IllegalStep(f"目前是「{BID.states[bid.state]}」，不再需要确认")
        now = clock.now()
        member.confirmed_at, member.declined_at = (now, None) if accepts else (None, now)
        member.confirmed_by_id = actor.id
        history.record("bid", bid.id, "confirm_member" if accepts else "decline_member", actor, is_sample=bid.is_sample)
        said = "已确认加入联合体" if accepts else "谢绝加入联合体"
        _whisper(bid, bid.organisation_id, "bid_member_answered", f"一家单位{said}", f"您牵头的揭榜申报：{actor.name}所在单位{said}。")


def body_for(bid: Bid, actor: Actor) -> dict[str, Any] | None:
    """Return the body of the bid as far as the actor may read it, else None (bid as loaded by queries.bids.get).

    The bidder and its members always; the enterprise on arrival where bids are read on arrival, else after
    opening; staff after opening; nobody else ever.
    """
    if not queries.sees(bid, actor):
        return None
    if bid.opened_at is not None:
        return _opened_body(bid)
    body = _sent(bid)
    return body if body["complete"] or queries.is_bidder(bid, actor) else rules.half(body)


def editable_body(bid: Bid) -> dict[str, Any]:
    """Return what the form shows its writer: the text saved last, sent or not. For the lead's own people only."""
    body = unseal(bid.payload) if bid.payload else {}
    return rules.blank() | (body.get("draft") or {key: value for key, value in body.items() if key != "draft"})


def has_unsent(bid: Bid) -> bool:
    """True when a bid that was sent has later words beside it that were saved and not sent. For the lead's own people only."""
    return bid.state in FIXED_CONSORTIUM and bool(bid.payload and unseal(bid.payload).get("draft"))


def _opened_body(bid: Bid) -> dict[str, Any]:
    answer = bid.answer
    if answer is None:
        return _sent(bid)
    names = ("basis", "route", "team", "period_months", "price_fen", "technology_fen", "equipment_fen", "complete")
    return {name: getattr(answer, name) for name in names} | {
        "responses": {str(r.indicator_id): {"promised": r.promised, "meets": r.meets, "basis": r.basis} for r in bid.responses},
        "milestones": [{"name": m.name, "month": m.month, "share_bp": m.share_bp} for m in bid.milestones],
        "consortium": None,
    }


def _sent(bid: Bid) -> dict[str, Any]:
    body = unseal(bid.payload) if bid.payload else {}
    return rules.blank() | {key: value for key, value in body.items() if key != "draft"}


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values.get(name, default) for name, default in rules.blank().items()} | {"complete": False}


def _write_body(bid: Bid, values: Mapping[str, Any]) -> None:
    bid.payload = seal(_clean(values))


def _lock(bid: Bid) -> Challenge:
    """Lock the challenge, then read the bid afresh, so that deadline, opening and sending never cross."""
    challenges.lock(bid.challenge)
    db.session.flush()
    fresh = queries.get(bid.id)
    if fresh is None:
        raise IllegalStep("这份申报已不存在")
    return fresh.challenge


def _locked(bid: Bid, actor: Actor, version: int | None, permission: P = P.EDIT_BID) -> Challenge:
    if bid.organisation_id != actor.organisation_id:
        raise Forbidden
    demand(actor, permission, bid.subject)
    challenge = _lock(bid)
    _demand_open(challenge)
    steps.check_version(bid, version)
    return challenge


def _demand_open(challenge: Challenge) -> None:
    """Raise Late after the deadline, IllegalStep when the challenge takes no bids; asked inside the write transaction."""
    if challenge.procedure != "open_call":
        raise IllegalStep("这条需求不是揭榜，请直接联系对方")
    if challenge.state != "published":
        raise rules.Late if challenge.is_public else IllegalStep("这个榜单目前不接受申报")
    if not rules.window_open(challenge.state, challenge.procedure, challenge.closes_at, clock.now()):
        raise rules.Late


def _write_members(bid: Bid, challenge: Challenge, lead: Organisation, values: Mapping[str, Any], actor: Actor) -> None:
    """Write the consortium; a member whose task or share changed confirms again, a new one is asked."""
    if "members" not in values:
        return
    wanted: dict[int, tuple[str, int]] = {}
    for row in values["members"] or []:
        organisation = _member(str(row.get("who") or "").strip(), challenge, lead)
        if organisation.id in wanted:
            raise Invalid({"members": f"「{organisation.name}」填了两次"})
        wanted[organisation.id] = (str(row.get("task") or "")[:300], int(row.get("share_bp") or 0))
    if wanted:
        lead_share = int(values.get("lead_share_bp") or 0)
        rules.check_members([lead_share, *(share for _task, share in wanted.values())])
        wanted[lead.id] = (str(values.get("lead_task") or "牵头")[:300], lead_share)
    present = {member.organisation_id: member for member in bid.members}
    if {key: (member.task, member.share_bp) for key, member in present.items()} == wanted:
        return
    if bid.state in FIXED_CONSORTIUM:
        raise IllegalStep("已交的申报不能改联合体：请先撤回，改好并请成员确认后再提交")
    bid.members[:] = [member for key, member in present.items() if key in wanted]
    for key, (task, share) in wanted.items():
        member = present.get(key)
        if member is None:
            member = BidMember(organisation_id=key)
            bid.members.append(member)
        if member.share_bp != share or member.task != task:
            member.task, member.share_bp = task, share
            member.confirmed_at = member.declined_at = member.confirmed_by_id = None
        if key == lead.id:
            member.confirmed_at, member.confirmed_by_id = member.confirmed_at or clock.now(), actor.id
        elif member.confirmed_at is None and member.declined_at is None:
            _whisper(bid, key, "bid_member_asked", "请确认是否加入揭榜联合体", f"{lead.name}邀请贵单位组成联合体，请授权人确认或谢绝。")


def _member(who: str, challenge: Challenge, lead: Organisation) -> Organisation:
    found = queries.organisations_named(who)
    if len(found) != 1:
        said = f"有几家单位叫「{who}」，请填信用代码" if found else f"没有找到「{who}」：请填已核验单位的全称或信用代码"
        raise Invalid({"members": said})
    if found[0].id == challenge.organisation_id:
        raise Invalid({"members": "发榜单位不能加入联合体"})
    if found[0].id == lead.id:
        raise Invalid({"members": "牵头单位不用填在成员里"})
    return found[0]


def _whisper(bid: Bid, organisation_id: int, kind: str, title: str, text: str, link: str = "") -> None:
    """Tell the authorised people of a bidder inside the site only: the outbox is read by staff, and a sealed bid is nobody's business."""
    for person in accounts.people_of(organisation_id, SIGNATORIES):
        db.session.add(
            Notice(
                user_id=person.id,
                kind=kind,
                title=title,
                text=text,
                link=link or f"/bids/{bid.id}",
                is_sample=bid.is_sample or person.is_sample,
            )
        )
