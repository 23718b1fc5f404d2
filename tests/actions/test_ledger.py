"""A seller's ledger: its own columns, what is new, what goes further, and that the same file twice changes nothing."""

from __future__ import annotations

import pytest

from market.actions import imports, jobs
from market.db import db
from market.domain.errors import Forbidden, Invalid
from market.models import Contract, DuplicateCase, HistoryEntry, ImportBatch, ImportRow, User
from tests.bidding import actor
from tests.cast import Cast
from tests.factories import ContractFactory
from tests.page import Browser

HEAD = "名称,甲方,甲方所在,签了多少钱（万元）,技术交易额(万元),合同类型,签订日期,登记状态,受理日期,登记机构意见,登记编号,登记日期"
MEANING = {"甲方": "buyer_name", "甲方所在": "buyer_region", "签了多少钱（万元）": "amount_fen"}


def ledger(*rows: str) -> bytes:
    return "\n".join((HEAD, *rows)).encode()


def taken_in(content: bytes, user: User, name: str = "台账.csv") -> ImportBatch:
    """Upload, say what the ledger's own headers mean, confirm; return the batch as it stands then."""
    batch, new = imports.start(imports.Upload("ledger", name, content), actor(user))
    number = batch.id
    if new:
        run()
        batch = db.session.get_one(ImportBatch, number)
        choices = [
            ("column:ledger", header, column) for header, column in MEANING.items() if header in batch.summary.get("unknown", MEANING)
        ]
        if choices:
            imports.remember(batch, choices, actor(user))
            run()
        batch = db.session.get_one(ImportBatch, number)
        if batch.summary["counts"]["good"] or batch.summary["counts"].get("update"):
            imports.confirm(batch, actor(user))
            run()
    db.session.expire_all()
    return db.session.get_one(ImportBatch, number)


def run() -> None:
    while jobs.run_next(imports.HANDLERS):
        pass


def reasons(batch: ImportBatch) -> list[str]:
    rows = db.session.query(ImportRow).filter_by(batch_id=batch.id, state="refused").order_by(ImportRow.number)
    return ["；".join(row.errors.values()) for row in rows]


def test_a_ledger_with_its_own_columns_goes_in_once_and_its_mapping_is_remembered(cast: Cast) -> None:
    rows = (
        "水质在线监测技术开发,申城电池厂,上海市普陀区,50,40,技术开发,2026-05-01,待登记,,,,",
        "镍回收中试技术服务,外地某厂,苏州市,20,20,技术服务,2026-05-02,已登记,,,2026310107000077,2026-05-20",
    )
    batch = taken_in(ledger(*rows), cast.tto)
    assert (batch.state, batch.done) == ("written", 2)
    first, second = db.session.query(Contract).order_by(Contract.id)
    assert (first.seller_id, first.buyer_id, first.amount_fen, first.state) == (cast.institute.id, cast.enterprise.id, 50_000_000, "signed")
    assert (
        first.seller_facts["credit_code"] == cast.institute.credit_code and first.buyer_facts["credit_code"] == cast.enterprise.credit_code
    )
    assert (second.buyer_id, second.buyer_region, second.state, second.registration_number) == (
        None,
        "320500",
        "registered",
        "2026310107000077",
    )
    assert taken_in(ledger(*rows), cast.tto).id == batch.id  # the same file
    again = taken_in(ledger(*reversed(rows)), cast.tto, "另一份.csv")  # the same rows: the headers are known by now
    assert again.summary["counts"] == {"good": 0, "refused": 0, "duplicate": 2}
    assert db.session.query(Contract).count() == 2


