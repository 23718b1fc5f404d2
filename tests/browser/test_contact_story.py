"""对接 in a real browser: three sentences without an account become a registered contract that moves the goal."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from market.db import db
from tests.browser import scenes
from tests.browser.people import Enter, Person
from tests.cast import Cast
from tests.factories import CapabilityFactory

Check = Callable[[Page], None]
ABILITY = "弱溶剂化低温电解液，零下三十度放得出八成电"
TITLE = "电池包冬天续航掉得厉害，零下二十度要保住八成五"
AMOUNT = Decimal("128.6")


@pytest.mark.in_turn("region")
@pytest.mark.parametrize(("region", "in_the_district"), [("310107", True), ("320100", False)], ids=["seller in Putuo", "seller in Nanjing"])
def test_three_sentences_become_a_registered_contract(
    cast: Cast, somebody: Person, enter: Enter, check_axe: Check, region: str, in_the_district: bool
) -> None:
    _the_institute_offers(cast, region)
    leader = enter(cast.leader)
    scenes.leader_enters_the_goal(leader)
    before = scenes.cockpit(leader)

    _somebody_says_three_sentences(somebody, check_axe)
    clerk, liaison = enter(cast.clerk), enter(cast.liaison)
    _the_clerk_gives_it_to_the_liaison(clerk)
    link = _the_liaison_fills_it_in(liaison)
    _the_enterprise_confirms(somebody, link, check_axe)
    _the_clerk_publishes(clerk)
    scenes.worker_ranks()

    seeker, tto = enter(cast.seeker), enter(cast.tto)
    _the_enterprise_asks_the_owner(seeker)
    _the_owner_accepts(tto)
    seeker.page.reload()
    seeker.sees("李转化")  # both see names now
    _they_note_a_visit(seeker, tto)
    _they_make_a_contract(tto)
    scenes.sign(tto)
    scenes.receive(tto, "40", "40 万元")
    scenes.register(tto, "2026310107000123" if in_the_district else "2026320100000123")
    check_axe(tto.page)

    after = scenes.cockpit(leader)
    scenes.the_goal_moved(before, after, AMOUNT, in_the_district)
    scenes.rows_behind(leader, "低温电解液委托开发", counted=in_the_district)
    assert after.paid - before.paid == (Decimal("40") if in_the_district else 0)


def _the_institute_offers(cast: Cast, region: str) -> None:
    cast.institute.region = region
    db.session.commit()
    scenes.earlier_contract(cast)
    own = {"organisation": cast.institute, "published": True, "region": region, "author_id": cast.professor.id}
    ability = CapabilityFactory(**own, title=ABILITY, contact_name="李转化", contact_phone="13900000088")
    other = CapabilityFactory(**own, title="古籍纸张脱酸与加固", summary="以纳米氢氧化镁对酸化纸张脱酸。", field="04", track="新材料")
    scenes.publish(ability, other)


def _somebody_says_three_sentences(somebody: Person, check_axe: Check) -> None:
    somebody.opens("/").follows("说三句话").is_on("三句话提需求")
    somebody.presses("提交，看看谁能解").sees("请写一句哪里不对", "请留一个能打通的电话")
    somebody.writes(
        哪里不对="电池包一到冬天客户就投诉，零下二十度只剩五成六的电", 想变成什么样="零下二十度还有八成五", 单位="申城电池厂",
        怎么称呼您="王厂长", 电话="13900000001",
    ).picks("单位所在地", "上海市普陀区").ticks("同意科委工作人员").presses("提交，看看谁能解")  # fmt: skip
    somebody.is_on("收到了，先看看谁能解").sees(ABILITY, "最迟")
    first = somebody.main.get_by_role("list", name="最对口的成果与能力").get_by_role("listitem").first
    expect(first).to_contain_text(ABILITY)
    check_axe(somebody.page)


def _the_clerk_gives_it_to_the_liaison(clerk: Person) -> None:
    clerk.opens("/todo").follows("1 条线索待分派").is_on("线索").follows("申城电池厂")
    clerk.is_on("申城电池厂的线索").sees("零下二十度只剩五成六的电")
    clerk.picks("负责人", "孙联络（普陀区科学技术委员会）").writes(下一步="周三上午上门看产线").presses("分派").sees("已分派")


def _the_liaison_fills_it_in(liaison: Person) -> str:
    """First what the telephone said, then the full form with its indicators; returns the link for the enterprise."""
    liaison.opens("/todo").follows("1 条线索由您跟进").follows("申城电池厂").follows("代填需求").is_on("代填需求")
    liaison.writes(标题=TITLE, 背景="用在物流车上，年产三千套", 联系人="王厂长", 电话="13900000001").presses("存成草稿")
    liaison.sees("需求草稿已建好").follows("补充指标和其他内容")
    liaison.is_on("修改需求")
    first = liaison.main.locator("[data-row='0']")
    liaison.writes(first, 指标="-20℃ 放电容量保持率", 现状="56", 目标="≥85", 单位="%", 测试方法="1C 放电").ticks("必达", first)
    liaison.writes(**{"预算（下限或确数）": "100", "预算上限": "150", "希望多久做完": "12"}).presses("保存").sees("草稿已保存")
    liaison.opens_own("线索").follows("申城电池厂").presses("请企业确认").sees("确认链接已生成")
    words = liaison.main.get_by_label("复制短信文字").input_value()
    found = re.search(r"https?://\S+?(/confirm/\S+)", words)
    assert found, words
    return found.group(1)


def _the_enterprise_confirms(somebody: Person, link: str, check_axe: Check) -> None:
    somebody.opens(link).is_on(f"请核对：{TITLE}").sees("≥85", "100–150 万元")
    check_axe(somebody.page)
    somebody.presses("确认，提交审核").sees("确认前请勾选")
    somebody.ticks("内容不含国家秘密").presses("确认，提交审核").is_on("谢谢，已经收到")
    check_axe(somebody.page)
    answer = somebody.page.goto(link)
    assert answer is not None and answer.status == 404  # used up


def _the_clerk_publishes(clerk: Person) -> None:
    clerk.opens("/todo").follows("1 条需求待审核").follows(TITLE).is_on(TITLE)
    clerk.picks("技术领域", "新能源与高效节能").presses("发布").sees("已发布")


def _the_enterprise_asks_the_owner(seeker: Person) -> None:
    seeker.opens_own("推荐").is_on("为您推荐").sees(TITLE)
    first = seeker.main.get_by_role("list", name="按匹配程度排列").first.get_by_role("listitem").first
    expect(first).to_contain_text(ABILITY)
    seeker.follows("联系对方", first).is_on("联系对方").sees("江南研究院")
    seeker.writes(来意="我们的电池包要在零下二十度用，想先要五百毫升样品试装。").presses("发出对接请求")
    seeker.sees("已发出，对方最迟").does_not_see("13900000088")


def _the_owner_accepts(tto: Person) -> None:
    tto.opens("/todo").follows("1 个对接请求待答复").follows(ABILITY).sees("五百毫升样品").does_not_see("13900000001")
    tto.follows("去答复").ticks("同意对接").presses("发出答复").sees("已同意", "13900000001")


def _they_note_a_visit(seeker: Person, tto: Person) -> None:
    tto.picks("类别", "走访").writes(经过="到厂看了电池包装配线，约定下周寄样。").presses("记下").sees("已记下")
    seeker.page.reload()
    seeker.sees("到厂看了电池包装配线", "走访")
    seeker.writes(意向金额="130").presses("保存意向金额").sees("意向金额已保存")


def _they_make_a_contract(tto: Person) -> None:
    tto.page.reload()
    tto.follows("起草合同").is_on("录入合同").sees("来自对接", "申城电池厂", "江南研究院")
    tto.picks("合同类型", "委托开发").writes(项目名称="低温电解液委托开发", 成交额=AMOUNT, 技术交易额="110").presses("保存合同")
    tto.sees("合同已保存", "128.6 万元")
