"""Place, time and device of a photo are gone before it is kept; which way up it is stays, and the picture is untouched."""

from __future__ import annotations

import struct
import zlib

import pytest

from market.domain import attachments
from market.domain.photos import without_traces
from tests.domain.test_attachments import jpg, png

PLACE = b"31.2304N 121.4737E"


def exif(orientation: int, order: str = ">") -> bytes:
    """An APP1 segment with an orientation, a maker and a place."""
    head = (b"MM\0*" if order == ">" else b"II*\0") + struct.pack(order + "I", 8)
    entries = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack(order + "HHII", 0x010F, 2, len(PLACE), 38)
    body = b"Exif\0\0" + head + struct.pack(order + "H", 2) + entries + struct.pack(order + "I", 0) + PLACE
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def segment(marker: int, body: bytes) -> bytes:
    """Any segment."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def photo(*segments: bytes) -> bytes:
    """A JPEG with these segments before its own."""
    plain = jpg()
    return plain[:2] + b"".join(segments) + plain[2:]


def orientation_of(content: bytes) -> int | None:
    """What the first Exif segment says; None without one."""
    start = content.find(b"Exif\0\0MM")
    return None if start < 0 else struct.unpack(">H", content[start + 6 + 10 + 8 : start + 6 + 10 + 10])[0]


@pytest.mark.parametrize("order", [">", "<"])
def test_a_jpeg_keeps_its_orientation_and_nothing_else(order: str) -> None:
    told = photo(exif(6, order), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + PLACE), segment(0xED, PLACE), segment(0xFE, PLACE))
    kept = without_traces("image/jpeg", told)
    assert PLACE in told and PLACE not in kept
    assert orientation_of(kept) == 6
    assert kept.endswith(jpg()[2:])
    assert attachments.inspect("x.jpg", kept)[1] == "image/jpeg"
    assert without_traces("image/jpeg", kept) == kept


@pytest.mark.parametrize("broken", [b"Exif\0\0", b"Exif\0\0XX*\0", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff\xff"])
def test_an_upright_or_unreadable_one_is_left_without_exif(broken: bytes) -> None:
    assert without_traces("image/jpeg", photo(exif(1))) == jpg()
    assert without_traces("image/jpeg", photo(exif(9))) == jpg()
    assert without_traces("image/jpeg", photo(segment(0xE1, broken))) == jpg()


def test_a_png_keeps_its_picture() -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    plain = png()
    told = plain[:33] + chunk(b"eXIf", PLACE) + chunk(b"tEXt", b"Location\0" + PLACE) + plain[33:]
    assert without_traces("image/png", told) == plain


def test_other_files_are_left_alone() -> None:
    assert without_traces("application/pdf", b"%PDF " + PLACE) == b"%PDF " + PLACE
