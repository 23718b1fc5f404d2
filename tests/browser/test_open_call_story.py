"""揭榜 in a real browser: posted, returned, mended, published, found, bid for together, chosen, signed, registered, exported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from market.db import db
from market.domain import clock
from tests.browser import scenes
from tests.browser.conftest import SiteClock
from tests.browser.people import Enter, Person, loose
from tests.cast import Cast
from tests.factories import CapabilityFactory, ChallengeFactory, OrganisationFactory

Check = Callable[[Page], None]
TITLE = "电池包冬天续航掉得厉害，零下二十度要保住八成五"
FIRST, SECOND = "-20℃ 放电容量保持率", "循环寿命"
AMOUNT = Decimal("128.6")


@dataclass(frozen=True)
class Ways:
    """How this call is run, and where its seller sits."""

    region: str
    in_the_district: bool
    number: str
    sealed: bool  # 到期开启, else 随到随看
    publicity_days: int


DISTRICT = Ways("310107", True, "2026310107000456", sealed=False, publicity_days=0)
NANJING = Ways("320100", False, "2026320100000456", sealed=True, publicity_days=5)


@pytest.mark.in_turn("ways")
@pytest.mark.parametrize("ways", [DISTRICT, NANJING], ids=["read on arrival, seller in Putuo", "sealed and announced, seller in Nanjing"])
def test_an_open_call_becomes_a_registered_contract(cast: Cast, enter: Enter, check_axe: Check, site_clock: SiteClock, ways: Ways) -> None:
    _others_are_in_the_market(cast, ways.region)
    leader = enter(cast.leader)
    scenes.leader_enters_the_goal(leader)
    before = scenes.cockpit(leader)
    closes_on = clock.today() + timedelta(days=20)

    seeker, clerk = enter(cast.seeker), enter(cast.clerk)
    _the_enterprise_posts(seeker, ways, closes_on)
    _the_clerk_returns_it(clerk)
    _the_enterprise_mends_it(seeker)
    _the_clerk_sees_what_changed_and_publishes(clerk, check_axe)
    scenes.worker_ranks()

    tto, rival, stranger = enter(cast.tto), enter(cast.rival), enter(cast.stranger)
    _the_institute_finds_it(tto)
    _a_consortium_is_formed(tto, rival, sealed=ways.sealed)
    _the_consortium_bids(tto, seeker, sealed=ways.sealed)
    _another_bids(stranger, sealed=ways.sealed)

    site_clock.hold(_noon(closes_on + timedelta(days=1)))
    _too_late(stranger)
    _the_enterprise_compares_and_chooses(seeker, check_axe, ways)
    if ways.publicity_days:
        _the_window_runs(seeker, site_clock)
    _the_contract_is_made(seeker)
    tto.opens_own("合同").follows(TITLE).sees("128.6 万元", "联合体成员：别家研究院")
    scenes.sign(tto)
    scenes.receive(tto, "51.44", "51.44 万元")
    scenes.register(tto, ways.number)

    scenes.the_goal_moved(before, scenes.cockpit(leader), AMOUNT, ways.in_the_district)
    scenes.rows_behind(leader, TITLE, counted=ways.in_the_district)
    _the_export_shows_it(leader.opens_own("合同").downloads("导出 XLSX"), ways)


def _noon(day: date) -> datetime:
    return clock.start_of_day(day) + timedelta(hours=12)


def _others_are_in_the_market(cast: Cast, region: str) -> None:
    cast.institute.region = region
    db.session.commit()
    scenes.earlier_contract(cast)
    own = {"organisation": cast.institute, "published": True, "region": region, "author_id": cast.professor.id}
    ability = CapabilityFactory(**own, title="弱溶剂化低温电解液，零下三十度放得出八成电")
    other = OrganisationFactory(name="第三家企业")
    others: list[Any] = [
        ChallengeFactory(organisation=other, published=True, title=title, pain=pain, field=field, track=track)
        for title, pain, field, track in (
            ("焊缝气孔靠人眼看不过来", "每天三千条焊缝，漏检百分之二。", "08", "机器人"),
            ("发酵罐泡沫老是溢出来", "消泡剂一多产量就掉。", "04", "生命健康"),
            ("园区污水总磷忽高忽低", "出水总磷零点三到零点八之间跳。", "07", "新材料"),
        )
    ]
    scenes.publish(ability, *others)


def _the_enterprise_posts(seeker: Person, ways: Ways, closes_on: date) -> None:
    seeker.opens_own("我的需求").follows("发布需求").is_on("发布需求")
    seeker.presses("提交审核").sees("请写一句标题", "请写明要解决的难题", "提交前请勾选")
    first = seeker.main.locator("[data-row='0']")
    seeker.writes(标题=TITLE, 要解决的难题="零下二十度放电只剩五成六，客户冬天投诉集中。").writes(first, 指标=FIRST, 目标="高一些")
    seeker.writes(**{"预算（下限或确数）": "100", "预算上限": "150", "截止日期": closes_on.isoformat()})
    seeker.ticks("委托开发").ticks("揭榜").ticks("到期开启" if ways.sealed else "随到随看").ticks("内容不含国家秘密")
    seeker.picks("选定后公示", f"公示 {ways.publicity_days} 个工作日" if ways.publicity_days else "不公示")
    seeker.presses("提交审核").is_on(TITLE).sees("已提交审核，最迟")


def _the_clerk_returns_it(clerk: Person) -> None:
    clerk.opens("/todo").follows("1 条需求待审核").follows(TITLE).sees("按揭榜发布还差", "公开揭榜至少要有一项可测的指标")
    clerk.presses("发布为榜").sees("可测")
    clerk.opens("/moderation").follows(TITLE)
    fold = clerk.unfolds("退回修改")
    clerk.writes(fold, 背景与已做尝试="请写上试过哪些办法", 技术指标="请写明数值、单位和测试方法").presses("退回修改", fold)
    clerk.sees("已退回")


def _the_enterprise_mends_it(seeker: Person) -> None:
    seeker.opens("/todo").follows("1 条需求被退回").follows(TITLE).is_on("修改需求")
    seeker.sees("请写上试过哪些办法", "请写明数值、单位和测试方法")
    seeker.writes(**{"试过什么、卡在哪里": "换过两家电解液，低温好了，循环寿命掉到八百次"})
    row = seeker.main.locator("[data-row='0']")
    seeker.writes(row, 现状="56", 目标="≥85", 单位="%", 测试方法="1C 放电").ticks("必达", row)
    seeker.presses("加一行指标")
    seeker.writes(seeker.main.locator("[data-row='1']"), 指标=SECOND, 现状="800", 目标="≥1500", 单位="次")
    seeker.presses("提交审核").sees("已提交审核，最迟")


def _the_clerk_sees_what_changed_and_publishes(clerk: Person, check_axe: Check) -> None:
    clerk.opens("/todo").follows("1 条需求待审核").follows(TITLE).sees("这次改了什么")
    changed = clerk.row("技术指标").filter(has_text="已修改")
    expect(changed.locator("del")).to_contain_text("高一些")
    expect(changed.locator("ins")).to_contain_text("≥85")
    expect(clerk.row("试过什么、卡在哪里").filter(has_text="已修改").locator("ins")).to_contain_text("换过两家电解液")
    check_axe(clerk.page)
    clerk.picks("技术领域", "新能源与高效节能").presses("发布为榜").sees("已发布")


def _the_institute_finds_it(tto: Person) -> None:
    """Among the first recommendations of its own listing, with the name of the poster hidden."""
    tto.opens_own("推荐").is_on("为您推荐")
    ranked = tto.main.get_by_role("list", name="按匹配程度排列").get_by_role("listitem")
    expect(ranked.first).to_contain_text(TITLE)
    tto.follows(TITLE).is_on(TITLE).sees("PT-JB-2026-0001", "申报截止").does_not_see("申城电池厂")


def _a_consortium_is_formed(tto: Person, rival: Person, *, sealed: bool) -> None:
    tto.follows("揭榜申报").is_on("揭榜申报")
    if sealed:
        _writes_the_answer(tto)
    else:
        _writes_half_a_page(tto)
    partner = tto.main.locator("tr", has=tto.page.locator("[name='members-0-who']"))
    tto.writes(partner, 单位全称或信用代码="别家研究院", 分工="电芯试制", **{"比例（%）": "30"})
    tto.writes(牵头单位的分工="配方与验证", **{"牵头单位的比例（%）": "70"}).presses("保存，先不提交").sees("还没有提交")
    tto.presses("提交方案" if sealed else "提交意向").sees("还没有全部确认")
    rival.opens("/todo").follows("1 个联合体邀请待确认").follows("查看并答复").sees("电芯试制", "30%").presses("确认加入")
    rival.sees("已确认加入联合体")


def _the_consortium_bids(tto: Person, seeker: Person, *, sealed: bool) -> None:
    """Sealed: the whole answer at once. Read on arrival: half a page, an invitation, then the whole answer."""
    tto.opens_own("揭榜申报").follows(TITLE).follows("继续填写")
    tto.presses("提交方案" if sealed else "提交意向").sees("回执")
    seeker.opens_own("揭榜申报").follows(TITLE).is_on("方案比较")
    if sealed:
        seeker.sees("截止并开启之前，谁也看不到").does_not_see("江南研究院")
        return
    seeker.sees("江南研究院", "只有意向").presses("邀请提交完整方案").sees("已邀请对方提交完整方案")
    tto.opens("/todo").follows("1 个揭榜申报已受邀").follows(TITLE).follows("填写完整方案")
    _writes_the_answer(tto)
    tto.presses("提交方案").sees("已提交方案")


def _writes_half_a_page(tto: Person) -> None:
    half = tto.main.locator("#part-intention")
    tto.writes(half, 依据="做过三百只软包，零下三十度放出八成二。", 完成周期="10", 总价=AMOUNT)


def _writes_the_answer(tto: Person) -> None:
    _writes_half_a_page(tto)
    tto.writes(技术路线="弱溶剂化电解液，先小试后装包。", 团队="六人")
    tto.writes(tto.row(FIRST), 承诺值="88", 依据="小试十只，均值 88").picks("结果", "优于", tto.row(FIRST))
    tto.writes(tto.row(SECOND), 承诺值="1200", 依据="加速试验").picks("结果", "部分满足", tto.row(SECOND))
    tto.writes(其中技术费用="110", 其中设备费用="18.6")
    for number, (name, month, share) in enumerate((("小试", "4", "40"), ("样机", "10", "60"))):
        row = tto.main.locator("tr", has=tto.page.locator(f"[name='milestones-{number}-name']"))
        tto.writes(row, 里程碑=name, 第几个月=month, **{"付款比例（%）": share})


def _another_bids(stranger: Person, *, sealed: bool) -> None:
    stranger.opens("/challenges").follows(TITLE).follows("揭榜申报").is_on("揭榜申报")
    stranger.writes(stranger.main.locator("#part-intention"), 依据="做过类似的加热膜。", 完成周期="14").ticks("面议")
    if sealed:
        stranger.writes(技术路线="加热膜").writes(stranger.row(FIRST), 承诺值="80").picks("结果", "不满足", stranger.row(FIRST))
        row = stranger.main.locator("tr", has=stranger.page.locator("[name='milestones-0-name']"))
        stranger.writes(row, 里程碑="交付", 第几个月="12", **{"付款比例（%）": "100"})
    stranger.presses("提交方案" if sealed else "提交意向").sees("回执").does_not_see("江南研究院")


def _too_late(stranger: Person) -> None:
    stranger.opens_own("揭榜申报").follows(TITLE).does_not_see("修改意向", "修改方案", "撤回申报")


def _the_enterprise_compares_and_chooses(seeker: Person, check_axe: Check, ways: Ways) -> None:
    seeker.opens("/todo").follows("1 个榜单已截止").follows(TITLE).follows("查看揭榜申报").presses("开启申报").sees("已开启 2 份申报")
    row = seeker.row(FIRST)
    expect(row).to_contain_text("≥85 %")
    expect(row).to_contain_text("88 %")
    expect(seeker.row(SECOND)).to_contain_text("部分满足")
    expect(seeker.row("总价")).to_contain_text(loose("128.6 万元"))
    expect(seeker.row("总价")).to_contain_text("面议")
    check_axe(seeker.page)
    column = seeker.main.get_by_role("columnheader").filter(has_text="江南研究院")
    alias = column.get_by_role("link").inner_text()
    fold = seeker.unfolds("选定", seeker.panel(alias))
    fold.get_by_label("选定的理由").fill("必达指标有小试数据，联合体能做电芯")
    fold.get_by_role("combobox").select_option(label="指标未满足")
    seeker.presses("选定并公示" if ways.publicity_days else "选定", fold).sees("已选定，各申报方都会收到通知")


def _the_window_runs(seeker: Person, site_clock: SiteClock) -> None:
    """Five working days from Wednesday 1 July 2026: until Tuesday the 7th; only then is the choice confirmed."""
    seeker.sees("公示 2026-07-01 (周三) 至 2026-07-07 (周二)").does_not_see("公示期满，确认选定", "录入合同")
    site_clock.hold(_noon(date(2026, 7, 7)))
    seeker.page.reload()
    seeker.does_not_see("公示期满，确认选定")
    site_clock.hold(_noon(date(2026, 7, 8)))
    seeker.page.reload()
    seeker.presses("公示期满，确认选定").sees("选定已生效，可以录入合同")


def _the_contract_is_made(seeker: Person) -> None:
    seeker.follows("录入合同").is_on("录入合同").sees("来自揭榜选定", "申城电池厂", "江南研究院")
    expect(seeker.main.get_by_label("成交额")).to_have_value("128.6")  # carried over from the bid, with its parts
    expect(seeker.main.locator("[name='instalments-1-amount']")).to_have_value("77.16")
    seeker.presses("保存合同").sees("合同已保存", "128.6 万元", "77.16 万元")


def _the_export_shows_it(file: Path, ways: Ways) -> None:
    """Open the file as a spreadsheet: the contract stands in it once, with its number, its amount and its flow."""
    sheet = openpyxl.load_workbook(file.rename(file.with_suffix(".xlsx")))["技术合同"]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    head = next(row for row in rows if "合同登记编号" in row)
    found = [dict(zip(head, row, strict=True)) for row in rows if ways.number in row]
    assert len(found) == 1
    expected = {
        "项目名称": TITLE, "状态": "已登记", "流向": "区内循环" if ways.in_the_district else "吸纳", "成交额(元)": 1_286_000,
        "技术交易额(元)": 1_100_000, "到账(元)": 514_400, "卖方名称": "江南研究院", "卖方地区代码": ways.region, "买方名称": "申城电池厂",
    }  # fmt: skip
    assert {name: found[0][name] for name in expected} == expected
