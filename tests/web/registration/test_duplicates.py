"""Suspected duplicates: opened by signing, decided by a person with a reason, counted once; first reported totals never change."""

from __future__ import annotations

import pytest

from market.actions import contracts as contract_actions
from market.db import db
from market.domain.statistics import Filter
from market.models import Adjustment, Contract, DuplicateCase, HistoryEntry, Notice
from market.queries import contracts, statistics
from tests.bidding import actor
from tests.cast import Cast
from tests.factories import ContractFactory
from tests.page import Browser


def twice(cast: Cast, **more: object) -> tuple[Contract, Contract]:
    """Return a registered contract and a draft of the same deal."""
    sides = {"seller": cast.institute, "buyer": cast.enterprise}
    one = ContractFactory(**sides, registered=True, title="低温电解液开发")
    return one, ContractFactory(**sides, title="低温电解液研制", **more)


def sign(contract: Contract, cast: Cast) -> None:
    found = contracts.get(contract.id)
    assert found is not None
    contract_actions.take_step(found, "sign", actor(cast.tto), {"signed_on": found.created_at.date()})


def totals() -> tuple[int, int, int]:
    """Return (number, as adjusted, as first reported) of the year."""
    db.session.expire_all()
    now = statistics.figure(Filter(year=2026))
    first = statistics.figure(Filter(year=2026).but(basis="first"))
    return now.count, now.amount_fen, first.amount_fen


def test_signing_the_same_deal_opens_one_case_and_different_closes_it_for_good(browser: Browser, cast: Cast) -> None:
    one, other = twice(cast)
    sign(other, cast)
    case = db.session.query(DuplicateCase).one()
    assert (case.contract_id, case.other_id, case.cause) == (one.id, other.id, "deal")
    page = browser.sign_in(cast.tto).see("contracts.detail", contract_id=other.id)
    assert "可能与另一份合同重复" in page.main
    page = browser.see("registration.duplicates")
    assert "双方、签订日期和成交额都相同" in page.main
    assert page.submit("不是同一份", reason="").status == 422
    page = page.submit("不是同一份", reason="两个课题，同一天签")
    assert "没有待判断的" in page.main
    assert "两个课题" in browser.see("registration.duplicates", state="different").main
    assert "可能与另一份" not in browser.see("contracts.detail", contract_id=other.id).main
    assert [entry.step for entry in db.session.query(HistoryEntry).filter_by(subject_kind="duplicate").order_by(HistoryEntry.seq)] == [
        "find", "different",
    ]  # fmt: skip


def test_the_same_counts_once_by_an_adjustment_and_deciding_anew_takes_it_back(browser: Browser, cast: Cast) -> None:
    one, other = twice(cast, registered=True)
    assert totals() == (2, 200_000_000, 200_000_000)
    from market.actions import duplicates

    assert duplicates.look([one.id, other.id]) == 1 and duplicates.look([other.id]) == 0
    page = browser.sign_in(cast.clerk).see("registration.duplicates")
    page = page.submit("是同一份，只计一份", reason="登记表里重复的一行", kept=str(one.id))
    assert "没有待判断的" in page.main
    assert totals() == (1, 100_000_000, 200_000_000)
    assert [row.kind for row in db.session.query(Adjustment)] == ["duplicate"]
    assert db.session.query(Notice).filter_by(user_id=cast.tto.id, title="一份合同被判断为重复记录").count() == 1
    page = browser.see("contracts.detail", contract_id=other.id)
    assert "这是重复记录" in page.main and "首次登记与变更" in page.main and "登记表里重复的一行" in page.main
    browser.see("registration.duplicates", state="same").submit("重新判断", reason="查了登记证明，是两份")
    assert totals() == (2, 200_000_000, 200_000_000)
    assert db.session.query(DuplicateCase).one().state == "open"


def test_a_registered_one_cannot_give_way_to_one_that_is_not(browser: Browser, cast: Cast) -> None:
    _one, other = twice(cast)
    sign(other, cast)
    page = browser.sign_in(cast.clerk).see("registration.duplicates").submit("是同一份，只计一份", reason="录了两遍", kept=str(other.id))
    assert page.status == 422 and "已登记的一份要保留" in page.main and "录了两遍" in page.find("textarea")[0].text_content()
    page = page.submit("是同一份，只计一份", reason="录了两遍")
    assert db.session.get_one(Contract, other.id).is_duplicate and totals()[0] == 1
    db.session.expire_all()
    assert statistics.figure(Filter(year=2026, stage="signed")).count == 1


@pytest.mark.on_one("sqlite")
@pytest.mark.parametrize(("part", "status"), [("stranger", 404), ("leader", 403), ("seeker", 403), ("tto", 422)])
def test_only_the_desk_and_the_seller_of_both_decide(browser: Browser, cast: Cast, part: str, status: int) -> None:
    _one, other = twice(cast)
    sign(other, cast)
    case = db.session.query(DuplicateCase).one()
    browser.sign_in(cast.people()[part])
    assert browser.send("registration.decide", {"reason": ""}, case_id=case.id, step="different").status == status


def test_a_near_title_of_two_sellers_is_the_desks_alone(browser: Browser, cast: Cast) -> None:
    ContractFactory(seller=cast.institute, buyer=cast.enterprise, signed=True, title="叉车电池包低温自加热策略与控制系统开发")
    other = ContractFactory(
        seller=None,
        seller_name="外地研究所",
        seller_region="320100",
        buyer=cast.enterprise,
        title="叉车电池包低温自加热策略与控制系统的开发",
        author_id=cast.clerk.id,
    )
    found = contracts.get(other.id)
    assert found is not None
    contract_actions.take_step(found, "sign", actor(cast.clerk), {"signed_on": found.created_at.date()})
    assert db.session.query(DuplicateCase).one().cause == "title"
    assert "没有待判断的" in browser.sign_in(cast.tto).see("registration.duplicates").main
    assert "项目名称几乎一样" in browser.sign_in(cast.clerk).see("registration.duplicates").main
    assert "1 件疑似重复的合同待判断" in browser.see("home.todo").main
