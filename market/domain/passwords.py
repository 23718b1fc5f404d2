"""What a password must be: the length and classes that GB/T 22239 assessors ask for, and none of the common ones."""

from __future__ import annotations

import re
from collections.abc import Iterable

from market.domain.errors import Invalid

SHORTEST = 12  # characters
LONGEST = 256  # bytes in UTF-8: hashing a longer one would cost time for nothing
RULE = "至少 12 个字符，含大写字母、小写字母、数字、符号中的三类；一句记得住的话也可以"

# Bases of the passwords that every list of leaked ones is full of; compared with letters folded and digits and signs at the ends cut.
_COMMON = """
    password passw0rd p@ssword p@ssw0rd passwd pass admin administrator root test tester user guest welcome letmein login master
    qwerty qwertyuiop qwertyui asdfghjkl asdfgh zxcvbnm zxcvbn 1qaz2wsx qazwsx qazwsxedc 1q2w3e4r 1q2w3e4r5t q1w2e3r4 qweasd qweasdzxc
    abc abcd abcdef abcdefg abcdefgh abcabc abc123 a123456 aa123456 a1b2c3d4 iloveyou iloveu loveyou love woaini woaini1314 wo1314 520 5201314
    monkey dragon football baseball basketball superman batman shadow sunshine princess michael jordan ashley jessica daniel charlie
    hello helloworld hello123 freedom whatever trustno1 starwars summer winter spring autumn computer internet google microsoft windows
    apple android iphone huawei xiaomi tencent alibaba baidu taobao weibo wechat weixin qq qqqq server system manager default changeme
    change secret private public security secure access oracle mysql postgres postgresql database backup service support office company
    china zhongguo zhonghua beijing shanghai putuo nanjing suzhou hangzhou guangzhou shenzhen jiangsu zhejiang keji chuangxin
    market kecheng kcjs science technology innovation keyan xuexiao daxue university student teacher professor engineer enterprise
    asd asdf asdasd qwe qweqwe qwer qwert zxc zxcv aaa aaaa aaaaaa bbb xxx zzz abcde abc12345 abcd1234 asdf1234 qwer1234 zxcv1234
    killer hunter ranger buster soccer hockey george andrew thomas robert jennifer joshua matthew amanda nicole pepper ginger cookie
    flower orange banana cheese chocolate diamond golden silver purple yellow maggie mustang harley corvette ferrari mercedes porsche
    happy lucky family friend forever angel heaven jesus money rich million summer2024 winter2024 spring2025 welcome2025 january december
    woshishei nihao nihaoma mima wodemima gongsi zhanghao yonghu guanliyuan ceshi laoshi baobao tiankong haoren
"""
COMMON = frozenset(_COMMON.split())
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$", re.ASCII)


def check(password: str, about: Iterable[str] = (), field: str = "password") -> None:
    """Raise Invalid when `password` is too short, too plain, common, or made of the person's own words.

    `about` holds words an attacker would try first: name, address, organisation.
    """
    problem = _problem(password, about)
    if problem:
        raise Invalid({field: problem})


def _problem(password: str, about: Iterable[str]) -> str | None:
    if len(password.encode("utf-8", "replace")) > LONGEST:
        return "密码太长，最多 256 字节"
    if len(password) < SHORTEST:
        return f"密码至少 {SHORTEST} 个字符"
    if _classes(password) < 3:
        return "密码要含大写字母、小写字母、数字、符号中的三类"
    if len(set(password)) < 5:
        return "密码里重复的字符太多"
    folded = password.casefold()
    if folded in COMMON or _ENDS.sub("", folded) in COMMON:
        return "这是很常见的密码，请换一个"
    for word in about:
        part = word.casefold().split("@")[0]
        if len(part) >= 4 and part in folded and len(folded) - len(part) < 8:
            return "密码里不要用自己的姓名、邮箱或单位名称"
    return None


def _classes(password: str) -> int:
    upper = any(c.isupper() for c in password)
    lower = any(c.islower() for c in password)
    digit = any(c.isdigit() for c in password)
    other = any(not (c.isupper() or c.islower() or c.isdigit()) for c in password)
    return upper + lower + digit + other
