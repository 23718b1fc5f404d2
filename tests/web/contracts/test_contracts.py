"""A contract from a chosen bid or an accepted contact to registration, in the browser."""

from __future__ import annotations

import pytest

from market.db import db
from market.domain import clock
from market.models import Adjustment, Challenge, Contact, Contract, Payment
from tests.cast import Cast
from tests.factories import ChallengeFactory, ContactFactory, ContractFactory
from tests.page import Browser
from tests.queries.test_statistics import statements


def contact_of(cast: Cast, **more: object) -> Contact:
    return ContactFactory(seeker=cast.enterprise, provider=cast.institute, accepted=True, expected_fen=50_000_000, **more)


def contract_of(cast: Cast, **more: object) -> Contract:
    return ContractFactory(seller=cast.institute, buyer=cast.enterprise, **more)


def fresh(contract_id: int) -> Contract:
    db.session.expire_all()
    found = db.session.get(Contract, contract_id)
    assert found is not None
    return found


def test_from_a_contact_nothing_is_typed_twice_and_it_goes_all_the_way_to_registration(browser: Browser, cast: Cast) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, published=True, title="冬天续航掉得厉害")
    contact = contact_of(cast, challenge=challenge)
    browser.sign_in(cast.tto)
    page = browser.see("contracts.create", contact=contact.id)
    assert "江南研究院" in page.main and "申城电池厂" in page.main
    page = page.submit("保存合同", technical_amount="30")
    contract = db.session.query(Contract).one()
    assert (contract.title, contract.amount_fen, contract.technical_amount_fen) == ("冬天续航掉得厉害", 50_000_000, 30_000_000)
    assert (contract.source, contract.contact_id, contract.seller_id, contract.buyer_id) == (
        "contact",
        contact.id,
        cast.institute.id,
        cast.enterprise.id,
    )
    assert contract.seller_facts["credit_code"] == cast.institute.credit_code
    page = page.submit("确认：记为已签订", **{"sign-signed_on": "2026-06-10"})
    assert "已签订" in page.main
    page = page.submit(
        "确认：填写登记编号和日期", **{"register-registration_number": "2026 3101 0700 0001", "register-registered_on": "2026-06-10"}
    )
    assert "计入全区目标（区内循环）" in page.main
    contract = fresh(contract.id)
    assert (contract.state, contract.registration_number) == ("registered", "2026310107000001")
    contact, challenge = db.session.get(Contact, contact.id), db.session.get(Challenge, challenge.id)
    assert contact is not None and contact.state == "contracted"
    assert challenge is not None and challenge.state == "contracted"
    assert contract.early_or_elsewhere is None


def test_a_change_keeps_what_was_copied_from_the_organisations(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.tto).see("contracts.create", contact=contact_of(cast).id).submit(
        "保存合同", title="冬天续航", technical_amount="30"
    )
    contract = db.session.query(Contract).one()
    page = browser.see("contracts.edit", contract_id=contract.id).submit("保存修改", amount="60")
    assert cast.institute.credit_code in page.main and cast.enterprise.credit_code in page.main
    changed = fresh(contract.id)
    assert changed.amount_fen == 60_000_000
    assert changed.seller_facts["credit_code"] == cast.institute.credit_code and changed.seller_facts["research"]


def test_the_one_blue_button_never_takes_a_registration_back(browser: Browser, cast: Cast) -> None:
    signed, registered = contract_of(cast, signed=True), contract_of(cast, registered=True)
    browser.sign_in(cast.tto)
    blue = [e.text_content() for e in browser.see("contracts.detail", contract_id=signed.id).find("summary.btn-primary")]
    assert blue == ["登记机构已受理"]
    page = browser.see("contracts.detail", contract_id=registered.id)
    assert "注销登记" in page.main and not page.find("summary.btn-primary")


def test_a_stranger_gets_a_404_and_the_public_is_asked_to_sign_in(browser: Browser, cast: Cast) -> None:
    contract = contract_of(cast, signed=True)
    browser.sign_in(cast.stranger)
    browser.see("contracts.detail", 404, contract_id=contract.id)
    browser.see("contracts.edit", 404, contract_id=contract.id)
    assert browser.send("contracts.take_step", {"register-reason": "x"}, contract_id=contract.id, step="register").status == 404
    assert "低温电解液开发" not in browser.see("contracts.index").main
    browser.see("contracts.create", 404, contact=contact_of(cast).id)
    browser.see("contracts.create", 404, contact_id=contact_of(cast, challenge=None).id)
    browser.see("contracts.create", 404, challenge_id=ChallengeFactory(organisation=cast.enterprise, published=True).id)


