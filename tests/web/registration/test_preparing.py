"""The pre-check and the form of one contract: answers hold until the contract changes, the place is kept for each person."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import openpyxl
import pytest
from docx import Document

from market.db import db
from market.models import AccessLog, Contract, FormPlace, HistoryEntry
from tests.cast import Cast
from tests.factories import ContractFactory
from tests.page import Browser


def contract_of(cast: Cast, **more: object) -> Contract:
    values: dict[str, object] = {"title": "叉车电池包低温自加热策略开发", "signed": True, **more}
    found: Contract = ContractFactory(seller=cast.institute, buyer=cast.enterprise, **values)
    return found


def test_the_pre_check_leads_to_the_field_and_keeps_answers_until_the_contract_changes(browser: Browser, cast: Cast) -> None:
    contract = contract_of(cast)
    page = browser.sign_in(cast.professor).see("registration.check", contract_id=contract.id)
    assert len(page.find(".check-item")) == 16 and "要改" in page.main
    assert not [link for link in page.links() if "/edit#" in link]  # a member reads, the authorised person mends
    page = page.submit("保存回答", **{"answer-seal": "yes", "answer-written": "no"})
    assert "记下了 2 个回答" in page.text
    seal, written = (page.find(f"#item-{key}")[0].text_content() for key in ("seal", "written"))
    assert "通过" in seal and "陈教授" in seal and "您回答了“没有”" in written
    entry = db.session.query(HistoryEntry).filter_by(subject_kind="contract", step="precheck").one()
    assert entry.detail == {"answers": {"seal": "yes", "written": "no"}}
    page = browser.sign_in(cast.tto).see("registration.check", contract_id=contract.id)
    assert f"/contracts/{contract.id}/edit#ends_on" in page.links() or f"/contracts/{contract.id}/edit#starts_on" in page.links()
    stored = db.session.get_one(Contract, contract.id)
    stored.buyer_name = "改了名的厂"
    db.session.commit()
    assert "合同改过" in browser.see("registration.check", contract_id=contract.id).find("#item-seal")[0].text_content()


def test_the_other_side_reads_and_answers_nothing(browser: Browser, cast: Cast) -> None:
    contract = contract_of(cast)
    page = browser.sign_in(cast.seeker).see("registration.check", contract_id=contract.id)
    assert not page.find("input[type=radio]")
    assert browser.send("registration.check", {"answer-seal": "yes"}, contract_id=contract.id).status == 403
    assert browser.get(f"/contracts/{contract.id}/form").status == 403
    browser.sign_in(cast.stranger).see("registration.check", 404, contract_id=contract.id)


@pytest.mark.on_one("sqlite")
def test_the_contract_page_says_the_pre_check_before_filing(browser: Browser, cast: Cast) -> None:
    contract = contract_of(cast)
    page = browser.sign_in(cast.tto).see("contracts.detail", contract_id=contract.id)
    assert "要改" in page.find("aside")[0].text_content() and f"/contracts/{contract.id}/form" in page.links()
    assert [link for link in page.links() if f"/contracts/{contract.id}/precheck#item-" in link]


def test_the_form_is_copied_field_by_field_and_the_place_is_ones_own(browser: Browser, cast: Cast) -> None:
    contract = contract_of(cast, starts_on=date(2026, 6, 10), ends_on=date(2027, 6, 9))
    page = browser.sign_in(cast.tto).see("registration.copy", contract_id=contract.id)
    labels = [row.text_content().split() for row in page.find(".copy-label")]
    assert [words[1] for words in labels[:4]] == ["合同登记编号", "项目名称", "合同类型", "签订日期"]
    assert page.find("#value-amount")[0].text_content() == "1000000.00"
    assert "系统按元填，2 位小数（待核）" in page.find("#field-amount")[0].text_content()
    assert page.find("#field-amount button[data-copy]")[0].get("data-copy") == "1000000.00"
    answer = browser.send("registration.copy", {"key": "type"}, follow=False, contract_id=contract.id)
    assert answer.response.headers["Location"].endswith("#field-signed_on")
    page = browser.see("registration.copy", contract_id=contract.id)
    assert "上次填到「合同类型」" in page.main and "#field-signed_on" in page.links()
    assert [mark.get("id") for mark in page.find(".copy-done")] == ["field-type"]
    assert "上次填到" not in browser.sign_in(cast.professor).see("registration.copy", contract_id=contract.id).main
    assert browser.send("registration.copy", {"key": "none-such"}, contract_id=contract.id).status == 422
    browser.sign_in(cast.tto).see("registration.copy", contract_id=contract.id).submit("从头再填")
    assert db.session.query(FormPlace).count() == 0


@pytest.mark.on_one("sqlite")
def test_a_script_gets_a_short_answer(browser: Browser, cast: Cast) -> None:
    contract = contract_of(cast)
    browser.sign_in(cast.tto)
    url = browser.url("registration.copy", contract_id=contract.id)
    answers = [
        browser.client.post(url, data={"key": key}, headers={"X-Requested-With": "fetch"}).json for key in ("title", "title", "type")
    ]
    assert answers == [{"key": "title", "done": 1}, {"key": "title", "done": 1}, {"key": "type", "done": 2}]


@pytest.mark.on_one("sqlite")
def test_files_hold_the_form_in_order_and_are_noted(browser: Browser, cast: Cast) -> None:
    contract = contract_of(cast)
    browser.sign_in(cast.tto)
    number, title = contract.id, contract.title
    db.session.remove()  # the access log is a write of its own
    book = openpyxl.load_workbook(io.BytesIO(browser.client.get(f"/contracts/{number}/form.xlsx").data))
    rows = [[cell.value for cell in row] for row in book["登记表"].iter_rows()]
    assert rows[0][:4] == ["序号", "部分", "栏目", "填写内容"]
    assert rows[2][2:4] == ["项目名称", title] and rows[7][3] == "1000000.00"
    paper = Document(io.BytesIO(browser.client.get(f"/contracts/{number}/form.docx").data))
    assert [cell.text for cell in paper.tables[0].rows[2].cells][1:3] == ["项目名称", title]
    assert db.session.query(AccessLog).filter_by(act="export", subject_id=number).count() == 2


def test_many_forms_are_one_sheet_or_one_archive_of_ones_own_contracts(browser: Browser, cast: Cast) -> None:
    mine = [contract_of(cast, title=title) for title in ("甲:乙/丙项目", "甲:乙/丙项目", "第三份")]
    others = ContractFactory(seller=cast.enterprise, buyer=cast.institute, signed=True, title="别人卖的")
    browser.sign_in(cast.tto)
    asked, titles = {"contract": [str(one.id) for one in (*mine, others)]}, [one.title for one in mine]
    db.session.remove()
    book = openpyxl.load_workbook(io.BytesIO(browser.client.get("/registration/forms.xlsx", query_string=asked).data))
    sheet = book["登记表"]
    headers = [cell.value for cell in sheet[1]]
    assert (
        headers[:2] == ["合同登记编号", "项目名称"]
        and "合同成交总额(元)" in headers
        and headers.index("卖方名称") < headers.index("买方名称")
    )
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == titles
    assert sheet.cell(2, headers.index("合同成交总额(元)") + 1).value == 1_000_000
    packed = zipfile.ZipFile(io.BytesIO(browser.client.get("/registration/forms.zip", query_string=asked).data))
    assert packed.namelist() == ["甲-乙-丙项目.docx", "甲-乙-丙项目-2.docx", "第三份.docx"]
    assert "请先勾选" in browser.get("/registration/forms.zip").text
