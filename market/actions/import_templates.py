"""The empty file of each kind of list: its headers (those that must be filled with *), one example row, what the columns mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from market.actions import import_columns
from market.domain import clock
from market.exports.writers import Column, Conditions, Sheet, to_xlsx

EXAMPLE = "示例："  # a row whose first cell begins so is left out, should nobody delete it
_UNIT = {"money": "（万元）"}
_DEAL = {
    "title": "络合态镍电催化回收技术开发", "number": "2026310107000001", "type": "技术开发", "subtype": "委托开发", "ip_type": "技术秘密",
    "field": "环境保护与资源综合利用", "amount_fen": "80", "technical_amount_fen": "72", "signed_on": "2026-03-02", "registered_on": "2026-03-20",
    "seller_name": "某某大学", "seller_code": "", "seller_region": "南京市", "buyer_name": "上海某某电镀有限公司", "buyer_code": "",
    "buyer_region": "上海市普陀区",
}  # fmt: skip
_ROWS: dict[str, dict[str, str]] = {
    "challenges": {
        "title": "电镀废水镍离子降到排放限值以下", "pain": "现在加药沉淀后出水含镍 0.6 mg/L，限值 0.1 mg/L，每月超标两三次。",
        "background": "日处理 80 吨，水温 15 到 35 度，含络合剂。", "requirements": "希望先做小试，再上一套中试装置。",
        "field": "环境保护与资源综合利用", "track": "环保", "organisation": "上海某某电镀有限公司", "region": "上海市普陀区",
        "budget_fen": "80", "contact_name": "王工", "contact_phone": "021-60000000",
    },
    "capabilities": {
        "title": "络合态重金属的电催化破络与回收", "summary": "阳极破开镍与柠檬酸的络合，阴极收镍，出水含镍低于 0.05 mg/L。",
        "problem": "络合剂使加药沉淀失效的电镀、化学镀废水。", "advantages": "不加药，污泥减少八成，收回的镍纯度 99%。", "team": "环境电化学课题组，6 人",
        "field": "环境保护与资源综合利用", "track": "环保", "organisation": "某某大学环境学院", "region": "南京市", "stage": "中试",
        "price_fen": "60", "contact_name": "李老师", "contact_phone": "025-80000000",
    },
    "cooperations": {
        "title": "镍回收中试线", "party_a": "上海某某电镀有限公司", "party_b": "某某大学环境学院", "region": "南京市",
        "content": "共建一条日处理 20 吨的中试线，运行半年。", "expected_fen": "120", "status": "洽谈中",
    },
    "contracts": _DEAL,
    "registry": _DEAL | {"registry_office": "某某技术合同登记处", "payment_mode": "一次总付", "plan_source": "计划外"},
    "ledger": {name: said for name, said in _DEAL.items() if not name.startswith("seller_") and name not in ("number", "registered_on")}
    | {"starts_on": "2026-03-02", "ends_on": "2027-03-01", "payment_mode": "一次总付", "related": "否", "plan_source": "计划外",
       "goal_code": "环境保护、生态建设及污染防治", "industry": "46", "buyer_nature": "有限责任公司", "buyer_address": "真南路 1 号",
       "buyer_legal_person": "张某", "buyer_contact": "王工", "buyer_phone": "021-60000000", "status": "已受理", "filed_on": "2026-03-05",
       "ledger_number": "2026-HT-001"},
    "candidates": {
        "name": "上海某某检测技术有限公司", "credit_code": "", "text": "地铁隧道渗漏检测技术服务项目成交公告", "amount_fen": "46", "on": "2026-04-18",
        "source": "采购公告的网址", "contact_name": "周工", "contact_phone": "021-60000001",
    },
    "organisations": {
        "name": "上海某某电镀有限公司", "kind": "企业", "credit_code": "", "region": "上海市普陀区", "field": "新材料及其应用", "track": "新材料",
        "address": "真南路 1 号", "phone": "021-60000000", "profile": "汽车紧固件电镀，员工 120 人。",
    },
}  # fmt: skip


def template(kind: str, by: str) -> bytes:
    """Return the template of a kind of list as XLSX. Raises KeyError for an unknown kind."""
    fields = import_columns.COLUMNS[kind]
    row = _ROWS[kind]
    first = fields[0].name
    example = row | {first: EXAMPLE + row[first]}
    columns = [Column(header_of(column), _value(column.name), "text", 22, _meaning(column)) for column in fields]
    name = import_columns.KINDS[kind]
    lines = [
        ("怎么填", "一行一条，带 * 的列必填；列的顺序可以换，不用的列可以删。第 2 行是示例，导入时会跳过。"),
        ("金额", "单位看表头；没有定价的留空。"),
        ("日期", "写成 2026-06-01，或用表格软件的日期格式。"),
    ]
    return to_xlsx([Sheet(name, columns, [example])], Conditions(f"{name}导入模板", "不限", by, clock.now(), False, lines))


def header_of(column: import_columns.Column) -> str:
    """Return the header of a column in the template, with its unit and the mark of those that must be filled."""
    return column.headers[0] + _UNIT.get(column.kind, "") + ("*" if column.required else "")


def _value(name: str) -> Callable[[Mapping[str, str]], str]:
    return lambda row: row.get(name, "")


def _meaning(column: import_columns.Column) -> str:
    also = f"也认识：{'、'.join(column.headers[1:])}。" if len(column.headers) > 1 else ""
    if column.kind in ("text", "money", "day"):
        return also
    words = list(import_columns.table(column.kind).values())
    return f"可填：{'、'.join(words[:40])}。{also}"
