"""One JSON text to one row, with the place and the reason where that fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from dsprep.batch import Defect
from dsprep.formats import Rows
from dsprep.formats._utf8 import not_utf8
from dsprep.record import MAX_DEPTH, Row, keys_and_depth

decode: Final = msgspec.json.Decoder().decode
# A key whose colon does not follow at once: only then can counting `":` miss a key.
SPACED_COLON: Final = re.compile(rb'"[ \t\r\n]+:')
# A string, or a constant that JSON does not have. Possessive: no trace of a long string is kept.
_CONSTANT: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|(NaN|-?Infinity)')
_COMPLAINT: Final = re.compile(r"(?:JSON is malformed: )?(.*?) \(byte (\d+)\)$")


def keys_written(text: bytes) -> int:
    """Return how often a quote and a colon meet: no fewer than the keys of compact JSON."""
    return text.count(b'":')


def repeated_key(text: bytes) -> str | None:
    """Return the first key that one object of a valid JSON text has twice."""
    found: list[str] = []

    def look(pairs: Iterable[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                found.append(key)
            seen.add(key)

    json.loads(text, object_pairs_hook=look)
    return found[0] if found else None


def explain(text: bytes, error: Exception, *, row: int, line: int) -> Defect:
    """Return why a JSON text was refused, as the defect of its row."""
    if defect := not_utf8(text, row=row, line=line):
        return defect
    if isinstance(error, RecursionError):
        return _too_deep(text, row=row, line=line)
    return _classify(text.decode(), error, row=row, line=line)


def _too_deep(text: bytes, *, row: int, line: int) -> Defect:
    reason = {"reason": f"nested more than {MAX_DEPTH} levels deep"}
    return Defect("unparsable-row", row, line, text=text.decode(), arguments=reason)


def _classify(raw: str, error: Exception, *, row: int, line: int) -> Defect:
    """Return what is wrong with a text that msgspec refused.

    The stdlib takes NaN, 1e999 and lone surrogates, so what it reads has one of these.
    The words are msgspec's: those of the stdlib change with the version of Python.
    """
    constants: list[str] = []
    try:
        json.loads(raw, parse_constant=constants.append)
    except (RecursionError, ValueError):
        return _unparsable(raw, str(error), row=row, line=line)
    if constants:
        start = next(m.start() for m in _CONSTANT.finditer(raw) if m[1])
        value = {"value": constants[0]}
        return Defect("non-finite-number", row, line, start=start, text=raw, arguments=value)
    if "out of range" in str(error):
        value = {"value": "a number beyond the range of a double"}
        return Defect("non-finite-number", row, line, text=raw, arguments=value)
    if "\\ud" in raw.lower():
        return Defect("lone-surrogate", row, line, text=raw)
    return _unparsable(raw, str(error), row=row, line=line)


def _unparsable(raw: str, complaint: str, *, row: int, line: int) -> Defect:
    """Return the defect of a text that is no JSON, at the byte msgspec names or its end."""
    match = _COMPLAINT.match(complaint)
    reason = match[1] if match else "it ends too early" if "truncated" in complaint else complaint
    # Of trailing characters msgspec names the second.
    at = int(match[2]) - (reason == "trailing characters") if match else len(raw) * 4
    before = raw.encode()[:at].decode(errors="ignore")
    column = len(before) - (before.rfind("\n") + 1) + 1
    arguments = {"reason": reason, "column": column}
    line += before.count("\n")
    return Defect("unparsable-row", row, line, start=len(before), text=raw, arguments=arguments)


class RowDecoder:
    """Puts JSON texts into a batch, each as a row or as the defect it has."""

    def __init__(self) -> None:
        self.batch = Rows()

    def add(self, text: bytes, line: int, *, compact: bool = True) -> None:
        """Decode one text that starts on a line; `compact`: no key stands off its colon."""
        row = self.batch.row_count
        self.batch.row_count += 1
        try:
            value = decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.batch.defects.append(explain(text, error, row=row, line=line))
            return
        keys, depth = keys_and_depth(value)
        if depth > MAX_DEPTH:
            self.batch.defects.append(_too_deep(text, row=row, line=line))
        elif (not compact or keys_written(text) != keys) and (
            key := repeated_key(text)
        ) is not None:
            self._refuse("duplicate-key", row, line, text, {"key": key})
        elif type(value) is not dict:
            found = {"field": "row", "found": _json_type(value), "expected": "an object"}
            self._refuse("wrong-type", row, line, text, found)
        else:
            self.batch.rows.append(value)
            self.batch.numbers.append(row)
            self.batch.lines.append(line)

    def refuse(self, text: bytes, line: int, reason: str) -> None:
        """Count one text as a row that cannot be read."""
        row = self.batch.row_count
        self.batch.row_count += 1
        raw = text.decode(errors="backslashreplace")
        defect = Defect("unparsable-row", row, line, text=raw, arguments={"reason": reason})
        self.batch.defects.append(defect)

    def _refuse(self, name: str, row: int, line: int, text: bytes, arguments: Row) -> None:
        raw = text.decode()
        self.batch.defects.append(Defect(name, row, line, text=raw, arguments=arguments))


def _json_type(value: object) -> str:
    names = {str: "a string", bool: "a boolean", list: "an array", type(None): "null"}
    return names.get(type(value), "a number")
