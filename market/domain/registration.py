"""Registering a contract: the columns of the status board, and what the sixteen digits of a 登记编号 say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from market.domain.codes import REGISTRATION_STATES, region_name

BOARD = REGISTRATION_STATES
OPEN = ("signed", "filed", "returned")  # what still waits for somebody
WAITING_FOR = {"signed": "卖方办理", "filed": "登记机构", "returned": "卖方补正", "refused": "", "registered": ""}
PARTS_NOTE = "分段“年份 4 位、地区 4 位、登记点 2 位、流水号 6 位”由登记表封面的格式推出，尚未核对；对不上只提醒，不拦截。"


@dataclass(frozen=True)
class NumberParts:
    """The sixteen digits in their four parts, as the cover of the form divides them (4-4-2-6, 待核)."""

    year: str
    area: str
    point: str
    serial: str

    def __str__(self) -> str:
        """Return the parts as people read them aloud."""
        return f"{self.year} {self.area} {self.point} {self.serial}"


def number_parts(number: str) -> NumberParts:
    """Return the parts of a number of sixteen digits."""
    return NumberParts(number[:4], number[4:8], number[8:10], number[10:])


def number_warnings(number: str, registered_on: date | None, seller_region: str) -> list[str]:
    """Return what looks odd in a 16-digit number beside the day and the seller's place. Warnings only: the structure is 待核.

    That it has sixteen digits is checked elsewhere (`identifiers.registration_number`) and refuses.
    """
    parts, found = number_parts(number), []
    if registered_on is not None and parts.year != str(registered_on.year):
        found.append(f"编号前四位是 {parts.year}，登记日期在 {registered_on.year} 年")
    if seller_region and parts.area[:2] != seller_region[:2]:
        found.append(f"编号第五、六位 {parts.area[:2]} 与卖方注册地（{region_name(seller_region)}，{seller_region[:2]}）不一致")
    if parts.serial == "000000":
        found.append("编号后六位全是 0")
    return found


def waited(since: date | None, today: date) -> int | None:
    """Return how many days something has waited; None when nobody knows since when."""
    return max(0, (today - since).days) if since else None
