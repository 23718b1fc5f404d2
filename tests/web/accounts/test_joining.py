"""Registering an organisation, accepting an invitation, claiming what the commission keeps."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from market.actions import organisations
from market.actions.people import Accepted, Person
from market.db import db
from market.domain import clock
from market.domain.errors import Invalid
from market.models import Consent, HistoryEntry, Organisation, Token, User
from market.queries import accounts
from tests.cast import Cast
from tests.conftest import NOON
from tests.factories import OrganisationFactory, credit_code
from tests.page import Browser, Page
from tests.web.accounts.conftest import OTHER, SECRET, mailed_path, mails_to
from tests.web.accounts.test_sign_in import come_in, is_in

CODE = credit_code(900_001)


def register(browser: Browser, **changes: Any) -> Page:
    fields: dict[str, Any] = {
        "kind": "enterprise", "name": "沪西新能源有限公司", "credit_code": CODE, "region": "310107", "track": "新能源",
        "tags": ["高企", "专精特新"], "person_name": "何总", "title": "总经理", "phone": "13900000002", "email": "he@example.org",
        "password": SECRET, "again": SECRET, "terms": "y", "privacy": "y",
    }  # fmt: skip
    return browser.see("accounts.register").submit("提交注册", **(fields | changes))


def find(email: str) -> User | None:
    db.session.expire_all()
    return accounts.user_by_email(email)


def test_an_organisation_registers_confirms_and_waits_for_verification(browser: Browser, cast: Cast) -> None:
    page = register(browser)
    assert page.response.request.path == "/mail-sent"
    assert come_in(browser, "he@example.org").status == 422  # the address is not confirmed yet
    browser.get(mailed_path("he@example.org")).submit("确认邮箱")
    come_in(browser, "he@example.org")
    assert is_in(browser)
    user = find("he@example.org")
    assert user is not None and user.organisation is not None
    assert (user.organisation.state, user.organisation.kind, user.organisation.tags) == ("pending", "enterprise", "高企;专精特新")
    assert [role.role for role in user.roles] == ["org_admin"]
    assert any("有单位等待核验" in mail.subject for mail in mails_to(cast.clerk.email))


def test_both_texts_are_kept_with_version_hash_and_time(app: Flask, browser: Browser, cast: Cast) -> None:
    register(browser)
    rows = {row.document: row for row in db.session.query(Consent)}
    assert set(rows) == {"terms", "privacy"}
    words = Path(app.root_path, "templates/home/privacy.html").read_bytes()
    assert rows["privacy"].text_hash == hashlib.sha256(words).hexdigest()
    assert rows["privacy"].document_version == "2026-11" and rows["terms"].at == clock.now()


WRONG = [
    ({"credit_code": "91310107MA1ABCDE0X"}, "credit_code", "校验位"),
    ({"email": "he@"}, "email", "邮箱格式"),
    ({"phone": "123"}, "phone", "11 位手机号"),
    ({"region": "999999"}, "region", ""),
    ({"kind": "commission"}, "kind", ""),
    ({"again": OTHER}, "again", "不一样"),
    ({"password": "short", "again": "short"}, "password", "12 个字符"),
]


@pytest.mark.parametrize(("changes", "field", "said"), WRONG)
def test_a_mistake_is_shown_beside_its_field_and_nothing_is_added(
    browser: Browser, cast: Cast, changes: dict[str, str], field: str, said: str
) -> None:
    page = register(browser, **changes)
    assert said in page.find(f"#{field}-error")[0].text_content()
    assert "沪西新能源有限公司" in page.body  # what was typed stays
    assert find("he@example.org") is None


@pytest.mark.parametrize("document", ["terms", "privacy"])
def test_without_consent_nothing_is_added(browser: Browser, cast: Cast, document: str) -> None:
    page = browser.see("accounts.register")
    form = {
        "kind": "enterprise", "name": "沪西新能源有限公司", "credit_code": CODE, "region": "310107", "person_name": "何总",
        "phone": "13900000002", "email": "he@example.org", "password": SECRET, "again": SECRET, "terms": "y", "privacy": "y",
    }  # fmt: skip
    del form[document]
    page = browser.send("accounts.register", form)
    assert "请先阅读并同意" in page.find(f"#{document}-error")[0].text_content()
    assert find("he@example.org") is None


@pytest.mark.parametrize("documents", [[], ["terms"], ["privacy"], ["terms", "phone"]])
def test_the_verb_itself_refuses_without_both_texts(app: Flask, cast: Cast, documents: list[str]) -> None:
    texts = [Accepted(document, "1", "0" * 64) for document in documents]
    details = organisations.Details(name="沪西新能源有限公司", credit_code=CODE, region="310107")
    with pytest.raises(Invalid, match="用户协议"):
        organisations.register("enterprise", details, "he@example.org", Person(name="何总", phone="13900000002"), texts, "")
    assert find("he@example.org") is None


def test_a_known_address_gets_the_same_answer_and_a_mail_that_explains(browser: Browser, cast: Cast) -> None:
    first = register(browser)
    second = register(browser, email=cast.seeker.email, credit_code=credit_code(900_002))
    assert first.main == second.main and first.response.request.path == second.response.request.path
    assert [mail.subject for mail in mails_to(cast.seeker.email)] == ["您在本站已有账户"]
    assert db.session.query(Organisation).filter_by(credit_code=credit_code(900_002)).count() == 0


def test_a_registered_code_is_sent_to_its_administrator(browser: Browser, cast: Cast) -> None:
    page = register(browser, credit_code=cast.enterprise.credit_code)
    assert "请联系本单位管理员邀请您加入" in page.find("#credit_code-error")[0].text_content()


def test_powers_cannot_be_slipped_in_with_the_form(browser: Browser, cast: Cast) -> None:
    register(
        browser, state="verified", verified_at="2026-01-01", role="sysadmin", roles="sysadmin", organisation_id="1", is_sample="1",
        email_confirmed_at="2026-01-01", version="7",
    )  # fmt: skip
    user = find("he@example.org")
    assert user is not None and user.organisation is not None
    assert [role.role for role in user.roles] == ["org_admin"] and user.email_confirmed_at is None
    assert (user.organisation.state, user.organisation.verified_at, user.organisation.is_sample) == ("pending", None, False)


def test_pressing_twice_registers_once(browser: Browser, cast: Cast) -> None:
    page = browser.see("accounts.register")
    key = page.find("input[name=idempotency_key]")[-1].get("value")
    for _ in range(2):
        register(browser, idempotency_key=key)
    assert db.session.query(Organisation).filter_by(credit_code=CODE).count() == 1


def test_an_unverified_organisation_may_not_ask_or_submit(browser: Browser, cast: Cast) -> None:
    register(browser)
    browser.get(mailed_path("he@example.org")).submit("确认邮箱")
    user = find("he@example.org")
    assert user is not None
    page = browser.sign_in(user).see("accounts.organisation", organisation_id=user.organisation_id)
    assert "正在等待科委核验" in page.main
    assert not accounts.actor_of(user).organisation_verified


def invited(browser: Browser, cast: Cast, email: str = "new@example.org", role: str = "org_member") -> str:
    browser.sign_in(cast.seeker).see("accounts.members").submit("发出邀请", email=email, role=role)
    browser.sign_out()
    return mailed_path(email)


def accept(page: Page, **changes: str) -> Page:
    fields = {"person_name": "小周", "title": "", "phone": "13900000003", "password": SECRET, "again": SECRET, "terms": "y", "privacy": "y"}
    return page.submit("开通账户", **(fields | changes))


def test_an_invited_colleague_joins_in_the_given_role(browser: Browser, cast: Cast) -> None:
    path = invited(browser, cast)
    page = browser.get(path)
    assert "申城电池厂" in page.main and "单位成员" in page.main
    assert "请登录" in accept(page).text
    come_in(browser, "new@example.org")
    assert is_in(browser)
    user = find("new@example.org")
    assert user is not None and user.organisation_id == cast.enterprise.id
    assert [role.role for role in user.roles] == ["org_member"]
    assert db.session.query(Consent).filter_by(user_id=user.id).count() == 2
    assert browser.get(path).status == 404  # once


def test_the_role_and_the_organisation_come_from_the_invitation_not_from_the_form(browser: Browser, cast: Cast) -> None:
    page = browser.get(invited(browser, cast))
    accept(page, role="org_admin", roles="sysadmin", organisation_id=str(cast.commission.id), email="else@example.org")
    user = find("new@example.org")
    assert user is not None and user.organisation_id == cast.enterprise.id and [r.role for r in user.roles] == ["org_member"]
    assert find("else@example.org") is None


def test_a_withdrawn_or_old_invitation_opens_nothing(browser: Browser, cast: Cast) -> None:
    path = invited(browser, cast)
    browser.sign_in(cast.seeker).see("accounts.members").submit("撤回")
    assert browser.sign_out().get(path).status == 404
    path = invited(browser, cast, "other@example.org")
    clock.fix(NOON + timedelta(days=7))
    assert browser.get(path).status == 404


def test_inviting_an_address_with_an_account_elsewhere_tells_only_its_owner(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.seeker).see("accounts.members")
    answer = page.submit("发出邀请", email=cast.stranger.email, role="org_member")
    assert "邀请已放入待发邮件" in answer.text
    assert [mail.subject for mail in mails_to(cast.stranger.email)] == ["您在本站已有账户"]
    stranger = find(cast.stranger.email)
    assert stranger is not None and stranger.organisation_id != cast.enterprise.id


@pytest.mark.parametrize("role", ["sysadmin", "clerk", "tto", "bureau", "nonsense"])
def test_only_roles_of_the_own_kind_can_be_given(browser: Browser, cast: Cast, role: str) -> None:
    page = browser.sign_in(cast.seeker).see("accounts.members").submit("发出邀请", email="new@example.org", role=role)
    assert page.find("#role-error") and mails_to("new@example.org") == []


def claim_link(browser: Browser, cast: Cast) -> tuple[Organisation, str]:
    kept = OrganisationFactory(name="江海环保", state="unclaimed", verified_at=None, credit_code=None)
    page = browser.sign_in(cast.clerk).see("accounts.organisation", organisation_id=kept.id)
    page.submit("发认领链接", email="owner@example.org")
    browser.sign_out()
    return kept, mailed_path("owner@example.org")


def claim(page: Page, **changes: str) -> Page:
    fields = {
        "credit_code": CODE, "region": "320500", "person_name": "梁总", "phone": "13900000004",
        "password": SECRET, "again": SECRET, "terms": "y", "privacy": "y",
    }  # fmt: skip
    return page.submit("认领", **(fields | changes))


def test_a_kept_organisation_is_claimed_and_then_verified_by_the_commission(browser: Browser, cast: Cast) -> None:
    kept, path = claim_link(browser, cast)
    kept_id = kept.id
    page = browser.get(path)
    assert "认领 江海环保" in page.main
    assert "认领成功" in claim(page).text
    db.session.expire_all()
    organisation = db.session.get_one(Organisation, kept_id)
    assert (organisation.state, organisation.credit_code, organisation.region) == ("pending", CODE, "320500")
    user = find("owner@example.org")
    assert user is not None and user.organisation_id == kept_id and [r.role for r in user.roles] == ["org_admin"]
    steps = [e.step for e in db.session.query(HistoryEntry).filter_by(subject_kind="organisation", subject_id=kept_id)]
    assert steps == ["send_claim_link", "claim"]
    assert browser.get(path).status == 404


def test_a_second_claim_link_makes_the_first_useless(browser: Browser, cast: Cast) -> None:
    kept, path = claim_link(browser, cast)
    browser.sign_in(cast.clerk).see("accounts.organisation", organisation_id=kept.id).submit("发认领链接", email="two@example.org")
    assert browser.sign_out().get(path).status == 404
    assert db.session.query(Token).filter_by(purpose="claim").count() == 2


def test_nobody_but_the_commission_sends_claim_links(browser: Browser, cast: Cast) -> None:
    kept = OrganisationFactory(state="unclaimed", verified_at=None, credit_code=None)
    answer = browser.sign_in(cast.seeker).send("accounts.send_claim_link", {"email": "me@example.org"}, organisation_id=kept.id)
    assert answer.status == 403 and mails_to("me@example.org") == []
