"""One small market in every state, told with the cast: what the walks over all routes are made with.

The enterprise stands for „own“ of what is asked for and the institute for what is offered; the stranger and the
rival own none of it. `World.ids` gives, for each kind of subject, its states with the id of one in that state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from market.actions import (
    attachments,
    bids,
    campaigns,
    contacts,
    contracts,
    imports,
    large_exports,
    leads,
    members,
    objections,
    selection,
    tokens,
)
from market.db import db, transaction
from market.domain import clock
from market.models import (
    Attachment,
    Bid,
    Candidate,
    Capability,
    Challenge,
    ContactLine,
    Contract,
    DuplicateCase,
    Lead,
    Match,
    Organisation,
    Outbox,
    StandIn,
    Token,
    User,
    UserSession,
)
from market.queries import accounts
from market.queries.contracts import ListFilter
from tests import bidding
from tests.bidding import actor
from tests.cast import Cast
from tests.domain.test_attachments import PDF
from tests.factories import CapabilityFactory, ChallengeFactory, ContactFactory, ContractFactory, IndicatorFactory, OrganisationFactory

UNKNOWN = 2_000_000_000  # no row has this id, and it fits every integer column
FREE = {"static", "bootstrap.static"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LIST = "标题,描述\n低温电解液样品,弱溶剂化体系的中试样品 零下三十度可用。\n,没有标题的一行\n"
TOKENS = {
    "accounts.accept_invitation": "invitation",
    "accounts.claim": "claim",
    "accounts.confirm_email": "confirm_email",
    "accounts.reset_password": "reset",
    "capabilities.renew": "renew",
    "leads.confirm": "confirm",
    "accounts.confirm_new_email": "change_email",
}
SEALED = "封存的话金丝雀"  # what the bids say that nobody has opened yet
STEPS = {
    "bids.answer_objection": "dismiss",
    "challenges.take_step": "withdraw",
    "capabilities.take_step": "withdraw",
    "bids.take_step": "withdraw",
    "contacts.take_step": "close",
    "contracts.take_step": "sign",
    "registration.decide": "different",
    "accounts.organisation_step": "suspend",
}


@dataclass
class World:
    """The subjects by kind and state, and the other arguments an address may have."""

    cast: Cast
    ids: dict[str, dict[str, int]] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def states(self, rule: Rule) -> list[str]:
        """Return the states in which the subject of a rule is to be asked for; [""] for a rule without one."""
        return list(self.ids[self.kind(rule)]) if self.kind(rule) else [""]

    def kind(self, rule: Rule) -> str:
        """Return which kind of subject a rule is about, by its first argument that is an id."""
        return next((name.removesuffix("_id") for name in _in_order(rule) if name.endswith("_id")), "")

    def values(self, rule: Rule, state: str) -> dict[str, Any]:
        """Return the arguments of a rule for the subject in `state`."""
        kind, found = self.kind(rule), dict(self.more)
        if kind:
            found[f"{kind}_id"] = self.ids[kind][state]
        found["kind"] = "challenges" if rule.endpoint == "imports.template" else "challenge"
        found["step"] = STEPS.get(rule.endpoint, "")
        found["token"] = self.tokens.get(TOKENS.get(rule.endpoint, ""), "x" * 43)
        if "attachment_id" in rule.arguments:
            found["attachment_id"] = self.more["attachments"].get((kind, state), UNKNOWN)
        if "objection_id" in rule.arguments:
            found["objection_id"] = self.more["objections"].get(state, UNKNOWN)
        return {name: found[name] for name in rule.arguments}  # a KeyError names the argument to add in `build`


def _in_order(rule: Rule) -> list[str]:
    return [part.split(":")[1].split(">")[0] for part in rule.rule.split("<")[1:]]


def rules(app: Flask) -> list[Rule]:
    """Return every rule of the application but those of files, in order."""
    return sorted((rule for rule in app.url_map.iter_rules() if rule.endpoint not in FREE), key=lambda rule: (rule.endpoint, rule.rule))


def methods(rule: Rule) -> list[str]:
    """Return the methods of a rule that do something of their own."""
    return [method for method in METHODS if method in (rule.methods or set())]


def path(app: Flask, rule: Rule, values: dict[str, Any]) -> str:
    """Return the address of a rule with these arguments."""
    adapter = app.url_map.bind("localhost")
    return adapter.build(rule.endpoint, values)


def build(cast: Cast, name: str = "") -> World:
    """Make the market. `name` is what the enterprise is called while it wants to be anonymous (the cast's name when empty)."""
    if name:
        with transaction():
            cast.enterprise.name = name
    world = World(cast)
    _asked_for(world)
    _offered(world)
    _between(world)
    _accounts(world)
    _links(world)
    return world


def _asked_for(world: World) -> None:
    cast = world.cast
    own: dict[str, Any] = {"organisation": cast.enterprise, "author_id": cast.engineer.id, "anonymous": True}
    past = {"published_at": clock.now() - timedelta(days=9)}
    made = {
        "draft": ChallengeFactory(**own),
        "submitted": ChallengeFactory(**own, state="submitted", submitted_at=clock.now(), answer_due=clock.today()),
        "published": ChallengeFactory(**own, published=True, adviser_id=cast.clerk.id),
        "call": bidding.call(cast, anonymous=True, visibility="at_deadline"),
        "choosing": _opened(cast),
        "publicity": _chosen(cast),
        "contracted": ChallengeFactory(**own, state="contracted", **past),
        "withdrawn": ChallengeFactory(**own, state="withdrawn", **past),
    }
    for state in ("draft", "submitted", "published"):
        IndicatorFactory(challenge=made[state])
    world.ids["challenge"] = {state: one.id for state, one in made.items()}
    files: dict[tuple[str, str], int] = {}
    for state in ("draft", "published"):
        file = attachments.add(bidding.fresh_call(made[state]), "工艺说明.pdf", PDF, actor(cast.engineer))
        files["challenge", state] = file.id
    world.more["attachments"] = files
    arriving = bidding.fresh_call(db.session.get_one(Challenge, world.ids["challenge"]["call"]))
    bid, joint = bidding.sent(arriving, cast.tto, basis=SEALED, route=SEALED), _joint(world, arriving.id)
    opened = db.session.scalars(select(Bid).where(Bid.challenge_id == world.ids["challenge"]["choosing"])).one()
    world.ids["bid"] = {"sent": bid.id, "joint": joint, "opened": opened.id}
    said = {"received_on": clock.today(), "channel": "phone", "raised_by": "来电人", "reach": "13900000009", "text": "资质存疑"}
    shown = bidding.fresh_call(db.session.get_one(Challenge, world.ids["challenge"]["publicity"]))
    objection = objections.record(shown, said, actor(cast.clerk))
    world.more["objections"] = {"publicity": objection.id}


def _joint(world: World, challenge_id: int) -> int:
    """Return the draft of a consortium: the stranger leads, the rival is asked."""
    call = bidding.fresh_call(db.session.get_one(Challenge, challenge_id))
    member = {"who": "别家研究院", "task": "测试", "share_bp": 4_000}
    found = bids.create(
        call, bidding.values(call, basis=SEALED, route=SEALED, members=[member], lead_share_bp=6_000), actor(world.cast.stranger)
    )
    return int(found.id)


def _chosen(cast: Cast) -> Challenge:
    """Return an open call whose one bid (of the institute) has been chosen; the publicity window runs."""
    call = _opened(cast, "PT-JB-2026-0011", publicity_days=5)
    bid = db.session.scalars(select(Bid).where(Bid.challenge_id == call.id)).one()
    selection.choose(bidding.fresh(bid), actor(cast.seeker), "指标最好")
    return bidding.fresh_call(call)


def _opened(cast: Cast, number: str = "PT-JB-2026-0010", **more: Any) -> Challenge:
    """Return an open call whose deadline is over and whose one bid (of the institute) has been opened."""
    own = {"organisation": cast.enterprise, "author_id": cast.engineer.id, "anonymous": True}
    call = ChallengeFactory(**own, open_call=True, number=number, **more)
    IndicatorFactory(challenge=call)
    bidding.sent(bidding.fresh_call(call), cast.tto)
    with transaction():
        bidding.fresh_call(call).closes_at = clock.now() - timedelta(hours=1)
    selection.open_all(bidding.fresh_call(call), actor(cast.seeker))
    return bidding.fresh_call(call)


def _offered(world: World) -> None:
    cast = world.cast
    own: dict[str, Any] = {"organisation": cast.institute, "author_id": cast.professor.id}
    shown = {"published_at": clock.now()}
    made = {
        "draft": CapabilityFactory(**own),
        "submitted": CapabilityFactory(**own, state="submitted", submitted_at=clock.now(), answer_due=clock.today()),
        "published": CapabilityFactory(**own, published=True),
        "withdrawn": CapabilityFactory(**own, state="withdrawn", **shown),
    }
    world.ids["capability"] = {state: one.id for state, one in made.items()}
    world.ids["item"] = {"submitted": world.ids["challenge"]["submitted"], "published": world.ids["challenge"]["published"]}
    world.more["decision"] = "publish"


def _between(world: World) -> None:
    cast, challenge, capability = world.cast, world.ids["challenge"]["published"], world.ids["capability"]["published"]
    sides = {"seeker": cast.enterprise, "provider": cast.institute, "capability": db.session.get_one(Capability, capability)}
    asked = ContactFactory(**sides, challenge_id=challenge, asked_by_id=cast.seeker.id)
    accepted = ContactFactory(**sides, accepted=True, asked_by_id=cast.seeker.id, answered_by_id=cast.tto.id)
    other = CapabilityFactory(
        organisation=db.session.get_one(Organisation, cast.rival.organisation_id), author_id=cast.rival.id, published=True
    )
    open_question = contacts.ask(
        "想了解贵院的材料。", actor(cast.seeker), challenge=bidding.fresh_call(db.session.get_one(Challenge, challenge)), capability=other
    )
    world.ids["contact"] = {"asked": asked.id, "accepted": accepted.id, "unanswered": open_question.id}
    deal = {"seller": cast.institute, "buyer": cast.enterprise}
    signed = ContractFactory(**deal, signed=True)
    recorded = ContractFactory(
        seller=None, seller_name="外地研究所", seller_region="110000", buyer=cast.enterprise, author_id=cast.clerk.id, signed=True
    )
    world.ids["contract"] = {
        "draft": ContractFactory(**deal).id,
        "signed": signed.id,
        "registered": ContractFactory(**deal, registered=True).id,
    }
    world.ids["contract"]["recorded"] = recorded.id
    world.more["payment_id"] = _payment(signed, cast)
    world.ids["case"] = {"likely": _likely(world.ids["contract"]["signed"], world.ids["contract"]["registered"])}
    world.more["attachments"]["contract", "signed"] = _photo("contract", signed.id)
    values = {"wrong": "电池不耐冷", "company": "申城电池厂", "phone": "13900000000"}
    new, assigned = Lead(**values), Lead(**values, assignee_id=cast.liaison.id, state="assigned")
    db.session.add_all([new, assigned])
    db.session.commit()
    world.ids["lead"] = {"new": new.id, "assigned": assigned.id}
    _campaign(world)
    line = ContactLine(
        contact_id=accepted.id, happened_on=clock.today(), kind="visit", text="去看了中试线", by_id=cast.tto.id, by_name="李转化"
    )
    db.session.add(line)
    db.session.commit()
    world.more["attachments"]["contact", "accepted"] = _photo("contact_line", line.id)
    world.more["attachments"]["lead", "assigned"] = _photo("lead", assigned.id)
    world.ids["match"] = {"published": _ranked("challenge", challenge, "capability", capability)}
    _ranked("capability", capability, "challenge", challenge)


def _campaign(world: World) -> None:
    """An open campaign with a candidate for nobody yet and one of the liaison."""
    campaign = campaigns.create("应登未登", 2026, "", actor(world.cast.clerk))
    values = {"campaign_id": campaign.id, "contact_phone": "021-52564588"}
    new = Candidate(**values, key="甲", name="停登公司")
    assigned = Candidate(**values, key="乙", name="签了没登公司", assignee_id=world.cast.liaison.id, state="assigned")
    db.session.add_all([new, assigned])
    db.session.commit()
    world.ids["campaign"] = {"open": campaign.id}
    world.ids["candidate"] = {"new": new.id, "assigned": assigned.id}
    world.more["row_id"] = UNKNOWN


def _likely(one: int, other: int) -> int:
    first, second = sorted((one, other))
    case = DuplicateCase(contract_id=first, other_id=second, cause="deal", likeness_bp=9_500)
    db.session.add(case)
    db.session.commit()
    return int(case.id)


def _photo(kind: str, subject_id: int) -> int:
    kept = Attachment(
        subject_kind=kind, subject_id=subject_id, name="现场.png", media_type="image/png", size=9, sha256="0" * 64, content=b"\x89PNG-here"
    )
    db.session.add(kept)
    db.session.commit()
    return int(kept.id)


def _ranked(kind: str, query_id: int, other: str, item_id: int) -> int:
    why = {"kind": "phrase", "label": "都提到「低温」", "strength": 0.5, "left": "低温", "right": "低温", "sentence": "低温可用。"}
    best = {**why, "kind": "best", "label": "", "strength": 0}
    line = Match(
        query_kind=kind, query_id=query_id, item_kind=other, item_id=item_id, rank=1, score=0.5, reasons=[best, why],
        engine_version="test-1", computed_at=clock.now(),
    )  # fmt: skip
    db.session.add(line)
    db.session.commit()
    return int(line.id)


def _payment(contract: Contract, cast: Cast) -> int:
    from market.queries import contracts as queries

    found = queries.get(contract.id)
    assert found is not None
    values = {"paid_on": clock.today(), "amount_fen": 5_000_000, "note": "首付"}
    return int(contracts.add_payment(found, values, actor(cast.seeker)).id)


def _accounts(world: World) -> None:
    cast = world.cast
    world.more |= {"year": 2026}
    members.invite(cast.enterprise, "new@example.org", "org_member", actor(cast.seeker))
    invitation = db.session.scalars(select(Token.id).where(Token.purpose == "invitation")).one()
    arranged = StandIn(absent_id=cast.reviewer.id, stand_in_id=cast.clerk.id, first_day=clock.today(), last_day=clock.today())
    arranged.first_day = arranged.last_day = clock.today() + timedelta(days=30)
    db.session.add(arranged)
    db.session.commit()
    message = db.session.scalars(select(Outbox.id).order_by(Outbox.id)).first()
    world.ids["organisation"] = {"enterprise": cast.enterprise.id, "institute": cast.institute.id, "pending": _pending()}
    world.ids["organisation"]["unclaimed"] = int(OrganisationFactory(name="待认领的公司", state="unclaimed", verified_at=None).id)
    world.ids["organisation"]["bureau"] = int(cast.bureau.organisation_id or 0)
    world.ids["user"] = {"member": cast.engineer.id, "staff": cast.liaison.id}
    world.ids["token"] = {"open": invitation}
    world.ids["outbox"] = {"waiting": int(message or 0)}
    world.ids["stand_in"] = {"planned": arranged.id}
    wanted = large_exports.Wanted(contracts=ListFilter(year=2026))
    world.ids["job"] = {"waiting": int(large_exports.start(wanted, "xlsx", actor(cast.clerk)).id)}
    world.ids["batch"] = {"lists": _batch(cast.clerk), "own": _batch(cast.tto)}


def _pending() -> int:
    return int(OrganisationFactory(name="等待核验的公司", state="pending", verified_at=None).id)


def _batch(user: User) -> int:
    batch, _new = imports.start(imports.Upload("capabilities", "清单.csv", LIST.encode()), actor(user))
    number = batch.id
    imports.HANDLERS["import_check"]({"batch_id": number}, lambda *_: None)
    return int(number)


def _links(world: World) -> None:
    """Issue one open link of every kind."""
    cast, lead = world.cast, world.ids["lead"]["assigned"]
    found = {
        "invitation": tokens.issue("invitation", organisation_id=cast.institute.id, email="colleague@example.org", role="org_member"),
        "claim": tokens.issue("claim", organisation_id=world.ids["organisation"]["unclaimed"], email="claim@example.org"),
        "confirm_email": tokens.issue("confirm_email", user_id=cast.engineer.id, email=cast.engineer.email),
        "reset": tokens.issue("reset", user_id=cast.engineer.id, email=cast.engineer.email),
        "change_email": tokens.issue("change_email", user_id=cast.engineer.id, email="moved@example.org"),
        "renew": tokens.issue("renew", timedelta(days=9), subject_kind="capability", subject_id=world.ids["capability"]["published"]),
    }
    row = db.session.get_one(Lead, lead)
    values = {"name": "还没来的公司", "region": "310107", "title": "电池不耐冷", "pain": "冬天掉电。", "anonymous": True}
    leads.draft(row, {**values, "indicators": []}, actor(cast.liaison))
    found["confirm"] = leads.send_link(db.session.get_one(Lead, lead), actor(cast.liaison))
    world.tokens = found


def session_of(user: User) -> int:
    """Return the newest session row of a person."""
    found = db.session.scalars(select(UserSession.id).where(UserSession.user_id == user.id).order_by(UserSession.id.desc())).first()
    return int(found or 0)


def people(world: World) -> dict[str, User | None]:
    """Return everybody by part, the public first."""
    return {"nobody": None, **world.cast.people()}


def find(user_id: int) -> User:
    """Return a person freshly read."""
    found = accounts.get_user(user_id)
    assert found is not None
    return found
