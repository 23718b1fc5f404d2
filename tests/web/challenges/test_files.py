"""Attachments: who may put them, who may open them, how they are served."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import func, select

from market.db import db
from market.domain import attachments as rules
from market.models import AccessLog, Attachment, AttachmentGrant, Challenge, HistoryEntry
from market.queries import accounts
from market.queries import attachments as queries
from tests.cast import Cast
from tests.domain.test_attachments import PDF, office
from tests.factories import ChallengeFactory, ContactFactory
from tests.page import Browser, Page


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    """A published challenge of the enterprise."""
    made: Challenge = ChallengeFactory(organisation=cast.enterprise, author_id=cast.engineer.id, published=True)
    return made


def _upload(browser: Browser, challenge: Challenge, name: str = "技术方案.pdf", content: bytes = PDF, **more: Any) -> Page:
    return browser.send("challenges.files", {"file": (io.BytesIO(content), name), **more}, challenge_id=challenge.id)


def _stored(browser: Browser, cast: Cast, challenge: Challenge) -> int:
    _upload(browser.sign_in(cast.seeker), challenge)
    browser.sign_out()
    return db.session.scalars(select(Attachment.id)).one()


def _download(browser: Browser, challenge: Challenge, kept: int, status: int = 200) -> Page:
    """Open a file; the test's own transaction ends first, or the access log could not be written beside it."""
    path = f"/challenges/{challenge.id}/attachments/{kept}"
    db.session.commit()
    page = browser.get(path)
    assert page.status == status, page.text[:200]
    return page


def test_a_file_is_kept_with_its_chinese_name_type_and_hash(browser: Browser, cast: Cast, challenge: Challenge) -> None:
    page = _upload(browser.sign_in(cast.seeker), challenge)
    assert "附件已保存" in page.text and "技术方案.pdf" in page.main
    kept = db.session.scalars(select(Attachment)).one()
    assert (kept.name, kept.media_type, kept.size, len(kept.sha256)) == ("技术方案.pdf", "application/pdf", len(PDF), 64)
    assert db.session.scalars(select(HistoryEntry.step)).all() == ["attach"]


@pytest.mark.parametrize(
    ("name", "content"), [("宏.docx", office("docx", ("word/vbaProject.bin", b"x"))), ("a.svg", b"<svg/>"), ("x.pdf", b"MZ")]
)
def test_a_refused_file_is_not_kept_and_the_reason_is_beside_the_field(
    browser: Browser, cast: Cast, challenge: Challenge, name: str, content: bytes
) -> None:
    page = _upload(browser.sign_in(cast.seeker), challenge, name, content)
    assert page.find("#file-error")
    assert db.session.scalar(select(func.count()).select_from(Attachment)) == 0


def test_no_file_is_said(browser: Browser, cast: Cast, challenge: Challenge) -> None:
    page = browser.sign_in(cast.seeker).send("challenges.files", {}, challenge_id=challenge.id)
    assert "请先选择一个文件" in page.main


def test_a_file_is_served_as_a_download_that_can_do_nothing(browser: Browser, cast: Cast, challenge: Challenge) -> None:
    kept = _stored(browser, cast, challenge)
    answer = _download(browser.sign_in(cast.engineer), challenge, kept).response
    assert answer.data == PDF
    headers = answer.headers
    assert headers["Content-Disposition"].startswith("attachment;") and "%E6%8A%80%E6%9C%AF" in headers["Content-Disposition"]
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    noted = db.session.scalars(select(AccessLog)).one()
    assert (noted.user_id, noted.act, noted.subject_id) == (cast.engineer.id, "download", kept)


@pytest.mark.parametrize("part", ["stranger", "rival", "tto", "broker", "bureau", "liaison", "sysadmin", "leader", "auditor"])
def test_to_others_the_file_does_not_exist(browser: Browser, cast: Cast, challenge: Challenge, part: str) -> None:
    kept = _stored(browser, cast, challenge)
    answer = browser.sign_in(cast.people()[part]).get(f"/challenges/{challenge.id}/attachments/{kept}")
    assert answer.status in {403, 404} and PDF not in answer.response.data
    assert db.session.scalar(select(func.count()).select_from(AccessLog)) == 0
    browser.see("challenges.files", status=403, challenge_id=challenge.id)


