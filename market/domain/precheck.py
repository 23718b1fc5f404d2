"""The sixteen reasons for which a contract comes back from the registry, asked before it is filed.

One row an item: the question, what the contract itself says about it (`check`) and whether a person must answer, what to
mend and in which field, and where the reason comes from. Nothing here decides: the 登记机构 does. An answer holds for what
the contract said when it was given (`basis`); after a change the question is asked again. Sources marked 待核 were read in
copies; the rules annexed to the 办法 of 2026 have not been compared.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from stdnum.cn import uscc

from market.domain import money
from market.domain.codes import CONTRACT_TYPES, REGIONS, ROYALTY_MODES, region_name
from market.domain.costs import KINDS

PASS, MEND, WARN, ASK, SKIP = "pass", "mend", "warn", "ask", "skip"
STATE_WORDS = {PASS: "通过", MEND: "要改", WARN: "请留意", ASK: "待回答", SKIP: "不适用"}
PERSON = "400"  # 自然人 has no 统一社会信用代码
_CONTENT = 6  # characters of a title beside the words that every contract has
_GENERIC = re.compile(r"技术|开发|转让|许可|咨询|服务|委托|合作|项目|合同|协议|书|关于|的")
_RESTRICTIVE = re.compile(r"不得改进|禁止改进|无偿回授|独家回授|强制搭售|搭售|不得研发|排他性回授|限制竞争|不得异议")
_RULES, _CONDITIONS = "《技术合同认定规则》第三十九条（转载文本，待核）", "技术合同认定条件（2020 年转载文本，待核）"
_FORM = "技术合同登记表的栏目（2021 年登记系统，待核）"
_DRAFT = "《技术合同认定登记管理办法（征求意见稿）》第十一条（正式文本待核）；卖方登记为各地一贯做法"


@dataclass(frozen=True)
class Facts:
    """What the checks may ask about. `contract` has the columns of the record with costs, instalments and adjustments loaded."""

    contract: Any
    today: date
    names: Mapping[str, str]  # side → the name in the organisation's own file, where it is on the platform
    twins: Sequence[str] = ()  # titles of contracts that may be the same
    number_taken: bool = False


@dataclass(frozen=True)
class Finding:
    """What a check says: pass, mend or warn, and why; `field` is where to mend, if not the item's own."""

    state: str
    said: str
    field: str = ""


@dataclass(frozen=True)
class Item:
    """One reason of refusal as a question."""

    key: str
    question: str
    how: str
    mend: str
    field: str
    source: str
    check: Callable[[Facts], Finding] | None = None
    asked: bool = False
    applies: Callable[[Any], bool] = lambda _contract: True
    basis: Callable[[Any], Sequence[Any]] = lambda _contract: ()


@dataclass(frozen=True)
class Result:
    """One item for one contract."""

    number: int
    item: Item
    state: str
    said: str
    field: str
    answer: str = ""  # yes, no, or empty


def _parties(facts: Facts) -> Finding:
    for side, word in (("seller", "卖方"), ("buyer", "买方")):
        block = getattr(facts.contract, f"{side}_facts") or {}
        name, code = getattr(facts.contract, f"{side}_name"), str(block.get("credit_code") or "")
        if not name:
            return Finding(MEND, f"{word}没有名称", f"{side}-name")
        if block.get("nature") != PERSON and str(block.get("country") or "中国") == "中国" and not uscc.is_valid(code):
            return Finding(MEND, f"{word}{'的统一社会信用代码不对' if code else '没有统一社会信用代码'}", f"{side}-credit_code")
        if (known := facts.names.get(side)) and known != name:
            return Finding(WARN, f"合同上的{word}是“{name}”，单位档案里是“{known}”，请与公章核对", f"{side}-name")
    return Finding(PASS, "双方名称和信用代码齐全，信用代码校验通过")


def _content(facts: Facts) -> Finding:
    rest = re.sub(r"[\W_\d]+", "", _GENERIC.sub("", facts.contract.title))
    if len(rest) < _CONTENT:
        return Finding(WARN, f"项目名称“{facts.contract.title}”看不出做什么技术")
    return Finding(PASS, "项目名称说到了具体的技术")


