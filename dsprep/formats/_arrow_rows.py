"""Arrow columns to rows, for the columnar formats."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from dsprep.errors import InputError
from dsprep.formats import Rows, Source
from dsprep.formats._utf8 import not_utf8
from dsprep.record import Row

Leaf: TypeAlias = Callable[[pa.DataType], pa.DataType]


def rows_of(batch: pa.RecordBatch) -> Rows:
    """Return the rows of a record batch; columnar formats have no lines.

    What JSON cannot hold is written as JSON would: dates and decimals as text, numbers
    that are not finite as null. Bytes are text where they are UTF-8.

    Raises:
        ValueError: two columns have one name.
    """
    names = batch.schema.names
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two columns have one name: {', '.join(map(repr, repeated))}")
    batch = _cast(batch, _json_type)
    try:
        rows = batch.to_pylist()
    except UnicodeDecodeError:
        return _one_by_one(batch)
    if not all(map(_is_json, batch.columns)):
        rows = [_json_value(row) for row in rows]
    count = batch.num_rows
    return Rows(rows=rows, numbers=list(range(count)), lines=[None] * count, row_count=count)


def without_text(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch with its strings as bytes, which may be anything."""
    return _cast(batch, _bytes_type)


def damaged(source: Source, format_: str, error: Exception) -> InputError:
    """Return the error of a file that is not what it claims to be."""
    reason = (str(error) or type(error).__name__).splitlines()[0]
    return InputError(f"{source.name}: not readable as {format_}: {reason}")


def _one_by_one(batch: pa.RecordBatch) -> Rows:
    """Return the rows that are UTF-8, the others as defects."""
    read = Rows(row_count=batch.num_rows)
    for at in range(batch.num_rows):
        row = batch.slice(at, 1)
        try:
            read.rows.append(_json_value(row.to_pylist()[0]))
        except UnicodeDecodeError as error:
            defect = not_utf8(error.object, row=at, line=None)
            assert defect is not None
            seen: Row = _escaped(without_text(row).to_pylist()[0])
            read.defects.append(replace(defect, field=_field_of(row), row_seen=seen))
        else:
            read.numbers.append(at)
            read.lines.append(None)
    return read


def _field_of(row: pa.RecordBatch) -> str | None:
    """Return the column of a row that holds text which is not UTF-8."""
    for name in row.schema.names:
        try:
            row.column(name).to_pylist()
        except UnicodeDecodeError:
            return str(name)
    return None


def _cast(batch: pa.RecordBatch, leaf: Leaf) -> pa.RecordBatch:
    wanted = [_nested(field.type, leaf) for field in batch.schema]
    columns = [
        column if column.type == type_ else column.cast(type_)
        for column, type_ in zip(batch.columns, wanted, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _nested(type_: pa.DataType, leaf: Leaf) -> pa.DataType:
    """Return a type with its leaves replaced."""
    if pa.types.is_dictionary(type_):
        return _nested(type_.value_type, leaf)
    if pa.types.is_map(type_):
        return pa.map_(_nested_field(type_.key_field, leaf), _nested_field(type_.item_field, leaf))
    if pa.types.is_struct(type_):
        return pa.struct([_nested_field(type_.field(at), leaf) for at in range(type_.num_fields)])
    if _is_list(type_):
        return _list_of(_nested_field(type_.value_field, leaf), type_)
    return leaf(type_)


def _is_list(type_: pa.DataType) -> bool:
    is_long = pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_)
    return bool(is_long or pa.types.is_list(type_))


def _list_of(field: pa.Field, like: pa.DataType) -> pa.DataType:
    if pa.types.is_fixed_size_list(like):
        return pa.list_(field, like.list_size)
    return pa.large_list(field) if pa.types.is_large_list(like) else pa.list_(field)


def _nested_field(field: pa.Field, leaf: Leaf) -> pa.Field:
    return field.with_type(_nested(field.type, leaf))


def _json_type(type_: pa.DataType) -> pa.DataType:
    """Return the type that holds a value as JSON would."""
    is_time = pa.types.is_timestamp(type_) or pa.types.is_date(type_) or pa.types.is_time(type_)
    if is_time or pa.types.is_decimal(type_):
        return pa.string()
    if pa.types.is_duration(type_):
        return pa.int64()
    return pa.float32() if pa.types.is_float16(type_) else type_


def _bytes_type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_string(type_):
        return pa.binary()
    if pa.types.is_large_string(type_):
        return pa.large_binary()
    return pa.binary_view() if type_ == pa.string_view() else type_


def _is_json(column: pa.Array) -> bool:
    """Return whether JSON can hold the values of a column as they are."""
    type_ = column.type
    if pa.types.is_floating(type_):
        return pc.all(pc.is_finite(column)).as_py() is not False
    if pa.types.is_struct(type_):
        return all(map(_is_json, column.flatten()))
    if _is_list(type_):
        return _is_json(column.flatten())
    return not (pa.types.is_nested(type_) or _is_bytes(type_))


def _is_bytes(type_: pa.DataType) -> bool:
    is_binary = pa.types.is_binary(type_) or pa.types.is_fixed_size_binary(type_)
    return bool(is_binary or type_ in (pa.large_binary(), pa.binary_view()))


def _json_value(value: Any) -> Any:
    """Return a value with bytes as text and numbers that are not finite as null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        return _text_or_bytes(value)
    if isinstance(value, dict):
        return {key: _json_value(item) for key, item in value.items()}
    return [_json_value(item) for item in value] if isinstance(value, list | tuple) else value


def _text_or_bytes(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def _escaped(value: Any) -> Any:
    """Return a value with every byte that is not UTF-8 written as an escape."""
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list) else _json_value(value)
