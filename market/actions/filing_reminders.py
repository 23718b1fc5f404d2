"""Remind sellers, once a year for each contract, to file what they have signed before the year-end cut-off."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from market.actions import history, notices
from market.db import db, transaction
from market.domain import cutoff
from market.domain.errors import IllegalStep
from market.domain.permissions import ANYTHING, Actor, Permission, Role, demand
from market.models import Contract, FilingReminder
from market.queries import accounts, cutoffs

SIGNATORIES = frozenset({Role.ORG_ADMIN, Role.TTO})
NAMED = 10  # titles in one mail


@dataclass(frozen=True)
class Reminded:
    """What one click did; `unreached` are sellers in whose name nobody may act."""

    contracts: int
    sellers: int
    unreached: tuple[str, ...]


def remind_sellers(actor: Actor) -> Reminded:
    """Remind every seller with signed contracts that are not filed: one notice and one mail each, naming all of them.

    A contract is named once a year, whoever clicks again. Raises Forbidden, IllegalStep (the days that registering
    takes are 待录入).
    """
    demand(actor, Permission.REMIND_SELLERS, ANYTHING)
    found = cutoffs.calendar()
    if any(one.last_day is None for one in found.kinds.values()):
        raise IllegalStep("认定登记的办理期限还没有录入，算不出截止日：请先到「规则数值」录入")
    reached, unreached, contracts = 0, [], 0
    with transaction():
        for seller_id, group in groupby(cutoffs.unreminded(found.year), key=lambda one: one.seller_id):
            rows = list(group)
            if _remind(int(seller_id or 0), rows, found, actor):
                reached, contracts = reached + 1, contracts + len(rows)
            else:
                unreached.append(rows[0].seller_name)
    return Reminded(contracts, reached, tuple(unreached))


def _remind(seller_id: int, rows: Sequence[Contract], found: cutoffs.Calendar, actor: Actor) -> bool:
    people = accounts.people_of(seller_id, SIGNATORIES)
    if not people:
        return False
    dues: list[date] = []
    for contract in rows:
        one = found.kinds[cutoff.kind_of(contract.technical_amount_fen, contract.amount_fen, found.limit)]
        assert one.last_day is not None
        dues.append(one.last_day)
        db.session.add(
            FilingReminder(
                year=found.year,
                contract_id=contract.id,
                due_on=one.last_day,
                told=len(people),
                by_id=actor.id,
                is_sample=contract.is_sample,
            )
        )
        history.record(
            "contract", contract.id, "remind_filing", actor, detail={"due_on": one.last_day.isoformat(), "told": len(people)},
            is_sample=contract.is_sample,
        )  # fmt: skip
    digest = hashlib.sha256(",".join(str(contract.id) for contract in rows).encode()).hexdigest()[:12]
    notices.notify(
        people, "contract", f"有 {len(rows)} 份已签订的技术合同请在年底截止日前提交登记", _words(rows, dues, found), "/registration",
        dedupe=f"filing-{found.year}-{seller_id}-{digest}", is_sample=any(contract.is_sample for contract in rows),
    )  # fmt: skip
    return True


def _words(rows: Sequence[Contract], dues: Sequence[date], found: cutoffs.Calendar) -> str:
    titles = "、".join(f"《{contract.title}》" for contract in rows[:NAMED]) + ("等" if len(rows) > NAMED else "")
    lines = [
        f"{titles}已经签订，还没有提交认定登记。按登记日期计入年度：要算进 {found.year} 年，请最迟在 {min(dues):%Y-%m-%d} 前把齐全的材料交到登记机构"
    ]
    advised = [one.advised for one in found.kinds.values() if one.advised]
    if advised and found.margin:
        lines.append(f"，补正后办理期限会重新起算，建议再提前 {found.margin.value} 天")
    unchecked = any(one.days is not None and not one.days.checked for one in found.kinds.values())
    lines.append(
        "。"
        + ("截止日按尚待核对的办理期限推算，以登记机构的答复为准。" if unchecked else "")
        + "登记后可凭证明办理税收优惠，具体以税务机关口径为准。"
    )
    return "".join(lines)
