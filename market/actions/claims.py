"""Hand over what the commission keeps (待认领): a single-use link for an organisation, or for one listing that named none.

Whoever opens the link registers the organisation and waits for verification like everybody, or, signed in for
an organisation that is verified already, takes the listings into it. A link that the wrong person used is taken
back by the commission: the account is closed, the organisation waits for its people again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from market.actions import history, members, notices, organisations, people, search, sign_in, steps, tokens
from market.actions.organisations import Details
from market.actions.people import Accepted, Person
from market.db import db, transaction
from market.domain import clock, codes, identifiers
from market.domain.errors import IllegalStep, Invalid
from market.domain.organisations import FIRST_ROLES, ORGANISATION
from market.domain.permissions import Actor, Permission, Role, demand
from market.models import Capability, Challenge, HistoryEntry, Organisation, User
from market.queries import accounts
from market.queries import claims as queries

GONE = "这家单位已经有人认领，请与本单位管理员联系"
MERGED = "资料已并入"
Listing = Challenge | Capability


@dataclass(frozen=True)
class Link:
    """A claim link as it is passed on; it is shown once, only its hash is kept."""

    name: str  # of the organisation, or the title of a listing that named none
    path: str
    listings: tuple[str, ...]  # titles
    until: str  # the last day on which it can be used, in Shanghai


def send(organisation: Organisation, email: str, actor: Actor) -> None:
    """Mail a link by which the organisation's own people take over what the commission keeps for it (30 days, once)."""
    demand(actor, Permission.VERIFY_ORGANISATION, organisation.subject)
    mailbox = identifiers.email(email)
    if accounts.user_by_email(mailbox) is not None:
        raise Invalid({"email": "这个邮箱已有账户：请改用导入页上的认领链接，让对方登录后打开"})
    with transaction():
        raw = _issue(organisation, None, actor, email=mailbox)
        text = f"您好：\n\n{organisation.name} 在本站已有资料，请打开下面的链接认领，30 天内有效，只能用一次：\n{{site}}/claim/{raw}"
        key = f"claim-{accounts.token_hash(raw)[:32]}"
        notices.mail(mailbox, organisation.name, "请认领贵单位的资料", text, dedupe=key, is_sample=organisation.is_sample)


def links(kept: Sequence[Organisation], loose: Sequence[Listing], actor: Actor) -> list[Link]:
    """Make a link for each organisation in `kept` and each listing in `loose`, to be passed on by hand.

    Older links of the same are useless from now on. Raises Forbidden, IllegalStep.
    """
    for organisation in kept:
        demand(actor, Permission.VERIFY_ORGANISATION, organisation.subject)
    made: list[Link] = []
    until = f"{(clock.today() + tokens.LIFETIMES['claim']):%Y-%m-%d}"
    with transaction():
        for organisation in kept:
            titles = tuple(one.title for one in queries.listings_of(organisation.id))
            made.append(Link(organisation.name, f"/claim/{_issue(organisation, None, actor)}", titles, until))
        for listing in loose:
            owner = db.session.get_one(Organisation, listing.organisation_id)
            demand(actor, Permission.VERIFY_ORGANISATION, owner.subject)
            if not queries.is_nobody(owner):
                raise IllegalStep("这条已有单位，请给单位生成链接")
            made.append(Link(listing.title, f"/claim/{_issue(owner, listing, actor)}", (listing.title,), until))
    return made


def words(link: Link, site: str, site_name: str, organiser: str) -> str:
    """Return what is copied into a chat with a claim link."""
    who = f"{link.name}，您好：" if len(link.listings) != 1 or link.listings[0] != link.name else "您好："
    number = f"{len(link.listings)} 条资料" if len(link.listings) > 1 else "1 条资料" if link.listings else "单位资料"
    such = (
        f"（{'、'.join(f'「{title}」' for title in link.listings[:2])}{'等' if len(link.listings) > 2 else ''}）" if link.listings else ""
    )
    return (
        f"{who}\n{organiser}把贵单位的{number}{such}放进了{site_name}，目前由我们代管。请单位负责人在 {link.until} 以前打开下面的链接认领，"
        f"之后由贵单位自己修改、答复对接：\n{site}{link.path}\n链接只能用一次，请不要转给单位以外的人。单位已经注册过的，请先登录再打开。"
    )


def _issue(organisation: Organisation, listing: Listing | None, actor: Actor, email: str | None = None) -> str:
    if organisation.state != "unclaimed":
        raise IllegalStep("只有待认领的单位可以发认领链接")
    if listing is None and queries.is_nobody(organisation):
        raise IllegalStep("没有注明单位的，请逐条生成链接")
    kind = queries.kind_of(listing) if listing else None
    about: dict[str, Any] = {"subject_kind": kind, "subject_id": listing.id if listing else None}
    with transaction():
        tokens.revoke("claim", organisation_id=organisation.id, **about)
        raw = tokens.issue("claim", organisation_id=organisation.id, email=email, **about)
        history.record(
            kind or "organisation", listing.id if listing else organisation.id, "send_claim_link", actor, is_sample=organisation.is_sample
        )
        return raw


