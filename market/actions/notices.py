"""Tell people: an in-app notice and a mail in the outbox, written with what caused them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from market.db import db, transaction
from market.domain import clock
from market.models import Notice, Outbox, User


def notify(
    people: Iterable[User], kind: str, title: str, text: str, link: str, *, dedupe: str, is_sample: bool = False, by_mail: bool = True
) -> None:
    """Give each person a notice and queue a mail with the same words.

    `dedupe` names the event (e.g. challenge-7-published); a person is told of it once. `link` is a
    path of the site. Nothing secret belongs in `title` or `text`: mails are read by others. Without
    `by_mail` it stays inside the site: staff read the outbox, and of a sealed bid they may not even know whose it is.
    """
    with transaction() as session:
        for person in {p.id: p for p in people}.values():
            key = f"{dedupe}:{person.id}"[:120]
            if session.scalar(select(Outbox.id).where(Outbox.dedupe_key == key)):
                continue
            sample = is_sample or person.is_sample
            session.add(Notice(user_id=person.id, kind=kind, title=title, text=text, link=link, is_sample=sample))
            if by_mail:
                session.add(_message(person.email, person.name, title, f"{text}\n\n查看：{{site}}{link}", key, sample))
        session.flush()


def is_told(dedupe_key: str) -> bool:
    """True when a message under this key (event:person) is in the outbox already."""
    return db.session.scalar(select(Outbox.id).where(Outbox.dedupe_key == dedupe_key[:120])) is not None


def mail(address: str, name: str, subject: str, body: str, *, dedupe: str, is_sample: bool = False) -> None:
    """Queue a mail to an address without account; `{site}` in the body becomes the site's address."""
    with transaction() as session:
        if not session.scalar(select(Outbox.id).where(Outbox.dedupe_key == dedupe[:120])):
            session.add(_message(address, name, subject, body, dedupe[:120], is_sample))


def _message(address: str, name: str, subject: str, body: str, key: str, sample: bool) -> Outbox:
    return Outbox(dedupe_key=key, to_address=address, to_name=name, subject=subject, body=body, available_at=clock.now(), is_sample=sample)


def mark_read(user_id: int, notice_id: int | None = None) -> None:
    """Mark one notice of the person, or all, as read."""
    with transaction():
        query = select(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None))
        for notice in db.session.scalars(query if notice_id is None else query.where(Notice.id == notice_id)):
            notice.read_at = clock.now()
