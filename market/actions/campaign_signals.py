"""The signals that the market itself shows: who registered last year and not this year, what is signed or awarded and not registered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, insert, or_, select
from sqlalchemy.orm import aliased, joinedload

from market.actions import campaign_lists
from market.db import db
from market.domain import clock
from market.domain.campaigns import candidate_key
from market.domain.codes import DISTRICT
from market.models import Bid, Campaign, Candidate, Contract, Evidence, Organisation
from market.queries.cutoffs import counted

CHUNK = 500


@dataclass(frozen=True)
class Hint:
    """One row that points at an organisation."""

    signal: str
    name: str
    credit_code: str | None
    key: str
    text: str
    on: date | None
    amount_fen: int | None
    contract_id: int | None = None
    source: str = ""


def gather(campaign: Campaign) -> dict[str, int]:
    """Write the rows of every signal that the campaign has not yet, with their candidates; return the new rows by signal."""
    hints = [*_lapsed(campaign.year), *_signed(), *_awarded()]
    found = campaign_lists.candidates_of(campaign.id, [(hint.name, hint.credit_code) for hint in hints], campaign.is_sample)
    db.session.flush()
    query = select(Evidence.candidate_id, Evidence.signal, Evidence.key).join(Candidate).where(Candidate.campaign_id == campaign.id)
    known = {tuple(row) for row in db.session.execute(query)}
    new: list[dict[str, Any]] = []
    for hint in hints:
        candidate = found[candidate_key(hint.name, hint.credit_code)]
        identity = (candidate.id, hint.signal, hint.key)
        if identity not in known:
            known.add(identity)
            new.append(_row(candidate, hint))
    for start in range(0, len(new), CHUNK):
        db.session.execute(insert(Evidence), new[start : start + CHUNK])
    return dict(Counter(row["signal"] for row in new))


def _row(candidate: Candidate, hint: Hint) -> dict[str, Any]:
    return {
        "candidate_id": candidate.id, "signal": hint.signal, "key": hint.key, "text": hint.text[:300], "on": hint.on,
        "amount_fen": hint.amount_fen, "contract_id": hint.contract_id, "source": hint.source, "is_sample": candidate.is_sample,
    }  # fmt: skip


def _of_contract(contract: Contract, signal: str, on: date | None, source: str) -> Hint:
    code = str((contract.seller_facts or {}).get("credit_code") or "") or None
    return Hint(
        signal, contract.seller_name, code, f"contract-{contract.id}", contract.title, on, contract.amount_fen, contract.id, source
    )  # fmt: skip


def _lapsed(year: int) -> list[Hint]:
    """Contracts registered last year by sellers of the district that have none registered in `year`."""
    this = aliased(Contract)
    registered = this.state.in_(("registered", "cancelled")) & this.registered_on.between(date(year, 1, 1), date(year, 12, 31))
    by_name = exists(select(this.id).where(registered, this.seller_name == Contract.seller_name))
    by_id = exists(select(this.id).where(registered, this.seller_id.is_not(None), this.seller_id == Contract.seller_id))
    query = select(Contract).where(
        Contract.state == "registered", Contract.seller_region == DISTRICT, Contract.is_duplicate.is_(False),
        Contract.registered_on.between(date(year - 1, 1, 1), date(year - 1, 12, 31)), ~or_(by_name, by_id),
    )  # fmt: skip
    rows = db.session.scalars(query.order_by(Contract.registered_on, Contract.id))
    return [_of_contract(row, "lapsed", row.registered_on, f"{year - 1} 年登记") for row in rows]


def _signed() -> list[Hint]:
    """Contracts that are signed and neither filed nor registered."""
    rows = db.session.scalars(select(Contract).where(counted("waiting")).order_by(Contract.signed_on, Contract.id))
    return [_of_contract(row, "signed", row.signed_on, "本站合同") for row in rows]


def _awarded() -> list[Hint]:
    """Chosen bids of organisations of the district from which no registered contract came."""
    done = exists(select(Contract.id).where(Contract.bid_id == Bid.id, Contract.state == "registered"))
    query = (
        select(Bid)
        .join(Organisation, Organisation.id == Bid.organisation_id)
        .where(Bid.state == "chosen", Organisation.region == DISTRICT, ~done)
        .options(joinedload(Bid.challenge), joinedload(Bid.organisation))
        .order_by(Bid.decided_at, Bid.id)
    )
    return [
        Hint(
            "award", bid.organisation.name, bid.organisation.credit_code, f"bid-{bid.id}", f"《{bid.challenge.title}》选定为合作方",
            clock.local(bid.decided_at).date() if bid.decided_at else None, None, None, "揭榜",
        )
        for bid in db.session.scalars(query)
    ]  # fmt: skip
