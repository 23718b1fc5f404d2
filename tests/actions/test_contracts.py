"""Contracts from a chosen bid, and the constraints that hold below the pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from market.actions import contracts as actions
from market.db import db, transaction
from market.domain import clock
from market.domain.errors import Forbidden, IllegalStep, Invalid
from market.models import Bid, BidAnswer, BidMilestone, Challenge, Contract, HistoryEntry, User
from market.queries import accounts
from market.queries import contract_sources as sources
from market.queries import contracts as queries
from tests.cast import Cast
from tests.factories import ChallengeFactory, ContactFactory, ContractFactory


def actor(user: User) -> Any:
    options = [joinedload(User.organisation), selectinload(User.roles)]
    found = db.session.get(User, user.id, options=options, populate_existing=True)
    assert found is not None
    return accounts.actor_of(found)


def chosen_bid(cast: Cast, price: int | None = 99_999_999, **challenge: Any) -> Bid:
    about = ChallengeFactory(organisation=cast.enterprise, open_call=True, modes="joint", **{"state": "selected", **challenge})
    with transaction() as session:
        bid = Bid(challenge_id=about.id, organisation_id=cast.institute.id, state="chosen", opened_at=clock.now(), decided_at=clock.now())
        session.add(bid)
        session.flush()
        session.add(BidAnswer(bid_id=bid.id, price_fen=price, technology_fen=60_000_000, equipment_fen=39_999_999, complete=True))
        for position, share in enumerate((3333, 3333, 3334), 1):
            session.add(BidMilestone(bid_id=bid.id, position=position, name=f"第 {position} 阶段", month=position, share_bp=share))
    return bid


def test_a_chosen_bid_becomes_a_contract_with_price_split_and_exact_instalments(cast: Cast) -> None:
    bid = chosen_bid(cast)
    contract = queries.get(actions.create_from_bid(bid, actor(cast.tto)).id)
    assert contract is not None
    assert (contract.amount_fen, contract.technical_amount_fen, contract.type, contract.subtype) == (
        99_999_999,
        60_000_000,
        "KF",
        "cooperative",
    )
    assert sum(part.amount_fen for part in contract.instalments) == 99_999_999 and len(contract.instalments) == 3
    actions.take_step(queries.get(contract.id), "sign", actor(cast.tto), {"signed_on": clock.today()})  # type: ignore[arg-type]
    challenge = db.session.get(Challenge, bid.challenge_id)
    assert challenge is not None and challenge.state == "contracted"
    entry = db.session.query(HistoryEntry).filter_by(subject_kind="challenge", subject_id=challenge.id).one()
    assert entry.step == "contract" and entry.detail == {"contract": contract.id}


def test_a_contract_signed_during_publicity_is_flagged_and_moves_the_challenge_once_the_choice_stands(cast: Cast) -> None:
    bid = chosen_bid(cast, state="publicity")
    contract = actions.create_from_bid(bid, actor(cast.tto))
    actions.take_step(queries.get(contract.id), "sign", actor(cast.tto), {"signed_on": clock.today()})  # type: ignore[arg-type]
    challenge = db.session.get(Challenge, bid.challenge_id)
    assert contract.early_or_elsewhere == "签订时尚未选定" and challenge is not None and challenge.state == "publicity"
    with transaction():
        challenge.state = "selected"
    values = {"registration_number": "2026310107000009", "registered_on": clock.today()}
    actions.take_step(queries.get(contract.id), "register", actor(cast.tto), values)  # type: ignore[arg-type]
    assert challenge.state == "contracted"


def test_a_bid_without_a_price_asks_for_the_amount(cast: Cast) -> None:
    bid = chosen_bid(cast, price=None)
    with pytest.raises(Invalid) as refused:
        actions.create_from_bid(bid, actor(cast.tto))
    assert "amount" in refused.value.fields
    assert actions.create_from_bid(bid, actor(cast.tto), {"amount_fen": 5_000_000}).amount_fen == 5_000_000


def test_no_contract_before_the_choice_or_the_answer_and_none_by_strangers(cast: Cast) -> None:
    bid = chosen_bid(cast)
    with pytest.raises(Forbidden):
        actions.create_from_bid(bid, actor(cast.stranger))
    with transaction():
        bid.state = "opened"
    with pytest.raises(IllegalStep):
        actions.create_from_bid(bid, actor(cast.tto))
    with pytest.raises(IllegalStep):
        actions.create_from_contact(ContactFactory(seeker=cast.enterprise, provider=cast.institute), actor(cast.tto))
    assert db.session.query(Contract).count() == 0


def test_a_member_may_read_but_not_write_a_contract(cast: Cast) -> None:
    contract = ContractFactory(seller=cast.institute, buyer=cast.enterprise, signed=True)
    with pytest.raises(Forbidden):
        actions.take_step(queries.get(contract.id), "register", actor(cast.professor), {})  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        actions.add_payment(queries.get(contract.id), {"paid_on": clock.today(), "amount_fen": 1}, actor(cast.engineer))  # type: ignore[arg-type]


def test_who_recorded_a_contract_of_a_seller_without_account_enters_its_registration(cast: Cast) -> None:
    sides = {
        "seller": {"name": "无账号研究所", "region": "310107"},
        "buyer": {"name": "申城电池厂", "region": "310107", "credit_code": cast.enterprise.credit_code},
    }
    values = {"title": "电话里记下的合同", "type": "ZX", "subtype": "consulting", "amount_fen": 100, "technical_amount_fen": 100, **sides}
    contract = actions.create(values, actor(cast.clerk))
    assert contract.buyer_id == cast.enterprise.id and contract.seller_id is None
    for step, facts in (
        ("sign", {"signed_on": clock.today()}),
        ("register", {"registration_number": "2026310107000010", "registered_on": clock.today()}),
    ):
        actions.take_step(queries.get(contract.id), step, actor(cast.clerk), facts)  # type: ignore[arg-type]
    assert contract.state == "registered"
    other = ContractFactory(seller=None, seller_name="另一家", seller_region="310107", buyer=cast.enterprise, signed=True)
    with pytest.raises(Forbidden):
        actions.take_step(queries.get(other.id), "register", actor(cast.clerk), {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_fen": 0},
        {"technical_amount_fen": 100_000_001},
        {"state": "registered"},
        {"state": "signed"},
        {"type": "XX"},
    ],
)
def test_the_database_refuses_a_lie(cast: Cast, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        ContractFactory(seller=cast.institute, buyer=cast.enterprise, **wrong)
    db.session.rollback()


def test_one_registration_number_for_one_contract_in_the_database_too(cast: Cast) -> None:
    ContractFactory(seller=cast.institute, buyer=cast.enterprise, registered=True, registration_number="2026310107000011")
    with pytest.raises(IntegrityError):
        ContractFactory(seller=cast.institute, buyer=cast.enterprise, registered=True, registration_number="2026310107000011")
    db.session.rollback()


def test_an_adjustment_never_brings_a_contract_to_nothing_or_before_its_registration(cast: Cast) -> None:
    contract = ContractFactory(seller=cast.institute, buyer=cast.enterprise, registered=True)
    seller = actor(cast.tto)
    bad: list[dict[str, Any]] = [
        {"on": clock.today(), "delta_fen": -100_000_000, "reason": "全减"},
        {"on": clock.today() - timedelta(days=1), "delta_fen": 1, "reason": "太早"},
        {"on": clock.today(), "delta_fen": 0, "reason": "没变"},
        {"on": clock.today(), "delta_fen": 1, "reason": " "},
        {"on": clock.today(), "delta_fen": -90_000_000, "reason": "技术额大于总额"},
    ]
    for values in bad:
        with pytest.raises(Invalid):
            actions.adjust(queries.get(contract.id), values, seller)  # type: ignore[arg-type]
    assert queries.get(contract.id).adjustments == []  # type: ignore[union-attr]


def test_the_kind_of_a_side_is_written_by_whoever_writes_the_row(cast: Cast) -> None:
    contract = ContractFactory(
        seller=cast.institute, buyer=None, buyer_name="沪西医院", buyer_region="310107", signed=True, signed_on=date(2026, 1, 5)
    )
    assert (contract.seller_kind, contract.buyer_kind) == ("institute", "medical")


def test_a_contract_started_from_a_challenge_takes_its_chosen_bid(cast: Cast) -> None:
    bid = chosen_bid(cast)
    source = sources.from_challenge(bid.challenge_id)
    assert source is not None and (source.kind, source.links["bid_id"], source.seller) == ("bid", bid.id, bid.organisation)
