"""Where contracts came from: every class leads to its rows, the chain stands on the contract's page, the paper is for those entitled."""

from __future__ import annotations

import io
from datetime import timedelta

import docx
import pytest
from flask import g
from werkzeug.test import TestResponse

from market.actions import reports
from market.db import db, transaction
from market.domain import clock
from market.domain.errors import Forbidden, Invalid
from market.exports import proof
from market.models import AccessLog, Contract
from market.queries import attribution, settings
from tests.bidding import actor
from tests.cast import Cast
from tests.factories import ContractFactory
from tests.page import Browser
from tests.queries.test_attribution import deal


def released(contract: Contract) -> tuple[int, str]:
    """Return id and title, and end the read that asked for them: a download writes a line of its own."""
    found = contract.id, contract.title
    db.session.rollback()
    return found


def download(browser: Browser, path: str) -> TestResponse:
    """Open a path that answers with bytes."""
    g.pop("_login_user", None)
    return browser.client.get(path)


def words(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_each_class_stands_apart_and_leads_to_its_rows(browser: Browser, cast: Cast) -> None:
    deal(cast, title="促成的合同")
    deal(cast, title="倒签的合同", signed_on=clock.today() - timedelta(days=40))
    ContractFactory(registered=True, title="只登记的合同")
    browser.sign_in(cast.leader)
    page = browser.see("attribution.index")
    assert [stat.text_content() for stat in page.find(".stat-label")] == ["平台促成", "平台协助", "仅登记"]
    assert "合计" not in page.main  # the classes are never added up
    links = [link for link in page.links() if link.startswith("/attribution/rows")]
    told = {
        kind: browser.get(next(link for link in links if f"kind={kind}" in link)).main for kind in ("originated", "assisted", "recorded")
    }
    assert "促成的合同" in told["originated"] and "倒签" not in told["originated"] and "周经理（引荐人）" in told["originated"]
    assert "没有平台协助的合同" in told["assisted"]
    assert "倒签的合同" in told["recorded"] and "只登记的合同" in told["recorded"] and "促成的合同" not in told["recorded"]
    through = browser.get(next(link for link in links if "through=" in link and "kind=originated" in link))
    assert "经由周经理" in through.main and "促成的合同" in through.main
    assert browser.get("/attribution/rows?kind=all").status == 404


def test_a_bureau_sees_its_own_citys_alone(browser: Browser, cast: Cast) -> None:
    deal(cast, title="普陀的合同")
    ContractFactory(registered=True, title="南京的合同", buyer=None, buyer_name="南京公司", buyer_region="320100")
    browser.sign_in(cast.bureau)
    rows = [browser.get(f"/attribution/rows?kind={kind}").main for kind in ("originated", "recorded")]
    assert "普陀的合同" not in "".join(rows) and "南京的合同" in rows[1]


def test_the_contract_page_draws_the_chain_with_what_is_missing(browser: Browser, cast: Cast) -> None:
    contract = deal(cast)
    browser.sign_in(cast.seeker)
    page = browser.see("contracts.detail", contract_id=contract.id)
    links = [(item.get("class"), " ".join(item.text_content().split())) for item in page.find(".chain li")]
    assert [kind for kind, _text in links][:4] == ["chain-missing", "chain-missing", "chain-done", "chain-missing"]
    assert "由周经理引荐" in links[2][1] and "没有记录" in links[3][1] and "未走揭榜" in links[4][1]
    assert f"/contracts/{contract.id}/proof?format=pdf" in page.links()


def test_the_paper_is_one_page_and_says_what_the_page_says(browser: Browser, cast: Cast) -> None:
    number, title = released(deal(cast))
    browser.sign_in(cast.tto)
    db.session.rollback()
    pdf = download(browser, f"/contracts/{number}/proof?format=pdf")
    assert pdf.data.startswith(b"%PDF-") and b"/Count 1/" in pdf.data and b"NotoSansCJKsc" in pdf.data
    assert "attachment" in pdf.headers["Content-Disposition"]
    paper = words(download(browser, f"/contracts/{number}/proof?format=docx").data)
    found = attribution.deal(number)
    assert found is not None
    digest = found.chain.digest
    db.session.rollback()
    for said in ("江南研究院", "申城电池厂", title, "平台促成", "周经理（引荐人）", "没有记录", "100 万元", digest):
        assert said in paper, said
    assert digest in browser.see("contracts.detail", contract_id=number).main
    assert db.session.query(AccessLog).filter_by(subject_kind="proof", subject_id=number).count() == 2
    assert browser.get(f"/contracts/{number}/proof?format=exe").status == 404


def test_the_broker_gets_the_paper_without_amounts_and_strangers_get_nothing(browser: Browser, cast: Cast) -> None:
    number, _title = released(deal(cast))
    browser.sign_in(cast.broker)
    db.session.rollback()
    paper = words(download(browser, f"/contracts/{number}/proof?format=docx").data)
    assert "平台促成" in paper and "成交额" not in paper and "100 万元" not in paper
    for person in (cast.stranger, cast.liaison, cast.bureau):
        browser.sign_in(person)
        assert browser.get(f"/contracts/{number}/proof").status == 404
    found = attribution.deal(number)
    assert found is not None
    with pytest.raises(Forbidden):
        reports.proof_of(found, "pdf", actor(cast.sysadmin), settings.current())
    with pytest.raises(Invalid):
        reports.proof_of(found, "exe", actor(cast.leader), settings.current())


def test_there_is_no_paper_where_nothing_was_recorded(browser: Browser, cast: Cast) -> None:
    contract = ContractFactory(seller=cast.institute, buyer=cast.enterprise, registered=True)
    browser.sign_in(cast.seeker)
    answer = browser.get(f"/contracts/{contract.id}/proof")
    assert answer.status == 409 and "没有促成证明" in answer.text
    assert "促成证明" not in browser.see("contracts.detail", contract_id=contract.id).main


def test_a_long_paper_still_fits_one_page(cast: Cast) -> None:
    contract = deal(cast)
    with transaction():
        contract.title, contract.seller_name, contract.buyer_name = "长" * 200, "研" * 120, "厂" * 120
    found = attribution.deal(contract.id)
    assert found is not None
    assert b"/Count 1/" in reports.proof_of(found, "pdf", actor(cast.leader), settings.current()).content
    assert set(proof.KINDS) == {"originated", "assisted"}
