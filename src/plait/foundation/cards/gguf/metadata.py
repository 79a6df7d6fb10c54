"""Parses the metadata of a GGUF header: keys with typed values."""

import re

from plait.core.values.quoting import quote
from plait.foundation.cards.gguf.header_bytes import HeaderBytes
from plait.foundation.cards.gguf.values import (
    NUMBER_FORMATS,
    GgufArray,
    GgufValue,
    GgufValueType,
    number_bytes,
)

MAX_KEYS = 10_000  # models have about 40
MAX_KEY_BYTES = 1_024
MAX_ARRAY_LENGTH = 100_000_000  # numbers; the limit of the header's bytes is the real one
KEY = re.compile(r"[\x21-\x7e]+")


def parse_metadata(header: HeaderBytes, count: int) -> dict[str, GgufValue]:
    """Metadata by key. Raises CheckpointError for a key that occurs twice."""
    metadata: dict[str, GgufValue] = {}
    for _ in range(count):
        key = header.text("a metadata key", MAX_KEY_BYTES)
        if not KEY.fullmatch(key):
            raise header.error(f"the metadata key {quote(key)} is not printable ASCII without spaces")
        if key in metadata:
            raise header.error(f"the metadata key {quote(key)} occurs twice")
        metadata[key] = parse_value(header, key)
    return metadata


def parse_value(header: HeaderBytes, key: str) -> GgufValue:
    value_type = parse_type(header, key)
    if value_type == GgufValueType.ARRAY:
        return GgufValue(value_type, parse_array(header, key))
    if value_type == GgufValueType.STRING:
        return GgufValue(value_type, header.text(f"the value of {quote(key)}"))
    if value_type == GgufValueType.BOOL:
        return GgufValue(value_type, parse_truth(header, key))
    return GgufValue(value_type, header.number(NUMBER_FORMATS[value_type]))


def parse_truth(header: HeaderBytes, key: str) -> bool:
    number = header.number("B")
    if number not in (0, 1):
        raise header.error(f"{quote(key)} is a truth value, and has the byte {number}")
    return bool(number)


def parse_array(header: HeaderBytes, key: str) -> GgufArray:
    element_type = parse_type(header, key)
    if element_type == GgufValueType.ARRAY:
        raise header.error(f"{quote(key)} is an array of arrays", hint="llama.cpp does not read such a file either")
    length = header.count(f"elements of {quote(key)}", MAX_ARRAY_LENGTH)
    if element_type == GgufValueType.STRING:
        return GgufArray(element_type, length, header.texts(length))
    return GgufArray(element_type, length, header.take(length * number_bytes(element_type)))


def parse_type(header: HeaderBytes, key: str) -> GgufValueType:
    number = int(header.number("I"))
    try:
        return GgufValueType(number)
    except ValueError:
        raise header.error(f"{quote(key)} has a value of the unknown type {number}") from None