@pytest.mark.parametrize(
    ("part", "sees"), [("clerk", True), ("leader", True), ("auditor", True), ("engineer", True), ("bureau", False), ("rival", False)]
)
def test_who_sees_a_contract_of_two_sides_in_the_district(browser: Browser, cast: Cast, part: str, sees: bool) -> None:
    contract = contract_of(cast, signed=True, title="只给双方和科委看的合同")
    browser.sign_in(cast.people()[part])
    browser.see("contracts.detail", 200 if sees else 404, contract_id=contract.id)
    assert ("只给双方和科委看的合同" in browser.see("contracts.index").main) is sees


def test_a_bureau_sees_the_contracts_of_its_own_city_counties_included(browser: Browser, cast: Cast) -> None:
    contract = ContractFactory(
        seller=cast.institute, buyer=None, buyer_name="南京某厂", buyer_region="320115", signed=True, title="卖到南京的合同"
    )
    browser.sign_in(cast.bureau)
    assert "卖到南京的合同" in browser.see("contracts.index").main
    browser.see("contracts.detail", contract_id=contract.id)


def test_only_the_seller_registers_and_a_number_is_used_once(browser: Browser, cast: Cast) -> None:
    contract_of(cast, registered=True, registration_number="2026310107999999")
    contract = contract_of(cast, signed=True)
    browser.sign_in(cast.seeker)
    assert "填写登记编号和日期" not in browser.see("contracts.detail", contract_id=contract.id).main
    refused = browser.send(
        "contracts.take_step", {"register-registration_number": "2026310107000002"}, contract_id=contract.id, step="register"
    )
    assert refused.status == 403
    browser.sign_in(cast.tto)
    page = browser.see("contracts.detail", contract_id=contract.id)
    page = page.submit(
        "确认：填写登记编号和日期", **{"register-registration_number": "2026310107999999", "register-registered_on": "2026-06-10"}
    )
    assert page.status == 422 and "已经用在另一份合同上" in page.find("#register-registration_number-error")[0].text_content()
    assert fresh(contract.id).state == "signed"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"registration_number": "123", "registered_on": "2026-06-10"}, "16 位数字"),
        ({"registration_number": "2026310107000001", "registered_on": "2026-06-11"}, "不能晚于今天"),
        ({"registration_number": "2026310107000001", "registered_on": "2026-06-09"}, "不能早于 2026-06-10"),
        ({"registration_number": "2026310107000001", "registered_on": ""}, "请填写登记日期"),
    ],
)
def test_a_wrong_number_or_day_is_refused_beside_its_field(browser: Browser, cast: Cast, fields: dict[str, str], said: str) -> None:
    contract = contract_of(cast, signed=True)
    page = browser.sign_in(cast.tto).see("contracts.detail", contract_id=contract.id)
    page = page.submit("确认：填写登记编号和日期", **{f"register-{name}": value for name, value in fields.items()})
    assert page.status == 422 and said in page.main
    assert fresh(contract.id).state == "signed"


def test_instalments_must_sum_exactly_and_technical_amount_fits(browser: Browser, cast: Cast) -> None:
    contract = contract_of(cast)
    page = browser.sign_in(cast.tto).see("contracts.edit", contract_id=contract.id)
    page = page.submit("保存修改", **{"instalments-0-amount": "33.333333", "instalments-1-amount": "66.666666", "technical_amount": "101"})
    assert "技术交易额应大于 0 且不超过成交额" in page.main
    page = page.submit("保存修改", technical_amount="80")
    assert "写了多期，请把支付方式选为分期支付" in page.main
    page = page.submit("保存修改", payment_mode="instalments")
    assert "比成交额少 0.01 元" in page.main
    page = page.submit("保存修改", **{"instalments-1-amount": "66.666667"})
    assert "已保存修改" in page.text and "66.67 万元" in page.main


def test_a_row_can_be_added_without_a_script_and_nothing_typed_is_lost(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.tto).see("contracts.create")
    page = page.submit("加一期", title="新写的合同", **{"instalments-2-amount": "5"})
    assert len(page.find("[name$='-due_on']")) == 4
    assert page.find("#title")[0].get("value") == "新写的合同"
    assert db.session.query(Contract).count() == 0


def test_a_contract_signed_before_it_was_agreed_here_is_recorded_and_flagged(browser: Browser, cast: Cast) -> None:
    contact = contact_of(cast)
    browser.sign_in(cast.seeker)
    page = browser.see("contracts.create", contact=contact.id).submit("保存合同", technical_amount="30")
    page = page.submit("确认：记为已签订", **{"sign-signed_on": "2026-06-01"})
    assert "早于同意对接日期 2026-06-10" in page.main
    assert db.session.query(Contract).one().state == "signed"


def test_a_contract_elsewhere_leaves_an_open_competition_to_its_owner(browser: Browser, cast: Cast) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, open_call=True)
    page = browser.sign_in(cast.seeker).see("contracts.create", challenge=challenge.id)
    other = {"seller-name": "外地研究所", "seller-region": "320200", "amount": "20", "technical_amount": "20"}
    page = page.submit("保存合同", **other).submit("确认：记为已签订", **{"sign-signed_on": "2026-06-10"})
    assert "在平台的揭榜和对接之外签订" in page.main
    db.session.expire_all()
    stored = db.session.get(Challenge, challenge.id)
    assert stored is not None and stored.state == "published"


