"""Bytes that are not UTF-8, as the defect of their row."""

from __future__ import annotations

from dsprep.batch import Defect


def not_utf8(text: bytes, *, row: int, line: int | None) -> Defect | None:
    """Return the first byte that is not UTF-8 as the defect of a row, None where all are."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        start = len(text[: error.start].decode())
        arguments = {"byte": f"0x{text[error.start]:02x}", "column": start + 1}
        raw = text.decode(errors="backslashreplace")
        return Defect("invalid-utf8", row, line, start=start, text=raw, arguments=arguments)
    return None
