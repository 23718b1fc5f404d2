"""Send what waits in the outbox, at least once; without a mail server it waits for a person who tells it by telephone."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from sqlalchemy import or_, select

from market.actions import history
from market.db import db, transaction
from market.domain import clock, mails
from market.domain.errors import Forbidden, IllegalStep, NotVisible
from market.domain.permissions import ANYTHING, STAFF, Actor, Permission, demand, may
from market.models import AccessLog, Outbox, User, UserRole

LEASE = timedelta(minutes=10)
TRIES = 8
LONGEST_WAIT = timedelta(hours=24)


class Carrier(Protocol):
    """What sends one message: an SMTP connection, or a list in a test."""

    def send_message(self, msg: EmailMessage) -> Any: ...


@dataclass(frozen=True)
class MailServer:
    """How mail leaves. `url` smtp://user:password@host:port (STARTTLS where offered) or smtps://…; empty: nothing is sent."""

    url: str
    sender: str
    site: str

    @contextmanager
    def connect(self) -> Any:
        """Open the connection; raises OSError or smtplib.SMTPException."""
        parts = urlsplit(self.url)
        host, secure = parts.hostname or "localhost", parts.scheme == "smtps"
        context = ssl.create_default_context()
        connection: smtplib.SMTP
        if secure:
            connection = smtplib.SMTP_SSL(host, parts.port or 465, timeout=20, context=context)
        else:
            connection = smtplib.SMTP(host, parts.port or 25, timeout=20)
        with connection:
            if not secure and connection.has_extn("starttls"):
                connection.starttls(context=context)
            if parts.username:
                connection.login(unquote(parts.username), unquote(parts.password or ""))
            yield connection


def deliver(server: MailServer, limit: int = 20, connect: Callable[[], Any] | None = None) -> int:
    """Send up to `limit` waiting messages; returns how many left. Messages of the sample market are never sent.

    Each is leased for ten minutes in one short transaction, sent outside of any, then marked. A process
    that dies in between leaves the lease to run out: a message may then be sent twice, never lost. After an
    error it waits 2, 4, 8 … minutes, a day at most; after eight it is failed. Without a mail server all stay waiting.
    """
    if not server.url:
        return 0
    leased = _lease(limit)
    if not leased:
        return 0
    sent = 0
    try:
        with (connect or server.connect)() as carrier:
            for row in leased:
                sent += _send(carrier, row, server)
    except (OSError, smtplib.SMTPException) as error:
        for row in leased:
            _mark_error(row.id, str(error), final=False)
    return sent


@dataclass(frozen=True)
class Leased:
    """A message taken for sending."""

    id: int
    to_address: str
    to_name: str
    subject: str
    body: str


def _lease(limit: int) -> list[Leased]:
    now = clock.now()
    with transaction() as session:
        query = (
            select(Outbox)
            .where(Outbox.state.in_(("waiting", "sending")), Outbox.available_at <= now, Outbox.is_sample.is_(False))
            .where(or_(Outbox.state == "waiting", Outbox.attempts < TRIES))
            .order_by(Outbox.available_at, Outbox.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = list(session.scalars(query))
        for row in rows:
            row.state, row.available_at, row.attempts = "sending", now + LEASE, row.attempts + 1
        return [Leased(row.id, row.to_address, row.to_name, row.subject, row.body) for row in rows]


def _send(carrier: Carrier, row: Leased, server: MailServer) -> int:
    try:
        carrier.send_message(_message(row, server))
    except (smtplib.SMTPRecipientsRefused, ValueError) as error:
        _mark_error(row.id, str(error), final=True)
        return 0
    except (OSError, smtplib.SMTPException) as error:
        _mark_error(row.id, str(error), final=False)
        return 0
    with transaction() as session:
        stored = session.get_one(Outbox, row.id)
        if stored.state == "sending":
            stored.state, stored.done_at, stored.last_error = "sent", clock.now(), None
    return 1


def _message(row: Leased, server: MailServer) -> EmailMessage:
    message = EmailMessage()
    message["From"] = server.sender
    message["To"] = row.to_address
    message["Subject"] = row.subject
    message["Message-ID"] = f"<outbox-{row.id}@{server.sender.rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mails.addressed(row.body, server.site))
    return message


def _mark_error(outbox_id: int, error: str, *, final: bool) -> None:
    with transaction() as session:
        row = session.get_one(Outbox, outbox_id)
        if row.state != "sending":
            return
        row.last_error = error[:300]
        if final or row.attempts >= TRIES:
            row.state, row.done_at = "failed", clock.now()
        else:
            row.state, row.available_at = "waiting", clock.now() + min(timedelta(minutes=2**row.attempts), LONGEST_WAIT)


def reveal(row: Outbox, site: str, actor: Actor, address: str) -> str:
    """Return a message's full text for a person who will tell it, and note who took it.

    Raises Forbidden. A link that opens an account of the commission is for the system administrator alone.
    """
    demand(actor, Permission.TELL_PEOPLE, ANYTHING)
    if mails.has_secret(row.body) and _to_staff(row) and not may(actor, Permission.MANAGE_STAFF, ANYTHING):
        raise Forbidden("科委账户的链接只能由系统管理员转告")
    with transaction() as session:
        line = AccessLog(
            at=clock.now(), user_id=actor.id, act="take_message", subject_kind="outbox", subject_id=row.id, address=address[:64]
        )
        session.add(line)
        return mails.addressed(row.body, site)


def mark_told(row: Outbox, how: str, actor: Actor) -> None:
    """Note that a person was told a message by telephone or chat. Raises Forbidden, IllegalStep."""
    demand(actor, Permission.TELL_PEOPLE, ANYTHING)
    with transaction() as session:
        session.refresh(row, with_for_update=True)
        if row.state not in {"waiting", "failed"}:
            raise IllegalStep("这条消息已经发出，或正在发送")
        before, row.state, row.done_at = row.state, "told", clock.now()
        history.record(
            "outbox", row.id, "tell", actor, from_state=before, to_state="told", reason=how[:200] or None, is_sample=row.is_sample
        )


def try_again(row: Outbox, actor: Actor) -> None:
    """Put a failed message back to wait. Raises Forbidden, IllegalStep."""
    demand(actor, Permission.TELL_PEOPLE, ANYTHING)
    with transaction() as session:
        session.refresh(row, with_for_update=True)
        if row.state != "failed":
            raise IllegalStep("只有发送失败的消息可以重发")
        row.state, row.attempts, row.available_at, row.done_at = "waiting", 0, clock.now(), None
        history.record("outbox", row.id, "try_again", actor, from_state="failed", to_state="waiting", is_sample=row.is_sample)


def get(outbox_id: int) -> Outbox:
    """Return a message; raises NotVisible."""
    row = db.session.get(Outbox, outbox_id)
    if row is None:
        raise NotVisible
    return row


def _to_staff(row: Outbox) -> bool:
    query = select(UserRole.id).join(User).where(User.email == row.to_address, UserRole.role.in_([role.value for role in STAFF]))
    return db.session.scalar(query.limit(1)) is not None
