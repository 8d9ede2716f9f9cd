"""Encoding: what a text file's bytes are, decided once from all of them (contract §1)."""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import polars as pl

from sangkien.intake.legacy import DECODERS, Decoder, decide_single_byte
from sangkien.intake.quarantine import QuarantineError

Opener = Callable[[], BinaryIO]

# Bytes with this share of valid multi-byte sequences, or at most so many invalid ones, are meant to be UTF-8.
LEAST_VALID_SHARE = 0.999
MOST_INVALID = 5
SMALL_FILE = 2**24  # bytes: what is read as a whole
NUL_SHARE = 0.2  # of a text in UTF-16 nearly half of the bytes are NUL
SAMPLE_BYTES = 2**18
_CHUNK = 2**20


@dataclass(frozen=True)
class Encoding:
    """How a text is decoded: by Python's codec, and where there is none for it, by our decoder after Latin-1.

    Attributes:
        name: The encoding.
        codec: Python's codec.
        decoder: What makes Unicode of what the codec gave.
        utf8: All the bytes of a small file that is UTF-8 throughout, without its mark: nothing is to be decoded.
    """

    name: str
    codec: str
    decoder: Decoder | None = None
    utf8: bytes | None = None


def decide_encoding(open_bytes: Opener) -> Encoding:
    """Decide a text file's encoding.

    Raises:
        QuarantineError: It is UTF-16 without a byte order mark.
    """
    with open_bytes() as stream:
        head = stream.read(SAMPLE_BYTES)
    if head.startswith(codecs.BOM_UTF8):
        data = _small_utf8(open_bytes)
        return Encoding("utf-8-sig", "utf-8-sig", utf8=data and data.removeprefix(codecs.BOM_UTF8))
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise QuarantineError("undecodable", line=1, encoding="UTF-32")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("utf-16", "utf-16")
    if not head.strip(b"\0"):
        raise QuarantineError("empty")
    if head.count(0) > NUL_SHARE * len(head):
        raise QuarantineError("utf16_without_mark")
    data = _small_utf8(open_bytes)
    if data is not None or _is_meant_as_utf8(open_bytes):
        return Encoding("utf-8", "utf-8", utf8=data)
    with open_bytes() as stream:
        name, _ = decide_single_byte(_marked_sample(stream))
    if name in DECODERS:
        return Encoding(name, "latin-1", DECODERS[name])
    return Encoding(name, name)


def _marked_sample(stream: BinaryIO) -> bytes:
    """Some lines that have other than ASCII bytes: the first of them may be far down."""
    sample = bytearray()
    for line in stream:
        if not line.isascii():
            sample += line
            if len(sample) >= SAMPLE_BYTES:
                break
    return bytes(sample)


def _small_utf8(open_bytes: Opener) -> bytes | None:
    with open_bytes() as stream:
        data = stream.read(SMALL_FILE + 1)
    if len(data) > SMALL_FILE:
        return None
    try:
        pl.Series([data]).cast(pl.String)  # many times as fast as decoding it
    except pl.exceptions.ComputeError:
        return None
    return data


def _is_meant_as_utf8(open_bytes: Opener) -> bool:
    try:
        for _ in _decoded(open_bytes, "strict"):
            pass
    except UnicodeDecodeError:
        invalid = sequences = 0
        for text in _decoded(open_bytes, "replace"):
            invalid += text.count("\ufffd")
            sequences += sum(character > "\x7f" for character in text)
        return invalid <= MOST_INVALID or 1 - invalid / sequences >= LEAST_VALID_SHARE
    return True


def _decoded(open_bytes: Opener, errors: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")(errors)
    with open_bytes() as stream:
        while chunk := stream.read(_CHUNK):
            yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)
