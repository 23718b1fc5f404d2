"""Lists from outside: upload, preview, confirm, refused rows, undo; strangers stay out."""

from __future__ import annotations

import io

from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from market.actions import import_check, import_write
from market.db import db
from market.models import Capability, Challenge, Contract, ImportBatch, ImportMapping, Organisation
from tests.cast import Cast
from tests.page import Browser, Page

LIST = "地区,技术领域,难题,单位,预算(万元),项目名称,心情\n南京,新材料,膜总是堵,申城电池厂,80,膜污染,好\n南京,05,轴承过热,,,轴承,\n南京,,没有领域,甲厂,1,无领域,=1+1\n"
CONTRACT = "项目名称,合同登记编号,合同类型,成交额(元),技术交易额(元),签订日期,登记日期,卖方名称,卖方地区,买方名称,买方地区\n"
GOOD = "电解液,2026310107000001,技术开发,1000000,800000,2026-01-02,2026-01-03,江南研究院,310107,申城电池厂,南京\n"


def _upload(browser: Browser, kind: str, text: str, encoding: str = "utf-8-sig", **more: str) -> Page:
    return browser.send("imports.create", {"kind": kind, "file": (io.BytesIO(text.encode(encoding)), "清单.csv"), **more})


def _batch() -> int:
    return db.session.scalars(select(func.max(ImportBatch.id))).one()


def _check() -> int:
    batch_id = _batch()
    import_check.check_batch(batch_id, lambda done, total: None)
    return batch_id


def _write(browser: Browser, batch_id: int) -> None:
    browser.see("imports.detail", batch_id=batch_id).submit("确认导入")
    import_write.write_batch(batch_id, lambda done, total: None)
    db.session.commit()


def _count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_good_rows_go_in_and_the_refused_come_back_with_the_reason(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.clerk)
    _upload(browser, "challenges", LIST, "gb18030")
    batch_id = _check()
    page = browser.see("imports.detail", batch_id=batch_id)
    assert "心情" in page.main and "810,000" in page.main and "请填写技术领域" in page.main
    _write(browser, batch_id)
    made = {one.title: one for one in db.session.scalars(select(Challenge))}
    assert set(made) == {"膜污染", "轴承"}
    assert (made["膜污染"].organisation_id, made["膜污染"].budget_fen, made["膜污染"].region) == (cast.enterprise.id, 80_000_000, "320100")
    kept = db.session.get_one(Organisation, made["轴承"].organisation_id)
    assert kept.state == "unclaimed"
    file = browser.client.get(f"/imports/{batch_id}/refused.xlsx").get_data()
    rows = CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "原因" and rows[1][0] == "请填写技术领域" and len(rows) == 2


def test_an_imported_listing_is_found_and_a_batch_can_be_undone(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.clerk)
    _upload(browser, "challenges", LIST)
    _write(browser, batch_id := _check())
    assert "膜污染" in browser.see("challenges.index", q="膜污染").main
    touched = db.session.scalars(select(Challenge).where(Challenge.title == "轴承")).one()
    touched.pain = "改过"
    db.session.commit()
    browser.see("imports.detail", batch_id=batch_id).submit("撤销")
    db.session.commit()
    assert db.session.scalars(select(Challenge.title)).all() == ["轴承"]


def test_the_same_file_twice_changes_nothing_and_says_so(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.clerk)
    _upload(browser, "challenges", LIST)
    _write(browser, _check())
    page = _upload(browser, "challenges", LIST)
    assert "已经传过" in page.text and _count(ImportBatch) == 1 and _count(Challenge) == 2


def test_money_without_a_unit_is_refused_until_one_is_chosen(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.clerk)
    _upload(browser, "challenges", LIST.replace("(万元)", ""))
    assert "单位不明" in browser.see("imports.detail", batch_id=_check()).main
    _upload(browser, "challenges", LIST.replace("(万元)", ""), money="元")
    assert "单位不明" not in browser.see("imports.detail", batch_id=_check()).main


