"""Goals of a year, the season curve, and what of the totals is released to the public."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import text

from market.actions import history
from market.db import transaction
from market.domain import clock, suppression
from market.domain import statistics as rules
from market.domain.codes import CONTRACT_TYPES, FIELDS
from market.domain.contracts import FLOW_WORDS
from market.domain.errors import Forbidden, Invalid
from market.domain.permissions import SYSTEM, Actor, demand
from market.domain.permissions import Permission as P
from market.domain.statistics import Cell, Filter
from market.models import Goal, Release, Setting
from market.queries import crosstabs, settings
from market.queries import statistics as queries

KEPT_CHANGES = 1_000
WHOLE = ("", "")
SAMPLE_SOURCE = "示例：示例市场上一年的登记合计，不是普陀区的真实基数"


def forget_old_changes() -> int:
    """Drop all but the last thousand numbers of changes (PostgreSQL adds one a statement); returns how many. The worker calls it."""
    with transaction() as session:
        gone = session.execute(
            text("DELETE FROM figure_change WHERE id <= (SELECT max(id) FROM figure_change) - :kept"), {"kept": KEPT_CHANGES}
        )
        return int(getattr(gone, "rowcount", 0))


def ensure_goals() -> None:
    """Write the goals that are known of themselves; run after the sample market was loaded or taken out. Changes nothing twice.

    The increment of 2025 is part of the rules. In a sample market the baseline of a year is the sum
    of the sample's own year before, labelled 示例; a baseline that somebody entered is never touched.
    """
    with transaction() as session:
        for year, (increment, source) in rules.DEFAULT_INCREMENTS.items():
            if session.get(Goal, year) is None:
                session.add(Goal(year=year, increment_fen=increment, increment_source=source, changed_at=clock.now()))
        session.flush()
        if not settings.current().sample_market:
            return
        for year in queries.years_with_data():
            before = queries.figure(Filter(year=year - 1))
            goal = session.get(Goal, year)
            if before.count and (goal is None or goal.baseline_fen is None):
                goal = goal or Goal(year=year, changed_at=clock.now())
                goal.baseline_fen, goal.baseline_source, goal.changed_at, goal.is_sample = (
                    before.amount_fen,
                    SAMPLE_SOURCE,
                    clock.now(),
                    True,
                )
                session.add(goal)


def set_goal(year: int, values: Mapping[str, Any], actor: Actor) -> Goal:
    """Enter a year's baseline and increment (分; None is 待录入), each with its source. Raises Forbidden, Invalid."""
    demand(actor, P.SET_GOAL)
    for amount, source, word in (("baseline_fen", "baseline_source", "基数"), ("increment_fen", "increment_source", "增量")):
        if values.get(amount) is not None and not str(values.get(source) or "").strip():
            raise Invalid({source: f"请写明{word}的来源"})
    with transaction() as session:
        goal = session.get(Goal, year) or Goal(year=year)
        before = [goal.baseline_fen, goal.increment_fen]
        goal.baseline_fen, goal.increment_fen = values.get("baseline_fen"), values.get("increment_fen")
        goal.baseline_source = str(values.get("baseline_source") or "").strip()[:200]
        goal.increment_source = str(values.get("increment_source") or "").strip()[:200]
        goal.is_sample, goal.changed_at, goal.by_id = False, clock.now(), actor.id
        session.add(goal)
        session.flush()
        history.record("goal", year, "set", actor, detail={"before": before, "after": [goal.baseline_fen, goal.increment_fen]})
    return goal


def set_season_curve(shares: list[int], source: str, actor: Actor) -> None:
    """Enter the cumulative season curve (twelve percentages) with its source; an empty list takes it away. Raises Forbidden, Invalid."""
    demand(actor, P.SET_GOAL)
    if shares:
        try:
            rules.check_curve(shares)
        except ValueError as error:
            raise Invalid({"curve": str(error)}) from error
        if not source.strip():
            raise Invalid({"curve_source": "请写明季节曲线的来源"})
    with transaction() as session:
        row = session.get(Setting, "season_curve") or Setting(name="season_curve")
        row.value = {"shares": shares, "source": source.strip()[:200]} if shares else None
        row.changed_at, row.changed_by_id = clock.now(), actor.id
        session.add(row)
        history.record("goal", 0, "season_curve", actor, detail={"shares": shares, "source": source.strip()[:200]})


