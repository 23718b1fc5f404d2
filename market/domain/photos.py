"""What a photo tells beside its picture: place, time and device are taken out before it is kept.

A telephone writes them into the file (Exif, XMP and IPTC in JPEG; eXIf and text chunks in PNG), and a place of a visit
is nobody's business. Which way up the picture is to be shown stays.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_TELLING_CHUNKS = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
_APP1, _APP13, _COMMENT, _SCAN = 0xE1, 0xED, 0xFE, 0xDA
_ORIENTATION = 0x0112
_SHORT = 3


def without_traces(media_type: str, content: bytes) -> bytes:
    """Return a JPEG or PNG that was checked by `attachments.inspect` without metadata; any other file as it is."""
    if media_type == "image/jpeg":
        return _jpeg(content)
    return _png(content) if media_type == "image/png" else content


def _png(content: bytes) -> bytes:
    kept, position = [content[:8]], 8
    while position + 12 <= len(content):
        size, name = struct.unpack(">I4s", content[position : position + 8])
        if name not in _TELLING_CHUNKS:
            kept.append(content[position : position + 12 + size])
        position += 12 + size
    return b"".join(kept)


def _jpeg(content: bytes) -> bytes:
    kept, end, orientation = [content[:2]], 2, 1
    for marker, start, end in _segments(content):
        segment = content[start:end]
        if marker == _APP1 and segment[4:10] == b"Exif\0\0":
            orientation = _orientation(segment[10:])
        if marker not in (_APP1, _APP13, _COMMENT):
            kept.append(segment)
    if orientation != 1:
        kept.insert(1, _exif_with(orientation))
    return b"".join([*kept, content[end:]])


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (marker, start, end) of the segments before the picture itself."""
    position = 2
    while position + 4 <= len(content) and content[position] == 0xFF:
        marker, size = content[position + 1], struct.unpack(">H", content[position + 2 : position + 4])[0]
        if marker == _SCAN or size < 2:
            return
        yield marker, position, position + 2 + size
        position += 2 + size


def _orientation(tiff: bytes) -> int:
    """Return 1 to 8 as a TIFF header says; 1 where it says nothing that can be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        if order is None:
            return 1
        first = struct.unpack(order + "I", tiff[4:8])[0]
        count = struct.unpack(order + "H", tiff[first : first + 2])[0]
        for number in range(min(count, 100)):
            tag, kind, _, value = struct.unpack(order + "HHIH", tiff[first + 2 + 12 * number : first + 12 + 12 * number])
            if tag == _ORIENTATION and kind == _SHORT:
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _exif_with(orientation: int) -> bytes:
    """Return an APP1 segment that says the orientation and nothing else."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
