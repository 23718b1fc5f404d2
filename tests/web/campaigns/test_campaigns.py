"""应登未登: candidates by signals with their rows, assigned in bulk, worked on the phone, what was registered after the first contact."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from market.actions import campaigns as actions
from market.actions import import_check, import_write, imports
from market.db import db
from market.domain import clock
from market.domain.errors import Forbidden, IllegalStep
from market.domain.permissions import SYSTEM
from market.domain.statistics import Cell
from market.models import Campaign, Candidate, Contract, Evidence, ImportBatch, Outbox
from market.queries import campaigns as queries
from tests.bidding import actor
from tests.cast import Cast
from tests.factories import ContractFactory
from tests.page import Browser
from tests.statements import counted


def registered(n: int, seller: str, day: date, **more: object) -> Contract:
    made: Contract = ContractFactory(
        seller=None, seller_name=seller, seller_region="310107", buyer_name="某某水务", state="registered", signed_on=day, registered_on=day,
        registration_number=f"20263101070{n:05d}", **more,
    )  # fmt: skip
    return made


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    """A campaign whose signals have been gathered: one lapsed seller, one with a signed contract, one that is faithful."""
    registered(1, "停登公司", date(2025, 5, 5))
    registered(2, "停登公司", date(2025, 6, 5))
    registered(3, "照登公司", date(2025, 5, 5))
    registered(4, "照登公司", date(2026, 5, 5))
    ContractFactory(seller=None, seller_name="签了没登公司", seller_region="310107", state="signed", signed_on=date(2026, 2, 2))
    ContractFactory(seller=None, seller_name="外地公司", seller_region="320100", state="signed", signed_on=date(2026, 2, 2))
    made = actions.create("2026 年应登未登", 2026, "", actor(cast.clerk))
    actions.gather(made, actor(cast.clerk))
    return made


def named(campaign: Campaign, name: str) -> Candidate:
    found = db.session.scalars(select(Candidate).where(Candidate.campaign_id == campaign.id, Candidate.name == name)).one()
    one = queries.get(found.id)
    assert one is not None
    return one


def test_signals_find_the_candidates_with_the_rows_that_show_them_and_again_finds_nothing_new(campaign: Campaign, cast: Cast) -> None:
    found = {one.name: sorted(row.signal for row in named(campaign, one.name).evidence) for one in db.session.scalars(select(Candidate))}
    assert found == {"停登公司": ["lapsed", "lapsed"], "签了没登公司": ["signed"]}
    assert actions.gather(campaign, actor(cast.clerk)) == {}
    assert db.session.scalar(select(func.count()).select_from(Evidence)) == 3


def test_a_list_brings_candidates_with_a_row_each_and_can_be_taken_out_again(campaign: Campaign, cast: Cast) -> None:
    text = "单位名称,项目名称,金额（万元）,日期,来源\n停登公司,隧道检测服务,46,2026-04-18,公告\n新来公司,水质监测,12,2026-04-19,公告\n,没有单位,1,,\n"
    upload = imports.Upload("candidates", "公告.csv", text.encode(), "", campaign.id, "tender")
    batch, _new = imports.start(upload, actor(cast.clerk))
    import_check.check_batch(batch.id, lambda done, total: None)
    db.session.expire_all()
    checked = db.session.get_one(ImportBatch, batch.id)
    assert checked.summary["counts"]["good"] == 2 and checked.summary["counts"]["refused"] == 1
    imports.confirm(checked, actor(cast.clerk))
    import_write.write_batch(batch.id, lambda done, total: None)
    db.session.expire_all()
    line = named(campaign, "新来公司").evidence[0]
    assert (line.signal, line.amount_fen, line.on, line.source) == ("tender", 12_000_000, date(2026, 4, 19), "公告")
    assert len(named(campaign, "停登公司").evidence) == 3
    assert import_write.undo(batch.id, SYSTEM) == (2, 0)
    db.session.expire_all()
    assert {one.name for one in db.session.scalars(select(Candidate))} == {"停登公司", "签了没登公司"}


def test_a_liaison_works_the_own_candidates_and_knows_of_no_others(campaign: Campaign, cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.clerk)
    page = browser.see("campaigns.detail", campaign_id=campaign.id)
    assert "去年登记过，今年还没有 2 条" in page.main
    lapsed, other = named(campaign, "停登公司"), named(campaign, "签了没登公司")
    page.submit("分派勾选的", candidate=[str(lapsed.id)], assignee_id=str(cast.liaison.id), due="2026-06-20")
    mail = db.session.scalars(select(Outbox).where(Outbox.to_address == cast.liaison.email)).one()
    assert "1 家单位交给您联系" in mail.body
    browser.sign_in(cast.liaison)
    assert "停登公司" in browser.see("campaigns.mine").main and "签了没登公司" not in browser.see("campaigns.mine").main
    browser.see("campaigns.candidate", status=404, candidate_id=other.id)
    browser.see("campaigns.detail", status=404, campaign_id=campaign.id)
    page = browser.see("campaigns.candidate", candidate_id=lapsed.id)
    page = page.submit("记下", text="", kind="call")
    assert "请写一句说了什么" in page.main
    page = page.submit("记下", text="财务说有三份没登，下周找合同", kind="call", next_step="发材料清单", contact_phone="021-52564588")
    assert "联系中" in page.main and "发材料清单" in page.main and "tel:021-52564588" in page.body
    page = page.submit("记下结果", step="register")
    assert "还没有看到首次联系之后登记的合同" in page.main
    registered(9, "停登公司", clock.today(), amount_fen=70_000_000, technical_amount_fen=60_000_000)
    page = browser.see("campaigns.candidate", candidate_id=lapsed.id).submit("记下结果", step="register")
    assert "结果已记下" in page.main and "1 份，70万元" in page.main.replace("70 万元", "70万元"), page.main[-900:]


def test_what_was_recovered_counts_each_contract_once_and_only_after_the_first_contact(campaign: Campaign, cast: Cast) -> None:
    clerk, lapsed = actor(cast.clerk), named(campaign, "停登公司")
    registered(5, "停登公司", clock.today() - timedelta(days=1), amount_fen=50_000_000, technical_amount_fen=50_000_000)
    assert queries.overview(campaign).recovered == Cell()
    actions.note(lapsed, {"kind": "visit", "text": "上门", "on": clock.today()}, clerk)
    mine = registered(6, "停登公司", clock.today(), amount_fen=30_000_000, technical_amount_fen=20_000_000)
    away = registered(7, "停登公司", clock.today(), amount_fen=90_000_000, technical_amount_fen=20_000_000)
    away.seller_region = "320100"
    twin = Candidate(campaign_id=campaign.id, key="另一个写法", name="停登公司", state="contacted", first_contact_on=clock.today())
    db.session.add(twin)
    db.session.commit()
    assert queries.overview(campaign).recovered == Cell(1, 30_000_000, 20_000_000)
    assert [row.id for row in queries.recovered_rows(campaign.id, None, 1).rows] == [mine.id]
    assert queries.recovered_by_candidate([lapsed.id])[lapsed.id].amount_fen == 30_000_000


def test_only_the_desk_runs_a_campaign_and_a_closed_one_takes_nothing_more(campaign: Campaign, cast: Cast) -> None:
    lapsed = named(campaign, "停登公司")
    with pytest.raises(Forbidden):
        actions.assign(campaign, [lapsed.id], cast.liaison.id, None, actor(cast.liaison))
    with pytest.raises(Forbidden):
        actions.note(lapsed, {"kind": "call", "text": "喂"}, actor(cast.liaison))
    actions.close(campaign, actor(cast.clerk))
    with pytest.raises(IllegalStep):
        actions.note(named(campaign, "停登公司"), {"kind": "call", "text": "喂"}, actor(cast.clerk))
    with pytest.raises(IllegalStep):
        actions.gather(campaign, actor(cast.clerk))


def test_a_list_of_candidates_asks_as_few_statements_for_twenty_as_for_two(campaign: Campaign, cast: Cast) -> None:
    def asked() -> int:
        db.session.expire_all()
        with counted() as seen:
            assert queries.candidates(campaign.id, queries.CandidateFilter(), 1).rows
        return len(seen)

    few = asked()
    db.session.add_all(Candidate(campaign_id=campaign.id, key=f"k{n}", name=f"单位{n}", assignee_id=cast.liaison.id) for n in range(18))
    db.session.commit()
    assert asked() == few
