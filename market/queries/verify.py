"""Does the database tell the truth about itself: the chains of the history, the totals, the search index. Reads only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import select, text

from market.db import db
from market.domain import capabilities, challenges
from market.domain.chain import digest
from market.domain.contracts import CONTRACT, flow
from market.domain.statistics import Cell, Filter
from market.models import Adjustment, Capability, Challenge, Contract, HistoryEntry, HistoryHead, Instalment, Payment
from market.queries import statistics


@dataclass
class Report:
    """What one check looked at, and what it found wrong (Chinese sentences)."""

    name: str
    looked_at: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """One line for the terminal."""
        return f"{self.name}：核对 {self.looked_at} 项，{'无误' if not self.problems else f'{len(self.problems)} 处有误'}"


def everything() -> list[Report]:
    """Return the reports of all checks."""
    return [chains(), totals(), index()]


def chains() -> Report:
    """Recompute every hash of every chain; each chain must start at 1, miss nothing and end where its head says."""
    report = Report("经过的哈希链")
    heads = {(head.subject_kind, head.subject_id): (head.seq, head.hash) for head in db.session.scalars(select(HistoryHead))}
    tails: dict[tuple[str, int], tuple[int, str]] = defaultdict(lambda: (0, ""))
    query = select(HistoryEntry).order_by(HistoryEntry.subject_kind, HistoryEntry.subject_id, HistoryEntry.seq)
    for entry in db.session.scalars(query.execution_options(yield_per=1000, populate_existing=True)):
        report.looked_at += 1
        key = (entry.subject_kind, entry.subject_id)
        seq, last = tails[key]
        name = f"{entry.subject_kind} {entry.subject_id} 第 {entry.seq} 条"
        if entry.seq != seq + 1:
            report.problems.append(f"{name}：前面缺了记录")
        if entry.previous_hash != last:
            report.problems.append(f"{name}：与前一条接不上")
        if entry.hash != digest(entry):
            report.problems.append(f"{name}：内容被改过")
        tails[key] = (entry.seq, entry.hash)
    for key in heads.keys() | tails.keys():
        if heads.get(key) != tails.get(key, (0, "")):
            report.problems.append(f"{key[0]} {key[1]}：链尾与登记的不一致，可能有记录被删去")
    return report


def totals() -> Report:
    """Add every contract up by hand, year by year and flow by flow, and compare with what the pages show."""
    report = Report("合计与明细")
    ledger = _ledger(report)
    for (year, stage, way), cell in sorted(ledger.items()):
        report.looked_at += 1
        shown = statistics.figure(Filter(year=year, stage=stage, flow=way))
        if (shown.count, shown.amount_fen) != (cell.count, cell.amount_fen):
            report.problems.append(
                f"{year} 年 {stage} {way}：页面 {shown.amount_fen} 分 {shown.count} 份，明细 {cell.amount_fen} 分 {cell.count} 份"
            )
    for year in sorted({year for year, _stage, _way in ledger}):
        view = statistics.cockpit(year)
        parts = {"类型": view.by_type, "领域": view.by_field, "地区": view.by_region, "买方": view.by_buyer}
        for name, cells in parts.items():
            report.looked_at += 1
            if sum((cell for cell in cells.values()), Cell()) != view.stages["registered"]:
                report.problems.append(f"{year} 年分{name}之和不等于合计")
    return report


def _ledger(report: Report) -> dict[tuple[int, str, str], Cell]:
    """Return count and amount by year, stage and flow, added up row by row without the pages' statements."""
    changes: dict[int, int] = defaultdict(int)
    for contract_id, delta in db.session.execute(select(Adjustment.contract_id, Adjustment.delta_fen)):
        changes[contract_id] += delta
    parts: dict[int, int] = defaultdict(int)
    for contract_id, amount in db.session.execute(select(Instalment.contract_id, Instalment.amount_fen)):
        parts[contract_id] += amount
    found: dict[tuple[int, str, str], Cell] = defaultdict(Cell)
    ways: dict[int, str] = {}
    columns = (
        Contract.id,
        Contract.state,
        Contract.amount_fen,
        Contract.signed_on,
        Contract.registered_on,
        Contract.seller_region,
        Contract.buyer_region,
    )
    for key, state, amount, signed_on, registered_on, seller, buyer in db.session.execute(select(*columns)):
        ways[key] = flow(seller, buyer)
        net = amount + changes[key]
        if state not in {"draft", "abandoned"} and signed_on:
            found[(signed_on.year, "signed", ways[key])] += Cell(1, amount)
        if state in {"registered", "cancelled"} and registered_on:
            found[(registered_on.year, "registered", ways[key])] += Cell(1 if state == "registered" else 0, net)
        if state == "cancelled" and net:
            report.problems.append(f"合同 {key}：已注销，变更之和却不为零（还剩 {net} 分）")
        if changes[key] and state not in {"registered", "cancelled"}:
            report.problems.append(f"合同 {key}：{CONTRACT.states[state]}，却有变更登记")
        if parts[key] and parts[key] != amount:
            report.problems.append(f"合同 {key}：分期之和 {parts[key]} 分不等于成交额 {amount} 分")
    for key, state, paid_on, amount in db.session.execute(
        select(Payment.contract_id, Contract.state, Payment.paid_on, Payment.amount_fen).join(Contract)
    ):
        if state not in {"draft", "abandoned"}:
            found[(paid_on.year, "paid", ways[key])] += Cell(1, amount)
    return dict(found)


def index() -> Report:
    """Compare the search index with the listings that everybody may read: the same ids, each once."""
    report = Report("检索索引")
    rows = db.session.execute(text("SELECT kind, item_id FROM search_index")).all()
    indexed = [(str(kind), int(item)) for kind, item in rows]
    public = {("challenge", key) for key in db.session.scalars(select(Challenge.id).where(Challenge.state.in_(challenges.PUBLIC_STATES)))}
    public |= {
        ("capability", key) for key in db.session.scalars(select(Capability.id).where(Capability.state.in_(capabilities.PUBLIC_STATES)))
    }
    report.looked_at = len(public)
    report.problems += [f"{kind} {key}：已公开，却搜不到" for kind, key in sorted(public - set(indexed))]
    report.problems += [f"{kind} {key}：没有公开，却能搜到" for kind, key in sorted(set(indexed) - public)]
    if len(indexed) != len(set(indexed)):
        report.problems.append(f"有 {len(indexed) - len(set(indexed))} 条重复收录")
    return report
