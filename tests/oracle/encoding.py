"""From bytes to text, decided once per file (CONTRACT §1, Encodings)."""

from __future__ import annotations

import codecs
import re

from tests.oracle import legacy
from tests.oracle.cells import QuarantineError


def decode(data: bytes) -> list[tuple[str, str]]:
    """The candidates (encoding, text): one where the bytes decide, several where only the words can tell."""
    if data.startswith(codecs.BOM_UTF8):
        return [("utf-8", _utf8(data[len(codecs.BOM_UTF8) :]))]
    for bom, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(bom):
            try:
                return [(encoding, data[2:].decode(encoding))]
            except UnicodeDecodeError as error:
                raise QuarantineError("undecodable", str(error)) from error
    if _looks_like_utf16(data):
        raise QuarantineError("utf16_without_bom")
    good, bad = _multibyte_sequences(data)
    if bad == 0 or bad <= 5 or good >= 0.999 * (good + bad):
        return [("utf-8", _utf8(data))]
    candidates = legacy.candidates(data)
    if not candidates:
        raise QuarantineError("undecodable")
    return candidates


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = 1 + len(re.findall(rb"\r\n|\n|\r", data[: error.start]))
        raise QuarantineError("invalid_utf8", f"line {line}") from error


def _multibyte_sequences(data: bytes) -> tuple[int, int]:
    """How many multi-byte sequences are valid UTF-8, and how many are not."""
    bad = 0

    def count(error: UnicodeError) -> tuple[str, int]:
        nonlocal bad
        bad += 1
        assert isinstance(error, UnicodeDecodeError)
        return "\ufffd", error.end

    codecs.register_error("oracle-count", count)
    text = data.decode("utf-8", errors="oracle-count")
    return sum(1 for char in text if ord(char) > 127) - bad, bad


def _looks_like_utf16(data: bytes) -> bool:
    """Many NUL bytes, nearly all at odd or nearly all at even places: UTF-16 that lost its byte-order mark."""
    head = data[:65536]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return even + odd > 0.15 * len(head) and max(even, odd) > 0.9 * (even + odd)