def test_a_ledger_moves_contracts_on_step_by_step_with_their_history(cast: Cast) -> None:
    contract = ContractFactory(seller=cast.institute, buyer=cast.enterprise, signed=True, title="水质在线监测技术开发")
    row = f"{contract.title},申城电池厂,上海市普陀区,100,80,技术开发,2026-06-10,补正,2026-06-10,缺技术内容说明,,"
    batch = taken_in(ledger(row), cast.tto)
    stored = db.session.get_one(Contract, contract.id)
    assert (stored.state, stored.state_reason, str(stored.filed_on)) == ("returned", "缺技术内容说明", "2026-06-10")
    steps = [entry.step for entry in db.session.query(HistoryEntry).filter_by(subject_kind="contract").order_by(HistoryEntry.seq)]
    assert steps == ["file", "return"] and batch.done == 1
    assert imports.undo(batch, actor(cast.tto)) == (0, 0)  # it brought nothing of its own
    again = taken_in(ledger(row, ""), cast.tto)
    assert again.summary["counts"].get("update", 0) == 0 and again.summary["counts"]["duplicate"] == 1


def test_what_contradicts_itself_or_is_anothers_is_refused_with_the_reason(cast: Cast) -> None:
    ContractFactory(seller=cast.enterprise, buyer=cast.institute, registered=True, registration_number="2026310107000088")
    batch = taken_in(
        ledger(
            "甲项目技术开发,江南研究院,上海市普陀区,50,40,技术开发,2026-05-01,待登记,,,,",
            "乙项目技术开发,外地某厂,苏州市,50,60,技术开发,2026-05-01,待登记,,,,",
            "丙项目技术开发,外地某厂,苏州市,50,40,技术开发,2026-05-01,已受理,,,,",
            "丁项目技术开发,外地某厂,苏州市,50,40,技术开发,2026-05-01,补正,2026-05-03,,,",
            "戊项目技术开发,外地某厂,苏州市,50,40,技术开发,2026-05-01,已登记,,,2026310107000088,2026-05-09",
            "己项目技术开发,外地某厂,苏州市,50,40,技术开发,2026-05-09,已受理,2026-05-03,,,",
        ),
        cast.tto,
    )
    assert [said[:12] for said in reasons(batch)] == [
        "买卖双方不能是同一单位", "技术交易额应大于 0 且", "登记状态是“已受理”，请", "登记状态是“补正”，请填", "这个登记编号已经用在另一", "签订、受理、登记的日期应",
    ]  # fmt: skip
    assert db.session.query(Contract).count() == 1


def test_contracts_of_a_ledger_are_looked_at_for_duplicates(cast: Cast) -> None:
    ContractFactory(seller=cast.institute, buyer=cast.enterprise, signed=True, title="水质在线监测技术开发与应用示范工程研究")
    taken_in(ledger("水质在线监测技术开发与应用示范工程的研究,外地某厂,苏州市,50,40,技术开发,2026-05-01,待登记,,,,"), cast.tto)
    assert db.session.query(DuplicateCase).one().cause == "title"


@pytest.mark.parametrize(("part", "error"), [("professor", Forbidden), ("clerk", Invalid), ("broker", Forbidden)])
def test_only_who_may_write_contracts_of_the_organisation_brings_its_ledger(cast: Cast, part: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        imports.start(imports.Upload("ledger", "台账.csv", ledger("x")), actor(cast.people()[part]))


def test_the_pages_offer_the_ledger_and_its_forms(browser: Browser, cast: Cast) -> None:
    batch = taken_in(ledger("水质在线监测技术开发,外地某厂,苏州市,50,40,技术开发,2026-05-01,待登记,,,,"), cast.tto)
    number, rival = batch.id, cast.rival.id
    page = browser.sign_in(cast.tto).see("imports.create", kind="ledger")
    assert page.find("#kind option[selected]")[0].get("value") == "ledger"
    page = browser.see("imports.detail", batch_id=number)
    assert f"/registration/forms.xlsx?batch={number}" in page.links()
    db.session.remove()
    assert browser.client.get(f"/registration/forms.xlsx?batch={number}").status_code == 200
    db.session.remove()
    browser.sign_in(db.session.get_one(User, rival))
    assert "请先勾选" in browser.get(f"/registration/forms.xlsx?batch={number}").text
