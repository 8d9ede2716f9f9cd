"""What is masked in free texts, and what only looks like it."""

import re

import polars as pl
import pytest

from sangkien.contract.text import match_key
from sangkien.intake.personal import count_personal, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Liên hệ 0912345678", "Liên hệ [số điện thoại]"),
        ("gọi 0912.345.678 hoặc +84 912 345 678", "gọi [số điện thoại] hoặc [số điện thoại]"),
        ("máy bàn (024) 02438254321.", "máy bàn (024) [số điện thoại]."),
        ("an.nguyen+sk@cdcs-1.example.vn!", "[e-mail]!"),
        ("CCCD 001085012345, CMND 012345678", "CCCD [số định danh], CMND [số định danh]"),
        ("số 001 085 012 345", "số [số định danh]"),
    ],
)
def test_what_is_personal_is_masked(text: str, shown: str) -> None:
    texts = pl.Series([text, None, "Cơ khí"])
    hidden = masked(texts)
    assert [text and re.sub(" [0-9a-f]{3}]", "]", text) for text in hidden] == [shown, None, "Cơ khí"]
    assert masked(hidden).to_list() == hidden.to_list()
    assert count_personal(texts) == 1


@pytest.mark.parametrize(
    "text",
    [
        "làm lợi 150.000.000 đồng", "làm lợi 150000000 đồng", "150 000 000 đ", "1.234.567.890.123",
        "84.000.000.000 đồng", "QĐ 1234/2023", "ngày 15/03/2023 10:20", "mã SK-2023-000123", "0.123456",
        "1e999", "tỷ lệ 12,5%", "a@b", "@", "123456789012345",
    ],
)  # fmt: skip
def test_amounts_and_numbers_stay(text: str) -> None:
    texts = pl.Series([text])
    assert masked(texts).to_list() == [text]
    assert count_personal(texts) == 0


def test_names_that_differ_in_a_number_have_keys_that_differ() -> None:
    names = ["CĐCS Số 0912345678", "CĐCS Số 0987654321", "CĐCS Số 0912.345.678", "CĐCS Số 0912 345 678"]
    keys = [match_key(text) for text in masked(pl.Series([*names, names[0]]))]
    assert keys[2] == keys[3]  # as of the names themselves: signs are blanks in a key
    assert keys[4] == keys[0]
    assert len(set(keys)) == 3
