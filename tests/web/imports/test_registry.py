"""The registry's monthly list against the market: by number, then by what is likely; a person settles what differs."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from market.actions import import_check, import_registry, import_settle, import_write, imports
from market.db import db
from market.domain.errors import IllegalStep
from market.domain.permissions import SYSTEM
from market.domain.statistics import Filter
from market.models import Adjustment, Contract, HistoryEntry, ImportBatch, ImportRow
from market.queries import statistics
from tests.bidding import actor
from tests.cast import Cast
from tests.factories import ContractFactory
from tests.page import Browser
from tests.statements import counted

HEAD = "项目名称,合同登记编号,合同类型,成交额(元),技术交易额(元),签订日期,登记日期,卖方名称,卖方地区,买方名称,买方地区\n"
NEW = "膜法脱盐,2026310107000009,技术服务,500000,400000,2026-02-02,2026-03-03,江南研究院,310107,某某水务,江苏省南京市\n"


def line(
    title: str, number: str, amount: int, technical: int, signed: str = "2026-01-02", registered: str = "2026-02-03", **more: str
) -> str:
    kind, seller, buyer = more.get("kind", "技术开发"), more.get("seller", "江南研究院"), more.get("buyer", "申城电池厂")
    return f"{title},{number},{kind},{amount},{technical},{signed},{registered},{seller},310107,{buyer},上海市普陀区\n"


def take_in(text: str, name: str = "登记清单.csv") -> ImportBatch:
    """Upload, check and confirm a list; the batch as it is then."""
    batch, _new = imports.start(imports.Upload("registry", name, (HEAD + text).encode()), SYSTEM)
    import_check.check_batch(batch.id, lambda done, total: None)
    db.session.expire_all()
    checked = db.session.get_one(ImportBatch, batch.id)
    assert checked.state == "checked", checked.message
    imports.confirm(checked, SYSTEM)
    import_write.write_batch(batch.id, lambda done, total: None)
    db.session.expire_all()
    return db.session.get_one(ImportBatch, batch.id)


def rows(batch: ImportBatch) -> dict[str, ImportRow]:
    return {
        row.values.get("number", str(row.number)): row
        for row in db.session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id))
    }


def everything() -> list[Any]:
    names = [column for column in Contract.__table__.columns if column.name != "batch_id"]
    return [tuple(row) for row in db.session.execute(select(*names).order_by(Contract.id))]


@pytest.fixture
def known(cast: Cast) -> Contract:
    """A registered contract of the market."""
    made: Contract = ContractFactory(
        title="低温电解液开发", seller=cast.institute, buyer=cast.enterprise, seller_name="江南研究院", buyer_name="申城电池厂",
        amount_fen=100_000_000, technical_amount_fen=80_000_000, state="registered", signed_on=date(2026, 1, 2),
        registration_number="2026310107000001", registered_on=date(2026, 2, 3),
    )  # fmt: skip
    return made


def test_the_same_rows_in_another_file_change_nothing(known: Contract) -> None:
    text = line("低温电解液开发", "2026310107000001", 1_000_000, 800_000) + NEW
    first = take_in(text)
    assert {key: row.state for key, row in rows(first).items()} == {"2026310107000001": "same", "2026310107000009": "written"}
    before, steps = (
        everything(),
        db.session.scalar(select(func.count()).select_from(HistoryEntry).where(HistoryEntry.subject_kind == "contract")),
    )
    again = take_in(text + "\n", "另存一份.csv")
    assert again.id != first.id and {row.state for row in rows(again).values()} == {"same"}
    assert everything() == before
    assert db.session.scalar(select(func.count()).select_from(HistoryEntry).where(HistoryEntry.subject_kind == "contract")) == steps
    same, new = imports.start(imports.Upload("registry", "登记清单.csv", (HEAD + text).encode()), SYSTEM)
    assert (same.id, new) == (first.id, False)


def test_a_difference_of_amount_becomes_an_adjustment_and_the_rest_a_correction(known: Contract, cast: Cast) -> None:
    batch = take_in(line("低温电解液的开发", "2026310107000001", 1_200_000, 900_000, registered="2026-02-05"))
    row = rows(batch)["2026310107000001"]
    assert row.state == "differs" and set(row.raw["differences"]) == {"title", "amount_fen", "technical_amount_fen", "registered_on"}
    clerk = actor(cast.clerk)
    import_settle.accept(batch, row.id, clerk)
    changed = db.session.get_one(Contract, known.id)
    assert (changed.title, changed.registered_on, changed.amount_fen) == ("低温电解液的开发", date(2026, 2, 5), 100_000_000)
    one = db.session.scalars(select(Adjustment)).one()
    assert (one.kind, one.delta_fen, one.technical_delta_fen) == ("change", 20_000_000, 10_000_000)
    assert statistics.figure(Filter(2026)).amount_fen == 120_000_000
    with pytest.raises(IllegalStep):
        import_settle.accept(batch, row.id, clerk)
    later = take_in(line("低温电解液的开发", "2026310107000001", 1_200_000, 900_000, registered="2026-02-05") + "\n", "下月.csv")
    assert rows(later)["2026310107000001"].state == "same"


def test_a_contract_without_a_number_is_suggested_and_registered_by_a_person(browser: Browser, cast: Cast) -> None:
    ours = ContractFactory(
        title="隔膜涂覆工艺服务", type="FW", seller=cast.institute, buyer=cast.enterprise, seller_name="江南研究院", buyer_name="申城电池厂",
        amount_fen=60_000_000, technical_amount_fen=50_000_000, state="signed", signed_on=date(2026, 3, 1),
    )  # fmt: skip
    text = line("隔膜涂覆工艺技术服务", "2026310107000002", 600_000, 550_000, "2026-03-01", "2026-04-01", kind="技术服务")
    batch = take_in(text + NEW)
    row = rows(batch)["2026310107000002"]
    assert row.state == "suggested" and row.raw["suggestions"][0]["id"] == ours.id and row.raw["suggestions"][0]["cause"] == "deal"
    assert db.session.scalar(select(func.count()).select_from(Contract).where(Contract.registration_number.is_not(None))) == 1
    browser.sign_in(cast.clerk)
    page = browser.see("imports.rows", batch_id=batch.id, state="suggested")
    assert "隔膜涂覆工艺服务" in page.main and "双方、签订日期和成交额都相同" in page.main
    page.submit("是同一份")
    db.session.expire_all()
    done = db.session.get_one(Contract, ours.id)
    assert (done.state, done.registration_number, done.technical_amount_fen) == ("registered", "2026310107000002", 55_000_000)
    assert done.registered_on == date(2026, 4, 1) and rows(batch)["2026310107000002"].state == "settled"


def test_a_row_that_is_none_of_ours_goes_in_as_a_new_contract(browser: Browser, cast: Cast) -> None:
    ContractFactory(
        title="隔膜涂覆工艺服务", seller_name="江南研究院", buyer_name="申城电池厂", amount_fen=60_000_000, technical_amount_fen=50_000_000,
        state="signed", signed_on=date(2026, 3, 1),
    )  # fmt: skip
    batch = take_in(line("隔膜涂覆工艺技术服务", "2026310107000002", 600_000, 550_000, "2026-03-01", "2026-04-01"))
    browser.sign_in(cast.reviewer)
    browser.see("imports.rows", batch_id=batch.id, state="suggested").submit("作为新合同导入")
    db.session.expire_all()
    made = db.session.scalars(select(Contract).where(Contract.registration_number == "2026310107000002")).one()
    assert made.source == "registry" and rows(batch)["2026310107000002"].item_id == made.id


def test_all_differences_are_taken_over_by_the_worker_but_for_a_contract_that_is_not_registered_here(known: Contract, cast: Cast) -> None:
    other = ContractFactory(
        title="已注销的一份", seller_name="江南研究院", buyer_name="申城电池厂", amount_fen=10_000_000, technical_amount_fen=10_000_000,
        state="cancelled", signed_on=date(2026, 1, 2), registration_number="2026310107000003", registered_on=date(2026, 2, 3),
    )  # fmt: skip
    batch = take_in(
        line("低温电解液开发", "2026310107000001", 900_000, 800_000) + line("已注销的一份", "2026310107000003", 100_000, 100_000)
    )
    import_settle.accept_all(batch, actor(cast.clerk))
    import_settle.settle_batch(batch.id, cast.clerk.id, lambda done, total: None)
    db.session.expire_all()
    found = rows(batch)
    assert (found["2026310107000001"].state, found["2026310107000003"].state) == ("settled", "differs")
    assert "请在合同页核对" in found["2026310107000003"].errors["row"]
    assert db.session.get_one(Contract, other.id).state == "cancelled" and db.session.get_one(ImportBatch, batch.id).state == "written"


def test_errors_come_back_as_a_spreadsheet_that_can_be_mended_and_taken_in(browser: Browser, cast: Cast) -> None:
    batch = take_in(NEW + line("编号不对", "12", 100_000, 90_000) + line("技术交易额太大", "2026310107000005", 100_000, 200_000))
    assert (batch.summary["counts"]["good"], batch.summary["counts"]["refused"]) == (1, 2)
    browser.sign_in(cast.clerk)
    content = browser.client.get(f"/imports/{batch.id}/refused.xlsx").get_data()
    table = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert "16 位" in str(table[1][0]) and "技术交易额" in str(table[2][0])
    mended = table[0], [*table[1][:3], "2026310107000004", *table[1][4:]], [*table[2][:6], "90000", *table[2][7:]]
    text = "\n".join(",".join(str(cell) for cell in row) for row in mended)
    again, new = imports.start(imports.Upload("registry", "改好的.csv", text.encode()), SYSTEM)
    import_check.check_batch(again.id, lambda done, total: None)
    db.session.expire_all()
    checked = db.session.get_one(ImportBatch, again.id)
    assert new and checked.summary["counts"]["good"] == 2 and not checked.summary["unknown"]


def test_a_chunk_asks_as_few_statements_whatever_the_size_of_the_market(known: Contract) -> None:
    for n in range(30):
        ContractFactory(title=f"别的合同{n}", seller_name=f"卖方{n}", buyer_name="买方", state="signed", signed_on=date(2026, 1, 1))
    staged = [{"state": "good", "raw": {}, "item_id": None, "values": {
        "title": f"新合同{n}", "number": f"20263101079{n:05d}", "type": "KF", "amount_fen": 100, "technical_amount_fen": 90, "signed_on": "2026-01-02",
        "registered_on": "2026-02-03", "seller_name": f"卖方{n}", "seller_region": "310107", "buyer_name": "买方", "buyer_region": "310107"}}
        for n in range(40)]  # fmt: skip
    counts = {"good": 40, "refused": 0, "duplicate": 0}
    with counted() as seen:
        import_registry.judge(staged, counts)
    assert len(seen) <= 4 and counts["good"] == 40


def test_taking_a_list_out_again_leaves_what_was_there_before(known: Contract) -> None:
    batch = take_in(line("低温电解液开发", "2026310107000001", 1_000_000, 800_000) + NEW)
    assert imports.undo(batch, SYSTEM) == (1, 0)
    assert db.session.scalars(select(Contract.id)).all() == [known.id]