def _price(facts: Facts) -> Finding:
    contract = facts.contract
    if not contract.amount_fen:
        return Finding(MEND, "没有成交额", "amount")
    if contract.payment_mode == "instalments" and not contract.instalments:
        return Finding(MEND, "支付方式是分期支付，还没有写各期", "instalments")
    if contract.payment_mode in ROYALTY_MODES and not (contract.royalty_bp and contract.royalty_base):
        return Finding(MEND, "提成支付要写提成比例和基数", "royalty")
    if contract.payment_mode in ROYALTY_MODES:
        return Finding(WARN, "成交额含预计的提成：实际数出来以后要补正，再办税收优惠和奖励", "royalty")
    return Finding(PASS, f"成交额 {money.wan(contract.amount_fen)}，支付方式已写明")


def _clauses(facts: Facts) -> Finding:
    found = sorted(set(_RESTRICTIVE.findall(f"{facts.contract.title}\n{facts.contract.note}")))
    return (
        Finding(WARN, f"备注里有“{'”“'.join(found)}”，请核对合同正文", "note") if found else Finding(PASS, "名称和备注里没有限制性的字样")
    )


def _right(facts: Facts) -> Finding:
    contract = facts.contract
    if not contract.ip_type:
        return Finding(MEND, "没有选知识产权类型")
    if contract.subtype in {"patent_right", "patent_application", "patent_licence"} and contract.ip_type not in {
        "invention", "utility", "design",
    }:  # fmt: skip
        return Finding(MEND, "合同是专利的转让或许可，知识产权却不是专利")
    if contract.ip_type == "none":
        return Finding(WARN, "转让或许可一般有知识产权，现在填的是“未涉及知识产权”")
    return Finding(PASS, "知识产权类型与合同类型相符")


def _amounts(facts: Facts) -> Finding:
    contract = facts.contract
    total, technical = contract.amount_fen, contract.technical_amount_fen
    if technical is None:
        return Finding(MEND, "没有技术交易额")
    if not 0 < technical <= total:
        return Finding(MEND, "技术交易额应大于 0 且不超过成交额")
    out = sum(line.amount_fen for line in contract.costs if line.kind in KINDS and not KINDS[line.kind].counted)
    if contract.costs and total - out != technical:
        return Finding(MEND, f"成交额减去清单里的非技术费用是 {money.wan(total - out)}，技术交易额写的是 {money.wan(technical)}", "costs")
    if not contract.costs and technical < total:
        return Finding(WARN, f"技术交易额比成交额少 {money.wan(total - technical)}，还没有费用清单说明扣了什么", "costs")
    return Finding(PASS, f"成交额 {money.wan(total)}，技术交易额 {money.wan(technical)}，对得上")


def _days(facts: Facts) -> Finding:
    contract, today = facts.contract, facts.today
    missing = [(name, word) for name, word in (("starts_on", "起始日期"), ("ends_on", "终止日期")) if getattr(contract, name) is None]
    if contract.signed_on is None:
        return Finding(MEND, "还没有签订日期", "signed_on")
    if missing:
        return Finding(MEND, f"没有{'和'.join(word for _name, word in missing)}", missing[0][0])
    if contract.ends_on < contract.starts_on:
        return Finding(MEND, "终止日期早于起始日期", "ends_on")
    if contract.ends_on < today and contract.state not in {"registered", "cancelled"}:
        return Finding(MEND, f"合同已于 {contract.ends_on} 到期：登记要在有效期内办，请与登记机构确认能否办理", "ends_on")
    if contract.starts_on < contract.signed_on:
        return Finding(WARN, "起始日期早于签订日期，请与合同正文核对", "starts_on")
    return Finding(PASS, "签订、起始、终止的先后正确，合同在有效期内")


def _applicant(facts: Facts) -> Finding:
    region = facts.contract.seller_region
    if region not in REGIONS or region.endswith("0000"):
        return Finding(MEND, f"卖方注册地只到{region_name(region)}：请填到区或市")
    if not region.startswith("31") and not region.endswith("00"):
        return Finding(PASS, f"卖方在{region_name(region)}，由卖方在当地登记")
    return Finding(PASS, f"由卖方向{region_name(region)}的登记机构申请")


