"""Archives that are broken, encrypted, or mean harm. What the contract says of each stands in expected/archives.yml."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from random import Random

from tests.corpus.formats import Cell, Grid, with_parts, xls_file, xlsx_file
from tests.scenarios.file_case import HEADER, encrypted_zip, line, ods_file, table, zip_file

GOOD = table(line("AR1"), line("AR2")).encode()
ROWS: list[list[Cell]] = [[*HEADER.split(";")], [*line("AR1").split(";")], [*line("AR2").split(";")]]
_MUCH_OF_NOTHING = b"0" * 48 * 2**20


def _gz(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _incompressible(size: int) -> bytes:
    return "".join(Random(size).choices("abcdefghijklmnopqrstuvwxyz", k=size)).encode()


def _with_sizes(archive: bytes, unpacked: int) -> bytes:
    """The archive of one member, whose two headers tell another unpacked size."""
    told = bytearray(archive)
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", told, told.index(signature) + at, unpacked)
    return bytes(told)


def _with_method(archive: bytes, method: int) -> bytes:
    """The archive of one member, which claims to be packed in another way."""
    told = bytearray(archive)
    for signature, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", told, told.index(signature) + at, method)
    return bytes(told)


def _overlapping() -> bytes:
    """Two members in the directory, which are the same bytes of the archive."""
    archive = zip_file({"a.csv": GOOD})
    start, end = archive.index(b"PK\x01\x02"), archive.index(b"PK\x05\x06")
    entry = archive[start:end]
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 2, 2, 2 * len(entry), start, 0)
    return archive[:start] + entry + entry.replace(b"a.csv", b"b.csv") + tail


def _same_name_twice() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.csv"), GOOD)
        archive.writestr(zipfile.ZipInfo("b.csv"), b"x")
    return buffer.getvalue().replace(b"b.csv", b"a.csv")  # zipfile would warn, and rightly


def _nested(depth: int) -> bytes:
    content = zip_file({f"{n}.csv": bytes(2**20) for n in range(4)})
    for _ in range(depth):
        content = zip_file({f"{n}.zip": content for n in range(4)})
    return content


def _member(name: str) -> Callable[[], bytes]:
    return lambda: zip_file({name: GOOD})


FILES: dict[str, Callable[[], bytes]] = {
    "zip bomb.zip": lambda: zip_file({"a.csv": GOOD + _MUCH_OF_NOTHING}),
    "zip bomb that tells a small size.zip": lambda: _with_sizes(
        zip_file({"a.csv": GOOD + _MUCH_OF_NOTHING}), len(GOOD)
    ),
    "zip that tells a huge size.zip": lambda: _with_sizes(zip_file({"a.csv": GOOD}), 2**32 - 2),
    "zips in zips.zip": lambda: _nested(4),
    "a zip bomb called csv in a zip.zip": lambda: zip_file({"a.csv": zip_file({"a.csv": _MUCH_OF_NOTHING})}),
    "a gzip in a zip.zip": lambda: zip_file({"a.csv.gz": _gz(GOOD)}),
    "a workbook in a zip.zip": lambda: zip_file({"a.xlsx": xlsx_file(Grid(ROWS))}),
    "a workbook full of nothing.xlsx": lambda: with_parts(
        xlsx_file(Grid(ROWS)), {"xl/worksheets/sheet9.xml": _MUCH_OF_NOTHING}
    ),
    "gzip bomb.csv.gz": lambda: _gz(_MUCH_OF_NOTHING),
    "gzip bomb behind good rows.csv.gz": lambda: _gz(GOOD + _incompressible(2**15) + b"\n" * 48 * 2**20),
    "a gzip bomb in a gzip.csv.gz": lambda: _gz(_gz(_MUCH_OF_NOTHING)),
    "a gzip in a gzip.csv.gz": lambda: _gz(_gz(GOOD)),
    "a zip in a gzip.csv.gz": lambda: _gz(zip_file({"a.csv": GOOD})),
    "a workbook in a gzip.csv.gz": lambda: _gz(xlsx_file(Grid(ROWS))),
    "a gzip of two members.csv.gz": lambda: _gz(GOOD) + _gz((line("AR3") + "\n").encode()),
    "a gzip with zeros behind it.csv.gz": lambda: _gz(GOOD) + bytes(512),
    "a gzip with junk behind it.csv.gz": lambda: _gz(GOOD) + b"junk behind it",
    "a gzip of nothing.csv.gz": lambda: _gz(b""),
    "a gzip with a wrong checksum.csv.gz": lambda: _gz(GOOD)[:-8] + bytes(4) + _gz(GOOD)[-4:],
    "a zip of nothing.zip": lambda: zip_file({"a.csv": b""}),
    "a zip without members.zip": lambda: zip_file({}),
    "half a gzip.csv.gz": lambda: _half(_gz(table(*map(line, map("AR{}".format, range(500)))).encode())),
    "half a zip.zip": lambda: _half(zip_file({"a.csv": GOOD})),
    "half a workbook.xlsx": lambda: _half(xlsx_file(Grid(ROWS))),
    "half an old workbook.xls": lambda: _half(xls_file(Grid(ROWS))),
    "half a page.xls": lambda: _half(b"<table><tr><td>" + b"x" * 400),
    "half an ods.ods": lambda: _half(ods_file(ROWS)),
    "an encrypted zip.zip": lambda: encrypted_zip(GOOD),
    "a zip encrypted with AES.zip": lambda: _with_method(encrypted_zip(GOOD), 99),
    "a zip packed in an unknown way.zip": lambda: _with_method(zip_file({"a.csv": GOOD}), 97),
    "a zip with a wrong checksum.zip": lambda: zip_file({"a.csv": GOOD}).replace(
        struct.pack("<I", zlib.crc32(GOOD)), b"\1\2\3\4"
    ),
    "two members that are one.zip": _overlapping,
    "one name twice.zip": _same_name_twice,
    "twenty thousand members.zip": lambda: zip_file({f"{n}.csv": b"" for n in range(20_000)}),
    "junk before the zip.zip": lambda: b"#!/bin/sh\nexit\n" + zip_file({"a.csv": GOOD}),
    "a member up one folder, by backslash.zip": _member("..\\a.csv"),
    "a member up and away.zip": _member("a/../../a.csv"),
    "a member from the root, by backslash.zip": _member("\\a.csv"),
    "a member on another machine.zip": _member("\\\\server\\a.csv"),
    "a member of a drive's current folder.zip": _member("C:a.csv"),
    "a workbook with a part up one folder.xlsx": lambda: with_parts(xlsx_file(Grid(ROWS)), {"../evil.xml": b"<x/>"}),
    "dots in a member's name.zip": _member("a..b/so lieu...csv"),
}