def register(raw: str, details: Details, email: str, person: Person, texts: Iterable[Accepted], address: str) -> None:
    """Take over by a link and register: the organisation then waits for verification. Raises NotVisible, Invalid.

    `email` counts where the link was not mailed to one; it must then be confirmed. An address that has an
    account already gets a mail that says so and the link stays good: the answer on the page is the same.
    """
    with transaction() as session:
        token = tokens.spend("claim", raw)
        mailbox = token.email or identifiers.email(email)
        known = accounts.user_by_email(mailbox)
        if known is not None:
            token.used_at = None
            people.say_account_exists(known)
            return
        kept = session.get_one(Organisation, token.organisation_id, with_for_update=True)
        if kept.state != "unclaimed":
            raise IllegalStep(GONE)
        listing = queries.listing(token.subject_kind, token.subject_id)
        organisation = kept if token.subject_kind is None else Organisation(kind=_kind(listing))
        organisations.fill(organisation, details, taken="这个代码的单位已经注册：请本单位管理员登录以后再打开这个链接，资料会归到单位名下")
        session.add(organisation)
        session.flush()
        roles = FIRST_ROLES.get(organisation.kind, (Role.ORG_ADMIN,))
        user = people.add(mailbox, person, organisation, roles, confirmed=token.email is not None)
        people.accept(user.id, texts, address)
        actor = Actor(id=user.id, name=user.name, organisation_id=organisation.id)
        if token.subject_kind is None:
            steps.take(organisation, ORGANISATION, "claim", actor)
        else:
            history.record("organisation", organisation.id, "claim", actor, to_state="pending")
        for one in [listing] if listing else queries.listings_of(organisation.id):
            _hand_over(one, organisation, actor)
        history.record("user", user.id, "claim", actor, is_sample=organisation.is_sample)
        if not user.email_confirmed_at:
            sign_in.send_confirmation(user)
        organisations.ask_for_verification(organisation)


def join(raw: str, actor: Actor) -> int:
    """Take what a link hands over into the actor's own, verified organisation; returns how many listings.

    The kept organisation is closed as merged. Raises Forbidden, NotVisible, IllegalStep.
    """
    own = accounts.get_organisation(actor.organisation_id or 0)
    if own is None or not own.verified:
        raise IllegalStep("您的单位核验通过以后才能认领")
    demand(actor, Permission.EDIT_ORGANISATION, own.subject)
    with transaction() as session:
        token = tokens.spend("claim", raw)
        kept = session.get_one(Organisation, token.organisation_id, with_for_update=True)
        if kept.state != "unclaimed":
            raise IllegalStep(GONE)
        listing = queries.listing(token.subject_kind, token.subject_id)
        moved = [listing] if listing else queries.listings_of(kept.id) if token.subject_kind is None else []
        if any(queries.kind_of(one) == "capability" for one in moved) and own.kind == "enterprise":
            raise IllegalStep("这里有成果与能力，请高校院所或服务机构来认领")
        for one in moved:
            _hand_over(one, own, actor)
        if token.subject_kind is None:
            steps.take(kept, ORGANISATION, "merge", actor, reason=f"{MERGED} {own.name}")
            kept.state_reason = f"{MERGED} {own.name}"
        _tell_staff(own, len(moved))
        return len(moved)


def _hand_over(listing: Listing, organisation: Organisation, actor: Actor) -> None:
    with transaction():
        before, listing.organisation_id = listing.organisation_id, organisation.id
        listing.author_id = actor.id
        db.session.flush()
        detail = {"from": before, "to": organisation.id}
        history.record(queries.kind_of(listing), listing.id, "hand_over", actor, detail=detail, is_sample=listing.is_sample)
        search.refresh(listing)


def take_back(organisation: Organisation, reason: str, actor: Actor, version: int | None) -> None:
    """Undo a claim by the wrong person: the accounts are closed, the organisation waits for its people again.

    Raises Forbidden, IllegalStep (it was never claimed, or is verified), Stale.
    """
    demand(actor, Permission.VERIFY_ORGANISATION, organisation.subject)
    with transaction() as session:
        session.refresh(organisation, with_for_update=True)
        steps.check_version(organisation, version)
        if not was_claimed(organisation):
            raise IllegalStep("这家单位不是认领来的")
        steps.take(organisation, ORGANISATION, "take_back", actor, reason=reason)
        organisation.state_reason = reason[:300]
        organisation.credit_code = None  # what the wrong person typed must not keep the right one out
        for user in accounts.people_of(organisation.id):
            members.close(user, reason, actor)
        tokens.revoke("invitation", organisation_id=organisation.id)


def was_claimed(organisation: Organisation) -> bool:
    """True when the organisation came to its people by a link."""
    query = select(HistoryEntry.id).where(
        HistoryEntry.subject_kind == "organisation", HistoryEntry.subject_id == organisation.id, HistoryEntry.step == "claim"
    )
    return db.session.scalar(query.limit(1)) is not None


def _kind(listing: Listing | None) -> str:
    if listing is None:
        raise IllegalStep("这一条已经不在本站")
    return "enterprise" if isinstance(listing, Challenge) else "institute"


def _tell_staff(own: Organisation, number: int) -> None:
    staff: list[User] = accounts.people_with(Role.CLERK) + accounts.people_with(Role.REVIEWER)
    word = codes.label("organisation_kind", own.kind)
    notices.notify(
        staff,
        "organisation",
        "待认领的资料已被认领",
        f"{own.name}（{word}）认领了 {number} 条资料。",
        f"/organisations/{own.id}",
        dedupe=f"claimed-{own.id}-{clock.now():%Y%m%d%H%M%S%f}",
        is_sample=own.is_sample,
    )