def test_a_visitor_is_sent_to_sign_in_and_is_not_even_told_the_name(browser: Browser, cast: Cast, challenge: Challenge) -> None:
    kept = _stored(browser, cast, challenge)
    assert browser.get(f"/challenges/{challenge.id}/attachments/{kept}", follow=False).status == 302
    page = browser.see("challenges.detail", challenge_id=challenge.id)
    assert "技术方案" not in page.body and "附件 1（PDF）" in page.main and "准许后可下载" in page.main
    assert not [href for href in page.links() if "/attachments/" in href]


def test_an_admitted_organisation_opens_it_until_the_owner_takes_it_back(browser: Browser, cast: Cast, challenge: Challenge) -> None:
    kept = _stored(browser, cast, challenge)
    ContactFactory(seeker=cast.enterprise, provider=cast.institute, challenge_id=challenge.id, accepted=True)
    browser.sign_in(cast.seeker)
    page = browser.see("challenges.files", challenge_id=challenge.id)
    assert "江南研究院" in page.main
    page = page.submit("准许查看", organisation="江南研究院", files=[str(kept)])
    assert "已准许江南研究院查看" in page.text
    browser.sign_out().sign_in(cast.professor)
    _download(browser, challenge, kept)
    assert browser.see("challenges.detail", challenge_id=challenge.id).find(f"a[href='/challenges/{challenge.id}/attachments/{kept}']")
    browser.sign_out().sign_in(cast.rival)
    _download(browser, challenge, kept, 404)
    browser.sign_out().sign_in(cast.seeker)
    browser.see("challenges.files", challenge_id=challenge.id).submit("收回")
    browser.sign_out().sign_in(cast.professor)
    _download(browser, challenge, kept, 404)


@pytest.mark.parametrize("named", ["没有这家单位", "申城电池厂", ""])
def test_only_a_verified_other_organisation_is_admitted(browser: Browser, cast: Cast, challenge: Challenge, named: str) -> None:
    kept = _stored(browser, cast, challenge)
    browser.sign_in(cast.seeker)
    page = browser.send("challenges.admit", {"organisation": named, "files": [str(kept)]}, challenge_id=challenge.id)
    assert page.find("#organisation-error")
    assert db.session.scalar(select(func.count()).select_from(AttachmentGrant)) == 0


def test_a_file_is_not_reached_through_another_challenge(browser: Browser, cast: Cast, challenge: Challenge) -> None:
    kept = _stored(browser, cast, challenge)
    other = ChallengeFactory(organisation=accounts.get_organisation(cast.stranger.organisation_id or 0), published=True)
    browser.sign_in(cast.stranger)
    for decision in ("remove", "dismiss"):
        data = {"organisation_id": cast.institute.id}
        assert browser.send(f"challenges.{decision}", data, challenge_id=other.id, attachment_id=kept).status == 404
    browser.see("challenges.download", status=404, challenge_id=other.id, attachment_id=kept)
    assert db.session.scalar(select(func.count()).select_from(Attachment)) == 1


def test_not_even_the_owner_reaches_it_under_another_number(browser: Browser, cast: Cast, challenge: Challenge) -> None:
    kept = _stored(browser, cast, challenge)
    other = ChallengeFactory(organisation=cast.enterprise, published=True)
    _download(browser.sign_in(cast.seeker), other, kept, 404)


def test_the_owner_takes_a_file_away(browser: Browser, cast: Cast, challenge: Challenge) -> None:
    kept = _stored(browser, cast, challenge)
    browser.sign_in(cast.seeker).send("challenges.remove", challenge_id=challenge.id, attachment_id=kept)
    assert db.session.scalar(select(func.count()).select_from(Attachment)) == 0
    assert db.session.scalars(select(HistoryEntry.step).order_by(HistoryEntry.seq)).all() == ["attach", "detach"]


def test_a_double_click_keeps_one(browser: Browser, cast: Cast, challenge: Challenge) -> None:
    browser.sign_in(cast.seeker)
    for _ in range(2):
        _upload(browser, challenge, idempotency_key="once")
    assert db.session.scalar(select(func.count()).select_from(Attachment)) == 1


def test_the_files_of_one_challenge_have_a_limit_together(
    browser: Browser, cast: Cast, challenge: Challenge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SUBJECT_LIMIT", len(PDF) + 10)
    browser.sign_in(cast.seeker)
    assert "附件已保存" in _upload(browser, challenge).text
    assert "合计不超过" in _upload(browser, challenge, "第二份.pdf").main
    assert queries.sizes(challenge) == (len(PDF), len(PDF))
