"""What the cockpit shows: figures in words, with their sentence, their rows and their definition."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import url_for
from markupsafe import Markup

from market.domain import clock, codes
from market.domain import statistics as rules
from market.domain.contracts import FLOW_WORDS, PARTY_KINDS
from market.domain.statistics import DEFINITIONS, STAGES, Cell, Filter
from market.exports import charts
from market.exports.lines import by_amount, field_word
from market.queries.statistics import Cockpit

LONGEST = 11  # bars of one list; the rest is folded below as a table
_COUNTED = {"intent": "个对接", "signed": "份合同", "registered": "份合同", "paid": "笔到账"}


def link(wanted: Filter) -> str:
    """Return the address of the rows behind a figure."""
    return url_for("statistics.rows", **wanted.query())  # type: ignore[arg-type]


def base(view: Cockpit) -> Filter:
    """Return the filter that all figures of the year narrow further."""
    return Filter(year=view.year, until=view.until)


def unit_of(view: Cockpit) -> str:
    """Return the unit of the page's totals: 亿元 once any of them reaches one 亿."""
    return "亿元" if max(cell.amount_fen for cell in view.stages.values()) >= 10_000_000_000 else "万元"


def stage_figures(view: Cockpit) -> list[dict[str, Any]]:
    """Return the four columns, side by side, never added up."""
    unit = unit_of(view)
    found = []
    for stage, word in STAGES.items():
        cell = view.stages[stage]
        number, shown = rules.big(cell.amount_fen, unit if unit == "亿元" else "")
        growth = rules.growth_bp(cell.amount_fen, view.same_period.amount_fen) if stage == "registered" else None
        change = f"{cell.count} {_COUNTED[stage]}"
        if growth is not None:
            change += f"，比去年同期 {rules.percent(growth, signed=True)}"
        found.append({"label": word, "number": number, "unit": shown, "change": change, "stage": stage, **_about(view, stage, word, cell)})
    return found


def _about(view: Cockpit, stage: str, word: str, cell: Cell) -> dict[str, Any]:
    wanted = base(view).but(stage=stage)
    value = f"{rules.big(cell.amount_fen, '')[0]} {rules.big(cell.amount_fen, '')[1]}（{cell.count} {_COUNTED[stage]}）"
    label = {"intent": "意向金额", "signed": "技术合同签约额", "registered": "技术合同登记成交额", "paid": "技术合同到账"}[stage]
    return {
        "href": link(wanted),
        "definition": DEFINITIONS[stage],
        "sentence": rules.sentence(f"普陀区{label}", value, wanted, view.until, DEFINITIONS[stage], view.sample),
    }


def top_sentence(view: Cockpit, run_rate: int | None) -> str:
    """Return the one sentence above everything; says only what is known."""
    registered = view.stages["registered"].amount_fen
    ending = f"至 {view.until.month} 月 {view.until.day} 日" if view.until.month != 12 or view.until.day != 31 else "全年"
    parts = [f"{view.year} 年{ending}登记 {' '.join(rules.big(registered))}"]
    growth = rules.growth_bp(registered, view.same_period.amount_fen)
    parts += [f"比去年同期 {rules.percent(growth, signed=True)}"] if growth is not None else []
    target = view.goal.target_fen
    if target is not None:
        gap = target - registered
        parts.append(f"距目标差 {' '.join(rules.big(gap))}" if gap > 0 else f"已超过目标 {' '.join(rules.big(-gap))}")
    elif view.goal.baseline_fen is None:
        parts.append("基数待录入，暂不能计算距目标多少")
    else:
        parts.append("增量待录入，暂不能计算距目标多少")
    parts += [f"按季节推算年底 {' '.join(rules.big(run_rate))}"] if run_rate is not None else []
    return "，".join(parts) + "。"


