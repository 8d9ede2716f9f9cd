"""Encodings from before Unicode, as bytes and inside Unicode containers (CONTRACT §1).

The texts are written here as their bytes look in windows-1252, as people know them from a broken font.
"""

from __future__ import annotations

from tests.corpus.encodings import windows_1258
from tests.scenarios.build import HEADINGS, csv_file, xlsx_file
from tests.scenarios.file_case import HEADER, FileCase, one, reads

TCVN3_HEADER = (
    "M· s¸ng kiÕn;Tªn s¸ng kiÕn;Hä vµ tªn t¸c gi¶;Nhãm ®èi t\u00adîng;"
    "Ngµy ¸p dông;Ngµy c«ng nhËn;Sè quyÕt ®Þnh;Ngµy göi"
)
TCVN3_ROW = (
    ";C¶i tiÕn d©y chuyÒn s¶n xuÊt g¹ch;NguyÔn ThÞ H\u00adêng;C¸n bé c«ng ®oµn;15/01/2023;20/02/2023;12;10/03/2023"
)
VNI_HEADER = (
    "Maõ saùng kieán;Teân saùng kieán;Hoï vaø teân taùc giaû;Nhoùm ñoái töôïng;Ngaøy aùp duïng;Ngaøy coâng nhaän;"
    "Soá quyeát ñònh;Ngaøy göûi"
)
VNI_ROW = (
    ";Caûi tieán daây chuyeàn saûn xuaát gaïch;Leâ Thò Höôøng;Caùn boä coâng ñoaøn;15/01/2023;20/02/2023;12;10/03/2023"
)
SYLLABLES = {"verdict": "valid", "rules": ["W05"], "member_group_code": "union_officer"}


def _legacy(header: str, row: str, code: str) -> str:
    return f"{header}\n{code}{row}\n"


def _unicode(code: str) -> str:
    row = f"{code};Cải tiến lò nung gạch {code};Lê Thị Hường {code};Cán bộ công đoàn"
    return f"{HEADER}\n{row};15/01/2023;20/02/2023;12;10/03/2023\n"


def _reads(name: str, content: bytes, code: str) -> FileCase:
    return reads(name, content, (1, 1, 0, 0), {code: SYLLABLES})


ENCODING_CASES = [
    _reads("windows-1258", windows_1258(_unicode("CP1")), "CP1"),
    _reads("TCVN3", _legacy(TCVN3_HEADER, TCVN3_ROW, "TC1").encode("latin-1"), "TC1"),
    _reads("VNI", _legacy(VNI_HEADER, VNI_ROW, "VN1").encode("latin-1"), "VN1"),
    _reads("TCVN3 in UTF-8", _legacy(TCVN3_HEADER, TCVN3_ROW.replace("g¹ch", "ngãi"), "TC2").encode(), "TC2"),
    _reads("VNI in UTF-16", _legacy(VNI_HEADER, VNI_ROW.replace("gaïch", "ngoùi"), "VN2").encode("utf-16"), "VN2"),
    reads(
        "VNI columns under a Unicode header",
        csv_file(
            [
                one(
                    "VN3",
                    title="Caûi tieán loø nung",
                    author_name="Traàn Vaên Duõng",
                    member_group="Caùn boä coâng ñoaøn",
                ),
                one("VN4", title="Heä thoáng töôùi töï ñoäng", author_name="Ñaëng Thò Thuûy", member_group="CNLĐ"),
            ]
        ),
        (2, 2, 0, 0),
        {
            "VN3": {"verdict": "valid", "rules": [], "member_group_code": "union_officer"},
            "VN4": {"verdict": "valid", "member_group_code": "enterprise_worker"},
        },
        "accepted",
    ),
    reads(
        "TCVN3 columns in a workbook",
        xlsx_file([one("TC3", author_gender="N÷", member_group="C¸n bé c«ng ®oµn", status="Tr¶ l¹i")], HEADINGS),
        (1, 1, 0, 0),
        {"TC3": {"verdict": "invalid", "rules": ["V14"], "member_group_code": "union_officer"}},
        file_name="initiatives_{}.xlsx",
    ),
    reads(
        "text that is right is not repaired",
        csv_file(
            [one("OK1", title="Só rào Müller tự động", author_name="Đoàn Thị Cúc"), one("OK2", title="Đo độ ẩm 3×4 m²")]
        ),
        (2, 2, 0, 0),
        {"OK1": {"verdict": "valid"}, "OK2": {"verdict": "valid"}},
        "accepted",
    ),
]
