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


def _related(row: Any) -> str:
    return ("是" if row.related_parties else "否") if row.related_stated or row.related_parties else ""


def _result(row: Any) -> str:
    return "" if row.service_result is None else "是" if row.service_result else "否"


def _remark(row: Any) -> str:
    return "；".join(said for said in (row.early_or_elsewhere, "重复记录，不计数" if row.is_duplicate else None) if said)


def _sample(row: Any) -> str:
    return "示例" if (row.sample if hasattr(row, "sample") else row.is_sample) else ""


def _coded(header: str, group: str, name: str, width: int = 14, meaning: str = "") -> Column:
    """A column that holds the words of a code table."""
    return Column(header, _code(group, name), width=width, meaning=meaning, codes=group)


def _nature(side: str) -> Any:
    def value(row: Any) -> str:
        code = (getattr(row, f"{side}_facts") or {}).get("nature")
        return codes.label("nature", code) if code else ""

    return value


def _party(side: str, word: str) -> list[Column]:
    yes_or_no = [
        ("transfer_agency", "是否技术转移机构", 10),
        ("research", "是否研发机构", 10),
        ("converted", "是否转制院所", 10),
        ("hightech_zone", "是否在国家高新区", 10),
        ("listed", "是否上市", 8),
    ]
    return [
        Column(f"{word}名称", lambda row: getattr(row, f"{side}_name"), width=28, meaning="签订时的全称，与公章一致"),
        Column(f"{word}信用代码", _fact(side, "credit_code"), width=22, meaning="统一社会信用代码，18 位"),
        Column(f"{word}国别", _fact(side, "country"), width=8, meaning="国别或地区"),
        Column(f"{word}地区", lambda row: codes.region_name(getattr(row, f"{side}_region")), meaning="注册地的区或市", codes="region"),
        Column(
            f"{word}地区代码", lambda row: getattr(row, f"{side}_region"), width=10, meaning="GB/T 2260 六位行政区划代码；普陀区是 310107"
        ),
        Column(f"{word}性质", _nature(side), meaning="登记表的单位性质", codes="nature"),
        Column(f"{word}类别", lambda row: PARTY_KINDS.get(getattr(row, f"{side}_kind"), ""), meaning=DEFINITIONS["by_buyer"]),
        Column(f"{word}法定代表人", _fact(side, "legal_person"), meaning="登记表栏目"),
        Column(f"{word}联系人", _fact(side, "contact"), meaning="登记表栏目；个人信息，只在办理登记时使用"),
        Column(f"{word}电话", _fact(side, "phone"), meaning="登记表栏目；个人信息，只在办理登记时使用"),
        Column(f"{word}地址", _fact(side, "address"), width=30, meaning="登记表栏目"),
        Column(f"{word}邮编", _fact(side, "postcode"), width=8, meaning="登记表栏目"),
        *(Column(f"{word}{said}", _fact(side, name), width=width, meaning="是或否，登记表栏目") for name, said, width in yes_or_no),
        Column(f"{word}规模", _fact(side, "scale"), width=8, meaning="企业规模：大型、中型、小型、微型"),
    ]


CONTRACTS: list[Column] = [
    Column("合同登记编号", lambda row: row.registration_number or "", width=20, meaning="登记机构给出的 16 位编号"),
    Column("项目名称", lambda row: row.title, width=40, meaning="合同上的项目名称"),
    _coded("合同类型", "contract_type", "type", meaning=DEFINITIONS["by_type"]),
    _coded("合同子类", "contract_subtype", "subtype", meaning="合同类型之下的子类"),
    Column("状态", _state, meaning="合同走到哪一步：" + "、".join(CONTRACT.states.values())),
    Column("流向", lambda row: FLOW_WORDS[row.flow], meaning=DEFINITIONS["flow"]),
    Column("签订日期", lambda row: row.signed_on, "day", 12, "双方盖章的日期"),
    Column("起始日期", lambda row: row.starts_on, "day", 12, "合同约定"),
    Column("终止日期", lambda row: row.ends_on, "day", 12, "合同约定"),
    Column("登记日期", lambda row: row.registered_on, "day", 12, "登记证明上的日期；计入哪一年、哪一月看它"),
    Column("成交额(元)", lambda row: row.amount_fen, "yuan", 18, "首次登记或录入的合同总价"),
    Column("技术交易额(元)", lambda row: row.technical_amount_fen, "yuan", 18, DEFINITIONS["technical"]),
    Column("变更(元)", lambda row: sum(a.delta_fen for a in row.adjustments), "yuan", 16, "变更登记和注销登记的金额之和（增为正，减为负）"),
    Column("到账(元)", lambda row: sum(p.amount_fen for p in row.payments), "yuan", 18, "已经收到的款项之和"),
    Column("整份合同总价(元)", lambda row: row.joint_total_fen, "yuan", 18, "合作开发由几方各自登记的，全部份额之和；成交额是本行这一份"),
    _coded("支付方式", "payment_mode", "payment_mode", meaning="登记表栏目"),
    Column("入门费(元)", lambda row: row.entry_fee_fen, "yuan", 16, "支付方式为入门费加提成的"),
    Column("提成比例", lambda row: row.royalty_bp, "percent", 10, "按提成基数的百分之几"),
    Column("提成基数", lambda row: row.royalty_base, width=16, meaning="提成按什么算，例如净销售额"),
    Column("是否关联交易", _related, width=8, meaning="买卖双方是否关联企业；没有人说过的空着"),
    _coded("计划来源", "plan_source", "plan_source", meaning="登记表栏目"),
    _coded("知识产权", "ip_type", "ip_type", meaning="登记表栏目"),
    _coded("技术领域", "field", "field", 18, DEFINITIONS["by_field"]),
    _coded("社会经济目标", "goal", "goal_code", 20, "登记表栏目"),
    Column("国民经济行业", lambda row: row.industry or "", width=10, meaning="GB/T 4754 代码"),
    Column("预计新增投入(元)", lambda row: row.new_investment_fen, "yuan", 16, "仅技术转让填写"),
    Column("预计新增产值(元)", lambda row: row.new_output_fen, "yuan", 16, "仅技术转让填写"),
    _coded("与主合同的关系", "parent_kind", "parent_kind", 14, "补充、子合同等；空着的没有主合同"),
    Column("职务成果", _result, width=8, meaning="公立单位转让、许可职务成果的为是；没有人说过的空着"),
    _coded("定价方式", "pricing", "pricing", 12, "协议定价、挂牌或拍卖"),
    *_party("seller", "卖方"),
    *_party("buyer", "买方"),
    Column("登记机构", lambda row: row.registry_office, width=20, meaning="办理认定登记的机构"),
    Column("提示", _remark, width=24, meaning="签订早于选定或对接、在平台之外签订的，照录并提示"),
    Column("重复", lambda row: "是" if row.is_duplicate else "", width=6, meaning="写“是”的与另一行是同一份合同，列出但不计入统计"),
    Column("示例", _sample, width=6, meaning="写“示例”的是示例市场的行，不可对外引用"),
]