def more_figures(view: Cockpit) -> list[dict[str, Any]]:
    """Return the second row: first reported, same period, average, technical share, remaining."""
    cell, wanted = view.stages["registered"], base(view)
    cut = rules.same_day(view.until, view.year - 1)
    share, average = cell.technical_share_bp, cell.average_fen
    rows = [
        (
            "去年同期登记",
            view.same_period.amount_fen,
            DEFINITIONS["registered"],
            link(Filter(year=view.year - 1, until=cut)),
            f"{view.same_period.count} 份合同，截至 {cut}",
        ),
        (
            "首次登记口径",
            view.first_reported.amount_fen,
            DEFINITIONS["first_reported"],
            link(wanted.but(basis="first")),
            f"{view.first_reported.count} 份合同，未计变更和注销",
        ),
        ("平均每份", average, DEFINITIONS["average"], link(wanted), None),
        (
            "技术交易额",
            cell.technical_fen,
            DEFINITIONS["technical"],
            link(wanted),
            f"占成交额 {rules.percent(share)}" if share is not None else None,
        ),
    ]
    found = []
    for label, fen, definition, href, change in rows:
        number, unit = rules.big(fen) if fen is not None else ("无", "")
        said = (
            rules.sentence(f"普陀区技术合同{label}", f"{number} {unit}", wanted, view.until, definition, view.sample)
            if fen is not None
            else None
        )
        found.append(
            {"label": label, "number": number, "unit": unit, "definition": definition, "href": href, "change": change, "sentence": said}
        )
    return found


