"""The contract record below the pages: what a bid brings along, the price of a 职务成果, parents, files."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest

from market.actions import contract_files as files
from market.actions import contracts as actions
from market.db import db, transaction
from market.domain import clock
from market.domain.errors import Forbidden, IllegalStep, Invalid
from market.models import Attachment, BidAnswer, Challenge, Contract, CostLine, HistoryEntry
from market.queries import contract_files
from market.queries import contract_sources as sources
from market.queries import contracts as queries
from tests.actions.test_contracts import actor, chosen_bid
from tests.cast import Cast
from tests.domain.test_attachments import PDF
from tests.factories import ContractFactory


def got(contract_id: int) -> Contract:
    found = queries.get(contract_id)
    assert found is not None
    return found


def test_a_chosen_bid_brings_cost_list_days_and_people_and_says_from_where(cast: Cast) -> None:
    bid = chosen_bid(cast)
    with transaction():
        bid.author_id = cast.professor.id
        db.session.get_one(Challenge, bid.challenge_id).contact_name = "赵工"
        db.session.get_one(BidAnswer, bid.id).period_months = 3
        cast.institute.legal_person, cast.institute.nature = "江校长", "021"
    source = sources.from_bid(bid.id)
    assert source is not None
    assert source.origins["amount"] == "申报报价" and source.origins["seller-contact"] == "揭榜申报人"
    assert source.origins["seller-legal_person"] == "单位资料" and "seller-scale" not in source.origins
    contract = got(actions.create_from_bid(bid, actor(cast.tto)).id)
    assert [(line.kind, line.amount_fen) for line in contract.costs] == [("technology", 60_000_000), ("equipment", 39_999_999)]
    assert (contract.starts_on, contract.ends_on) == (date(2026, 6, 10), date(2026, 9, 10))
    assert [part.due_on for part in contract.instalments] == [date(2026, 7, 10), date(2026, 8, 10), date(2026, 9, 10)]
    assert contract.seller_facts["contact"] == cast.professor.name and contract.seller_facts["legal_person"] == "江校长"
    assert (contract.buyer_facts["contact"], source.origins["buyer-contact"]) == ("赵工", "技术需求的联系人")


def test_what_a_side_typed_once_is_known_in_its_next_contract_but_never_its_contact_person(cast: Cast) -> None:
    facts = {"scale": "中型", "legal_person": "王厂长", "contact": "别处的人", "phone": "13900000077"}
    ContractFactory(seller=None, seller_name="甲", seller_region="310107", buyer=cast.enterprise, buyer_facts=facts)
    source = sources.from_bid(chosen_bid(cast).id)
    assert source is not None
    block = source.values["buyer"]
    assert (block["scale"], block["legal_person"], source.origins["buyer-scale"]) == ("中型", "王厂长", "本单位上一份合同")
    assert block.get("contact") != "别处的人" and block.get("phone") != "13900000077"


def test_a_cost_list_works_the_technical_amount_out_and_a_typed_one_must_agree(cast: Cast) -> None:
    terms: dict[str, Any] = {"title": "清单", "type": "KF", "subtype": "entrusted", "amount_fen": 100, "costs": [("equipment", "炉子", 30)]}
    sides = {"buyer": {"name": "买方", "region": "310107"}}
    own = sources.blank(cast.institute, "seller")
    contract = actions.create(terms | sides, actor(cast.tto), own)
    assert contract.technical_amount_fen == 70 and db.session.query(CostLine).one().name == "炉子"
    with pytest.raises(Invalid, match="按费用清单应是"):
        actions.create(terms | sides | {"technical_amount_fen": 71}, actor(cast.tto), own)
    actions.edit(got(contract.id), terms | sides | {"costs": [], "technical_amount_fen": 80}, actor(cast.tto))
    assert db.session.query(CostLine).count() == 0
    entry = db.session.query(HistoryEntry).filter_by(subject_kind="contract", step="edit").one()
    assert entry.detail["changed"]["costs"] == [[["equipment", "炉子", 30]], []]


def priced(cast: Cast, **more: Any) -> Contract:
    cast.institute.public_institution = True
    db.session.commit()
    return ContractFactory(seller=cast.institute, buyer=cast.enterprise, type="XK", subtype="patent_licence", **more)


def sign(contract: Contract, cast: Cast) -> None:
    actions.take_step(got(contract.id), "sign", actor(cast.tto), {"signed_on": clock.today()})


def test_an_agreed_price_waits_for_the_notice_in_the_house_and_its_proof(cast: Cast) -> None:
    contract = priced(cast)
    with pytest.raises(IllegalStep, match="职务成果"):
        sign(contract, cast)
    last = clock.today() - timedelta(days=1)
    with transaction():
        fresh = got(contract.id)
        fresh.service_result, fresh.pricing = True, "agreed"
        fresh.announced_from, fresh.announced_until = last - timedelta(days=13), last
    with pytest.raises(IllegalStep, match="证明"):
        sign(contract, cast)
    files.add(got(contract.id), "contract_notice", "公示.pdf", PDF, actor(cast.tto))
    with pytest.raises(IllegalStep, match="公示了 14 天，少于 15 天"):
        sign(contract, cast)
    with transaction():
        got(contract.id).announced_from = last - timedelta(days=14)
    sign(contract, cast)
    assert got(contract.id).state == "signed"


def test_a_parent_shares_a_side_stands_alone_and_is_not_changed_by_a_second_contract(cast: Cast) -> None:
    parent = ContractFactory(seller=cast.institute, buyer=cast.enterprise, registered=True, title="主合同")
    source = sources.from_parent(parent.id)
    assert source is not None and "amount_fen" not in source.values
    child = actions.create({"amount_fen": 100, "technical_amount_fen": 100}, actor(cast.tto), source)
    assert (child.parent_id, child.parent_kind, child.seller_id, child.buyer_id, child.title) == (
        parent.id, "supplement", cast.institute.id, cast.enterprise.id, "主合同（补充）",
    )  # fmt: skip
    assert queries.relatives(got(parent.id)) == (None, [child]) and queries.relatives(got(child.id))[0] == parent
    assert sources.from_parent(child.id) is None
    foreign = ContractFactory(buyer=None, buyer_name="乙", buyer_region="320100")
    wrong: list[dict[str, Any]] = [
        {"parent_kind": "change"}, {"parent_id": foreign.id}, {"parent_id": child.id}, {"parent_id": None}, {"parent_kind": "other"},
    ]  # fmt: skip
    for change in wrong:
        values = {"title": "改", "type": "KF", "subtype": "entrusted", "amount_fen": 1, "parent_id": parent.id, "parent_kind": "supplement"}
        with pytest.raises(Invalid) as refused:
            actions.edit(got(child.id), values | change, actor(cast.tto))
        assert set(refused.value.fields) <= {"parent", "parent_kind"}


def test_a_contract_signed_already_is_recorded_and_signed_in_one_go_or_not_at_all(cast: Cast) -> None:
    bid = chosen_bid(cast)
    with pytest.raises(Invalid):
        actions.create_from_bid(bid, actor(cast.tto), {"signed_on": clock.today() + timedelta(days=1)})
    assert db.session.query(Contract).count() == 0
    contract = actions.create_from_bid(bid, actor(cast.tto), {"signed_on": clock.today()})
    assert contract.state == "signed" and contract.signed_on == clock.today()


def test_a_file_is_kept_with_its_hash_by_who_may_change_the_contract_and_stays_after_the_registration(cast: Cast) -> None:
    contract = ContractFactory(seller=cast.institute, buyer=cast.enterprise, signed=True)
    with pytest.raises(Forbidden):
        files.add(got(contract.id), "contract", "合同.pdf", PDF, actor(cast.professor))
    for kind, name, content in (("contract", "合同.pdf", b"%PDF-1.7 cut"), ("other", "合同.pdf", PDF), ("contract", "合同.exe", PDF)):
        with pytest.raises(Invalid):
            files.add(got(contract.id), kind, name, content, actor(cast.tto))
    first = files.add(got(contract.id), "contract", "合同.pdf", PDF, actor(cast.tto))
    second = files.add(got(contract.id), "contract_proof", "登记证明.pdf", PDF, actor(cast.seeker))
    assert first.sha256 == hashlib.sha256(PDF).hexdigest()
    assert [(kind, row.name) for kind, row in contract_files.of_contract(contract.id)] == [
        ("contract", "合同.pdf"), ("contract_proof", "登记证明.pdf"),
    ]  # fmt: skip
    found = contract_files.get(first.id)
    assert found is not None
    files.remove(got(contract.id), found, actor(cast.tto))
    with transaction():
        kept = got(contract.id)
        kept.state, kept.registration_number, kept.registered_on = "registered", "2026310107000033", clock.today()
    found = contract_files.get(second.id)
    assert found is not None
    with pytest.raises(IllegalStep):
        files.remove(got(contract.id), found, actor(cast.seeker))
    assert db.session.query(Attachment).one().id == second.id
    said = [e.detail.get("sha256") for e in db.session.query(HistoryEntry).filter_by(subject_kind="contract").order_by(HistoryEntry.seq)]
    assert said == [first.sha256] * 3
