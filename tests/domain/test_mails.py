"""Links that open an account are hidden from those who only look after the outbox."""

from __future__ import annotations

import secrets

import pytest

from market.domain import mails


@pytest.mark.parametrize("door", ["reset-password", "confirm-email", "invitations", "claim", "confirm", "renew"])
def test_every_single_use_link_is_hidden(door: str) -> None:
    raw = secrets.token_urlsafe(32)
    body = f"请打开：\n{{site}}/{door}/{raw}\n谢谢"
    assert mails.has_secret(body)
    assert raw not in mails.masked(body) and f"{{site}}/{door}/" in mails.masked(body) and "谢谢" in mails.masked(body)


def test_a_link_to_a_page_stays() -> None:
    body = "看：{site}/challenges/7 和 {site}/organisations/to-verify"
    assert not mails.has_secret(body) and mails.masked(body) == body
    assert mails.addressed(body, "https://x.example/") == "看：https://x.example/challenges/7 和 https://x.example/organisations/to-verify"
