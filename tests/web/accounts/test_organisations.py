"""An organisation's page and form, and the commission's verification by four eyes."""

from __future__ import annotations

import pytest
from flask import Flask

from market.actions import organisations
from market.db import db, transaction
from market.domain.errors import Forbidden, IllegalStep
from market.models import HistoryEntry, Organisation, User
from market.queries import accounts
from tests.cast import Cast
from tests.factories import OrganisationFactory, UserFactory, credit_code
from tests.page import Browser
from tests.web.accounts.conftest import mails_to


@pytest.fixture
def waiting(cast: Cast) -> tuple[Organisation, User]:
    """An enterprise that waits for verification, and its administrator."""
    organisation = OrganisationFactory(name="待核验公司", state="pending", verified_at=None)
    return organisation, UserFactory(name="何总", organisation=organisation, roles=["org_admin"])


def state_of(organisation_id: int) -> str:
    db.session.expire_all()
    return db.session.get_one(Organisation, organisation_id).state


@pytest.mark.parametrize("part", ["clerk", "reviewer"])
def test_the_commission_verifies_with_a_reason_and_the_organisation_is_told(
    browser: Browser, cast: Cast, waiting: tuple[Organisation, User], part: str
) -> None:
    organisation_id, email = waiting[0].id, waiting[1].email
    page = browser.sign_in(getattr(cast, part)).see("accounts.verify_organisations")
    assert "待核验公司" in page.main
    page = browser.see("accounts.organisation", organisation_id=organisation_id).submit("核验通过", reason="执照与代码一致")
    assert "没有等待核验的单位" in page.main and state_of(organisation_id) == "verified"
    assert [mail.subject for mail in mails_to(email)] == ["单位已核验"]
    entry = db.session.query(HistoryEntry).filter_by(subject_kind="organisation", subject_id=organisation_id).one()
    assert (entry.step, entry.from_state, entry.to_state, entry.reason) == ("verify", "pending", "verified", "执照与代码一致")


@pytest.mark.parametrize("step", ["verify", "refuse"])
def test_without_a_reason_nothing_is_decided(browser: Browser, cast: Cast, waiting: tuple[Organisation, User], step: str) -> None:
    organisation_id = waiting[0].id
    browser.sign_in(cast.clerk)
    page = browser.send("accounts.organisation_step", {"reason": "  "}, organisation_id=organisation_id, step=step)
    assert "需要写明理由" in page.main and state_of(organisation_id) == "pending"


def test_a_refused_organisation_mends_and_asks_again(browser: Browser, cast: Cast, waiting: tuple[Organisation, User]) -> None:
    organisation_id, admin = waiting[0].id, waiting[1]
    browser.sign_in(cast.clerk)
    browser.send("accounts.organisation_step", {"reason": "代码与名称不符"}, organisation_id=organisation_id, step="refuse")
    page = browser.sign_in(admin).see("accounts.organisation", organisation_id=organisation_id)
    assert "代码与名称不符" in page.main
    page.submit("重新提交核验")
    assert state_of(organisation_id) == "pending"


def test_nobody_verifies_the_own_organisation(app: Flask, browser: Browser, cast: Cast) -> None:
    with transaction():
        db.session.get_one(Organisation, cast.commission.id).state = "pending"
    clerk = accounts.get_user(cast.clerk.id)
    assert clerk is not None
    with pytest.raises(Forbidden):
        organisations.decide(db.session.get_one(Organisation, cast.commission.id), "verify", "自己", accounts.actor_of(clerk))
    browser.sign_in(cast.clerk)
    page = browser.send("accounts.organisation_step", {"reason": "自己"}, organisation_id=cast.commission.id, step="verify")
    assert page.status == 403 and state_of(cast.commission.id) == "pending"


@pytest.mark.parametrize("part", ["seeker", "stranger", "bureau", "broker", "liaison", "leader", "auditor", "sysadmin"])
def test_others_cannot_verify(browser: Browser, cast: Cast, waiting: tuple[Organisation, User], part: str) -> None:
    organisation_id = waiting[0].id
    browser.sign_in(getattr(cast, part))
    answer = browser.send("accounts.organisation_step", {"reason": "好"}, organisation_id=organisation_id, step="verify")
    assert answer.status in {403, 404} and state_of(organisation_id) == "pending"


def test_an_organisation_cannot_verify_itself(browser: Browser, waiting: tuple[Organisation, User]) -> None:
    organisation_id = waiting[0].id
    answer = browser.sign_in(waiting[1]).send(
        "accounts.organisation_step", {"reason": "好"}, organisation_id=organisation_id, step="verify"
    )
    assert answer.status == 403 and state_of(organisation_id) == "pending"


@pytest.mark.parametrize("step", ["rename", "claim", "nonsense"])
def test_steps_that_belong_to_other_verbs_cannot_be_posted(
    browser: Browser, cast: Cast, waiting: tuple[Organisation, User], step: str
) -> None:
    page = browser.sign_in(cast.clerk).send("accounts.organisation_step", {"reason": "好"}, organisation_id=waiting[0].id, step=step)
    assert "没有这一步" in page.main and state_of(waiting[0].id) == "pending"


