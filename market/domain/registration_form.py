"""The registration form (技术合同登记表) field by field, in the order in which the national system asks.

One table: from it come the copy page, the XLSX, the DOCX and the columns of the batch. Names in Latin letters are those of
the system's own fields as a university's public filling program read them in 2021; order and names are 待核 against the
present system. Amounts are written in the unit and with the decimals that the dated rules say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from market.domain import classifications, codes, money
from market.domain.contract_terms import payment_sentence

UNCHECKED = "栏目名称和顺序按 2021 年登记系统的公开资料整理，尚未与现行系统核对（待核）；填报以系统页面为准。"
CONTRACT, SELLER, BUYER = "合同", "卖方（申请登记的一方）", "买方"


@dataclass(frozen=True)
class Unit:
    """In what amounts are written: how many 元 make one, and how many decimals the field takes."""

    yuan: int = 1
    places: int = 2
    checked: bool = False
    source: str = ""

    @property
    def word(self) -> str:
        """元, 万元, or what else the rule says."""
        return {1: "元", 10_000: "万元"}.get(self.yuan, f"{self.yuan} 元")

    @property
    def hint(self) -> str:
        """The unit as the copy page says it."""
        return f"系统按{self.word}填，{self.places} 位小数" + ("" if self.checked else "（待核）")


@dataclass(frozen=True)
class Cell:
    """What goes into a field: what is typed, and the same in words (or as a code) where the system offers a list."""

    text: str
    also: str = ""
    rounded: bool = False


@dataclass(frozen=True)
class FormField:
    """One field of the form. `edit` is where the contract's own form asks for it."""

    key: str
    section: str
    label: str
    read: Callable[[Any, Unit], Cell]
    system: str = ""
    edit: str = ""
    kind: str = "text"  # text, choice, day, money, yesno, given (by the registry)
    hint: str = ""
    applies: Callable[[Any], bool] = lambda _contract: True
    optional: bool = False


@dataclass(frozen=True)
class Entry:
    """One field of one contract's form."""

    number: int
    field: FormField
    cell: Cell

    @property
    def name(self) -> str:
        """The field's label, with the side where both have it."""
        return {SELLER: "卖方", BUYER: "买方"}.get(self.field.section, "") + self.field.label

    @property
    def missing(self) -> bool:
        """True when the form needs it and the contract does not say it."""
        return not self.cell.text and not self.field.optional and self.field.kind != "given"


def amount_text(fen: int | None, unit: Unit) -> Cell:
    """Return an amount as it is typed into the system: plain digits, exact decimals; says where it had to be rounded."""
    if fen is None:
        return Cell("")
    exact = Decimal(fen) / (money.YUAN * unit.yuan)
    written = exact.quantize(Decimal(1).scaleb(-unit.places), ROUND_HALF_UP)
    return Cell(f"{written:f}", money.wan(fen) if unit.yuan == 1 else f"{money.in_unit(fen, money.YUAN)} 元", written != exact)


def _plain(name: str) -> Callable[[Any, Unit], Cell]:
    return lambda contract, _unit: Cell(str(getattr(contract, name) or ""))


def _day(name: str) -> Callable[[Any, Unit], Cell]:
    def read(contract: Any, _unit: Unit) -> Cell:
        found = getattr(contract, name)
        return Cell(found.isoformat() if found else "")

    return read


def _money(name: str) -> Callable[[Any, Unit], Cell]:
    return lambda contract, unit: amount_text(getattr(contract, name), unit)


def _code(name: str, group: str) -> Callable[[Any, Unit], Cell]:
    def read(contract: Any, _unit: Unit) -> Cell:
        found = getattr(contract, name)
        return Cell(codes.label(group, found) if found else "")

    return read


def _kind(contract: Any, _unit: Unit) -> Cell:
    word = codes.label("contract_type", contract.type)
    part = codes.label("contract_subtype", contract.subtype) if contract.subtype else word
    return Cell(word if part == word else f"{word}—{part}")


