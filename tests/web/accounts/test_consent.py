"""A new version of the texts is asked for once; what was accepted before is kept."""

from __future__ import annotations

from flask import Flask

from market.db import db, transaction
from market.domain import clock
from market.models import Consent, HistoryEntry, Setting, User
from tests.cast import Cast
from tests.factories import UserFactory
from tests.page import Browser


def publish(**versions: str) -> None:
    """Set the versions in force."""
    with transaction() as session:
        for name, version in versions.items():
            session.merge(Setting(name=name, value=version, changed_at=clock.now()))


def versions_of(user_id: int) -> list[tuple[str, str]]:
    return [(row.document, row.document_version) for row in db.session.query(Consent).filter_by(user_id=user_id).order_by(Consent.id)]


def test_a_new_version_is_asked_for_before_the_next_page_and_the_old_acceptance_stays(browser: Browser, cast: Cast) -> None:
    user_id = cast.seeker.id
    browser.sign_in(cast.seeker)
    assert browser.see("contacts.index").response.request.path == "/contacts"
    publish(terms_version="2027-01")
    page = browser.get("/contacts")
    assert page.response.request.path == "/consent" and "版本 2027-01" in page.main and "版本 2026-11" in page.main
    assert "隐私政策（版本" not in page.main, "only what is new is asked for"
    assert page.submit("同意并继续").status == 200 and "请先阅读并同意" in page.submit("同意并继续").main
    page = page.submit("同意并继续", terms="y")
    assert page.response.request.path == "/contacts" and "已记下您同意的版本" in page.text
    assert versions_of(user_id) == [("terms", "2026-11"), ("privacy", "2026-11"), ("terms", "2027-01")]
    newest = db.session.query(Consent).filter_by(user_id=user_id).order_by(Consent.id.desc()).first()
    assert newest is not None and len(newest.text_hash) == 64
    entry = db.session.query(HistoryEntry).filter_by(subject_kind="user", subject_id=user_id).one()
    assert (entry.step, entry.detail) == ("accept_texts", {"terms": "2027-01"})
    assert "版本 2027-01" in browser.see("accounts.profile").main and "版本 2026-11" in browser.see("accounts.profile").main


def test_both_texts_may_be_new(browser: Browser, cast: Cast) -> None:
    publish(terms_version="2027-01", privacy_version="2027-02")
    page = browser.sign_in(cast.professor).get("/account").submit("同意并继续", terms="y", privacy="y")
    assert page.response.request.path == "/account"


def test_what_was_typed_is_not_lost_and_public_pages_and_the_texts_stay_open(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.seeker)
    publish(terms_version="2027-01")
    assert browser.get("/terms").response.request.path == "/terms"
    assert browser.get("/challenges").response.request.path == "/challenges"
    browser.post("/account", {"person_name": "王新名", "phone": "13900000009"}, follow=False)
    assert db.session.get_one(User, cast.seeker.id).name == "王新名"


def test_who_refuses_signs_out(browser: Browser, cast: Cast) -> None:
    publish(privacy_version="2027-02")
    page = browser.sign_in(cast.seeker).get("/todo")
    assert page.response.request.path == "/consent"
    page.find("main")[0]
    browser.send("accounts.sign_out")
    assert browser.get("/todo").response.request.path == "/sign-in"


def test_a_person_without_any_acceptance_is_asked_but_a_sample_account_is_not(app: Flask, browser: Browser) -> None:
    for is_sample, path in ((False, "/consent"), (True, "/account")):
        user = UserFactory(name="无记录", roles=["org_admin"])
        with transaction() as session:
            session.query(Consent).filter_by(user_id=user.id).delete()
            db.session.get_one(User, user.id).is_sample = is_sample
        assert browser.sign_in(user).get("/account").response.request.path == path
