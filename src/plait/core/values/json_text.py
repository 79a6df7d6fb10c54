"""JSON reading and writing, one way everywhere: strict input, compact output.

The standard parser accepts NaN, lone surrogates and 200,000 levels of brackets (a RecursionError). Pydantic's parser
accepts none of them, and it can read a text that is still growing.
"""

import codecs
import json
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import cast

from pydantic_core import from_json

from plait.core.errors import InputError
from plait.core.values.json_value import Fault, Json

NON_ASCII = re.compile(r"[^\x00-\x7f]+")
# Matches strings too, so that they are skipped; a number with an exponent is outside of strings.
EXPONENT = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?e[+-]\d+')


def dumps(value: object) -> str:
    """Compact JSON without escapes for non-ASCII text or exponents: a grammar admits 0.00001, but not 1e-05."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return EXPONENT.sub(without_exponent, text) if "e-" in text or "e+" in text else text


def canonical_json(value: Json) -> str:
    """JSON text that is the same for equal values: keys in order, whole numbers without a point."""
    return dumps(sorted_keys(value))


def sorted_keys(value: Json) -> Json:
    match value:
        case dict():
            return {name: sorted_keys(value[name]) for name in sorted(value)}
        case list():
            return [sorted_keys(item) for item in value]
        case float():
            return int(value) if value.is_integer() else value
        case _:
            return value


def escape_non_ascii(text: str) -> str:
    """The text with letters beyond ASCII as JSON escapes, `\\u00e9`; a JSON text keeps its value."""
    return NON_ASCII.sub(lambda match: json.dumps(match[0])[1:-1], text)


def without_exponent(match: re.Match[str]) -> str:
    if match[0].startswith('"'):
        return match[0]
    digits = format(Decimal(match[0]), "f")
    return digits if "." in digits else f"{digits}.0"


def parse_json(text: str | bytes) -> Json:
    """The value of a JSON text. Raises ValueError: not JSON, more than 200 levels deep, numbers outside the range of a
    float.
    """
    value = cast(Json, from_json(text, allow_inf_nan=False))
    if not is_finite(value):
        raise ValueError("a number is larger than any float")
    return value


def parse_partial_json(text: str, *, open_strings: bool = True) -> Json:
    """The known part of a JSON text that is still growing; None if nothing is known.

    A string that is not complete is part of it with `open_strings`.
    """
    allowed = "trailing-strings" if open_strings else "on"
    try:
        value = cast(Json, from_json(text, allow_partial=allowed, allow_inf_nan=False))
    except ValueError:
        return None
    return value if is_finite(value) else None


def loads(text: str | bytes, subject: str) -> Json:
    """The same as `parse_json` for user input: raises InputError that names `subject`."""
    try:
        # Editors on Windows begin a file with a mark.
        return parse_json(text.removeprefix(codecs.BOM_UTF8) if isinstance(text, bytes) else text)
    except ValueError as error:
        raise InputError(f"{subject} is not JSON: {error}", hint="send one JSON value in UTF-8") from None


def is_finite(value: Json) -> bool:
    match value:
        case float():
            return math.isfinite(value)
        case list():
            return all(map(is_finite, value))
        case dict():
            return all(map(is_finite, value.values()))
        case _:
            return True


def unencodable_values(value: Json, path: tuple[str, ...] = ()) -> Iterator[Fault]:
    """Faults for values without a JSON form: NaN and infinities, lone surrogates."""
    match value:
        case float():
            if not math.isfinite(value):
                yield Fault(path, "should be a finite number", value)
        case str():
            if not is_encodable(value):
                yield Fault(path, "has half a character (a lone surrogate)", value)
        case list():
            for index, item in enumerate(value):
                yield from unencodable_values(item, (*path, str(index)))
        case dict():
            for name, item in value.items():
                yield from unencodable_values(item, (*path, name))
        case _:
            pass


def is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
