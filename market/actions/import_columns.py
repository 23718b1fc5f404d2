"""Which columns each list has, by which Chinese headers they are known, and how their cells are read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from market.actions.spreadsheets import LOST
from market.domain import codes, identifiers, money
from market.domain.errors import Invalid

UNITS = {"元": money.YUAN, "万元": money.WAN}
KINDS = {
    "challenges": "榜单清单", "capabilities": "成果清单", "cooperations": "合作清单", "contracts": "技术合同", "registry": "登记机构清单", "ledger": "本单位合同台账",
    "organisations": "单位", "candidates": "应登未登名单",
}  # fmt: skip
OWN_HEADERS = frozenset({"原因", "原文件行号"})  # the columns that a file of refused rows was given: no column of the list
_UNIT = re.compile(r"[(\[]?(?:单位[:：]?)?(万元|元)[)\]]?$")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00(?::00)?)?", re.ASCII)
_COMPACT = re.compile(r"(20\d{2})(\d{2})(\d{2})", re.ASCII)
_AREA = re.compile(r"(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])\d{4}", re.ASCII)  # GB/T 2260, by its province
_SERIAL = re.compile(r"[3-6]\d{4}", re.ASCII)  # days since 1899-12-30, as a spreadsheet keeps a date: 1982 to 2091
_MONTH = re.compile(r"\d{4}[-/.年]\d{1,2}月?", re.ASCII)
_AMOUNT = re.compile(r"[¥￥]?([\d,.]+)(万元|万|元)?(?:整|人民币)?", re.ASCII)
NARROW = frozenset({"number", "credit_code", "seller_code", "buyer_code", "contact_phone", "phone"})
OPEN_PRICE = frozenset({"面议", "待定", "协商", "另议", "无", "-", "—", "/"})


@dataclass(frozen=True)
class Column:
    """One thing a row says. `kind`: text, money, day, field, region, track, or a code group."""

    name: str
    headers: tuple[str, ...]
    kind: str = "text"
    required: bool = False
    limit: int = 120


def _c(name: str, headers: str, kind: str = "text", required: bool = False, limit: int = 120) -> Column:
    return Column(name, tuple(headers.split()), kind, required, limit)


_TITLE = _c("title", "标题 名称 项目名称 榜单名称 需求名称 成果名称 技术名称 合作项目", required=True)
_FIELD, _TRACK = _c("field", "技术领域 领域", "field"), _c("track", "赛道 产业赛道", "track")
_REGION = _c("region", "地区 城市 所在地区 所在地 区域", "region")
_ORGANISATION = _c("organisation", "单位 单位名称 发榜单位 需求单位 持有单位 成果单位 企业名称 所属单位")
_PEOPLE = (_c("contact_name", "联系人", limit=40), _c("contact_phone", "联系电话 电话 手机", limit=30))


def _side(side: str, words: str) -> tuple[Column, ...]:
    names = words.split()
    return (
        _c(f"{side}_name", " ".join(f"{word}名称 {word}" for word in names), required=True),
        _c(f"{side}_code", " ".join(f"{word}信用代码 {word}统一社会信用代码" for word in names), limit=40),
        _c(f"{side}_region", " ".join(f"{word}地区 {word}城市 {word}地区代码 {word}行政区划" for word in names), "region", True),
    )


_CONTRACT = (
    _c("title", "项目名称 合同名称 标题 名称", required=True, limit=200), _c("number", "合同登记编号 登记编号"),
    _c("type", "合同类型 合同类别", "contract_type", True), _c("subtype", "合同子类", "contract_subtype"), _FIELD,
    _c("ip_type", "知识产权", "ip_type"), _c("amount_fen", "成交额 合同金额 合同成交额", "money", True),
    _c("technical_amount_fen", "技术交易额", "money"), _c("signed_on", "签订日期", "day", True), _c("registered_on", "登记日期", "day"),
)  # fmt: skip
_MUST = {"number", "technical_amount_fen", "registered_on"}
_REGISTRY = (
    *(replace(column, required=column.required or column.name in _MUST) for column in _CONTRACT),
    *_side("seller", "卖方 卖方单位 转让方"), *_side("buyer", "买方 买方单位 受让方"),
    _c("seller_nature", "卖方性质", "nature"), _c("buyer_nature", "买方性质", "nature"), _c("registry_office", "登记机构", limit=80),
    _c("starts_on", "起始日期 合同起始日期", "day"), _c("ends_on", "终止日期 合同终止日期", "day"), _c("plan_source", "计划来源", "plan_source"),
    _c("goal_code", "社会经济目标", "goal"), _c("payment_mode", "支付方式", "payment_mode"), _c("industry", "国民经济行业", limit=6),
)  # fmt: skip


def _block(side: str, word: str) -> tuple[Column, ...]:
    """Return the columns of the form's party block that a ledger may carry."""
    names = (("nature", "性质 单位性质", "nature", 60), ("address", "地址", "text", 200), ("legal_person", "法定代表人", "text", 40),
             ("contact", "联系人", "text", 40), ("phone", "电话 联系电话", "text", 30), ("postcode", "邮编", "text", 6))  # fmt: skip
    return tuple(
        _c(f"{side}_{name}", " ".join(word + one for one in words.split()), kind, limit=limit) for name, words, kind, limit in names
    )