def test_without_a_credit_code_nobody_is_verified(app: Flask, cast: Cast) -> None:
    kept = OrganisationFactory(state="unclaimed", verified_at=None, credit_code=None)
    clerk = accounts.get_user(cast.clerk.id)
    assert clerk is not None
    with pytest.raises(IllegalStep, match="统一社会信用代码"):
        organisations.decide(kept, "verify", "好", accounts.actor_of(clerk))


def test_a_decision_on_a_page_that_has_aged_is_stopped(browser: Browser, cast: Cast, waiting: tuple[Organisation, User]) -> None:
    organisation_id = waiting[0].id
    page = browser.sign_in(cast.clerk).see("accounts.organisation", organisation_id=organisation_id)
    with transaction():
        db.session.get_one(Organisation, organisation_id).name = "换了名字的公司"
    answer = page.submit("核验通过", reason="看过了")
    assert answer.status == 409 and state_of(organisation_id) == "pending"


def test_an_enterprise_page_is_seen_by_itself_and_the_staff_only(browser: Browser, cast: Cast) -> None:
    key = {"organisation_id": cast.enterprise.id}
    browser.see("accounts.organisation", status=404, **key)
    for part in ("stranger", "tto", "bureau", "broker", "sysadmin"):
        browser.sign_in(getattr(cast, part)).see("accounts.organisation", status=404, **key)
    for part in ("seeker", "engineer", "clerk", "leader", "auditor"):
        assert "单位档案" in browser.sign_in(getattr(cast, part)).see("accounts.organisation", **key).main


def test_an_institute_page_is_public_without_its_file(browser: Browser, cast: Cast) -> None:
    with transaction():
        institute = db.session.get_one(Organisation, cast.institute.id)
        institute.legal_person, institute.phone, institute.profile = "秘密人名", "13900000077", "做弱溶剂化电解液。"
    page = browser.see("accounts.organisation", organisation_id=cast.institute.id)
    assert "做弱溶剂化电解液" in page.main
    for hidden in ("秘密人名", "13900000077", str(cast.institute.credit_code), "李转化", "经过"):
        assert hidden not in page.main
    assert "秘密人名" in browser.sign_in(cast.tto).see("accounts.organisation", organisation_id=cast.institute.id).main


def test_a_bureau_sees_the_files_of_its_city(browser: Browser, cast: Cast) -> None:
    local = OrganisationFactory(name="南京某厂", region="320100")
    assert "单位档案" in browser.sign_in(cast.bureau).see("accounts.organisation", organisation_id=local.id).main


def test_an_administrator_edits_what_is_said_and_the_change_is_recorded(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.seeker).see("accounts.edit_organisation", organisation_id=cast.enterprise.id)
    page.submit("保存", profile="做动力电池包。", phone="021-52564588", tags=["高企"], state="suspended", kind="commission", is_sample="1")
    db.session.expire_all()
    organisation = db.session.get_one(Organisation, cast.enterprise.id)
    assert (organisation.profile, organisation.phone, organisation.tags) == ("做动力电池包。", "021-52564588", "高企")
    assert (organisation.state, organisation.kind, organisation.is_sample) == ("verified", "enterprise", False)
    entry = db.session.query(HistoryEntry).filter_by(subject_kind="organisation").one()
    assert set(entry.detail["changed"]) == {"profile", "phone", "tags"}


def test_a_new_name_or_code_needs_a_new_verification(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.seeker).see("accounts.edit_organisation", organisation_id=cast.enterprise.id)
    page.submit("保存", credit_code=credit_code(800_001))
    assert state_of(cast.enterprise.id) == "pending"
    assert any("等待核验" in mail.subject for mail in mails_to(cast.clerk.email))


def test_the_code_of_another_organisation_is_refused(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.seeker).see("accounts.edit_organisation", organisation_id=cast.enterprise.id)
    answer = page.submit("保存", credit_code=cast.institute.credit_code)
    assert answer.find("#credit_code-error") and state_of(cast.enterprise.id) == "verified"


@pytest.mark.parametrize(("part", "status"), [("engineer", 403), ("stranger", 404), ("clerk", 403)])
def test_others_cannot_edit(browser: Browser, cast: Cast, part: str, status: int) -> None:
    browser.sign_in(getattr(cast, part)).see("accounts.edit_organisation", status=status, organisation_id=cast.enterprise.id)


def test_a_stale_edit_is_stopped(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.seeker).see("accounts.edit_organisation", organisation_id=cast.enterprise.id)
    with transaction():
        db.session.get_one(Organisation, cast.enterprise.id).profile = "别人先改了"
    assert page.submit("保存", profile="我的").status == 409
    db.session.expire_all()
    assert db.session.get_one(Organisation, cast.enterprise.id).profile == "别人先改了"
