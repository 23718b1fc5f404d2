"""The main line told end to end through the pages: three sentences become a registered contract that moves the goal."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from market.db import db
from market.domain import clock
from market.models import Challenge, Contact, Contract, Lead
from market.queries.statistics import cockpit
from tests.cast import Cast
from tests.factories import CapabilityFactory
from tests.page import Browser


@pytest.mark.parametrize(("seller_region", "counted"), [("310107", True), ("320100", False)])
def test_three_sentences_become_a_registered_contract(browser: Browser, cast: Cast, seller_region: str, counted: bool) -> None:
    cast.institute.region = seller_region
    db.session.commit()
    capability = CapabilityFactory(organisation=cast.institute, published=True, region=seller_region)

    page = browser.see("leads.ask").submit(
        "提交，看看谁能解", wrong="电池包冬天续航掉得厉害", wanted="零下二十度要有八成五", company="申城电池厂", phone="13900000001", consent="y",
    )  # fmt: skip
    assert page.status == 200
    lead = db.session.scalars(select(Lead)).one()

    browser.sign_in(cast.clerk).see("leads.draft", lead_id=lead.id).submit(
        "存成草稿", name="申城电池厂", credit_code=cast.enterprise.credit_code, region="310107", title="电池包低温续航", pain="零下二十度只剩六成",
    )  # fmt: skip
    page = browser.see("leads.detail", lead_id=lead.id).submit("请企业确认")
    link = next(part for part in page.body.replace('"', " ").replace("<", " ").split() if "/confirm/" in part)
    visitor = Browser(browser.app)
    visitor.get(link[link.index("/confirm/") :]).submit("确认，提交审核", no_secrets="y")
    challenge = db.session.scalars(select(Challenge)).one()
    assert (challenge.state, challenge.confirmed) == ("submitted", True)

    browser.sign_in(cast.seeker).see("contacts.create", capability_id=capability.id).submit("发出对接请求", message="想看看低温样品")
    contact = db.session.scalars(select(Contact)).one()
    browser.sign_in(cast.tto).see("contacts.detail", contact_id=contact.id).submit("发出答复", decision="accept")

    browser.see("contracts.create", contact_id=contact.id).submit(
        "保存合同", title="低温电解液开发", kind="KF:entrusted", amount="120", technical_amount="100",
    )  # fmt: skip
    contract = db.session.scalars(select(Contract)).one()
    today = clock.today().isoformat()
    browser.see("contracts.detail", contract_id=contract.id).submit("确认：记为已签订", **{"sign-signed_on": today})
    given = {"register-registration_number": "2026310107000001", "register-registered_on": today}
    browser.see("contracts.detail", contract_id=contract.id).submit("确认：填写登记编号和日期", **given)
    db.session.expire_all()
    contract = db.session.scalars(select(Contract)).one()
    assert contract.state == "registered"
    figures = cockpit(clock.today().year)
    assert figures.stages["registered"].amount_fen == (120_000_000 if counted else 0)
    assert sum(cell.amount_fen for flow, cell in figures.flows.items() if flow == "intake") == (0 if counted else 120_000_000)
    assert contract.contact_id == contact.id and db.session.get(Contact, contact.id).state == "contracted"
