"""Which files are let in: a corpus of honest and of hostile ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest

from market.domain import attachments
from market.domain.errors import Invalid

TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
RELS = "_rels/.rels"
OUTSIDE_IMAGE = '<Relationships><Relationship Id="r1" Type="http://x/relationships/image" Target="http://evil/x.png" TargetMode="External"/></Relationships>'
OUTSIDE_LINK = '<Relationships><Relationship Id="r1" Type="http://x/relationships/hyperlink" Target="http://good/" TargetMode="External"/></Relationships>'
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}


def office(kind: str = "docx", *more: tuple[str, bytes | str], types: str = TYPES, main: bool = True) -> bytes:
    """Return a small OOXML file with extra parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        if main:
            archive.writestr(MAIN[kind], "<document/>")
        for name, content in more:
            archive.writestr(name, content)
    return buffer.getvalue()


def png(width: int = 4, height: int = 4, tail: bytes = b"") -> bytes:
    """Return a PNG of the given size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00")) + chunk(b"IEND", b"") + tail


def jpg(width: int = 4, height: int = 4) -> bytes:
    """Return the skeleton of a JPEG of the given size."""
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\x00" + b"\x00" * 9 + frame + b"\xff\xd9"


PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def encrypted() -> bytes:
    """Return an OOXML file whose entries say that they are encrypted."""
    data = bytearray(office())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (found := data.find(mark, start)) >= 0:
            data[found + at] |= 1
            start = found + 4
    return bytes(data)


def symlink() -> bytes:
    """Return an OOXML file with a symbolic link inside."""
    entry = zipfile.ZipInfo("word/link")
    entry.external_attr = 0o120777 << 16
    buffer = io.BytesIO(office())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(entry, "/etc/passwd")
    return buffer.getvalue()


GOOD = [
    ("技术方案.pdf", PDF, "application/pdf"),
    ("有图.pdf", PDF.replace(b"endobj", b"stream\n\x00/JS \x01\nendstream endobj"), "application/pdf"),
    ("方案.DOCX", office("docx"), attachments.MEDIA_TYPES["docx"]),
    ("有链接.docx", office("docx", ("word/_rels/document.xml.rels", OUTSIDE_LINK)), attachments.MEDIA_TYPES["docx"]),
    ("数据.xlsx", office("xlsx"), attachments.MEDIA_TYPES["xlsx"]),
    ("汇报.pptx", office("pptx"), attachments.MEDIA_TYPES["pptx"]),
    ("现场.png", png(), "image/png"),
    ("现场.jpg", jpg(), "image/jpeg"),
    ("现场.jpeg", jpg(), "image/jpeg"),
    ("多页.docx", office("docx", ("word/media/a.png", png())), attachments.MEDIA_TYPES["docx"]),
]
BAD = {
    "empty": ("空.pdf", b""),
    "too large": ("大.pdf", PDF + b"\x00" * attachments.FILE_LIMIT),
    "executable": ("setup.exe", b"MZ\x90\x00"),
    "executable called pdf": ("报价.pdf", b"MZ\x90\x00"),
    "svg": ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    "svg called png": ("图.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    "html": ("a.html", b"<script>alert(1)</script>"),
    "html called jpg": ("a.jpg", b"<script>alert(1)</script>"),
    "zip": ("资料.zip", office()),
    "no ending": ("资料", PDF),
    "double ending": ("报价.pdf.exe", PDF),
    "truncated pdf": ("半.pdf", PDF[:20]),
    "pdf not at the start": ("前.pdf", b"<html>" + PDF),
    "pdf with script": ("脚本.pdf", PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript /JS (app.alert(1)) >>")),
    "pdf with a script in disguise": ("脚本.pdf", PDF.replace(b"/Catalog", b"/Catalog /AA << /S /J#61vaScript >>")),
    "pdf that launches": ("启动.pdf", PDF.replace(b"/Catalog", b"/Catalog /A << /S /Launch >>")),
    "pdf with files inside": ("内嵌.pdf", PDF.replace(b"/Catalog", b"/Catalog /EmbeddedFile 1")),
    "docx that is a bare zip": ("x.docx", office(main=False)),
    "xlsx called docx": ("x.docx", office("xlsx")),
    "docx with macro": ("宏.docx", office("docx", ("word/vbaProject.bin", b"x"))),
    "docm called docx": ("宏.docx", office(types=TYPES.replace("/>", ' a="application/vnd.ms-word.document.macroEnabled.main+xml"/>'))),
    "docm": ("宏.docm", office("docx", ("word/vbaProject.bin", b"x"))),
    "activex": ("控件.docx", office("docx", ("word/activeX/activeX1.xml", "x"))),
    "object of another program": ("对象.docx", office("docx", ("word/embeddings/oleObject1.bin", b"x"))),
    "picture from outside": ("外链.docx", office("docx", ("word/_rels/document.xml.rels", OUTSIDE_IMAGE))),
    "template from outside": ("外链.docx", office("docx", (RELS, OUTSIDE_IMAGE.replace("image", "attachedTemplate")))),
    "picture from outside beside a link": ("外链.docx", office("docx", (RELS, OUTSIDE_LINK + OUTSIDE_IMAGE))),
    "path upwards": ("路径.docx", office("docx", ("../../etc/passwd", "x"))),
    "absolute path": ("路径.docx", office("docx", ("/etc/passwd", "x"))),
    "windows path": ("路径.docx", office("docx", ("..\\..\\x", "x"))),
    "symbolic link": ("链接.docx", symlink()),
    "encrypted": ("密.docx", encrypted()),
    "too many parts": ("多.docx", office("docx", *((f"word/p{n}.xml", "x") for n in range(2_000)))),
    "bomb": ("弹.docx", office("docx", ("word/big.xml", b"\x00" * (201 * 1024 * 1024)))),
    "thin bomb": ("弹.docx", office("docx", ("word/big.xml", b"\x00" * (70 * 1024 * 1024)))),
    "truncated docx": ("半.docx", office()[:-30]),
    "broken deflate": (
        "坏.docx",
        office("docx", ("word/x.xml", b"abc" * 500)).replace(b"word/x.xml", b"word/x.xml", 1)[:120] + b"\x00" * 400,
    ),
    "pixel flood": ("洪.png", png(40_000, 40_000)),
    "png with a tail": ("尾.png", png(tail=b"PK\x03\x04<script>")),
    "png without an end": ("半.png", png()[:-12]),
    "png of no size": ("零.png", png(0, 4)),
    "jpg flood": ("洪.jpg", jpg(60_000, 60_000)),
    "half a jpg": ("半.jpg", jpg()[:-2]),
    "gif called png": ("x.png", b"GIF89a" + b"\x00" * 40),
}


@pytest.mark.parametrize(("name", "content", "media_type"), GOOD, ids=[row[0] for row in GOOD])
def test_honest_files_are_taken_with_their_true_type(name: str, content: bytes, media_type: str) -> None:
    assert attachments.inspect(name, content) == (name, media_type)


@pytest.mark.parametrize("what", list(BAD))
def test_hostile_and_broken_files_are_refused_in_chinese(what: str) -> None:
    name, content = BAD[what]
    with pytest.raises(Invalid) as refused:
        attachments.inspect(name, content)
    assert list(refused.value.fields) == ["file"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.fields["file"])


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("技术方案.pdf", "技术方案.pdf"),
        ("C:\\资料\\图 1.png", "图 1.png"),
        ("../../etc/passwd", "passwd"),
        ("a\u202egpj.exe", "agpj.exe"),
        ('a"b<c>.pdf', "abc.pdf"),
        ("\x00.pdf", "pdf"),
        ("", "附件"),
    ],
)
def test_a_file_keeps_its_chinese_name_and_no_trick(given: str, shown: str) -> None:
    assert attachments.clean_name(given) == shown


def test_a_long_name_keeps_its_ending() -> None:
    name = attachments.clean_name("长" * 300 + ".pdf")
    assert name.endswith(".pdf") and len(name) <= attachments.NAME_LIMIT
