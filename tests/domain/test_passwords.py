"""What a password must be."""

from __future__ import annotations

import pytest

from market.domain import passwords
from market.domain.errors import Invalid

GOOD = ["Correct-Horse-9-Battery", "电池包冬天掉电厉害Aa1啊", "xK4f-9mtp-2hqz", "一句 记得住 的话 Long 7", "a1B" * 3 + "cD5!"]
BAD = [
    "", "Short-1", "alllowercaseonly", "12345678901234", "ALLUPPER12345", "Password1234", "P@ssw0rd2024!", "Qwertyuiop123!",
    "Administrator1!", "Changeme-2026", "Aa1!Aa1!Aa1!Aa1!", "A1" + "b" * 300, "Ab1" + "电" * 100,
]  # fmt: skip


@pytest.mark.parametrize("password", GOOD)
def test_a_long_and_mixed_password_is_good(password: str) -> None:
    passwords.check(password)


@pytest.mark.parametrize("password", BAD)
def test_a_short_plain_or_common_one_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        passwords.check(password)


@pytest.mark.parametrize("about", ["zhouyingchuan@example.org", "ZhouYingChuan"])
def test_ones_own_name_with_a_few_signs_is_refused(about: str) -> None:
    with pytest.raises(Invalid, match="自己的姓名"):
        passwords.check("Zhouyingchuan-1", about=[about])
    passwords.check("Zhouyingchuan-1", about=["else@example.org"])


def test_the_list_of_common_ones_is_not_short() -> None:
    assert len(passwords.COMMON) >= 200