def gauge(view: Cockpit, seasonal: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the numbers of the goal's gauge in 亿元, or None while baseline or increment is 待录入. `seasonal` is as it was kept."""
    target = view.goal.target_fen
    if target is None or target <= 0:
        return None
    days = (view.until - view.until.replace(month=1, day=1)).days + 1
    running = (view.until.month, view.until.day) != (12, 31)
    end = seasonal["value_fen"] if seasonal else None
    limits = seasonal["limits"] if seasonal else None
    return {
        "registered": _yi(view.stages["registered"].amount_fen),
        "target": _yi(target),
        "baseline": _yi(view.goal.baseline_fen or 0),
        "forecast": _yi(end) if end is not None else None,
        "low": _yi(limits[0]) if limits else None,
        "high": _yi(limits[1]) if limits else None,
        "elapsed": round(days / 365, 3) if running else None,
    }


def _yi(fen: int) -> float:
    """Return 分 as a number of 亿元 with two decimals, for drawing only."""
    return round(fen / 10_000_000_000, 2)


def month_figure(view: Cockpit) -> dict[str, Any]:
    """Return the chart of months with its table."""
    unit = unit_of(view)
    shown = view.until.month
    this, last = (tuple(pair[side].amount_fen for pair in view.months) for side in (0, 1))
    headers = ["月份", "份数", f"{view.year} 年", f"{view.year - 1} 年同月", "增长"]
    rows = []
    for n, (now, then) in enumerate(view.months[:shown], 1):
        here = Markup('<a href="{}">{}</a>').format(link(base(view).but(month=n)), _amount(now))
        there = Markup('<a href="{}">{}</a>').format(link(Filter(year=view.year - 1, month=n)), _amount(then))
        finished = n < shown or (view.until + timedelta(days=1)).month != shown
        rows.append(
            [
                f"{n} 月",
                now.count,
                here,
                there,
                rules.percent(rules.growth_bp(now.amount_fen, then.amount_fen), signed=True) if finished else "本月未完",
            ]
        )
    best = max(range(shown), key=lambda n: this[n], default=0)
    said = f"共 {_fen(sum(this[:shown]))}，{best + 1} 月最多，{_fen(this[best])}"
    sums = [tuple(sum(values[: n + 1]) for n in range(len(values))) for values in (this[:shown], last)]
    return {
        "months": Markup(charts.by_month(this[:shown], last, view.year, unit)),  # noqa: S704 drawn and cleaned by exports.charts
        "cumulative": Markup(charts.cumulative(sums[0], sums[1], view.year, unit, view.goal.target_fen)),  # noqa: S704
        "headers": headers,
        "rows": rows,
        "sum_sentence": rules.sentence(
            "普陀区累计登记成交额",
            f"{_fen(sums[0][-1])}，去年同月末 {_fen(sums[1][shown - 1])}",
            base(view),
            view.until,
            DEFINITIONS["registered"],
            view.sample,
        ),
        "sentence": rules.sentence("普陀区逐月登记成交额", said, base(view), view.until, DEFINITIONS["by_month"], view.sample),
        "sums": [[f"{n} 月", _fen(a), _fen(b)] for n, (a, b) in enumerate(zip(sums[0], sums[1], strict=False), 1)],
        "sum_headers": ["截至", f"{view.year} 年累计", f"{view.year - 1} 年累计"],
    }


def row_sentence(wanted: Filter, whole: Cell, sample: bool) -> str:
    """Return the sum above the rows as a sentence."""
    until = wanted.until or rules.as_of(wanted.year, clock.today())
    value = f"{_fen(whole.amount_fen)}（{whole.count} {_COUNTED[wanted.stage]}）"
    return rules.sentence(f"普陀区{wanted.words()}，合计", value, wanted, until, DEFINITIONS[wanted.stage], sample)


def _amount(cell: Cell) -> str:
    return _fen(cell.amount_fen)


def _fen(fen: int) -> str:
    return " ".join(rules.big(fen))


def bars(view: Cockpit) -> list[dict[str, Any]]:
    """Return the partitions of the registered total as lists of bars, each bar leading to its rows."""
    return [
        _bars(view, "按合同类型", view.by_type, "type", lambda key: codes.CONTRACT_TYPES.get(key, key), DEFINITIONS["by_type"]),
        _bars(view, "按技术领域", view.by_field, "field", field_word, DEFINITIONS["by_field"]),
        _bars(view, "按另一方地区", view.by_region, "region", codes.region_name, DEFINITIONS["by_region"]),
        _bars(view, "按买方性质", view.by_buyer, "buyer", lambda key: PARTY_KINDS.get(key, key), DEFINITIONS["by_buyer"]),
    ]


def _bars(view: Cockpit, title: str, cells: dict[str, Cell], dimension: str, word: Any, definition: str) -> dict[str, Any]:
    whole = view.stages["registered"].amount_fen
    rows = []
    for key in by_amount(cells):
        cell = cells[key]
        share = rules.percent(rules.ratio(cell.amount_fen * 10_000, whole)) if whole else ""
        text = f"{cell.count} 份 · {_amount(cell)} · {share}"
        rows.append({"label": word(key), "value": max(cell.amount_fen, 0), "text": text, "href": link(base(view).but(**{dimension: key}))})
    lead = f"{rows[0]['label']} {rows[0]['text']}居首" if rows else "无"
    said = rules.sentence(f"普陀区登记成交额{title}", lead, base(view), view.until, definition, view.sample)
    rest = [[row["label"], Markup('<a href="{}">{}</a>').format(row["href"], row["text"])] for row in rows[LONGEST:]]
    return {"title": title, "rows": rows[:LONGEST], "rest": rest, "definition": definition, "sentence": said}


def flow_figures(view: Cockpit) -> list[dict[str, Any]]:
    """Return 输出, 吸纳 and 区内循环 apart."""
    found = []
    for flow in ("output", "inner", "intake"):
        cell, wanted = view.flows.get(flow, Cell()), base(view).but(flow=flow)
        number, unit = rules.big(cell.amount_fen)
        said = rules.sentence(
            f"普陀区技术合同{FLOW_WORDS[flow]}", f"{number} {unit}（{cell.count} 份）", wanted, view.until, DEFINITIONS["flow"], view.sample
        )
        note = "计入目标" if flow != "intake" else "不计入目标"
        found.append(
            {
                "label": FLOW_WORDS[flow],
                "number": number,
                "unit": unit,
                "change": f"{cell.count} 份合同，{note}",
                "href": link(wanted),
                "sentence": said,
                "definition": DEFINITIONS["flow"],
            }
        )
    return found
