"""Texts and pages that are broken, huge, or mean harm. What the contract says of each stands in expected/texts.yml."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from random import Random

from tests.scenarios.file_case import HEADER, TAIL, line, table

_KNOWN = len(HEADER.split(";"))
_A_LINE = line("TX1").split(";")
_MARKS = {"UTF-8": codecs.BOM_UTF8, "UTF-16 LE": codecs.BOM_UTF16_LE, "UTF-16 BE": codecs.BOM_UTF16_BE}
_EXTENSIONS = ("csv", "tsv", "txt", "csv.gz", "zip", "xlsx", "xlsm", "xls", "ods")
_MAGIC = {"gzip": b"\x1f\x8b\x08", "zip": b"PK\x03\x04", "old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def _junk(seed: int) -> bytes:
    return Random(seed).randbytes(4096)


def _wide(columns: int) -> str:
    """A table with unknown columns behind the known ones, all with a heading."""
    more = [f"cột {n}" for n in range(columns - _KNOWN)]
    return table(line("TX1") + ";x" * len(more), header=";".join((HEADER, *more)))


def _page(*rows: list[str], before: str = "", cell: str = "<td>") -> str:
    lines = "".join("<tr>" + "".join(f"{cell}{text}</td>" for text in row) + "</tr>" for row in rows)
    return f"{before}<html><body><table>{lines}</table></body></html>"


def _with_title(title: str) -> list[str]:
    return [*_A_LINE[:1], title, *_A_LINE[2:]]


def _title(title: str, code: str = "TX1") -> str:
    return f"{code};{title};Lê Thị A;{TAIL}"


TEXTS: dict[str, Callable[[], str]] = {
    "200 columns.csv": lambda: _wide(200),
    "201 columns.csv": lambda: _wide(201),
    "10,000 columns.csv": lambda: _wide(10_000),
    "16,384 columns without a heading.csv": lambda: table(
        *(line(f"TX{n}") + ";" * 16_000 for n in range(20)), header=HEADER + ";" * 16_000
    ),
    "a row of a million delimiters.csv": lambda: table(line("TX1") + ";" * 1_000_000, line("TX2")),
    "a cell over the limit in bytes only.csv": lambda: table(_title("ế" * 349_526), line("TX2")),
    "a cell under the limit in bytes of UTF-8.txt": lambda: table(_title("x" * 600_000), line("TX2")),
    "a line of 80 MiB.csv": lambda: table(_title("dài " * 16 * 2**20), line("TX2")),
    "nothing but one long line.csv": lambda: "x" * 24 * 2**20,
    "a quote left open.csv": lambda: table(line("TX1"), '"' + line("TX2"), *(line(f"TY{n}") for n in range(30_000))),
    "a quote left open in the header.csv": lambda: table(*(line(f"TX{n}") for n in range(50)), header='"' + HEADER),
    "quotes within cells.csv": lambda: table(_title('Ống thép 21" và 27"'), _title('Máy "tự chế" hàn khung', "TX2")),
    "line breaks in the header.csv": lambda: table(
        line("TX1"), header=HEADER.replace("Mã sáng kiến", '"Mã\nsáng kiến"').replace("Ngày gửi", '"Ngày\r\ngửi"')
    ),
    "every kind of line end.csv": lambda: f"{HEADER}\r\n{line('TX1')}\n{line('TX2')}\r{line('TX3')}\r\n",
    "no line end at the end.csv": lambda: table(line("TX1")).rstrip("\n"),
    "line ends of Unicode within cells.csv": lambda: table(
        _title("Cải\vtiến\fdây\x1cchuyền\x85gạch\u2028nung\u2029mới"), line("TX2")
    ),
    "characters that turn the writing.csv": lambda: table(
        _title("Cải tiến \u202egnort\u202c máy dệt", "T\u200bX\u2066-1")
    ),
    "NULs in cells.csv": lambda: table(_title("Cải\0 tiến máy dệt", "TX\0001")),
    "NULs in headings.csv": lambda: table(
        line("TX1") + ";ghi", header=HEADER.replace("sáng kiến", "\0sáng kiến") + ";Ghi\0 chú"
    ),
    "NULs in two headings of one field.csv": lambda: table("TX1", header=HEADER + ";Ngày\0 gửi"),
    "a code of 20,000 characters.csv": lambda: table(line(_junk(4).hex() * 2), line("TX2")),
    "amounts of many digits.csv": lambda: table(
        *(f"{line(f'TX{n}')};{amount}" for n, amount in enumerate(("0,123456789 USD", "1,23456789 tỷ", "9" * 500))),
        header=HEADER + ";Giá trị làm lợi",
    ),
    "formulas in cells.csv": lambda: table(
        _title("=cmd|' /C calc'!A0", "TX1"),
        _title('=HYPERLINK("http://x","y")', "@TX2"),
        _title("+1-1 cải tiến", "-TX3"),
    ),
    "short and long rows.csv": lambda: table(
        "TX1;Cải tiến máy dệt khung", line("TX2") + ";;;", line("TX3") + ";;thừa", ";;;;;;;;", "TX4"
    ),
    "a page with entities that grow.xls": lambda: _page(
        HEADER.split(";"), _with_title("cải tiến &l9; máy"), before=f'<!DOCTYPE html [<!ENTITY l0 "ha">{_LAUGHS}]>'
    ),
    "a page that asks for a file.xls": lambda: _page(
        HEADER.split(";"),
        _with_title("cải tiến &passwd; máy"),
        before='<!DOCTYPE html [<!ENTITY passwd SYSTEM "file:///etc/passwd">]>',
    ),
    "a page of XHTML.xls": lambda: _page(
        HEADER.split(";"), _A_LINE, before='<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>'
    ),
    "a page of characters that are none.xls": lambda: _page(
        HEADER.split(";"), _with_title("cải tiến &#xD800;&#0;&#1;&#x110000;&#xFFFF; máy")
    ),
    "a page of nothing.xls": lambda: "<!DOCTYPE html>",
    "a page of deep boxes.xls": lambda: "<table>" + "<div>" * 100_000 + "x",
    "a page of deep tables.xls": lambda: "<table><tr><td>" * 20_000 + "x",
    "a page with cells over everything.xls": lambda: (
        _page(HEADER.split(";"), _A_LINE, cell='<td rowspan="1" colspan=" 1 ">')
        + '<table><tr><td rowspan="999999999" colspan="999999999">x</table>'
    ),
    "a workbook as plain XML.xls": lambda: (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row>'
        "<Cell><Data>x</Data></Cell></Row></Table></Worksheet></Workbook>"
    ),
    "a letter as HTML.xls": lambda: "<html><body><p>Kính gửi, đơn vị gửi kèm báo cáo</p></body></html>",
}

_IN_UTF_16 = ("a cell under the limit in bytes of UTF-8.txt",)


def _encoded(name: str) -> Callable[[], bytes]:
    return lambda: TEXTS[name]().encode("utf-16" if name in _IN_UTF_16 else "utf-8")


def _always(content: bytes) -> Callable[[], bytes]:
    return lambda: content


FILES: dict[str, Callable[[], bytes]] = {
    **{name: _encoded(name) for name in TEXTS},
    **{f"nothing but the mark of {name}.csv": _always(mark) for name, mark in _MARKS.items()},
    "nothing but NULs.csv": lambda: bytes(9000),
    "blank lines behind a mark.csv": lambda: codecs.BOM_UTF8 + b"\r\n \r\n\t\r\n",
    "UTF-16 cut in a character.csv": lambda: table(line("TX1")).encode("utf-16")[:-1],
    "half a surrogate pair.csv": lambda: (table(line("TX1")) + "\ud800;\n").encode("utf-16", "surrogatepass"),
    "UTF-32.csv": lambda: codecs.BOM_UTF32_LE + table(line("TX1")).encode("utf-32-le"),
    "a surrogate in UTF-8.csv": lambda: table(line("TX1"), _title("cải tiến \ud83d")).encode("utf-8", "surrogatepass"),
    "NUL in two bytes.csv": lambda: table(line("TX1"), line("TX2")).encode() + b"TX3\xc0\x80;\n",
    "an invalid byte far down.csv": lambda: table(*(line(f"TX{n}") for n in range(40_000))).encode() + b"\xe1\n",
    "a document.csv": lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n" + _junk(1),
    "a picture.csv": lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + _junk(2),
    "a mail.xls": lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n--x\r\n",
    **{f"junk.{extension}": _always(_junk(seed)) for seed, extension in enumerate(_EXTENSIONS, start=10)},
    **{f"junk that begins as {name}.csv": _always(magic + _junk(3)) for name, magic in _MAGIC.items()},
}
