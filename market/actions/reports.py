"""Papers for people: the monthly report of the leadership and the 促成证明 of a contract, as DOCX and PDF."""

from __future__ import annotations

import calendar
from collections import defaultdict
from datetime import date
from typing import Any

from market.actions.exports import File
from market.domain import clock, codes, money
from market.domain import statistics as rules
from market.domain.attribution import Chain
from market.domain.contracts import UNREGISTERED_SIGNED
from market.domain.errors import IllegalStep, Invalid
from market.domain.permissions import SYSTEM, Actor, demand, may
from market.domain.permissions import Permission as P
from market.domain.statistics import Cell, Filter
from market.exports import pdf, proof, report, word
from market.exports.blocks import Paper
from market.exports.report import Month, Waiting
from market.queries import attribution, figure_rows, forecasts
from market.queries import statistics as queries
from market.queries.attribution import Deal
from market.queries.settings import MarketSettings

FORMATS = {"pdf": pdf.PDF_TYPE, "docx": word.DOCX_TYPE}
_SET = {"pdf": pdf.paper, "docx": word.paper}
LARGEST = 10  # contracts that wait for registration, in the report
NAMED = 10  # brokers and liaisons in the report


def monthly(year: int, month: int, form: str, actor: Actor, site: MarketSettings) -> File:
    """Return the report of a month up to its end, or to today while it runs. Raises Forbidden, Invalid (not begun, unknown format)."""
    if actor is not SYSTEM:
        demand(actor, P.EXPORT)
    _check(form)
    if date(year, month, 1) > clock.today():
        raise Invalid({"month": "这个月还没有开始"})
    found = _month(year, month, actor, site)
    name = f"技术合同月报-{year}-{month:02d}{'-含示例数据' if found.sample else ''}.{form}"
    return _file(name, form, report.paper(found))


def proof_of(deal: Deal, form: str, actor: Actor, site: MarketSettings) -> File:
    """Return the 促成证明 of a contract; amounts stand in it only for those who may see the contract.

    Raises Forbidden, Invalid, IllegalStep (not signed, or nothing was recorded before the signing).
    """
    demand(actor, P.SEE_ATTRIBUTION, deal.subject)
    _check(form)
    if deal.chain.kind not in proof.KINDS:
        raise IllegalStep("签订之前平台上没有双方往来的记录，这份合同只是登记，没有促成证明")
    contract = deal.contract
    facts = [
        ("合同类型", codes.label("contract_type", contract.type)),
        ("技术领域", codes.label("field", contract.field) if contract.field else "未填"),
        ("签订日期", str(contract.signed_on)),
        ("登记编号", contract.registration_number or "尚未登记"),
    ]
    if may(actor, P.SEE_CONTRACT, contract.subject):
        facts.append(("成交额", money.wan(contract.amount_fen)))
        if contract.technical_amount_fen:
            facts.append(("技术交易额", money.wan(contract.technical_amount_fen)))
    sides = {"seller": contract.seller_name, "buyer": contract.buyer_name}
    about: dict[str, Any] = {"title": contract.title, "facts": facts, "chain": deal.chain, "sample": contract.is_sample, **sides}
    paper = proof.Proof(site=site.name, organiser=site.organiser, on=clock.today(), **about)
    return _file(f"促成证明-{contract.id}.{form}", form, proof.paper(paper))


def _check(form: str) -> None:
    if form not in FORMATS:
        raise Invalid({"format": "只能生成 pdf 或 docx"})


def _file(name: str, form: str, paper: Paper) -> File:
    return File(name, FORMATS[form], _SET[form](paper), 1)


def _month(year: int, month: int, actor: Actor, site: MarketSettings) -> Month:
    """Gather what the report says, from the functions that the pages count with."""
    today = clock.today()
    until = min(date(year, month, calendar.monthrange(year, month)[1]), today)
    so_far = Filter(year=year, until=until)
    view, goal = queries.cockpit(year), queries.goal(year)
    running = (year, month) == (today.year, today.month)
    signed = so_far.but(stage="signed")
    waiting = [row for row in figure_rows.rows(so_far.but(stage="signed")) if row.state in UNREGISTERED_SIGNED]
    largest = sorted(waiting, key=lambda row: -row.amount_fen)[:LARGEST]
    return Month(
        site=site.name,
        organiser=site.organiser,
        year=year,
        month=month,
        until=until,
        stages={stage: _periods(so_far.but(stage=stage), month) for stage in ("signed", "registered", "paid")},
        intent=queries.figure(so_far.but(stage="intent")) if running else None,
        first_reported=view.first_reported if running else None,
        parts=queries.month_parts(year, month, until),
        this=[pair[0].amount_fen for pair in view.months[:month]],
        last=[pair[1].amount_fen for pair in view.months],
        target_fen=goal.target_fen,
        baseline="基数待录入" if goal.baseline_fen is None else "增量待录入",
        classes={stage: attribution.totals(so_far.but(stage=stage)) for stage in ("signed", "registered")},
        people=_people(signed, attribution.chains(signed)),
        waiting=[Waiting(row.title, row.seller, row.day, row.amount_fen) for row in largest],
        waiting_whole=Cell(len(waiting), sum(row.amount_fen for row in waiting)),
        extra=_outlook(year, actor) if running else (),
        by=actor.name,
        on=today,
        sample=queries.has_sample(),
    )


def _outlook(year: int, actor: Actor) -> list[tuple[str, Any]]:
    """Return the section about the year's end, for those who may see forecasts and where the worker kept one."""
    kept = forecasts.latest(year) if actor is SYSTEM or may(actor, P.SEE_FORECAST) else None
    return [] if kept is None else [report.outlook(kept.figures, kept.as_of)]


def _periods(wanted: Filter, month: int) -> tuple[Cell, Cell, Cell]:
    """Return the figure of the month, of the year so far, and of the same period of last year."""
    last = wanted.but(year=wanted.year - 1, until=rules.same_day(wanted.until, wanted.year - 1) if wanted.until else None)
    return queries.figure(wanted.but(month=month)), queries.figure(wanted), queries.figure(last)


def _people(wanted: Filter, chains: dict[int, Chain]) -> list[tuple[str, str, int, int]]:
    """Return through whom contracts of the filter came, with how many and how much, the largest first."""
    amounts = {row.id: row.amount_fen for row in figure_rows.rows(wanted, only=attribution.LINKED)}
    found: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for key, chain in chains.items():
        for person in chain.people if chain.kind != "recorded" else ():
            found[person.id, person.name, person.word].append(amounts.get(key, 0))
    ranked = sorted(found.items(), key=lambda item: -sum(item[1]))[:NAMED]
    return [(name, word, len(fens), sum(fens)) for (_id, name, word), fens in ranked]
