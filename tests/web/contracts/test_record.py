"""The form of the contract record: what was brought along, the calculator as a step of the form, the files and who opens them."""

from __future__ import annotations

import io

import pytest

from market.db import db
from market.models import AccessLog, Attachment, Contract
from tests.actions.test_contracts import chosen_bid
from tests.cast import Cast
from tests.domain.test_attachments import PDF
from tests.factories import ContractFactory
from tests.page import Browser


def test_from_a_bid_one_press_saves_and_each_field_says_where_it_came_from(browser: Browser, cast: Cast) -> None:
    bid = chosen_bid(cast)
    page = browser.sign_in(cast.tto).see("contracts.create", bid=bid.id)
    hints = {name: page.find(f"#{name}-hint")[0].text_content() for name in ("title", "kind", "amount", "technical_amount")}
    assert all("来自" in hint for hint in hints.values()) and "来自申报报价" in hints["amount"]
    assert "费用清单：100 万元 − 设备、仪器 40 万元 = 60 万元" in page.main and "分期安排，已带入 3 期" in page.main
    needed = {link.get("href") for link in page.find(".form-aside a")}
    assert "#industry" in needed and "#amount" not in needed and "#seller-credit_code" not in needed
    for link in needed:
        assert page.find(link), link
    page = page.submit("保存合同", signed_on="2026-06-10")
    contract = db.session.query(Contract).one()
    assert (contract.state, contract.amount_fen, contract.technical_amount_fen) == ("signed", 99_999_999, 60_000_000)
    assert "技术交易额怎么来的" in page.main and "计入" in page.main and "待补" in page.main
    page = browser.see("contracts.create", bid=bid.id)
    assert "已经有一份来自这里的合同" in page.main


def test_the_calculator_is_a_step_of_the_form_and_loses_nothing(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.tto).see("contracts.create")
    typed = {"title": "算一算", "amount": "128.6", "costs-0-kind": "equipment", "costs-0-amount": "18", "costs-1-kind": "material"}
    page = page.submit("按费用清单算", **typed, **{"costs-1-amount": "0.6"})
    assert page.find("#technical_amount")[0].get("value") == "110" and page.find("#title")[0].get("value") == "算一算"
    page = page.submit("按费用清单算", **{"costs-1-kind": "labour"})
    assert "费用清单合计 18.6 万元，比成交额少 1,100,000 元" in page.main
    page = page.submit("加一行费用")
    page = page.submit("保存合同", **{"costs-1-kind": "material", "costs-2-amount": "10", "buyer-name": "买方", "buyer-region": "310107"})
    assert "按费用清单应是 100 万元" in page.find("#technical_amount-error")[0].text_content()
    page = page.submit("保存合同", technical_amount="")
    contract = db.session.query(Contract).one()
    assert contract.technical_amount_fen == 100_000_000 and "− 设备、仪器 10 万元 = 100 万元" in page.main


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("royalty", "三", "百分数"),
        ("industry", "机器人", "GB/T 4754"),
        ("buyer-name", "", "请填写买方的名称和注册地"),
        ("entry_fee", "10", "支付方式"),
        ("announced_until", "2026-01-01", "公示结束不能早于开始"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field_in_an_open_fold(
    browser: Browser, cast: Cast, field: str, typed: str, said: str
) -> None:
    page = browser.sign_in(cast.tto).see("contracts.create")
    fine = {"title": "合同", "amount": "100", "buyer-name": "买方", "buyer-region": "310107", "announced_from": "2026-01-02"}
    page = page.submit("保存合同", **fine | {field: typed})
    errors = page.find(".field-error")
    assert any(said in error.text_content() for error in errors) and db.session.query(Contract).count() == 0
    assert all("open" in fold.attrib for error in errors for fold in error.iterancestors("details"))


def test_a_credit_code_alone_names_a_side_that_is_known_here(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.tto).see("contracts.create")
    page.submit("保存合同", **{"title": "合同", "amount": "3.5", "buyer-credit_code": cast.enterprise.credit_code})
    contract = db.session.query(Contract).one()
    assert (contract.buyer_id, contract.buyer_name, contract.amount_fen) == (cast.enterprise.id, "申城电池厂", 3_500_000)


def test_a_royalty_is_stated_with_its_rate_and_told_apart_from_the_entry_fee(browser: Browser, cast: Cast) -> None:
    contract = ContractFactory(seller=cast.institute, buyer=cast.enterprise)
    page = browser.sign_in(cast.tto).see("contracts.edit", contract_id=contract.id)
    page = page.submit(
        "保存修改", payment_mode="entry_royalty", entry_fee="20", royalty="3.5", royalty_base="年销售额", related="no", industry="38"
    )
    assert "入门费 20 万元，另按年销售额的 3.5% 提成，预计 80 万元" in page.main and "预计成交额" in page.main
    assert "电气机械和器材制造业（38）" in page.main


def test_a_supplement_starts_from_its_parent_and_both_pages_point_to_each_other(browser: Browser, cast: Cast) -> None:
    parent = ContractFactory(seller=cast.institute, buyer=cast.enterprise, registered=True, title="主合同")
    page = browser.sign_in(cast.tto).see("contracts.create", parent=parent.id)
    assert page.find("#parent option[selected]")[0].get("value") == str(parent.id)
    page = page.submit("保存合同", amount="10", technical_amount="10", parent_kind="change")
    assert "请在原合同上登记变更" in page.find("#parent-error")[0].text_content()
    page = page.submit("保存合同", parent_kind="supplement")
    assert "补充合同，原合同：主合同" in page.main
    assert "主合同（补充）" in browser.see("contracts.detail", contract_id=parent.id).main
    browser.sign_in(cast.stranger).see("contracts.create", 404, parent=parent.id)


def test_a_signed_file_is_a_download_for_both_sides_the_desk_and_the_auditor_only(browser: Browser, cast: Cast) -> None:
    contract = ContractFactory(seller=cast.institute, buyer=cast.enterprise, signed=True)
    browser.sign_in(cast.tto)
    for content, said in ((b"MZ not a pdf", "这不是完整的 PDF 文件"), (PDF, "文件已保存")):
        sent = {"file-kind": "contract", "file-file": (io.BytesIO(content), "合同.pdf")}
        page = browser.send("contracts.add_file", sent, contract_id=contract.id)
        assert said in page.text
    kept = db.session.query(Attachment).one()
    assert kept.sha256 in browser.see("contracts.detail", contract_id=contract.id).main
    path = browser.url("contracts.download", contract_id=contract.id, attachment_id=kept.id)
    for part, user in cast.people().items():
        browser.sign_in(user)
        answer = browser.get(path).response
        if part in {"tto", "professor", "seeker", "engineer", "clerk", "reviewer", "auditor"}:
            assert answer.status_code == 200 and answer.data == PDF, part
            assert answer.headers["Content-Disposition"].startswith("attachment") and "sandbox" in answer.headers["Content-Security-Policy"]
        else:
            assert answer.status_code in {403, 404}, part
    assert db.session.query(AccessLog).filter_by(act="download").count() == 7
    other = ContractFactory(seller=cast.institute, buyer=cast.enterprise)
    browser.sign_in(cast.tto).see("contracts.download", 404, contract_id=other.id, attachment_id=kept.id)