def _columns(facts: Facts) -> Finding:
    names = (
        ("field", "技术领域"), ("ip_type", "知识产权"), ("plan_source", "计划来源"), ("goal_code", "社会经济目标"), ("industry", "国民经济行业"),
    )  # fmt: skip
    missing = [(name, word) for name, word in names if not getattr(facts.contract, name)]
    if missing:
        return Finding(MEND, f"没有填{'、'.join(word for _name, word in missing)}", missing[0][0])
    return Finding(PASS, "五个分类栏目都填了")


def _related(facts: Facts) -> Finding:
    if not facts.contract.related_stated:
        return Finding(MEND, "没有说明是不是关联交易")
    return Finding(PASS, "填的是关联交易，登记机构会多看一眼" if facts.contract.related_parties else "填的是非关联交易")


def _once(facts: Facts) -> Finding:
    if facts.number_taken:
        return Finding(MEND, "登记编号已经用在另一份合同上")
    if facts.contract.is_duplicate:
        return Finding(MEND, "已判断为另一份合同的重复记录，不再登记")
    if facts.twins:
        return Finding(WARN, f"可能与《{facts.twins[0]}》{'等 ' + str(len(facts.twins)) + ' 份' if len(facts.twins) > 1 else ''}是同一份")
    return Finding(PASS, "没有发现同一份合同")


def _sides(contract: Any) -> Sequence[Any]:
    return (contract.seller_name, contract.buyer_name)


def _kind(contract: Any) -> Sequence[Any]:
    return (contract.type, contract.subtype, contract.ip_type)


def _text(contract: Any) -> Sequence[Any]:
    return (contract.type, contract.title)


_TRAINING = {"training", "intermediary"}
ITEMS: tuple[Item, ...] = (
    Item("parties", "双方是谁写清楚了吗？名称与统一社会信用代码一致吗？", "核对名称、信用代码的校验位和单位档案", "改成与营业执照或法人证书一致的全称和代码", "seller-name", _RULES, _parties),
    Item("seal", "合同上的印章或电子签章，与填写的单位名称一字不差吗？", "请对照盖章页回答", "印章与名称不一致的，改名称或重新盖章", "seller-name", _RULES, asked=True, basis=_sides),
    Item("content", "正文写明了技术内容吗？（不能只写“见附件”）", "看项目名称，再请您回答正文", "在正文写明做什么技术、做到什么程度；项目名称也写具体", "title", _RULES, _content, asked=True, basis=_text),
    Item("price", "价款或费用、支付方式写明了吗？提成的写明规则了吗？", "核对成交额、分期和提成", "补上分期安排，或提成的比例和基数", "amount", _RULES, _price),
    Item("clauses", "没有非法垄断技术、妨碍技术进步或侵害他人成果的条款，对吗？", "看名称和备注的字样，再请您回答", "删去限制对方改进、强制回授、搭售一类的条款", "note", f"{_RULES}；《民法典》第八百五十条（待核）", _clauses, asked=True, basis=lambda c: (c.title, c.note)),
    Item("proofs", "合同里提到的证书、批文、授权书都附上了吗？", "请对照附件清单回答", "补齐专利证书、受理通知、授权书等附件", "ip_type", _RULES, asked=True, basis=_kind),
    Item("development", "技术开发：写明了目标、新在哪里、可测的指标和验收方法吗？", "请对照正文回答", "补上量化指标和验收方法；已掌握的技术不能按开发登记", "kind", _CONDITIONS, asked=True, applies=lambda c: c.type == "KF", basis=_text),
    Item("right", "转让、许可：成果是哪一项、权利号、状态、期限和归属写明了吗？", "核对知识产权类型，再请您回答", "写明专利号或登记号、法律状态、有效期和权利人", "ip_type", f"{_CONDITIONS}；《民法典》第八百四十五条", _right, asked=True, applies=lambda c: c.type in {"ZR", "XK"}, basis=_kind),
    Item("training", "培训、中介：写明了特定的项目、指定的学员，或特定的技术交易吗？", "请对照正文回答", "写明针对哪个技术项目、培训哪些技术人员，或促成哪一笔技术交易", "kind", "《技术合同认定规则》第二十五至三十一条（转载文本，待核）", asked=True, applies=lambda c: c.subtype in _TRAINING, basis=_text),
    Item("amounts", "成交额、技术交易额和非技术费用对得上吗？", "核对两个金额和费用清单", "列出设备、仪器、零部件、原材料，从成交额里扣除", "technical_amount", _CONDITIONS, _amounts),
    Item("days", "签订、起始、终止日期先后正确，合同还在有效期内吗？", "核对三个日期", "改成合同正文的日期；过期的先与登记机构确认", "starts_on", _FORM, _days),
    Item("written", "是书面合同吗？外文合同附了中文译本吗？", "请您回答", "口头约定先签成书面；外文合同附中文译本", "title", "《民法典》第八百五十一条；《技术合同认定规则》第三十六条（转载文本，待核）", asked=True, basis=lambda c: (c.title,)),
    Item("applicant", "由卖方申请，卖方所在的区或市清楚吗？", "核对卖方注册地", "把卖方注册地填到区或市；登记由卖方在当地办", "seller-region", _DRAFT, _applicant),
    Item("columns", "技术领域、知识产权、计划来源、社会经济目标、国民经济行业都填了吗？", "核对五个栏目", "在登记表的其他栏目里补上", "field", _FORM, _columns),
    Item("related", "是不是关联交易说明了吗？", "核对是否填写", "如实选择是或否", "related", _FORM, _related),
    Item("once", "这份合同没有登记过，也没有录入两遍，对吗？", "查登记编号，查双方、日期、金额相同和名称几乎一样的合同", "到“疑似重复”里判断是不是同一份", "title", "合同只登记一次（各地做法，待核）；查重规则是本站的", _once),
)  # fmt: skip
BY_KEY = {item.key: item for item in ITEMS}


