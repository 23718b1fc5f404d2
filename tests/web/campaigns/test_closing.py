"""年底截止: the countdown from the dated rules, one click that reminds each seller once, and the rules' own page."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import select

from market.db import db
from market.domain import clock
from market.models import FilingReminder, HistoryEntry, Notice, Outbox
from market.queries import settings, todo
from tests.bidding import actor
from tests.cast import Cast
from tests.factories import ContractFactory
from tests.page import Browser


def signed(cast: Cast, title: str, technical: int = 80_000_000, **more: object) -> int:
    values = {"seller": cast.institute, "buyer": cast.enterprise, "state": "signed", "signed_on": date(2026, 5, 5)}
    return int(ContractFactory(title=title, amount_fen=900_000_000, technical_amount_fen=technical, **(values | more)).id)


def test_one_click_reminds_each_seller_once_and_the_seller_has_it_to_do(cast: Cast, browser: Browser) -> None:
    clock.fix(datetime(2026, 11, 24, 4, tzinfo=UTC))
    small, large = signed(cast, "小合同"), signed(cast, "大合同", 600_000_000)
    signed(cast, "外地的", seller=None, seller_name="南京公司", seller_region="320100")
    signed(cast, "没账号的", seller=None, seller_name="无账号公司", seller_region="310107")
    filed = signed(cast, "在办的", state="filed", filed_on=date(2026, 6, 1))
    browser.sign_in(cast.clerk)
    page = browser.see("campaigns.cutoff_calendar")
    assert "2026-12-10" in page.main and "还有 16 天" in page.main and "已过 5 天" in page.main and "15 个工作日（待核）" in page.main
    assert "提醒 1 家卖方" in page.main and "1 份的卖方没有账号" in page.main and "南京公司" not in page.main
    page = page.submit("发出提醒")
    assert "已提醒 1 家卖方，共 2 份合同" in page.text
    mail = db.session.scalars(select(Outbox).where(Outbox.to_address == cast.tto.email)).one()
    assert "《小合同》" in mail.body and "《大合同》" in mail.body and "2026-11-19" in mail.body and "尚待核对" in mail.body
    assert {row.contract_id for row in db.session.scalars(select(FilingReminder))} == {small, large}
    assert db.session.scalars(select(HistoryEntry.subject_id).where(HistoryEntry.step == "remind_filing")).all() == [small, large]
    again = browser.send("campaigns.remind", {})
    assert "没有要提醒的" in again.text and len(db.session.scalars(select(Notice).where(Notice.user_id == cast.tto.id)).all()) == 1
    tasks = {task.label: (task.number, task.overdue) for task in todo.waiting_for(actor(cast.tto), 12)}
    assert tasks["份已签合同科委提醒在年底截止日前提交登记"] == (2, 1) and "份合同已签订，待登记" not in tasks
    page = browser.see("campaigns.cutoff_calendar", stage="filed", kind="ordinary")
    assert "在办的" in page.main and f"/contracts/{filed}" in page.links()


def test_a_newer_value_of_a_rule_is_entered_with_its_source_and_moves_the_calendar(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.reviewer)
    page = browser.see("accounts.rules")
    assert "15 个工作日（待核）" in page.main
    fields = {"rule": "registration_days", "since": "2026-06-01", "source": "正式文本第十条", "checked": "y"}
    page = page.submit("录入", value="十天", **fields)
    assert "请填一个整数" in page.main and "正式文本第十条" in page.body
    page = page.submit("录入", value="10", **fields)
    assert "10 个工作日" in page.main and "已核对" in page.main
    known = settings.rule("registration_days")
    assert known is not None and (known.value, known.source, known.checked) == (10, "正式文本第十条", True)
    browser.sign_in(cast.clerk)
    assert browser.send("accounts.rules", {}).status == 403
    assert "2026-12-17" in browser.see("campaigns.cutoff_calendar").main
