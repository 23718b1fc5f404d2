"""A listing's words ready to show, label by label: what is frozen at each submission and compared afterwards."""

from __future__ import annotations

from market.domain import clock, codes, money
from market.models import Capability, Challenge

LABELS: dict[str, dict[str, str]] = {
    "challenge": {
        "title": "标题",
        "pain": "难题",
        "background": "背景",
        "tried": "试过什么、卡在哪里",
        "indicators": "技术指标",
        "field": "技术领域",
        "track": "赛道",
        "need_type": "需求类型",
        "budget": "预算",
        "period": "周期",
        "closes": "截止日期",
        "modes": "合作方式",
        "ip_wish": "知识产权意向",
        "requirements": "对揭榜方的要求",
        "procedure": "办理方式",
        "anonymous": "对公众匿名",
        "contact": "联系人",
    },
    "capability": {
        "title": "名称",
        "kind": "类别",
        "summary": "简介",
        "problem": "解决的问题",
        "advantages": "优势",
        "conditions": "合作条件",
        "evidence": "证明材料",
        "team": "团队",
        "field": "技术领域",
        "track": "赛道",
        "stage": "成熟阶段",
        "ip": "知识产权",
        "modes": "合作方式",
        "price": "价格",
        "contact": "联系人",
    },
}


def kind_of(listing: Challenge | Capability) -> str:
    """Return challenge or capability."""
    return "challenge" if isinstance(listing, Challenge) else "capability"


def content(listing: Challenge | Capability) -> dict[str, str]:
    """Return a listing's words by the keys of LABELS, ready to show (its rows loaded)."""
    return _challenge(listing) if isinstance(listing, Challenge) else _capability(listing)


def changed_labels(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return the labels of what differs."""
    labels = LABELS["challenge" if "pain" in after else "capability"]
    return [words for key, words in labels.items() if before.get(key, "") != after.get(key, "")]


def _challenge(c: Challenge) -> dict[str, str]:
    amounts = [money.wan(fen) for fen in (c.budget_fen, c.budget_max_fen) if fen is not None]
    return {
        "title": c.title or "",
        "pain": c.pain or "",
        "background": c.background or "",
        "tried": c.tried or "",
        "indicators": "\n".join(
            f"{row.name}：{row.present or '—'} → {row.target or '—'} {row.unit}（{'必达' if row.must else '期望'}）{row.method}".strip()
            for row in c.indicators
        ),
        "field": _word("field", c.field),
        "track": c.track or "",
        "need_type": _word("need_type", c.need_type),
        "budget": " 至 ".join(amounts) or ("面议" if c.budget_stated else ""),
        "period": f"{c.period_months} 个月" if c.period_months else "",
        "closes": f"{clock.local(c.closes_at):%Y-%m-%d}" if c.closes_at else "",
        "modes": _words("mode", c.modes),
        "ip_wish": _word("ip_wish", c.ip_wish),
        "requirements": c.requirements or "",
        "procedure": _word("procedure", c.procedure),
        "anonymous": "否" if c.anonymous is False else "是",
        "contact": " ".join(part for part in (c.contact_name, c.contact_phone) if part),
    }


def _capability(c: Capability) -> dict[str, str]:
    return {
        "title": c.title or "",
        "kind": _word("capability_kind", c.kind),
        "summary": c.summary or "",
        "problem": c.problem or "",
        "advantages": c.advantages or "",
        "conditions": c.conditions or "",
        "evidence": c.evidence or "",
        "team": c.team or "",
        "field": _word("field", c.field),
        "track": c.track or "",
        "stage": _word("stage", c.stage),
        "ip": "\n".join(f"{_word('ip_type', row.type)} {row.number} {_word('ip_status', row.status)}" for row in c.ip_rights),
        "modes": _words("mode", c.modes),
        "price": money.wan(c.price_fen) if c.price_fen is not None else ("面议" if c.price_stated else ""),
        "contact": " ".join(part for part in (c.contact_name, c.contact_phone) if part),
    }


def _word(group: str, code: str | None) -> str:
    return codes.label(group, code) if code else ""


def _words(group: str, joined: str | None) -> str:
    return "、".join(codes.label(group, code) for code in (joined or "").split(";") if code)