_LEDGER = (  # what a seller's own list says: its contracts, and how far the registry is with them
    *_CONTRACT, _c("starts_on", "起始日期 合同起始日期", "day"), _c("ends_on", "终止日期 合同终止日期", "day"),
    _c("payment_mode", "支付方式", "payment_mode"), _c("related", "是否关联交易 关联交易", "yes_no"), _c("plan_source", "计划来源", "plan_source"),
    _c("goal_code", "社会经济目标", "goal"), _c("industry", "国民经济行业", limit=6), _c("seller_name", "卖方名称 卖方"),
    *_side("buyer", "买方 买方单位 委托方 受让方"), *_block("buyer", "买方"), _c("status", "登记状态 登记进度", "registration_state"),
    _c("filed_on", "受理日期", "day"), _c("opinion", "登记机构意见 补正意见", limit=300), _c("registry_office", "登记机构", limit=80),
    _c("ledger_number", "台账编号 合同编号 自编号", limit=60),
)  # fmt: skip

COLUMNS: dict[str, tuple[Column, ...]] = {
    "challenges": (
        _TITLE, _c("pain", "描述 难题 需求描述 难题描述 内容 简介", required=True, limit=5000), _c("background", "背景", limit=5000),
        _c("requirements", "要求 合作要求", limit=5000), _FIELD, _TRACK, _ORGANISATION, _REGION,
        _c("budget_fen", "预算 预算金额 悬赏金额 榜额", "money"), *_PEOPLE,
    ),
    "capabilities": (
        _TITLE, _c("summary", "简介 描述 成果简介 内容 成果描述", required=True, limit=5000), _c("problem", "解决难题 难题 应用场景", limit=5000),
        _c("advantages", "优势 技术优势", limit=5000), _FIELD, _TRACK, _ORGANISATION, _REGION, _c("stage", "阶段 成熟度", "stage"),
        _c("price_fen", "价格 报价 转让价格", "money"), _c("team", "团队", limit=200), *_PEOPLE,
    ),
    "cooperations": (
        _TITLE, _c("party_a", "甲方", required=True), _c("party_b", "乙方", required=True), _REGION, _c("content", "内容 描述 简介", limit=5000),
        _c("expected_fen", "意向金额 金额 预计金额", "money"), _c("status", "状态 进展", limit=40),
    ),
    "contracts": (*_CONTRACT, *_side("seller", "卖方"), *_side("buyer", "买方")),
    "registry": _REGISTRY,
    "ledger": _LEDGER,
    "organisations": (
        _c("name", "单位名称 名称 单位 企业名称", required=True), _c("kind", "类型 单位类型", "organisation_kind"),
        _c("credit_code", "信用代码 统一社会信用代码"), _c("region", "地区 城市 所在地区 所在地 区域", "region", True), _FIELD, _TRACK,
        _c("address", "地址", limit=200), _c("phone", "电话 联系电话", limit=30), _c("profile", "简介 描述", limit=1000),
    ),
    "candidates": (
        _c("name", "单位名称 名称 单位 企业名称 供应商 供应商名称 成交供应商", required=True), _c("credit_code", "信用代码 统一社会信用代码"),
        _c("text", "线索 项目名称 项目 说明 内容", required=True, limit=300), _c("amount_fen", "金额 成交金额 项目金额 费用", "money"),
        _c("on", "日期 公告日期 成交日期", "day"), _c("source", "来源 网址 文号", limit=200), *_PEOPLE,
    ),
}  # fmt: skip