def _payment(contract: Any, _unit: Unit) -> Cell:
    said = payment_sentence(
        contract.payment_mode, contract.amount_fen, contract.entry_fee_fen, contract.royalty_bp, contract.royalty_base
    )  # fmt: skip
    return Cell(codes.label("payment_mode", contract.payment_mode), said or "")


def _related(contract: Any, _unit: Unit) -> Cell:
    return Cell(("是" if contract.related_parties else "否") if contract.related_stated else "")


def _industry(contract: Any, _unit: Unit) -> Cell:
    code = contract.industry or ""
    return Cell(code, classifications.DIVISIONS.get(code[:2], "") if code else "")


def _validity(contract: Any, _unit: Unit) -> Cell:
    return Cell(f"{contract.starts_on} 至 {contract.ends_on}" if contract.starts_on and contract.ends_on else "")


def _fact(side: str, name: str) -> Callable[[Any, Unit], Cell]:
    return lambda contract, _unit: Cell(str((getattr(contract, f"{side}_facts") or {}).get(name) or ""))


def _yes(side: str, name: str) -> Callable[[Any, Unit], Cell]:
    return lambda contract, _unit: Cell("是" if (getattr(contract, f"{side}_facts") or {}).get(name) else "否")


def _region(side: str) -> Callable[[Any, Unit], Cell]:
    return lambda contract, _unit: Cell(getattr(contract, f"{side}_region"), codes.region_name(getattr(contract, f"{side}_region")))


def _country(side: str) -> Callable[[Any, Unit], Cell]:
    def read(contract: Any, _unit: Unit) -> Cell:
        word = str((getattr(contract, f"{side}_facts") or {}).get("country") or "中国")
        return Cell(classifications.COUNTRIES.get(word, word), word)

    return read


def _nature(side: str) -> Callable[[Any, Unit], Cell]:
    def read(contract: Any, _unit: Unit) -> Cell:
        code = str((getattr(contract, f"{side}_facts") or {}).get("nature") or "")
        return Cell(codes.label("nature", code) if code else "", code)

    return read


def _is_enterprise(side: str) -> Callable[[Any], bool]:
    return lambda contract: (
        str((getattr(contract, f"{side}_facts") or {}).get("nature") or "1")[:1] in {"1", "2", "3"}
        and (getattr(contract, f"{side}_kind") == "enterprise")
    )


def _is_transfer(contract: Any) -> bool:
    return bool(contract.type == "ZR")


def _party(side: str, section: str) -> tuple[FormField, ...]:
    enterprise = _is_enterprise(side)

    def f(name: str, label: str, read: Callable[[Any, Unit], Cell], **more: Any) -> FormField:
        return FormField(f"{side}.{name}", section, label, read, edit=f"{side}-{name}", **more)

    return (
        f("name", "名称", _plain(f"{side}_name")),
        f("credit_code", "统一社会信用代码", _fact(side, "credit_code")),
        f("country", "国别", _country(side), kind="choice", hint="系统用三位海关国别代码（待核）"),
        f("region", "行政区划", _region(side), kind="choice", hint="六位 GB/T 2260 代码"),
        f("nature", "性质", _nature(side), kind="choice"),
        f("transfer_agency", "是否技术转移机构", _yes(side, "transfer_agency"), system="jszyjg", kind="yesno"),
        f("research", "是否研发机构", _yes(side, "research"), system="isyfjg", kind="yesno"),
        f("converted", "是否转制科研院所", _yes(side, "converted"), system="zzkyys", kind="yesno"),
        f("hightech_zone", "是否国家高新区内企业", _yes(side, "hightech_zone"), system="countrygxqqy", kind="yesno", applies=enterprise, hint="企业填"),
        f("listed", "是否上市", _yes(side, "listed"), system="islist", kind="yesno", applies=enterprise, hint="企业填"),
        f("scale", "规模", _fact(side, "scale"), system="scale", kind="choice", applies=enterprise, hint="企业填"),
        f("address", "地址", _fact(side, "address")),
        f("legal_person", "法定代表人", _fact(side, "legal_person")),
        f("contact", "联系人", _fact(side, "contact")),
        f("phone", "电话", _fact(side, "phone")),
        f("postcode", "邮编", _fact(side, "postcode"), optional=True),
    )  # fmt: skip