def test_payments_add_up_and_more_than_the_price_is_flagged_not_refused(browser: Browser, cast: Cast) -> None:
    contract = contract_of(cast, signed=True)
    page = browser.sign_in(cast.seeker).see("contracts.detail", contract_id=contract.id)
    page = page.submit("记下到账", **{"pay-paid_on": "2026-06-01", "pay-amount": "60"})
    page = page.submit("记下到账", **{"pay-paid_on": "2026-06-02", "pay-amount": "60"})
    assert "到账合计 120 万元，超过成交额 20 万元" in page.main
    page = page.submit("记下到账", **{"pay-paid_on": "2026-06-20", "pay-amount": "1"})
    assert page.status == 422 and "到账日期不能晚于今天" in page.main
    page = browser.see("contracts.detail", contract_id=contract.id).submit("删去这一笔", reason="重复")
    assert "超过成交额" not in page.main and db.session.query(Payment).count() == 1


def test_a_registered_contract_is_not_edited_but_adjusted_and_cancelled_by_dated_rows(browser: Browser, cast: Cast) -> None:
    contract = contract_of(cast, registered=True)
    page = browser.sign_in(cast.tto).see("contracts.detail", contract_id=contract.id)
    assert "修改合同" not in page.main
    page = page.submit(
        "记一笔变更",
        **{
            "adjust-direction": "-",
            "adjust-delta": "30",
            "adjust-technical_delta": "30",
            "adjust-on": "2026-06-10",
            "adjust-reason": "减项",
        },
    )
    assert "70 万元" in page.main
    page = page.submit("确认：注销登记", **{"cancel-on": "2026-06-10", "cancel-reason": "合同解除"})
    assert "已注销登记" in page.main
    rows = db.session.query(Adjustment).order_by(Adjustment.id).all()
    assert [row.delta_fen for row in rows] == [-30_000_000, -70_000_000]
    assert fresh(contract.id).amount_fen == 100_000_000


def test_the_registry_may_return_and_refuse_only_with_a_reason(browser: Browser, cast: Cast) -> None:
    contract = contract_of(cast, signed=True)
    page = browser.sign_in(cast.tto).see("contracts.detail", contract_id=contract.id)
    page = page.submit("确认：登记机构已受理", **{"file-filed_on": "2026-06-10"})
    assert page.submit("确认：登记机构要求补正", **{"return-reason": ""}).status == 422
    page = browser.see("contracts.detail", contract_id=contract.id).submit("确认：登记机构要求补正", **{"return-reason": "缺技术内容说明"})
    assert "缺技术内容说明" in page.main and "登记补正" in page.main


def test_the_other_side_is_told_without_the_amount(browser: Browser, cast: Cast) -> None:
    from market.models import Outbox

    contract = contract_of(cast)
    page = browser.sign_in(cast.tto).see("contracts.detail", contract_id=contract.id)
    page.submit("确认：记为已签订", **{"sign-signed_on": "2026-06-10"})
    mails = db.session.query(Outbox).all()
    assert [mail.to_name for mail in mails] == [cast.seeker.name]
    assert "万元" not in mails[0].body


def test_a_form_opened_before_somebody_changed_the_contract_is_stale(browser: Browser, cast: Cast) -> None:
    contract = contract_of(cast)
    page = browser.sign_in(cast.tto).see("contracts.edit", contract_id=contract.id)
    browser.see("contracts.edit", contract_id=contract.id).submit("保存修改", title="先改的名字")
    page = page.submit("保存修改", title="后改的名字")
    assert page.status == 409 and "项目名称：现在是 先改的名字" in page.main
    assert fresh(contract.id).title == "先改的名字"


def test_the_list_filters_and_adds_up(browser: Browser, cast: Cast) -> None:
    for _ in range(25):
        contract_of(cast, signed=True, signed_on=clock.today())
    contract_of(cast, registered=True, type="ZX", subtype="consulting", title="咨询一份")
    browser.sign_in(cast.clerk)
    page = browser.see("contracts.index")
    assert "26 份合同" in page.main and "2,600" in page.main
    page = browser.see("contracts.index", type="ZX", state="registered")
    assert "1 份合同" in page.main and "咨询一份" in page.main
    assert "1 份合同" in browser.see("contracts.index", q="咨询一").main


def test_the_list_asks_as_often_for_two_contracts_as_for_twenty(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.clerk)
    counts = []
    for more in (2, 18):
        for _ in range(more):
            ContractFactory(
                seller=None, seller_name="甲", seller_region="310107", buyer=None, buyer_name="乙", buyer_region="320100", signed=True
            )
        db.session.remove()
        with statements() as seen:
            browser.see("contracts.index")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10
