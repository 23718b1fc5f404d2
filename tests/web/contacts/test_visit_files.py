"""Photos and papers of a visit: for both sides, the broker and the staff, checked by content, given only as downloads."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from flask import g
from werkzeug.test import TestResponse

from market.db import db
from market.models import AccessLog, Attachment, Contact, Lead
from tests.cast import Cast
from tests.factories import ContactFactory
from tests.page import Browser, Page


def png(width: int = 2, height: int = 2) -> bytes:
    """Return a small, whole picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + b"\x7f" * 3 * width for _ in range(min(height, 4)))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def fetch(browser: Browser, path: str) -> TestResponse:
    """Return the bare answer to `path`."""
    g.pop("_login_user", None)  # the tests' application context outlives a request
    return browser.client.get(path)


def running(cast: Cast) -> Contact:
    contact: Contact = ContactFactory(seeker=cast.enterprise, provider=cast.institute, accepted=True, broker_id=cast.broker.id)
    return contact


def note(browser: Browser, contact_id: int, *files: tuple[bytes, str]) -> Page:
    data = {
        "happened_on": "2026-06-10", "kind": "visit", "text": "到厂看了镀槽",
        "files": [(io.BytesIO(content), name) for content, name in files],
    }  # fmt: skip
    return browser.send("contacts.note", data, contact_id=contact_id)


def test_a_photo_is_kept_with_the_line_and_opened_by_the_other_side_as_a_download(browser: Browser, cast: Cast) -> None:
    contact_id = running(cast).id
    page = note(browser.sign_in(cast.engineer), contact_id, (png(), "镀槽 1.png"), (b"", ""))
    assert "已记下" in page.text and "镀槽 1.png" in page.main
    row = db.session.query(Attachment).one()
    assert (row.subject_kind, row.media_type, row.name) == ("contact_line", "image/png", "镀槽 1.png")
    link = browser.sign_out().sign_in(cast.tto).see("contacts.detail", contact_id=contact_id).find("a[href*='/files/']")[0].get("href")
    answer = fetch(browser, link)
    assert answer.status_code == 200 and answer.get_data() == png()
    assert answer.headers["Content-Disposition"].startswith("attachment;") and "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Content-Type-Options"] == "nosniff"
    logged = db.session.query(AccessLog).filter_by(act="download").one()
    assert (logged.user_id, logged.subject_id) == (cast.tto.id, row.id)


WHO = {
    "seeker": 200, "engineer": 200, "tto": 200, "professor": 200, "broker": 200, "clerk": 200, "leader": 200, "auditor": 200,
    "stranger": 404, "rival": 404, "bureau": 403, "liaison": 404, "sysadmin": 403, "nobody": 302,
}  # fmt: skip


def test_only_the_sides_the_broker_and_the_staff_open_it(browser: Browser, cast: Cast) -> None:
    contact_id = running(cast).id
    note(browser.sign_in(cast.seeker), contact_id, (png(), "a.png"))
    path = f"/contacts/{contact_id}/files/{db.session.query(Attachment).one().id}"
    db.session.commit()
    found = {}
    for part in WHO:
        browser.sign_out()
        if part != "nobody":
            browser.sign_in(getattr(cast, part))
        found[part] = fetch(browser, path).status_code
    assert found == WHO


def test_a_file_of_another_contact_is_not_found_by_changing_the_address(browser: Browser, cast: Cast) -> None:
    contact_id = running(cast).id
    other: Contact = ContactFactory(seeker=cast.enterprise, provider=cast.institute, accepted=True)
    note(browser.sign_in(cast.seeker), contact_id, (png(), "a.png"))
    assert browser.get(f"/contacts/{other.id}/files/{db.session.query(Attachment).one().id}").status == 404


BAD = [
    ((b"MZ\x90\x00", "run.exe"), "只接受"),
    ((b"<svg onload=alert(1)>", "a.svg"), "只接受"),
    ((b"<html>", "a.png"), "a.png：这不是 PNG 图片"),
    ((png(20_000, 20_000), "big.png"), "图片尺寸过大"),
    ((b"%PDF-1.4\n/JavaScript\n%%EOF", "a.pdf"), "a.pdf"),
    ((b"x" * (20 * 1024 * 1024 + 1), "a.pdf"), "20 MB"),
]


@pytest.mark.parametrize(("file", "said"), BAD)
def test_a_bad_file_is_refused_beside_the_field_and_the_line_with_it(
    browser: Browser, cast: Cast, file: tuple[bytes, str], said: str
) -> None:
    contact_id = running(cast).id
    page = note(browser.sign_in(cast.seeker), contact_id, file)
    assert said in page.find("#files-error")[0].text_content()
    assert "到厂看了镀槽" in page.find("textarea#text")[0].text_content(), "what was typed stays"
    db.session.expire_all()
    assert db.session.query(Attachment).count() == 0
    assert "到厂看了镀槽" not in browser.see("contacts.detail", contact_id=contact_id).main


def test_six_at_once_are_too_many(browser: Browser, cast: Cast) -> None:
    page = note(browser.sign_in(cast.seeker), running(cast).id, *[(png(), f"{n}.png") for n in range(6)])
    assert "一次最多传 5 个" in page.main and db.session.query(Attachment).count() == 0


def test_a_visit_on_the_phone_brings_its_photo(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.liaison).see("leads.visit")
    page = page.submit(
        "记下", company="城西机械厂", wrong="轴承异响", phone="13900000007", source="visit", files=[(io.BytesIO(png()), "铭牌.png")]
    )
    assert "铭牌.png" in page.main
    lead_id = db.session.query(Lead).one().id
    db.session.commit()
    link = page.find("a[href*='/files/']")[0].get("href")
    assert fetch(browser, link).get_data() == png()
    assert fetch(browser.sign_out().sign_in(cast.clerk), link).status_code == 200
    for part in ("seeker", "broker", "sysadmin"):
        assert fetch(browser.sign_out().sign_in(getattr(cast, part)), link).status_code in {403, 404}
    assert browser.sign_out().sign_in(cast.clerk).get(f"/leads/{lead_id + 1}/files/{link.rsplit('/', 1)[1]}").status == 404
