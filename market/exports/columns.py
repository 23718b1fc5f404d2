"""The columns of the tables that leave the market: Chinese headers, types, meanings."""

from __future__ import annotations

from typing import Any

from market.domain import codes
from market.domain.contracts import CONTRACT, FLOW_WORDS, PARTY_KINDS
from market.domain.statistics import DEFINITIONS
from market.exports.writers import Column


def _code(group: str, name: str) -> Any:
    def value(row: Any) -> str:
        code = getattr(row, name)
        return codes.label(group, code) if code else ""

    return value


def _fact(side: str, name: str) -> Any:
    def value(row: Any) -> str:
        found = (getattr(row, f"{side}_facts") or {}).get(name)
        if isinstance(found, bool):
            return "是" if found else "否"
        return str(found or "")

    return value


def _state(row: Any) -> str:
    return CONTRACT.states.get(row.state, row.state)


def _sample(row: Any) -> str:
    return "示例" if (row.sample if hasattr(row, "sample") else row.is_sample) else ""


def _party(side: str, word: str) -> list[Column]:
    return [
        Column(f"{word}名称", lambda row: getattr(row, f"{side}_name"), width=28),
        Column(f"{word}信用代码", _fact(side, "credit_code"), width=22),
        Column(f"{word}国别", _fact(side, "country"), width=8),
        Column(f"{word}地区", lambda row: codes.region_name(getattr(row, f"{side}_region"))),
        Column(f"{word}地区代码", lambda row: getattr(row, f"{side}_region"), width=10),
        Column(
            f"{word}性质",
            lambda row: (
                codes.label("nature", (getattr(row, f"{side}_facts") or {}).get("nature") or "")
                if (getattr(row, f"{side}_facts") or {}).get("nature")
                else ""
            ),
        ),
        Column(f"{word}类别", lambda row: PARTY_KINDS.get(getattr(row, f"{side}_kind"), ""), meaning=DEFINITIONS["by_buyer"]),
        Column(f"{word}法定代表人", _fact(side, "legal_person")),
        Column(f"{word}联系人", _fact(side, "contact")),
        Column(f"{word}电话", _fact(side, "phone")),
        Column(f"{word}地址", _fact(side, "address"), width=30),
        Column(f"{word}邮编", _fact(side, "postcode"), width=8),
        Column(f"{word}是否技术转移机构", _fact(side, "transfer_agency"), width=10),
        Column(f"{word}是否研发机构", _fact(side, "research"), width=10),
        Column(f"{word}是否转制院所", _fact(side, "converted"), width=10),
        Column(f"{word}是否在国家高新区", _fact(side, "hightech_zone"), width=10),
        Column(f"{word}是否上市", _fact(side, "listed"), width=8),
        Column(f"{word}规模", _fact(side, "scale"), width=8),
    ]


CONTRACTS: list[Column] = [
    Column("合同登记编号", lambda row: row.registration_number or "", width=20, meaning="登记机构给出的 16 位编号"),
    Column("项目名称", lambda row: row.title, width=40),
    Column("合同类型", _code("contract_type", "type")),
    Column("合同子类", _code("contract_subtype", "subtype")),
    Column("状态", _state),
    Column("流向", lambda row: FLOW_WORDS[row.flow], meaning=DEFINITIONS["flow"]),
    Column("签订日期", lambda row: row.signed_on, "day", 12),
    Column("起始日期", lambda row: row.starts_on, "day", 12),
    Column("终止日期", lambda row: row.ends_on, "day", 12),
    Column("登记日期", lambda row: row.registered_on, "day", 12),
    Column("成交额(元)", lambda row: row.amount_fen, "yuan", 18, "首次登记或录入的合同总价"),
    Column("技术交易额(元)", lambda row: row.technical_amount_fen, "yuan", 18, DEFINITIONS["technical"]),
    Column("变更(元)", lambda row: sum(a.delta_fen for a in row.adjustments), "yuan", 16, "变更登记和注销登记的金额之和（增为正，减为负）"),
    Column("到账(元)", lambda row: sum(p.amount_fen for p in row.payments), "yuan", 18),
    Column("支付方式", _code("payment_mode", "payment_mode")),
    Column("是否关联交易", lambda row: "是" if row.related_parties else "否", width=8),
    Column("计划来源", _code("plan_source", "plan_source")),
    Column("知识产权", _code("ip_type", "ip_type")),
    Column("技术领域", _code("field", "field"), width=18),
    Column("社会经济目标", _code("goal", "goal_code"), width=20),
    Column("国民经济行业", lambda row: row.industry or "", width=10),
    Column("预计新增投入(元)", lambda row: row.new_investment_fen, "yuan", 16),
    Column("预计新增产值(元)", lambda row: row.new_output_fen, "yuan", 16),
    *_party("seller", "卖方"),
    *_party("buyer", "买方"),
    Column("登记机构", lambda row: row.registry_office, width=20),
    Column("提示", lambda row: row.early_or_elsewhere or "", width=24),
    Column("示例", _sample, width=6),
]

