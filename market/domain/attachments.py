"""Which files may be attached: judged by content and structure, never by the name alone."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable

from market.domain import identifiers
from market.domain.errors import Invalid

FILE_LIMIT = 20 * 1024 * 1024
SUBJECT_LIMIT = 100 * 1024 * 1024
ORGANISATION_LIMIT = 1024 * 1024 * 1024
NAME_LIMIT = 120
PIXEL_LIMIT = 60_000_000
_ENTRY_LIMIT = 2_000
_UNPACKED_LIMIT = 200 * 1024 * 1024
_RATIO_LIMIT = 50  # unpacked : packed, above _RATIO_FROM bytes
_RATIO_FROM = 64 * 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": _OFFICE + "wordprocessingml.document",
    "xlsx": _OFFICE + "spreadsheetml.sheet",
    "pptx": _OFFICE + "presentationml.presentation",
    "png": "image/png",
    "jpg": "image/jpeg",
}
_MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_ACTIVE_PDF = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")
_STREAM = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)  # compressed bytes: a name inside is chance
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_RELATIONSHIP = re.compile(rb"<[^<>]*Relationship\s[^<>]*>")
_EXTERNAL = re.compile(rb"TargetMode\s*=\s*[\"']External[\"']", re.IGNORECASE)
_LINK = re.compile(rb"relationships/hyperlink[\"']", re.IGNORECASE)


def inspect(filename: str, content: bytes) -> tuple[str, str]:
    """Return (clean display name, media type) of an upload; raises Invalid beside `file` with the reason.

    Allowed are pdf, docx, xlsx, pptx, png and jpg up to 20 MB whose content is what the name says.
    """
    if not content:
        _refuse("这个文件是空的")
    if len(content) > FILE_LIMIT:
        _refuse("单个文件不超过 20 MB")
    name = clean_name(filename)
    kind = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    kind = "jpg" if kind == "jpeg" else kind
    check = _CHECKS.get(kind)
    if check is None:
        _refuse("只接受 PDF、DOCX、XLSX、PPTX、PNG、JPG 文件")
    else:
        check(kind, content)
    return name, MEDIA_TYPES[kind]


def clean_name(filename: str) -> str:
    """Return a file's display name: the last path part, without control or bidi characters, at most 120 characters."""
    name = identifiers.clean_text(re.split(r"[\\/]", filename)[-1], 1_000).replace("\n", " ").replace("\t", " ")
    name = re.sub(r'["<>:|?*]', "", name).strip(" .") or "附件"
    stem, dot, ending = name.rpartition(".")
    return name if len(name) <= NAME_LIMIT else (stem or ending)[: NAME_LIMIT - 8] + dot + ending[:6]


def _refuse(message: str) -> None:
    raise Invalid({"file": message})


def _pdf(_kind: str, content: bytes) -> None:
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
        _refuse("这不是完整的 PDF 文件")
    names = _ESCAPE.sub(lambda found: bytes([int(found.group(1), 16)]), _STREAM.sub(b"", content))
    if _ACTIVE_PDF.search(names):
        _refuse("PDF 里含有脚本或嵌入文件，请另存为普通 PDF 后再上传")


def _png(_kind: str, content: bytes) -> None:
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        _refuse("这不是 PNG 图片")
    position, first = 8, True
    while position + 12 <= len(content):
        size, name = struct.unpack(">I4s", content[position : position + 8])
        if first and (name != b"IHDR" or size != 13):
            break
        if first:
            width, height = struct.unpack(">II", content[position + 8 : position + 16])
            _limit_pixels(width, height)
            first = False
        position += 12 + size
        if name == b"IEND":
            if position != len(content):
                break
            return
    _refuse("这不是完整的 PNG 图片")


def _jpg(_kind: str, content: bytes) -> None:
    if not content.startswith(b"\xff\xd8\xff") or not content.rstrip(b"\x00").endswith(b"\xff\xd9"):
        _refuse("这不是完整的 JPG 图片")
    position = 2
    while position + 9 < len(content) and content[position] == 0xFF:
        marker, size = content[position + 1], struct.unpack(">H", content[position + 2 : position + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            _limit_pixels(width, height)
            return
        position += 2 + size
    _refuse("这不是完整的 JPG 图片")


def _limit_pixels(width: int, height: int) -> None:
    if width == 0 or height == 0 or width * height > PIXEL_LIMIT:
        _refuse("图片尺寸过大，请缩小后再上传")


def _office(kind: str, content: bytes) -> None:
    if not content.startswith(b"PK\x03\x04"):
        _refuse(f"这不是 {kind.upper()} 文件")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_entries(archive, kind)
            _unpack(archive, len(content))
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        struct.error,
        OSError,
        ValueError,
        zlib.error,
    ) as error:
        raise Invalid({"file": "文件已损坏或被加密，无法读取"}) from error


def _check_entries(archive: zipfile.ZipFile, kind: str) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > _ENTRY_LIMIT or len(set(names)) != len(names):
        _refuse("文件内部结构异常")
    if "[Content_Types].xml" not in names or _MAIN_PARTS[kind] not in names:
        _refuse(f"这不是 {kind.upper()} 文件")
    for entry in entries:
        parts = entry.filename.replace("\\", "/").split("/")
        if entry.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or stat.S_ISLNK(entry.external_attr >> 16):
            _refuse("文件内部结构异常")
        if entry.flag_bits & 0x1:
            _refuse("文件已加密，无法检查，请去掉密码后再上传")
        if parts[-1].lower() in {"vbaproject.bin", "vbadata.xml"} or "activex" in entry.filename.lower():
            _refuse("文件含有宏，请另存为不带宏的格式后再上传")
        if entry.filename.lower().startswith(("word/embeddings/", "xl/embeddings/", "ppt/embeddings/")) and parts[-1].lower().endswith(
            ".bin"
        ):
            _refuse("文件里嵌有其他程序的对象，请去掉后再上传")


def _unpack(archive: zipfile.ZipFile, packed: int) -> None:
    """Read every entry and count the bytes that really come out: the sizes in the headers may lie."""
    total = 0
    for entry in archive.infolist():
        head = b""
        with archive.open(entry) as part:
            while block := part.read(1 << 16):
                total += len(block)
                head = head if len(head) > 1 << 20 else head + block
                if total > _UNPACKED_LIMIT or (total > _RATIO_FROM and total > packed * _RATIO_LIMIT):
                    _refuse("文件解开后过大")
        lowered = entry.filename.lower()
        outside = [tag for tag in _RELATIONSHIP.findall(head) if _EXTERNAL.search(tag)] if lowered.endswith(".rels") else []
        if any(not _LINK.search(tag) for tag in outside):
            _refuse("文件引用了外部内容，请去掉外部链接的图片或模板后再上传")
        if lowered == "[content_types].xml" and b"macroEnabled" in head:
            _refuse("文件含有宏，请另存为不带宏的格式后再上传")


_CHECKS: dict[str, Callable[[str, bytes], None]] = {
    "pdf": _pdf,
    "png": _png,
    "jpg": _jpg,
    "docx": _office,
    "xlsx": _office,
    "pptx": _office,
}
