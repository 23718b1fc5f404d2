"""Identifiers with rules of their own: 统一社会信用代码, 行政区划, 合同登记编号, mobile phones."""

from __future__ import annotations

import re
import unicodedata

from stdnum.cn import uscc

from market.domain.errors import Invalid

_REGISTRATION = re.compile(r"\d{16}", re.ASCII)
_PHONE = re.compile(r"(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,6})?)", re.ASCII)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,4}", re.ASCII)


def credit_code(text: str, field: str = "credit_code") -> str:
    """Return a 统一社会信用代码 in its normal form; raises Invalid (GB 32100-2015 check digit)."""
    cleaned = text.strip().upper()
    if not uscc.is_valid(cleaned):
        raise Invalid({field: "统一社会信用代码应为 18 位，且校验位正确，请核对营业执照或法人证书"})
    return str(uscc.compact(cleaned))


def registration_number(text: str, field: str = "registration_number") -> str:
    """Return a 16-digit 合同登记编号 (digits only); raises Invalid."""
    cleaned = re.sub(r"[\s-]", "", text)
    if not _REGISTRATION.fullmatch(cleaned):
        raise Invalid({field: "合同登记编号是登记机构给出的 16 位数字"})
    return cleaned


def phone(text: str, field: str = "phone") -> str:
    """Return a Chinese mobile or landline number; raises Invalid."""
    cleaned = re.sub(r"\s", "", text)
    if not _PHONE.fullmatch(cleaned):
        raise Invalid({field: "请填写 11 位手机号，或带区号的座机，例如 021-52564588"})
    return cleaned


def email(text: str, field: str = "email") -> str:
    """Return an e-mail address in lower case; raises Invalid (also for anything that could split a header)."""
    cleaned = text.strip().lower()
    if len(cleaned) > 254 or not _EMAIL.fullmatch(cleaned):
        raise Invalid({field: "邮箱格式不对，例如 li@example.com"})
    return cleaned


def clean_text(text: str, limit: int) -> str:
    """Return `text` in NFC without control, bidi and zero-width characters, cut to `limit` characters.

    Only the first four times as many are looked at, so that a megabyte costs no more than what is kept.
    """
    kept = [
        c for c in unicodedata.normalize("NFC", text[: 4 * limit]) if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"}
    ]
    return "".join(kept).strip()[:limit]


def mask_phone(text: str) -> str:
    """Return a phone with its middle hidden, e.g. 139****0012."""
    return text[:3] + "****" + text[-4:] if len(text) >= 8 else "****"