def basis_of(item: Item, contract: Any) -> str:
    """Return what an answer to `item` rests on now, as a short digest."""
    said = "\x1f".join(str(part) for part in item.basis(contract))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def results(facts: Facts, answers: Mapping[str, tuple[str, str]]) -> list[Result]:
    """Return all sixteen for one contract; `answers` maps an item to (yes or no, the basis it was given on)."""
    return [_result(number, item, facts, answers.get(item.key)) for number, item in enumerate(ITEMS, 1)]


def _result(number: int, item: Item, facts: Facts, answered: tuple[str, str] | None) -> Result:
    if not item.applies(facts.contract):
        kind = CONTRACT_TYPES.get(facts.contract.type, "")
        return Result(number, item, SKIP, f"这份合同是{kind}，不问这一项", item.field)
    found = item.check(facts) if item.check else Finding(PASS, "")
    field, answer = found.field or item.field, ""
    if answered is not None and answered[1] == basis_of(item, facts.contract):
        answer = answered[0]
    if not item.asked or found.state == MEND:
        return Result(number, item, found.state, found.said, field, answer)
    if answer == "no":
        return Result(number, item, MEND, "您回答了“没有”", field, answer)
    if not answer:
        said = "合同改过，请再核对一次" if answered else "请对照合同回答"
        return Result(number, item, ASK, f"{found.said}；{said}" if found.state == WARN else said, field)
    return Result(number, item, found.state, found.said or "您回答了“是”", field, answer)


def counts(found: Sequence[Result]) -> dict[str, int]:
    """Return how many items stand in each state, all states named."""
    return {state: sum(result.state == state for result in found) for state in STATE_WORDS}


def sentence(found: Sequence[Result]) -> str:
    """Return the pre-check in one line, e.g. 要改 2 项，待回答 3 项，通过 10 项."""
    number = counts(found)
    return "，".join(f"{STATE_WORDS[state]} {number[state]} 项" for state in (MEND, WARN, ASK, PASS) if number[state])
