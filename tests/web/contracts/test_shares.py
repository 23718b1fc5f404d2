"""A joint contract over two cities: each side's share counts where that side is registered, nothing counts twice."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from market.db import db
from market.domain.statistics import Filter
from market.models import Contract
from market.queries import statistics
from tests.cast import Cast
from tests.factories import ContractFactory
from tests.page import Browser


def test_each_side_registers_its_own_share(cast: Cast, browser: Browser) -> None:
    joint = ContractFactory(
        title="隔膜联合开发", subtype="cooperative", seller=cast.institute, buyer=cast.enterprise, amount_fen=100_000_000,
        technical_amount_fen=80_000_000, state="signed", signed_on=date(2026, 3, 1),
    )  # fmt: skip
    browser.sign_in(cast.tto)
    page = browser.see("contracts.shares", contract_id=joint.id)
    side = {"sides-0-name": "别家研究院", "sides-0-region": "310107", "sides-0-amount": "40", "sides-0-technical": "30"}
    page = page.submit("分成各方的份额", **side)
    assert "同一个区的各方由其中一方登记" in page.main and 'value="40"' in page.body
    page = page.submit("分成各方的份额", **(side | {"sides-0-region": "320100"}))
    assert "别家研究院" in page.main and "合同总额 100 万元" in page.main
    rows = list(db.session.scalars(select(Contract).order_by(Contract.id)))
    assert [(row.seller_region, row.amount_fen, row.technical_amount_fen) for row in rows] == [
        ("310107", 60_000_000, 50_000_000),
        ("320100", 40_000_000, 30_000_000),
    ]
    for number, row in enumerate(rows, 1):
        row.state, row.registration_number, row.registered_on = "registered", f"202631010700000{number}", date(2026, 4, 1)
    db.session.commit()
    assert statistics.figure(Filter(2026)).amount_fen == 60_000_000
    flows = {name: cell.amount_fen for name, cell in statistics.breakdown(Filter(2026, flow="all"), "flow").items()}
    assert flows == {"inner": 60_000_000, "intake": 40_000_000}
    twice = ContractFactory(seller=cast.institute, buyer=cast.enterprise)
    twice.joint_id = joint.id
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()


def test_the_list_never_adds_flows_together(cast: Cast, browser: Browser) -> None:
    ContractFactory(seller=cast.institute, buyer=cast.enterprise, amount_fen=100_000_000)
    ContractFactory(
        seller=None,
        seller_name="南京公司",
        seller_region="320100",
        buyer=cast.enterprise,
        amount_fen=70_000_000,
        technical_amount_fen=70_000_000,
    )
    browser.sign_in(cast.clerk)
    page = browser.see("contracts.index")
    assert "成交额合计：区内循环" in page.main and "成交额合计：吸纳" in page.main and "170万元" not in page.main.replace(" ", "")
