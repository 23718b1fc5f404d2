"""Mails: sent at least once by a lease, told by people where there is no server, links hidden from curious eyes."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask

from market.actions import notices, outbox, sign_in
from market.actions.outbox import MailServer
from market.actions.sign_in import Visit
from market.db import db, transaction
from market.domain import clock
from market.domain.errors import Forbidden
from market.models import AccessLog, HistoryEntry, Outbox
from market.queries import accounts
from tests.cast import Cast
from tests.conftest import NOON
from tests.page import Browser
from tests.web.accounts.conftest import give_password, mailed_path
from tests.web.accounts.test_members import person

SERVER = MailServer(url="smtp://mail.example.org:25", sender="market@example.org", site="https://market.example.org/")


class Postman:
    """Takes messages, or fails with what it was given."""

    def __init__(self, error: Exception | None = None) -> None:
        self.taken: list[EmailMessage] = []
        self.error = error

    def send_message(self, message: EmailMessage) -> None:
        if self.error is not None:
            raise self.error
        self.taken.append(message)

    @contextmanager
    def connect(self) -> Iterator[Any]:
        yield self


def put(number: int = 1, **changes: Any) -> list[int]:
    for n in range(number):
        notices.mail(f"to{n}@example.org", "某人", "题目", "看 {site}/todo", dedupe=f"test-{n}", **changes)
    return [row.id for row in db.session.query(Outbox).order_by(Outbox.id)]


def row(outbox_id: int) -> Outbox:
    db.session.expire_all()
    return db.session.get_one(Outbox, outbox_id)


def test_waiting_mails_are_sent_with_the_address_of_the_site(app: Flask) -> None:
    ids, postman = put(3), Postman()
    assert outbox.deliver(SERVER, 2, postman.connect) == 2
    assert outbox.deliver(SERVER, 2, postman.connect) == 1
    assert outbox.deliver(SERVER, 2, postman.connect) == 0
    first = postman.taken[0]
    assert (first["To"], first["Subject"], first["Message-ID"]) == ("to0@example.org", "题目", f"<outbox-{ids[0]}@example.org>")
    assert "https://market.example.org/todo" in first.get_content()
    assert row(ids[0]).state == "sent" and row(ids[0]).done_at is not None


def test_without_a_server_everything_waits(app: Flask) -> None:
    (one,) = put()
    assert outbox.deliver(MailServer("", "", ""), 10) == 0
    assert row(one).state == "waiting" and row(one).attempts == 0


def test_people_of_the_sample_market_are_never_mailed(app: Flask) -> None:
    (one,) = put(is_sample=True)
    assert outbox.deliver(SERVER, 10, Postman().connect) == 0 and row(one).state == "waiting"


def test_an_error_waits_longer_each_time_and_ends_as_failed(app: Flask) -> None:
    (one,) = put()
    waits = []
    for _ in range(outbox.TRIES):
        outbox.deliver(SERVER, 10, Postman(smtplib.SMTPServerDisconnected("weg")).connect)
        waits.append(row(one).available_at - clock.now())
        clock.fix(max(row(one).available_at, clock.now()))
    assert waits[:3] == [timedelta(minutes=2), timedelta(minutes=4), timedelta(minutes=8)]
    assert row(one).state == "failed" and row(one).last_error == "weg"
    assert outbox.deliver(SERVER, 10, Postman().connect) == 0


def test_a_refused_recipient_fails_at_once_and_the_others_go(app: Flask) -> None:
    class Picky(Postman):
        def send_message(self, message: EmailMessage) -> None:
            if message["To"] == "to0@example.org":
                raise smtplib.SMTPRecipientsRefused({"to0@example.org": (550, b"unknown")})
            super().send_message(message)

    ids = put(2)
    assert outbox.deliver(SERVER, 10, Picky().connect) == 1
    assert [row(n).state for n in ids] == ["failed", "sent"]


def test_a_server_that_does_not_open_leaves_all_waiting(app: Flask) -> None:
    @contextmanager
    def closed() -> Iterator[Any]:
        raise ConnectionRefusedError("zu")
        yield

    ids = put(2)
    assert outbox.deliver(SERVER, 10, closed) == 0
    assert [row(n).state for n in ids] == ["waiting", "waiting"]


def test_what_a_dead_process_had_taken_is_sent_after_its_lease(app: Flask) -> None:
    (one,) = put()

    class Killed(BaseException):
        pass

    with pytest.raises(Killed):
        outbox.deliver(SERVER, 10, Postman(Killed()).connect)  # type: ignore[arg-type]
    assert row(one).state == "sending"
    assert outbox.deliver(SERVER, 10, Postman().connect) == 0
    clock.fix(NOON + outbox.LEASE)
    assert outbox.deliver(SERVER, 10, Postman().connect) == 1 and row(one).state == "sent"


def test_a_name_cannot_split_a_header(app: Flask) -> None:
    notices.mail("to@example.org", "x", "题目\r\nBcc: evil@example.org", "话", dedupe="x")
    postman = Postman()
    outbox.deliver(SERVER, 10, postman.connect)
    assert postman.taken == [] and db.session.query(Outbox).one().state == "failed"


def test_links_are_hidden_on_the_page_and_taken_by_a_button_that_is_noted(browser: Browser, cast: Cast) -> None:
    give_password(cast.seeker)
    sign_in.ask_reset(cast.seeker.email, Visit("10.0.0.1"))
    raw = mailed_path(cast.seeker.email).rsplit("/", 1)[1]
    for part in ("clerk", "auditor", "sysadmin"):
        page = browser.sign_in(getattr(cast, part)).see("accounts.outbox")
        assert "（链接已隐去）" in page.main and raw not in page.body
    clerk_id = cast.clerk.id
    page = browser.sign_in(cast.clerk).see("accounts.outbox").submit("取出原文转告")
    assert raw in page.find("#message-text")[0].text_content()
    line = db.session.query(AccessLog).filter_by(act="take_message").one()
    assert line.user_id == clerk_id
    page = page.submit("记为已通知", reason="电话")
    assert "已记为人工通知" in page.text
    told = db.session.query(Outbox).one()
    assert told.state == "told" and told.done_at is not None
    entry = db.session.query(HistoryEntry).filter_by(subject_kind="outbox").one()
    assert (entry.from_state, entry.to_state, entry.reason) == ("waiting", "told", "电话")


def test_the_auditor_reads_but_takes_and_marks_nothing(browser: Browser, cast: Cast) -> None:
    (one,) = put()
    browser.sign_in(cast.auditor)
    assert not browser.see("accounts.outbox").find("main form")
    for endpoint in ("accounts.take_message", "accounts.mark_told", "accounts.send_again"):
        assert browser.send(endpoint, outbox_id=one).status == 403
    assert row(one).state == "waiting"


@pytest.mark.parametrize("part", ["auditor", "leader", "seeker"])
def test_the_verbs_themselves_refuse_who_may_not_tell(app: Flask, cast: Cast, part: str) -> None:
    (one,) = put()
    actor = accounts.actor_of(person(getattr(cast, part).id))
    for verb in (
        lambda: outbox.reveal(row(one), "", actor, ""),
        lambda: outbox.mark_told(row(one), "", actor),
        lambda: outbox.try_again(row(one), actor),
    ):
        with pytest.raises(Forbidden):
            verb()


def test_a_link_into_an_account_of_the_commission_is_for_the_system_administrator_alone(app: Flask, cast: Cast) -> None:
    give_password(cast.leader)
    sign_in.ask_reset(cast.leader.email, Visit("10.0.0.1"))
    message = db.session.query(Outbox).one()
    with pytest.raises(Forbidden):
        outbox.reveal(message, "https://x", accounts.actor_of(person(cast.clerk.id)), "")
    assert "reset-password" in outbox.reveal(message, "https://x", accounts.actor_of(person(cast.sysadmin.id)), "")


def test_a_failed_mail_is_put_back(browser: Browser, cast: Cast) -> None:
    (one,) = put()
    with transaction():
        db.session.get_one(Outbox, one).state = "failed"
    page = browser.sign_in(cast.clerk).see("accounts.outbox", state="failed").submit("重新发送")
    assert "已重新排队" in page.text and row(one).state == "waiting"


def test_a_sent_mail_cannot_be_marked_as_told(browser: Browser, cast: Cast) -> None:
    (one,) = put()
    outbox.deliver(SERVER, 10, Postman().connect)
    assert "已经发出" in browser.sign_in(cast.clerk).send("accounts.mark_told", outbox_id=one).text
    assert row(one).state == "sent"
