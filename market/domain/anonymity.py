"""What in the words of an anonymous challenge gives its poster away."""

from __future__ import annotations

import re
from collections.abc import Iterable

ENOUGH = 3  # so many organisations of a place must share the shown facts before they hide one
_SUFFIXES = re.compile(r"(股份有限公司|有限责任公司|有限公司|集团|股份|公司|研究院|研究所|厂)$")
_PLACES = re.compile(r"^(上海市?|南京市?|无锡市?|常州市?|苏州市?|南通市?|镇江市?|泰州市?|江苏省?)")
_CONTACT = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|[\w.+-]+@[\w-]+\.\w+|(?:https?://|www\.)\S+", re.ASCII)
_BOAST = re.compile(
    r"(全国|国内|全球|世界|本市|全市|华东|上海)(最大|第[一二三]|唯一|首家|首个|独家|龙头)|市场?占有?率第[一二三]|唯一(一家|供应商)"
)
_SCALE = re.compile(r"(年产值?|营收|销售额|产能|员工|市占率|占地)[^，。；\n]{0,6}?\d[\d,.]*\s*(亿|万|人|吨|GWh|MWh|台|套|%|％|亩|平方米)?")


def name_cores(names: Iterable[str | None]) -> list[str]:
    """Return the telling parts of an organisation's names: without place and legal form, at least two characters."""
    cores: list[str] = []
    for name in names:
        for form in (name or "", _PLACES.sub("", name or "")):
            core = form
            for _ in range(3):
                core = _SUFFIXES.sub("", core)
            if len(core) >= 2 and core not in cores:
                cores.append(core)
    return cores


def betrays(text: str, names: Iterable[str | None]) -> str | None:
    """Return what in `text` plainly names an anonymous poster (its name, a telephone, an address), or None.

    A warning is not enough for words that are published without another look.
    """
    named = [core for core in name_cores(names) if core in text]
    if named:
        return f"里面出现了单位名称「{max(named, key=len)}」"
    contact = _CONTACT.search(text)
    return f"里面出现了联系方式「{contact.group()}」" if contact else None


def giveaways(text: str, names: Iterable[str | None], alike: int, tags: Iterable[str], place: str) -> list[str]:
    """Return Chinese sentences about what in the public view points at the poster; [] when nothing does.

    `alike` is how many organisations of `place` share track and tags (itself included).
    """
    said: list[str] = []
    named = [core for core in name_cores(names) if core in text]
    if named:
        said.append(f"正文里出现了单位名称「{max(named, key=len)}」")
    contact = _CONTACT.search(text)
    if contact:
        said.append(f"正文里出现了联系方式「{contact.group()}」")
    boast = _BOAST.search(text)
    if boast:
        said.append(f"「{boast.group()}」这样的说法一查便知是哪家")
    scale = _SCALE.search(text)
    if scale and re.search(r"\d", scale.group()):
        said.append(f"「{scale.group().strip()}」是少有人相同的数字，可改成区间")
    listed = list(tags)
    if alike < ENOUGH:
        what = f"带有「{'、'.join(listed)}」标签的" if listed else ""
        said.append(f"{place}同赛道{what}单位在集市里只有 {max(alike, 1)} 家，容易被猜到")
    return said