FIELDS: tuple[FormField, ...] = (
    FormField("number", CONTRACT, "合同登记编号", _plain("registration_number"), kind="given", hint="16 位，登记后由登记机构给出，申请时不填"),
    FormField("title", CONTRACT, "项目名称", _plain("title"), "projectname", "title"),
    FormField("type", CONTRACT, "合同类型", _kind, "contracttype", "kind", "choice", "在树形列表里逐级选"),
    FormField("signed_on", CONTRACT, "签订日期", _day("signed_on"), "signdate", "signed_on", "day"),
    FormField("starts_on", CONTRACT, "起始日期", _day("starts_on"), "contractbegindate", "starts_on", "day"),
    FormField("ends_on", CONTRACT, "终止日期", _day("ends_on"), "contractenddate", "ends_on", "day"),
    FormField("amount", CONTRACT, "合同成交总额", _money("amount_fen"), "totalamount", "amount", "money"),
    FormField("technical_amount", CONTRACT, "技术交易额", _money("technical_amount_fen"), "technicalamount", "technical_amount", "money"),
    FormField("payment_mode", CONTRACT, "支付方式", _payment, "paymethod", "payment_mode", "choice"),
    FormField("related", CONTRACT, "是否关联交易", _related, "isrelated", "related", "yesno"),
    FormField("plan_source", CONTRACT, "计划来源", _code("plan_source", "plan_source"), "projectplantype", "plan_source", "choice", "在树形列表里逐级选，最后一项是计划外"),
    FormField("ip_type", CONTRACT, "知识产权", _code("ip_type", "ip_type"), "ipr", "ip_type", "choice"),
    FormField("field", CONTRACT, "技术领域", _code("field", "field"), "techarea", "field", "choice", "系统还要选第二级，本站没有第二级的名称"),
    FormField("goal_code", CONTRACT, "社会经济目标", _code("goal_code", "goal"), "", "goal_code", "choice"),
    FormField("industry", CONTRACT, "国民经济行业", _industry, "", "industry", "choice", "GB/T 4754"),
    FormField("new_investment", CONTRACT, "预计新增投入", _money("new_investment_fen"), "", "new_investment", "money", "技术转让填", _is_transfer),
    FormField("new_output", CONTRACT, "预计新增产值", _money("new_output_fen"), "", "new_output", "money", "技术转让填", _is_transfer),
    FormField("validity", CONTRACT, "合同有效期", _validity, "", "ends_on", "text"),
    *_party("seller", SELLER),
    *_party("buyer", BUYER),
)  # fmt: skip
KEYS = tuple(field.key for field in FIELDS)


def entries(contract: Any, unit: Unit) -> list[Entry]:
    """Return the filled form of a contract: the fields that apply to it, numbered in the system's order."""
    fitting = [field for field in FIELDS if field.applies(contract)]
    return [Entry(number, field, field.read(contract, unit)) for number, field in enumerate(fitting, 1)]


def missing(filled: Sequence[Entry]) -> list[Entry]:
    """Return the fields that the form asks for and the contract leaves open."""
    return [entry for entry in filled if entry.missing]


def next_after(filled: Sequence[Entry], key: str) -> Entry | None:
    """Return the field that follows `key`, where typing goes on; None at the end (or for an unknown field, the first)."""
    keys = [entry.field.key for entry in filled]
    position = keys.index(key) + 1 if key in keys else 0
    return filled[position] if position < len(filled) else None
