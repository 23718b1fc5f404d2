"""Part a joint contract into the shares of its sides, each a contract of its own that is registered at its own place."""

from __future__ import annotations

from collections.abc import Sequence

from market.actions import history, steps
from market.db import transaction
from market.domain import joint
from market.domain.contracts import party_kind
from market.domain.errors import IllegalStep, Invalid
from market.domain.permissions import Actor, demand
from market.domain.permissions import Permission as P
from market.models import Contract
from market.queries import contracts as queries

COPIED = (
    "source", "challenge_id", "capability_id", "contact_id", "bid_id", "title", "type", "subtype", "signed_on", "starts_on", "ends_on",
    "payment_mode", "related_parties", "related_stated", "plan_source", "ip_type", "field", "goal_code", "industry", "buyer_id", "buyer_name",
    "buyer_region", "buyer_kind", "buyer_facts", "state", "is_sample",
)  # fmt: skip


def part(contract: Contract, others: Sequence[joint.Share], actor: Actor, version: int | None = None) -> list[Contract]:
    """Leave this contract its seller's own share and write one contract for each other side; return those.

    Instalments are scaled to the own share; the cost list of the whole price goes, for each side agreed on its own 技术交易额. Raises Forbidden, Stale, IllegalStep (not 合作开发, registered
    already, parted already, royalties), Invalid.
    """
    demand(actor, P.EDIT_CONTRACT, contract.subject)
    steps.check_version(contract, version)
    if (contract.type, contract.subtype) != ("KF", "cooperative"):
        raise IllegalStep("只有合作开发的合同才分各方的份额")
    if contract.state not in ("draft", "signed") or contract.joint_id is not None:
        raise IllegalStep("已提交登记、已登记或已经分过份额的合同不能再分")
    if contract.payment_mode not in joint.MODES or contract.technical_amount_fen is None:
        raise IllegalStep("先填好技术交易额，并把支付方式定为一次总付或分期，再分份额")
    total, technical = contract.amount_fen, contract.technical_amount_fen
    own, own_technical = joint.own_share(total, technical, contract.seller_region, others)
    parts = joint.scaled([part.amount_fen for part in contract.instalments], total, own)
    if any(fen <= 0 for fen in parts):
        raise Invalid({"amount": "按份额折算后，有一期付款不到一分钱"})
    with transaction() as session:
        contract.joint_id, contract.joint_total_fen = contract.id, total
        contract.amount_fen, contract.technical_amount_fen = own, own_technical
        for instalment, fen in zip(contract.instalments, parts, strict=True):
            instalment.amount_fen = fen
        costs = [[line.kind, line.name, line.amount_fen] for line in contract.costs]
        contract.costs = []
        made = [_sibling(contract, share, total, actor) for share in others]
        session.add_all(made)
        session.flush()
        detail = {"total_fen": total, "own_fen": own, "shares": [[one.seller_name, one.amount_fen] for one in made], "costs": costs}
        history.record("contract", contract.id, "share", actor, detail=detail, is_sample=contract.is_sample)
        for one in made:
            history.record(
                "contract",
                one.id,
                "create",
                actor,
                to_state=one.state,
                detail={"source": "joint", "of": contract.id},
                is_sample=one.is_sample,
            )
    return made


def _sibling(contract: Contract, share: joint.Share, total: int, actor: Actor) -> Contract:
    known = queries.organisation_by_code(share.credit_code)
    name = known.name if known else share.name.strip()[:120]
    facts = {"credit_code": share.credit_code} if share.credit_code else {}
    return Contract(
        **{column: getattr(contract, column) for column in COPIED}, author_id=actor.id, joint_id=contract.id, joint_total_fen=total,
        amount_fen=share.amount_fen, technical_amount_fen=share.technical_fen, seller_id=known.id if known else None, seller_name=name,
        seller_region=share.region, seller_facts=facts, seller_kind=party_kind(name, facts),
    )  # fmt: skip
