"""What the pages of attribution show: each class with its figure and rows, and those through whom contracts came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for

from market.domain import attribution as rules
from market.domain import money
from market.domain import statistics as figures
from market.domain.attribution import Chain
from market.domain.statistics import Cell, Filter
from market.queries.figure_rows import FigureRow

MEANINGS = {
    "originated": "双方在平台上认识、谈成，之后才签订。",
    "assisted": "签订当日或之前平台上有往来记录，但不足以说是平台促成。",
    "recorded": "签订之前平台上没有双方往来的记录：合同是录入的，或从登记机构的表格导入的。",
}


def classes(wanted: Filter, cells: Mapping[str, Cell]) -> list[dict[str, Any]]:
    """Return the three classes side by side, each with the address of its rows."""
    found = []
    for kind, word in rules.CLASSES.items():
        cell = cells[kind]
        number, unit = figures.big(cell.amount_fen)
        found.append(
            {
                "label": word,
                "number": number,
                "unit": unit,
                "change": f"{cell.count} 份合同，技术交易额 {money.wan(cell.technical_fen)}",
                "definition": MEANINGS[kind],
                "href": _rows(wanted, kind),
            }
        )
    return found


def people(wanted: Filter, chains: Mapping[int, Chain], rows: Iterable[FigureRow]) -> list[dict[str, Any]]:
    """Return through whom contracts came, with the figure of each class apart; those of nobody are left out."""
    amounts = {row.id: row.amount_fen for row in rows}
    cells: dict[tuple[int, str, str], dict[str, Cell]] = defaultdict(lambda: defaultdict(Cell))
    for key, chain in chains.items():
        for person in chain.people:
            own, kind = cells[person.id, person.name, person.word], chain.kind or "recorded"
            own[kind] = own[kind] + Cell(1, amounts.get(key, 0))
    ranked = sorted(cells.items(), key=lambda item: (-item[1]["originated"].amount_fen, -item[1]["assisted"].amount_fen, item[0]))
    return [
        {
            "name": name,
            "word": word,
            "cells": [(kind, own[kind], _rows(wanted, kind, through=key)) for kind in rules.CLASSES],
        }
        for (key, name, word), own in ranked
    ]


def _rows(wanted: Filter, kind: str, **more: Any) -> str:
    return url_for("attribution.rows", year=wanted.year, stage=wanted.stage, flow=wanted.flow, kind=kind, **more)
