"""The kept forecast in words: three forecasts side by side, deals, what would close the gap, what past forecasts were worth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import url_for

from market.domain import forecast, seasons
from market.domain import statistics as rules
from market.domain.backtest import METHODS
from market.domain.forecast import STAGES
from market.queries.forecasts import Outlook
from market.queries.statistics import Cockpit
from market.web.statistics import drawn
from market.web.statistics.drawn import amount

MEANINGS = {
    "committed": "已登记，加上登记机构已受理、还没有结果的合同全额。最保守，只数已经交上去的。",
    "pipeline": "已登记，加上每个在手项目的金额乘以它今年登记的可能性。只数平台上看得到的项目，不含还不知道的合同；区间是一万次模拟中间的八成。",
    "seasonal": "已登记，除以往年到这一天的平均占比。不看在手项目；区间是按往年最快和最慢的一年推算。",
}
_TARGETS = {"contract": ("contracts.detail", "contract_id"), "contact": ("contacts.detail", "contact_id"), "challenge": ("challenges.detail", "challenge_id")}  # fmt: skip


def rows(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the three forecasts, the most careful first; the seasonal one only where it can be said."""
    found = []
    for method in ("committed", "pipeline", "seasonal"):
        said = figures[method]
        if said["value_fen"] is None:
            continue
        limits = said.get("limits")
        found.append(
            {
                "method": method,
                "label": METHODS[method],
                "value_fen": said["value_fen"],
                "limits": limits,
                "words": amount(said["value_fen"]),
                "range": f"{amount(limits[0])} – {amount(limits[1])}" if limits else _no_range(method),
                "meaning": MEANINGS[method],
            }
        )
    return found


def _no_range(method: str) -> str:
    return f"本区完整年度不足 {seasons.MIN_YEARS} 年，不给区间" if method == "seasonal" else "不是推算，没有区间"


def unit(figures: Mapping[str, Any]) -> str:
    """Return the unit of the charts."""
    return "亿元" if max(row["value_fen"] for row in rows(figures)) >= 10_000_000_000 else "万元"


def sentence(kept: Outlook) -> str:
    """Return the forecasts as one sentence that says its day and that it is one."""
    parts = [f"{row['label']} {row['words']}" + (f"（{row['range']}）" if row["limits"] else "") for row in rows(kept.figures)]
    return f"{kept.year} 年底推算（数据截至 {kept.as_of}）：" + "；".join(parts) + "。推算不是统计数。"