FIGURE_ROWS: list[Column] = [
    Column("日期", lambda row: row.day, "day", 12),
    Column("项目名称", lambda row: row.title, width=40),
    Column("登记编号", lambda row: row.number, width=20),
    Column("合同类型", _code("contract_type", "type")),
    Column("技术领域", _code("field", "field"), width=18),
    Column("卖方", lambda row: row.seller, width=28),
    Column("卖方地区", lambda row: codes.region_name(row.seller_region)),
    Column("买方", lambda row: row.buyer, width=28),
    Column("买方地区", lambda row: codes.region_name(row.buyer_region)),
    Column("计入金额(元)", lambda row: row.amount_fen, "yuan", 18, "这一行计入所列数字的金额；登记数已加减变更和注销"),
    Column("技术交易额(元)", lambda row: row.technical_fen, "yuan", 18),
    Column("首次金额(元)", lambda row: row.first_fen, "yuan", 18),
    Column("示例", _sample, width=6),
]

LINES: list[Column] = [
    Column("指标", lambda row: row.section, width=16),
    Column("项目", lambda row: row.label, width=24),
    Column("份数", lambda row: row.cell.count, "integer", 10),
    Column("成交额(元)", lambda row: row.cell.amount_fen, "yuan", 20),
    Column("技术交易额(元)", lambda row: row.cell.technical_fen, "yuan", 20),
    Column("平均(元)", lambda row: row.cell.average_fen, "yuan", 18, DEFINITIONS["average"]),
    Column("技术交易额占比", lambda row: row.cell.technical_share_bp, "percent", 12, DEFINITIONS["technical"]),
    Column("去年(元)", lambda row: row.last.amount_fen if row.last else None, "yuan", 20, "分月为去年同月；登记为去年同期"),
    Column("增长", lambda row: row.growth_bp, "percent", 10),
    Column("口径", lambda row: row.definition, width=60),
]

MONTHLY: list[Column] = [
    Column("指标", lambda row: row.label, width=26),
    Column("本月份数", lambda row: row.month.count, "integer", 10),
    Column("本月成交额(万元)", lambda row: row.month.amount_fen, "wan", 18),
    Column("本月技术交易额(万元)", lambda row: row.month.technical_fen, "wan", 20),
    Column("累计份数", lambda row: row.so_far.count, "integer", 10),
    Column("累计成交额(万元)", lambda row: row.so_far.amount_fen, "wan", 18, "1 月 1 日至当月末"),
    Column("累计技术交易额(万元)", lambda row: row.so_far.technical_fen, "wan", 20),
    Column("去年同期累计(万元)", lambda row: row.last.amount_fen, "wan", 18, "去年 1 月 1 日至同日"),
    Column("累计增长", lambda row: row.growth_bp, "percent", 10, DEFINITIONS["growth"]),
]
