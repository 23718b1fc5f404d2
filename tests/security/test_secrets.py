"""What the walk over all pages does not ask: searches, what is made for the public, mails and notices, and the walk itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from lxml import html as lxml_html
from sqlalchemy import select

from market.db import db
from market.models import Notice, Outbox, User
from market.queries import attachments
from tests.bidding import CANARY
from tests.cast import Cast
from tests.security import secrets_kept as kept
from tests.security import world as worlds
from tests.security.walking import Walker, walking
from tests.security.world import SEALED

HIDDEN = (kept.NAME, "金丝雀", kept.PERSON, kept.PHONE)
OUTSIDE = ("nobody", "stranger", "rival", "broker", "bureau", "sysadmin")
Made = tuple[Walker, worlds.World]


@pytest.fixture
def walker(app: Flask, cast: Cast) -> Iterator[Made]:
    """A market with secrets, and everybody at the door."""
    world = worlds.build(cast, kept.NAME)
    kept.plant(world)
    with walking(app, world) as made:
        yield made, world


def test_a_search_for_what_is_hidden_finds_nothing(walker: Made) -> None:
    walk, world = walker
    shown = f"/challenges/{world.ids['challenge']['published']}"
    code = kept.SECRETS[-1].words[0]
    for part in OUTSIDE:
        for page in ("/search", "/challenges"):
            for words in (*HIDDEN, code):
                body = walk.open(part, "GET", page, query_string={"q": words, "tab": "all"}).get_data(as_text=True)
                assert f'href="{shown}"' not in body, (part, page, words)
        found = walk.open(part, "GET", "/challenges", query_string={"tab": "all"}).get_data(as_text=True)
        assert f'href="{shown}"' in found, "the list itself shows it"


def test_what_is_made_for_the_public_names_nobody(walker: Made) -> None:
    """一页纸, 公众看到的样子 and the 发榜公告 go out of the house: whoever opens them, the name is not in them."""
    walk, world = walker
    challenges = world.ids["challenge"]
    for part, path in (
        ("seeker", f"/challenges/{challenges['published']}/one-page"),
        ("clerk", f"/challenges/{challenges['published']}/one-page"),
        ("clerk", f"/statistics/announcements/{challenges['published']}"),
        ("leader", f"/statistics/announcements/{challenges['call']}"),
        ("clerk", f"/challenges/{challenges['published']}/preview"),
    ):
        answer = walk.open(part, "GET", path)
        assert answer.status_code == 200, path
        body = kept.unpacked(answer.get_data())
        if "html" in answer.content_type:  # the head of the site names who is signed in; it is not printed
            body = "".join(lxml_html.document_fromstring(body).xpath("//main//text()")).encode()
        assert not [word for word in (kept.NAME, kept.PERSON, kept.PHONE, kept.FILE) if word.encode() in body], (part, path)


def test_no_mail_and_no_notice_carries_a_secret(app: Flask, cast: Cast) -> None:
    world = worlds.build(cast, kept.NAME)
    kept.plant(world)
    parts = {user.id: part for part, user in worlds.people(world).items() if user is not None}
    addresses = {user.email: parts.get(user.id, "nobody") for user in db.session.scalars(select(User))}
    messages = [(parts.get(n.user_id, "nobody"), f"{n.title} {n.text}") for n in db.session.scalars(select(Notice))]
    messages += [(addresses.get(m.to_address, "nobody"), f"{m.subject} {m.body}") for m in db.session.scalars(select(Outbox))]
    assert len(messages) > 15
    invited = "邀请您加入"  # the mail that asks a colleague in names the organisation, to the address that it asked
    for part, words in messages:
        for secret in kept.SECRETS:
            if part not in secret.known and invited not in words:
                assert not [word for word in secret.words if word in words], (part, secret.what, words)
        if part not in {"tto", "professor", "stranger", "rival"}:
            assert SEALED not in words and (part in kept.MET or CANARY not in words)


def test_a_secret_in_sight_is_found(walker: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """The looking itself is tried: a name printed on a public page is seen for who may not know it, and for nobody else."""
    walk, world = walker
    path = f"/challenges/{world.ids['challenge']['published']}"
    monkeypatch.setattr("market.queries.challenges.poster", lambda challenge, _actor: challenge.organisation.name)
    told = {
        part: kept.told(walk.open(part, "GET", path), part, "challenges.detail")
        for part in ("nobody", "stranger", "rival", "seeker", "clerk")
    }
    assert told == {
        "nobody": ["the poster's name"],
        "stranger": ["the poster's name"],
        "rival": ["the poster's name"],
        "seeker": [],
        "clerk": [],
    }
    assert attachments.of_challenge(world.ids["challenge"]["published"])[0].name == kept.FILE