def outlook(kept: Outlook, view: Cockpit) -> dict[str, Any]:
    """Return all that the page shows besides the gap and the chance."""
    figures, said = kept.figures, rows(kept.figures)
    shown = view.until.month
    this = [sum(pair[0].amount_fen for pair in view.months[: n + 1]) for n in range(shown)]
    last = [sum(pair[1].amount_fen for pair in view.months[: n + 1]) for n in range(12)]
    end = figures["seasonal"]["value_fen"] or 0
    return {
        "rows": said,
        "chart": drawn.year_end([(row["label"], row["value_fen"], *(row["limits"] or (None, None))) for row in said], figures, unit(figures)),
        "way": drawn.way(figures, this, last, kept.year, unit(figures)),
        "way_rows": [
            [f"{n} 月末", amount(this[n - 1]) if n <= shown else "", amount(end * share // 10_000), rules.percent(share), amount(last[n - 1])]
            for n, share in enumerate(figures["curve"]["shares"], 1)
        ],
        "curve": figures["curve"] | {"word": seasons.KINDS[figures["curve"]["kind"]], "share": rules.percent(figures["curve"]["share_bp"])},
        "stages": stages(figures),
        "silent": figures["silent"],
        "deals": deals(figures),
        "backtest": backtest(figures["backtest"]),
        "sentence": sentence(kept),
    }  # fmt: skip


def stages(figures: Mapping[str, Any]) -> list[list[str]]:
    """Return the open deals by stage, with where each chance comes from."""
    found = []
    for row in figures["stages"]:
        source = (
            f"本区历史（{row['n']} 个）" if row["learned"] else f"默认值，待核（本区只有 {row['n']} 个，不足 {forecast.MIN_COHORT} 个）"
        )
        late = f"{row['late']} 个已过报送截止日，今年不计" if row["late"] else ""
        found.append(
            [STAGES[row["stage"]].label, str(row["count"]), amount(row["amount_fen"]), rules.percent(row["bp"]), amount(row["expected_fen"]), source, late]
        )  # fmt: skip
    return found


def deals(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the deals that move the year's end most, each leading to its page."""
    found = []
    for deal in figures["deals"]:
        endpoint, name = _TARGETS[deal["kind"]]
        found.append(
            {
                "title": deal["title"],
                "href": url_for(endpoint, **{name: deal["id"]}),
                "stage": STAGES[deal["stage"]].label,
                "amount": amount(deal["amount_fen"]),
                "chance": rules.percent(deal["bp"]),
                "expected": amount(deal["expected_fen"]),
                "part": rules.percent(deal["part_bp"]),
                "due": date.fromisoformat(deal["due"]) if deal["due"] else None,
            }
        )
    return found


def backtest(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the methods were worth, with a chart of each that gave a value, and the tried months as a table."""
    charts, table = [], []
    for method in ("seasonal", "pipeline", "whole"):
        points = [
            (point["day"][:7], *(_share(fen, point["actual_fen"]) for fen in point["said"][method]))
            for point in kept["points"]
            if method in point["said"]
        ]
        if points:
            charts.append((METHODS[method], drawn.tried(points, METHODS[method])))  # type: ignore[arg-type]
    for point in kept["points"]:
        said = point["said"]
        table.append([point["day"][:7], *(_said(said.get(method)) for method in METHODS), amount(point["actual_fen"])])
    return {
        "worth": [
            [
                METHODS[one["method"]],
                f"{one['months']} 个月末",
                rules.percent(one["error_bp"]),
                f"{one['covered']} / {one['intervals']}（{rules.percent(one['covered'] * 10_000 // one['intervals'])}）" if one["intervals"] else "没有给区间",
            ]
            for one in kept["worth"]
        ],
        "charts": charts,
        "table": table,
        "defaults": any(point["curve"] == "default" for point in kept["points"]),
    }  # fmt: skip


def _share(fen: int | None, actual: int) -> int | None:
    return None if fen is None else rules.ratio(fen * 10_000, actual)


def _said(said: list[int | None] | None) -> str:
    if said is None or said[0] is None:
        return "—"
    return amount(said[0]) + (f"（{amount(said[1])} – {amount(said[2])}）" if said[1] is not None and said[2] is not None else "")


def chance(kept: Outlook) -> dict[str, Any]:
    """Return how often the draws reached the target: 内部测算."""
    found, enough = kept.internal, kept.internal["whole_bp"] is not None
    return {
        "known": kept.figures["target_fen"] is not None,
        "pipeline": _about(found["pipeline_bp"]),
        "whole": _about(found["whole_bp"]) if enough else None,
        "range": f"{amount(found['whole'][0])} – {amount(found['whole'][2])}" if found["whole"] else None,
        "years": found["years"],
        "wanted": seasons.MIN_YEARS,
    }


def _about(basis_points: int | None) -> str | None:
    """Return a chance as no more exact than the draws are: under 1 %, over 99 %, else whole percents."""
    if basis_points is None:
        return None
    if basis_points < 100:
        return "不到 1%"
    return "99% 以上" if basis_points > 9_900 else f"约 {basis_points // 100}%"


def gap(figures: Mapping[str, Any], form: Any) -> dict[str, Any]:
    """Return what is missing to the target from each footing, and what `more` contracts of an average would do to it."""
    form.validate()
    average = form.average.fen if form.average.fen and not form.average.errors else figures["average_fen"]
    more = form.more.data if form.more.data is not None and not form.more.errors else 0
    added = more * average if average else 0
    footings = [("已登记", figures["so_far_fen"])] + [(row["label"], row["value_fen"]) for row in rows(figures)]
    found = []
    for label, fen in footings:
        line = {"label": label, "now": amount(fen), "fen": fen, "then": amount(fen + added)}
        if figures["target_fen"] is not None:
            missing, left = figures["target_fen"] - fen, figures["target_fen"] - fen - added
            line["missing"] = amount(missing) if missing > 0 else "已够"
            line["needed"] = forecast.contracts_needed(missing, average) if average else None
            line["left"] = f"还差 {amount(left)}" if left > 0 else f"超出 {amount(-left)}"
        found.append(line)
    return {"rows": found, "average_fen": average, "more": more, "added": amount(added), "target_fen": figures["target_fen"]}