def public_figures(year: int, until: date) -> dict[str, Any]:
    """Return what a release of `year` up to `until` would show: totals and partitions with small cells taken out (None).

    The partitions by type and by field are the margins of the table type × field, so they are hidden together with it.
    """
    base, last = Filter(year=year, until=until), Filter(year=year - 1, until=rules.same_day(until, year - 1))
    table = suppression.published(crosstabs.with_largest(base, "type", "field"))
    flows, months = (suppression.published(crosstabs.with_largest(base, dimension)) for dimension in ("flow", "month"))
    intake, before = (suppression.published(crosstabs.with_largest(one, "flow")) for one in (base.but(flow="intake"), last))
    fields = {**FIELDS, "none": "未填领域"}
    return {
        "total": _plain(table.get(WHOLE)),
        "goal": _goal_figures(queries.goal(year)),
        "same_period": _plain(before.get(WHOLE)),
        "by_flow": _partition({key: flows[(key, "")] for key, _ in flows}, {key: FLOW_WORDS[key] for key in ("output", "inner")}),
        "intake": _plain(intake.get(WHOLE)),
        "by_type": _partition({row: cell for (row, column), cell in table.items() if not column}, CONTRACT_TYPES),
        "by_field": _partition({column: cell for (row, column), cell in table.items() if not row}, fields),
        "by_month": _partition({key: months[(key, "")] for key, _ in months}, {str(n): f"{n} 月" for n in range(1, until.month + 1)}),
        "by_type_and_field": [
            {"key": field, "label": word, "cells": [_square(table, kind, field) for kind in CONTRACT_TYPES]}
            for field, word in fields.items()
            if any(column == field for _row, column in table)
        ],
        "sample": queries.has_sample(),
    }


def _square(table: Mapping[suppression.Place, Cell | None], kind: str, field: str) -> dict[str, int] | None:
    """Return one square of the published table: None where it is hidden, nought where there is nothing."""
    return _plain(table.get((kind, field), Cell()))


def _partition(cells: Mapping[str, Cell | None], words: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"key": code, "label": word, "cell": _plain(cells[code])} for code, word in words.items() if code in cells]


def _goal_figures(facts: queries.GoalFacts) -> dict[str, Any] | None:
    """Return the goal as it is released with the totals; None while baseline or increment is 待录入."""
    if facts.target_fen is None:
        return None
    return {"baseline_fen": facts.baseline_fen, "increment_fen": facts.increment_fen, "target_fen": facts.target_fen}


def _plain(cell: Cell | None) -> dict[str, int] | None:
    return None if cell is None else {"count": cell.count, "amount_fen": cell.amount_fen, "technical_fen": cell.technical_fen}


def release(year: int, until: date, actor: Actor) -> Release:
    """Release a year's totals up to `until` to the public.

    Raises Forbidden, and Invalid for a day that has not come or lies before the last release, for a
    total that would give a single deal away, and for a release that differs from the last one by
    fewer than five deals: the two totals would give those away.
    """
    demand(actor, P.RELEASE_FIGURES)
    if actor is SYSTEM:
        raise Forbidden
    if until > clock.today() or until.year != year:
        raise Invalid({"data_until": "数据截至日期应在该年之内，且不晚于今天"})
    figures = public_figures(year, until)
    if figures["total"] is None:
        raise Invalid({"data_until": "合计少于 5 份合同或由一家占七成以上，公开会泄露单笔金额，暂不能发布"})
    last = queries.latest_release(year)
    if last is not None:
        if until < last.data_until:
            raise Invalid({"data_until": f"已发布过截至 {last.data_until} 的数据，不能再发布更早的"})
        new = abs(figures["total"]["count"] - (last.figures.get("total") or {}).get("count", 0))
        if 0 < new < rules.SMALL_COUNT:
            raise Invalid({"data_until": f"比上次发布只差 {new} 份合同，两次合计相减会泄露单笔金额；积累到 {rules.SMALL_COUNT} 份再发布"})
    with transaction() as session:
        row = Release(year=year, data_until=until, figures=figures, by_id=actor.id, is_sample=figures["sample"])
        session.add(row)
        session.flush()
        history.record("release", row.id, "release", actor, detail={"year": year, "data_until": until.isoformat()}, is_sample=row.is_sample)
    return row