def test_contracts_go_in_all_or_not_at_all(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.clerk)
    _upload(browser, "contracts", CONTRACT + GOOD + GOOD.replace("0001,技术", "0002,魔术"))
    batch_id = _check()
    assert browser.send("imports.confirm", {}, batch_id=batch_id).status == 409 and _count(Contract) == 0
    _upload(browser, "contracts", CONTRACT + GOOD + GOOD.replace("0001,技术", "0002,技术"))
    _write(browser, _check())
    made = db.session.scalars(select(Contract)).all()
    assert [(c.state, c.source, c.seller_id, c.buyer_kind) for c in made] == [
        ("registered", "registry", cast.institute.id, "enterprise")
    ] * 2


def test_a_transfer_office_imports_drafts_of_its_own(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.tto)
    _upload(browser, "capabilities", "简介,成果名称\n低温电解液机理,电解液\n")
    batch_id = _check()
    _write(browser, batch_id)
    made = db.session.scalars(select(Capability)).one()
    assert (made.state, made.organisation_id) == ("draft", cast.institute.id)
    browser.sign_out()
    browser.sign_in(cast.rival)
    assert browser.get(f"/imports/{batch_id}").status == 404
    browser.sign_out()
    browser.sign_in(cast.engineer)
    assert browser.get("/imports").status == 403 and browser.get(f"/imports/{batch_id}").status == 403


def test_a_title_above_and_a_total_below_the_table_are_no_rows(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.clerk)
    _upload(browser, "contracts", "2026年技术合同清单,,\n" + CONTRACT + GOOD + "合计,,,1000000,800000,,,,,,\n")
    batch_id = _check()
    counts = db.session.get_one(ImportBatch, batch_id).summary
    assert counts["counts"] == {"good": 1, "refused": 0, "duplicate": 1} and counts["sums"]["成交额"] == 100_000_000
    _write(browser, batch_id)
    assert _count(Contract) == 1


def test_two_files_checked_side_by_side_put_nothing_in_twice(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.clerk)
    plain = GOOD.replace("2026310107000001", "").replace("2026-01-03", "")
    _upload(browser, "contracts", CONTRACT + plain)
    first = _check()
    _upload(browser, "contracts", CONTRACT + plain + "\n")
    second = _check()
    _write(browser, first)
    _write(browser, second)
    assert _count(Contract) == 1
    assert db.session.get_one(ImportBatch, second).state == "failed"
    _upload(browser, "challenges", LIST)
    first = _check()
    _upload(browser, "challenges", LIST + "\n")
    second = _check()
    _write(browser, first)
    _write(browser, second)
    assert _count(Challenge) == 2 and db.session.get_one(ImportBatch, second).done == 0


def test_a_checked_batch_is_given_up_and_its_file_may_come_again(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.clerk)
    _upload(browser, "challenges", LIST)
    browser.see("imports.detail", batch_id=_check()).submit("放弃")
    db.session.commit()
    assert db.session.get_one(ImportBatch, _batch()).state == "undone" and _count(Challenge) == 0
    _upload(browser, "challenges", LIST)
    assert _count(ImportBatch) == 2


def test_a_word_is_mapped_once_and_official_words_cannot_be_given_another_meaning(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.clerk)
    text = LIST.replace("南京,新材料", "金陵,新材料")
    _upload(browser, "challenges", text)
    batch_id = _check()
    assert "金陵" in browser.see("imports.detail", batch_id=batch_id).main
    choices = {"map_kind": ["region", "region"], "map_text": ["金陵", "南京"], "map_value": ["320100", "310107"]}
    browser.send("imports.remember", choices, batch_id=batch_id)
    _check()
    _write(browser, batch_id)
    assert set(db.session.scalars(select(Challenge.region))) == {"320100"} and _count(Challenge) == 2
    assert list(db.session.scalars(select(ImportMapping.text))) == ["金陵"]