FIGURE_ROWS: list[Column] = [
    Column("日期", lambda row: row.day, "day", 12, "登记数是登记日期，签约数是签订日期，到账数是到账日期"),
    Column("项目名称", lambda row: row.title, width=40, meaning="合同上的项目名称；意向是所谈的需求或成果"),
    Column("登记编号", lambda row: row.number, width=20, meaning="登记机构给出的 16 位编号"),
    _coded("合同类型", "contract_type", "type", meaning=DEFINITIONS["by_type"]),
    _coded("技术领域", "field", "field", 18, DEFINITIONS["by_field"]),
    Column("卖方", lambda row: row.seller, width=28, meaning="意向是供给方"),
    Column("卖方地区", lambda row: codes.region_name(row.seller_region), meaning="注册地的区或市", codes="region"),
    Column("买方", lambda row: row.buyer, width=28, meaning="意向是需求方"),
    Column("买方地区", lambda row: codes.region_name(row.buyer_region), meaning="注册地的区或市", codes="region"),
    Column("计入金额(元)", lambda row: row.amount_fen, "yuan", 18, "这一行计入所列数字的金额；登记数已加减变更和注销"),
    Column("技术交易额(元)", lambda row: row.technical_fen, "yuan", 18, DEFINITIONS["technical"]),
    Column("首次金额(元)", lambda row: row.first_fen, "yuan", 18, "首次登记时的成交额，未计变更和注销"),
    Column("示例", _sample, width=6, meaning="写“示例”的是示例市场的行，不可对外引用"),
]

LINES: list[Column] = [
    Column("指标", lambda row: row.section, width=16, meaning="这一行属于哪一组数字；四项是不同阶段，不相加"),
    Column("项目", lambda row: row.label, width=24, meaning="组内的一项"),
    Column("份数", lambda row: row.cell.count, "integer", 10, "合同份数；意向是对接个数，到账是笔数"),
    Column("成交额(元)", lambda row: row.cell.amount_fen, "yuan", 20, DEFINITIONS["registered"]),
    Column("技术交易额(元)", lambda row: row.cell.technical_fen, "yuan", 20, DEFINITIONS["technical"]),
    Column("平均(元)", lambda row: row.cell.average_fen, "yuan", 18, DEFINITIONS["average"]),
    Column("技术交易额占比", lambda row: row.cell.technical_share_bp, "percent", 12, DEFINITIONS["technical"]),
    Column("去年(元)", lambda row: row.last.amount_fen if row.last else None, "yuan", 20, "分月为去年同月；登记为去年同期"),
    Column("增长", lambda row: row.growth_bp, "percent", 10, DEFINITIONS["growth"]),
    Column("口径", lambda row: row.definition, width=60, meaning="这个数字怎么算"),
]

MONTHLY: list[Column] = [
    Column("指标", lambda row: row.label, width=26, meaning="合计、流向、类型或领域"),
    Column("本月份数", lambda row: row.month.count, "integer", 10, "登记日期在本月的合同份数"),
    Column("本月成交额(万元)", lambda row: row.month.amount_fen, "wan", 18, DEFINITIONS["registered"]),
    Column("本月技术交易额(万元)", lambda row: row.month.technical_fen, "wan", 20, DEFINITIONS["technical"]),
    Column("累计份数", lambda row: row.so_far.count, "integer", 10, "1 月 1 日至当月末"),
    Column("累计成交额(万元)", lambda row: row.so_far.amount_fen, "wan", 18, "1 月 1 日至当月末"),
    Column("累计技术交易额(万元)", lambda row: row.so_far.technical_fen, "wan", 20, "1 月 1 日至当月末"),
    Column("去年同期累计(万元)", lambda row: row.last.amount_fen, "wan", 18, "去年 1 月 1 日至同日"),
    Column("累计增长", lambda row: row.growth_bp, "percent", 10, DEFINITIONS["growth"]),
]
