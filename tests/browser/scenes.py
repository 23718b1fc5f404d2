"""Scenes that both stories end with: the year's goal, the contract from signature to registration, what the leader sees."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from market.actions import matches, search
from market.db import db, release, transaction
from market.domain import clock
from market.models import Capability, Challenge
from tests.browser.people import Person
from tests.cast import Cast
from tests.factories import ContractFactory

ALREADY = Decimal("300")  # 万元, registered in the district before the story begins
TARGET = Decimal("1500")  # 万元


@dataclass(frozen=True)
class Figures:
    """What the cockpit shows, in 万元."""

    registered: Decimal
    output: Decimal
    inner: Decimal
    intake: Decimal
    paid: Decimal
    sentence: str


def publish(*listings: Challenge | Capability) -> None:
    """Put listings that a test wrote by hand into the search index, as publishing does."""
    with transaction():
        for listing in listings:
            search.refresh(listing)


def worker_ranks() -> int:
    """Do what the worker does after a change; returns how many rankings were stored."""
    done = matches.refresh_changed()
    db.session.expire_all()
    release()
    return done


def earlier_contract(cast: Cast) -> None:
    """Let the year have begun: one registered contract of the district."""
    ContractFactory(seller=cast.institute, seller_region="310107", buyer_region="310107", amount_fen=30_000_000_000 // 100, registered=True)


def leader_enters_the_goal(leader: Person) -> None:
    """Baseline and increment of the year, with their sources."""
    leader.opens_own("驾驶舱").is_on("目标驾驶舱").sees("基数待录入")
    leader.writes(基数="0.1", 基数的来源="上一年统计公报", 增量="0.05", 增量的来源="工作计划").presses(f"保存 {clock.today().year} 年目标")
    leader.sees("目标已保存", "距目标差 1,200 万元")


def cockpit(leader: Person) -> Figures:
    """Read the figures of the year."""
    leader.opens("/cockpit").is_on("目标驾驶舱")
    flow = leader.figure
    return Figures(
        flow("登记"), flow("输出"), flow("区内循环"), flow("吸纳"), flow("到账"), leader.main.locator(".page-header .lead").inner_text()
    )


def rows_behind(leader: Person, title: str, *, counted: bool) -> None:
    """The figure leads to its rows: the contract stands among those that count toward the goal, or only among 吸纳."""
    leader.opens("/cockpit").follows("看明细：登记").is_on("数字背后的明细")
    leader.sees(title) if counted else leader.does_not_see(title)
    leader.opens("/cockpit").follows("看明细：吸纳").is_on("数字背后的明细")
    leader.does_not_see(title) if counted else leader.sees(title)


def sign(seller: Person) -> None:
    """The seller notes that both sides have signed today."""
    fold = seller.unfolds("记为已签订")
    seller.writes(fold, 签订日期=clock.today().isoformat()).presses("确认：记为已签订", fold).sees("已办理：记为已签订")


def receive(seller: Person, amount: str, total: str) -> None:
    """The seller notes money received."""
    fold = seller.unfolds("记一笔到账")
    seller.writes(fold, 到账日期=clock.today().isoformat(), 到账金额=amount, 备注="首付款").presses("记下到账", fold)
    seller.sees(f"到账合计 {total}")


def register(seller: Person, number: str) -> None:
    """The seller enters what the 登记机构 gave: first a number too short, then the right one."""
    fold = seller.unfolds("填写登记编号和日期")
    today = clock.today().isoformat()
    seller.writes(fold, 合同登记编号=number[:-1], 登记日期=today).presses("确认：填写登记编号和日期", fold)
    seller.sees("请先改正下面几处")
    fold = seller.main.locator("details[open]", has_text="合同登记编号")
    seller.writes(fold, 合同登记编号=number).presses("确认：填写登记编号和日期", fold)
    seller.sees("已办理：填写登记编号和日期", number)


def the_goal_moved(before: Figures, after: Figures, amount: Decimal, seller_in_the_district: bool) -> None:
    """With the seller in the district the goal grows by exactly the amount; with one elsewhere only 吸纳 does."""
    grown = amount if seller_in_the_district else Decimal(0)
    assert before.registered == ALREADY
    assert after.registered - before.registered == grown
    assert after.inner - before.inner == grown
    assert after.intake - before.intake == amount - grown
    assert after.output == before.output
    left = TARGET - ALREADY - grown
    assert f"距目标差 {left.normalize():,f} 万元" in after.sentence, after.sentence
