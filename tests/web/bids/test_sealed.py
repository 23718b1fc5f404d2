"""A sealed bid (到期开启) before opening: no page, list, notice, mail or log says what it says, whose it is, or that it exists."""

from __future__ import annotations

import io
import zipfile

from flask import Flask
from sqlalchemy import select

from market.actions import challenges as challenge_actions
from market.actions import selection
from market.db import db
from market.domain import clock
from market.models import Bid, Challenge, Notice, Organisation, Outbox
from market.models import User as Person
from tests.bidding import CANARY, actor, call, fresh_call, sent
from tests.cast import Cast
from tests.page import Browser, Page

SECRET_NAME = "别家研究院"
OTHERS = (
    "seeker",
    "engineer",
    "tto",
    "professor",
    "stranger",
    "bureau",
    "broker",
    "liaison",
    "clerk",
    "reviewer",
    "leader",
    "auditor",
    "sysadmin",
)
_SAME_FOR_ALL = {"accounts.sign_in", "home.gallery", "home.terms", "home.privacy", "home.about", "home.permissions"}


def plain_pages(app: Flask) -> list[str]:
    """Return the address of every page that needs no arguments."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    return sorted({rule.rule for rule in rules if rule.endpoint not in _SAME_FOR_ALL})


def unpacked(data: bytes) -> bytes:
    """Return a download as bytes to look through; of a workbook or a document, all its parts."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def says_nothing(page: Page, bid: Bid) -> bool:
    """True when neither content, number nor bidder is in the answer."""
    return not any(word in page.body for word in (CANARY, str(bid.id), SECRET_NAME))


def rival_bid(cast: Cast, visibility: str) -> tuple[Challenge, Bid]:
    """Return an open call of the enterprise and the rival's bid for it."""
    challenge = call(cast, visibility=visibility)
    return challenge, sent(challenge, cast.rival)


def test_no_page_without_arguments_tells_anybody_else(app: Flask, cast: Cast, browser: Browser) -> None:
    challenge, bid = rival_bid(cast, "at_deadline")
    institute = db.session.get(Organisation, cast.rival.organisation_id)
    assert institute is not None
    pages = plain_pages(app)
    assert "/bids" in pages and "/notices" in pages and len(pages) > 15
    seen = {}
    for part in ("seeker", "tto", "clerk", "auditor"):
        browser.sign_in(cast.people()[part])
        for path in pages:
            answer = browser.client.get(path, follow_redirects=True)
            seen[part, path] = answer.status_code
            if not answer.content_type.startswith("text/html"):
                told = unpacked(answer.get_data())
                assert CANARY.encode() not in told and str(bid.id).encode() not in told, (part, path)
                continue
            page = Page(browser, answer)
            if SECRET_NAME in page.body and CANARY not in page.body and str(bid.id) not in page.body:
                assert path in {"/organisations/to-verify", "/staff", "/outbox"} or "organisation" in path, (part, path)
                continue
            assert says_nothing(page, bid), (part, path)
        for path in (f"/challenges/{challenge.id}", f"/challenges/{challenge.id}/one-page"):
            assert says_nothing(browser.get(path), bid), (part, path)
    assert CANARY not in browser.sign_out().get(f"/challenges/{challenge.id}").body
    assert sum(status == 200 for status in seen.values()) > 30


def test_the_bid_itself_and_its_comparison_are_not_found(cast: Cast, browser: Browser) -> None:
    challenge, bid = rival_bid(cast, "at_deadline")
    for part in OTHERS:
        browser.sign_in(cast.people()[part])
        for path in (f"/bids/{bid.id}", f"/bids/{bid.id}/edit"):
            page = browser.get(path)
            assert page.status in {403, 404} and says_nothing(page, bid), (part, path)
        for step in ("choose", "reserve", "invite", "member", "steps/withdraw"):
            page = browser.post(f"/bids/{bid.id}/{step}", {"reason": "x", "answer": "confirm"})
            assert page.status in {403, 404}, (part, step, page.status)
        page = browser.get(f"/challenges/{challenge.id}/bids")
        assert says_nothing(page, bid), part
        assert page.status == (200 if part in {"seeker", "engineer"} else 404), part
    assert CANARY in browser.sign_in(cast.rival).see("bids.detail", bid_id=bid.id).main


def test_the_owner_reads_the_same_with_and_without_a_bid(cast: Cast, browser: Browser) -> None:
    challenge = call(cast, visibility="at_deadline")
    browser.sign_in(cast.seeker)
    addresses = (f"/challenges/{challenge.id}", f"/challenges/{challenge.id}/bids", "/bids", "/challenges/mine", "/todo")
    before = [browser.get(path).main for path in addresses]
    sent(challenge, cast.rival)
    sent(challenge, cast.tto)
    browser.sign_in(cast.seeker)
    assert [browser.get(path).main for path in addresses] == before


def test_no_notice_or_mail_goes_to_anybody_but_the_bidder(cast: Cast) -> None:
    rival_bid(cast, "at_deadline")
    told = set(db.session.scalars(select(Notice.user_id))) - {cast.rival.id}
    assert told == set()
    assert db.session.scalars(select(Outbox.to_address)).all() == []


def test_a_call_that_ends_unopened_leaves_no_trace_of_its_bidders_in_the_outbox(cast: Cast) -> None:
    withdrawn, bid = rival_bid(cast, "at_deadline")
    challenge_actions.take_step(fresh_call(withdrawn), "withdraw", actor(cast.seeker), "已自行解决")
    rival = db.session.scalars(select(Person).where(Person.id == cast.rival.id)).one()
    assert db.session.scalars(select(Notice.title).where(Notice.user_id == rival.id)).all() == ["您申报的榜单已撤回"]
    assert rival.email not in db.session.scalars(select(Outbox.to_address)).all()
    assert db.session.scalars(select(Bid.state).where(Bid.id == bid.id)).one() == "lapsed"


def test_a_call_without_a_choice_leaves_no_trace_of_unopened_bidders_in_the_outbox(cast: Cast) -> None:
    challenge, _bid = rival_bid(cast, "at_deadline")
    closes = fresh_call(challenge).closes_at
    assert closes is not None
    clock.fix(closes.replace(year=closes.year + 1))
    selection.no_award(fresh_call(challenge), actor(cast.seeker), "都不合适")
    db.session.expire_all()
    assert "您申报的榜单流榜" in db.session.scalars(select(Notice.title).where(Notice.user_id == cast.rival.id)).all()
    assert cast.rival.email not in db.session.scalars(select(Outbox.to_address)).all()


def test_read_on_arrival_the_enterprise_sees_it_at_once_and_the_staff_do_not(cast: Cast, browser: Browser) -> None:
    challenge, bid = rival_bid(cast, "on_arrival")
    assert str(bid.id) in browser.sign_in(cast.seeker).get(f"/challenges/{challenge.id}/bids").body
    for part in ("clerk", "reviewer", "leader", "auditor", "sysadmin", "liaison", "broker", "bureau", "tto", "stranger"):
        page = browser.sign_in(cast.people()[part]).get(f"/bids/{bid.id}")
        assert page.status == 404 and says_nothing(page, bid), part
        assert says_nothing(browser.get(f"/challenges/{challenge.id}"), bid), part
