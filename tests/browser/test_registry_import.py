"""The registry's list in a real browser: a row with an error comes back as a spreadsheet, is mended and goes in; a difference is settled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from market.actions import imports, jobs
from market.db import db
from market.models import Contract
from tests.browser.people import Enter, Person
from tests.cast import Cast
from tests.factories import ContractFactory

HEAD = "项目名称,合同登记编号,合同类型,成交额（元）,技术交易额（元）,签订日期,登记日期,卖方名称,卖方地区,买方名称,买方地区\n"
OURS = "低温电解液开发,2026310107000001,技术开发,1200000,900000,2026-01-02,2026-02-03,江南研究院,310107,申城电池厂,310107\n"
NEW = "膜法脱盐,2026310107000009,技术服务,500000,400000,2026-02-02,2026-03-03,江南研究院,310107,某某水务,江苏省南京市\n"
WRONG = "轴承测温,2026,技术服务,300000,200000,2026-02-02,2026-03-03,江南研究院,310107,某某轴承,江苏省南京市\n"


def _bring(clerk: Person, name: str, text: str) -> None:
    """Upload a list as the registry's and let the worker check it."""
    clerk.opens("/imports/new")
    clerk.main.locator("[name='kind']").select_option(label="登记机构清单")
    clerk.main.locator("[name='file']").set_input_files({"name": name, "mimeType": "text/csv", "buffer": text.encode()})
    clerk.presses("上传并检查")
    _work()
    clerk.page.reload()


def _work() -> None:
    """What the worker does while somebody waits."""
    while jobs.run_next(imports.HANDLERS):
        pass


@pytest.mark.on_one("sqlite")
def test_a_list_with_an_error_is_mended_and_taken_in(cast: Cast, enter: Enter, check_axe: Callable[[Page], None]) -> None:
    ContractFactory(
        title="低温电解液开发", seller=cast.institute, buyer=cast.enterprise, amount_fen=100_000_000, technical_amount_fen=80_000_000,
        state="registered", signed_on=date(2026, 1, 2), registration_number="2026310107000001", registered_on=date(2026, 2, 3),
    )  # fmt: skip
    clerk = enter(cast.clerk)
    clerk.opens_own("导入").follows("上传文件").is_on("上传清单")
    _bring(clerk, "登记清单.csv", HEAD + OURS + NEW + WRONG)
    clerk.sees("新合同", "有差异，待处理", "16 位数字")
    clerk.presses("确认导入 1 行")
    _work()
    clerk.page.reload()
    rows = CalamineWorkbook.from_path(str(clerk.downloads("下载全部 1 行"))).get_sheet_by_index(0).to_python()
    mended = "\n".join([",".join(map(str, rows[0])), ",".join(map(str, rows[1])).replace(",2026,", ",2026310107000010,")])
    clerk.follows("逐份看差异").sees("1,000,000 元", "1,200,000 元")
    check_axe(clerk.page)
    clerk.page.set_viewport_size({"width": 375, "height": 800})
    clerk.presses("采用登记机构的数据").sees("已采用登记机构的数据")
    _bring(clerk, "改好的.csv", mended)
    clerk.presses("确认导入 1 行")
    _work()
    clerk.page.reload()
    expect(clerk.main.get_by_text("已导入的新合同")).to_be_visible()
    db.session.expire_all()
    found = {one.registration_number: one.source for one in db.session.query(Contract)}
    assert found["2026310107000009"] == found["2026310107000010"] == "registry" and len(found) == 3