def bare(header: str) -> tuple[str, str | None]:
    """Return a header without blanks and unit, and the money unit it names (元, 万元 or None)."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", header)).rstrip("*")
    found = _UNIT.search(text)
    return (text[: found.start()].rstrip("(["), found.group(1)) if found else (text, None)


def assign(kind: str, headers: list[str], learned: Mapping[str, str]) -> tuple[dict[int, Column], list[str]]:
    """Return which column each position holds, and the headers nobody knows.

    Raises Invalid when two headers mean the same column or a required one is missing.
    """
    by_header = {header: column for column in COLUMNS[kind] for header in column.headers}
    by_name = {column.name: column for column in COLUMNS[kind]}
    found: dict[int, Column] = {}
    unknown: list[str] = []
    plain = {column.name for header in headers if (column := by_header.get(bare(header)[0]))}
    for position, header in enumerate(headers):
        column = by_header.get(bare(header)[0])
        if column is None and (named := learned.get(header, "")) not in plain:
            column = by_name.get(named)  # what was learned once never takes the place of a column that is there
            plain.add(named)
        if column is None and header not in OWN_HEADERS:
            unknown.append(header or f"第 {position + 1} 列（无表头）")
        elif column is None:
            continue
        elif column in found.values():
            raise Invalid({"file": f"有两列都是“{column.headers[0]}”：{header}"})
        else:
            found[position] = column
    return found, unknown


def knows(kind: str, learned: Mapping[str, str]) -> Callable[[str], bool]:
    """Return the test whether a cell is a header of this kind of list (by the words of the house, or learned)."""
    words = {header for column in COLUMNS[kind] for header in column.headers}
    return lambda cell: cell in learned or bare(cell)[0] in words


def read_cell(column: Column, text: str, unit: str | None, learned: Mapping[tuple[str, str], str]) -> str | int | None:
    """Return what a cell says, None when empty; raises Invalid with the Chinese reason."""
    if not text:
        if column.required:
            raise Invalid({column.name: f"请填写{column.headers[0]}"})
        return None
    if column.kind == "money":
        return amount(text, column, unit)
    if column.kind == "day":
        return day(text, column).isoformat()
    if column.kind == "text":
        text = narrow(text) if column.name in NARROW else text
        if len(text) > column.limit:
            raise Invalid({column.name: f"{column.headers[0]}最多 {column.limit} 个字"})
        return text
    return _code(column, text, learned)


def narrow(text: str) -> str:
    """Return a code or number with full-width characters as plain ones and without blanks."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)) if not text.endswith(LOST) else text


def amount(text: str, column: Column, unit: str | None) -> int | None:
    """Return the 分 of an amount as people type it: full-width digits, ¥, 80万元; None for 面议 where a price may stay open.

    A unit in the cell counts where the header names none; where both name one, they must agree. Raises Invalid.
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if plain in OPEN_PRICE and not column.required:
        return None
    found, name = _AMOUNT.fullmatch(plain), column.headers[0]
    if not found:
        raise Invalid({column.name: f"{name}“{text[:20]}”不是一个数：请填写数字，例如 120 或 12.5（“约”“以上”、区间都不行，面议请留空）"})
    named = {"万": "万元"}.get(found[2], found[2])
    if named and unit and named != unit:
        raise Invalid({column.name: f"{name}：表头的单位是{unit}，这一格写的是{named}，请统一"})
    if not (named or unit):
        raise Invalid({column.name: f"{name}的单位不明：请在表头写明（元）或（万元），或在上传时选择"})
    return money.parse(found[1], UNITS[named or str(unit)], column.name)


def day(text: str, column: Column) -> date:
    """Return the day in a text such as 2026-6-1, 2026.06.01, 2026年6月1日, 20260601 or 46174 (a spreadsheet's number); raises Invalid."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _DAY.fullmatch(plain) or _COMPACT.fullmatch(plain)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise Invalid({column.name: f"{column.headers[0]}“{text[:20]}”没有这一天"}) from None
    if _SERIAL.fullmatch(plain):
        return date(1899, 12, 30) + timedelta(days=int(plain))
    if _MONTH.fullmatch(plain):
        raise Invalid({column.name: f"{column.headers[0]}“{text[:20]}”缺少日，写成 2026-06-01 这样"})
    raise Invalid({column.name: f"{column.headers[0]}“{text[:20]}”看不懂，写成 2026-06-01 这样"})


def _code(column: Column, text: str, learned: Mapping[tuple[str, str], str]) -> str:
    known, text = table(column.kind), unicodedata.normalize("NFKC", text).strip()
    exact = [code for code, word in known.items() if text in (code, word)]
    if not exact and (kept := learned.get((column.kind, text))) in known:
        return str(kept)  # the official words mean what they say, whatever was learned
    if not exact and column.kind == "region" and (area := area_code(text)):
        return area
    near = exact or [c for c, word in known.items() if len(text) > 1 and (word.startswith(text) or word.endswith((text, text + "区")))]
    if len(near) == 1:
        return near[0]
    raise Invalid({column.name: f"{column.headers[0]}“{text[:30]}”不认识，请对应一次"})


def area_code(text: str) -> str | None:
    """Return the GB/T 2260 code in a text: six digits of a province that exists, or the one known place a full address ends on."""
    if _AREA.fullmatch(text):
        return text
    named = [code for code, word in codes.REGIONS.items() if word in text]
    fine = [code for code in named if not code.endswith("0000")] or named
    return fine[0] if len(fine) == 1 else None


def table(kind: str) -> dict[str, str]:
    """Return the codes a column of this kind may hold with their words."""
    return {track: track for track in codes.TRACKS} if kind == "track" else codes.GROUPS[kind]


def check_number(text: str) -> str:
    """Return a registration number; raises Invalid beside `number`."""
    if text.endswith(LOST):
        raise Invalid({"number": "合同登记编号在表格里是数字格式，第 16 位已丢失：请把这一列设为文本，再填一遍"})
    return identifiers.registration_number(text, "number")
