"""JSON is read strictly and written in one way."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.errors import InputError
from plait.core.values.json_text import dumps, loads, parse_json, parse_partial_json

plain = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=("Cs",)))
values = st.recursive(
    plain | texts, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=10
)


@given(values)
def test_values_survive_a_round_trip(value: object) -> None:
    assert parse_json(dumps(value)) == value == json.loads(dumps(value))


@given(st.floats(allow_nan=False, allow_infinity=False), texts)
def test_a_number_is_written_without_exponent(number: float, text: str) -> None:
    digits = dumps([number])
    assert "e" not in digits and json.loads(digits) == [number]
    assert json.loads(dumps({f"1e-5{text}": 1e-7})) == {f"1e-5{text}": 1e-7}


def test_a_string_that_looks_like_a_number_is_unchanged() -> None:
    assert dumps(['1e-5 "1e-5"', 1e-5, 1e22]) == '["1e-5 \\"1e-5\\"",0.00001,10000000000000000000000.0]'


REFUSED = {
    "not a number": "NaN",
    "infinity": "[Infinity]",
    "a number no float holds": '{"a": 1e999}',
    "half a character": r'"\ud800"',
    "200,000 brackets": "[" * 200_000 + "]" * 200_000,
    "5,000 digits": "9" * 5_000,
    "two values": "1 2",
    "a trailing comma": "[1,]",
    "a comment": "[1] // one",
    "single quotes": "{'a': 1}",
    "nothing": "",
    "a raw line feed in a text": '"a\nb"',
}


@pytest.mark.parametrize("what", REFUSED)
def test_invalid_json_is_refused(what: str) -> None:
    with pytest.raises(ValueError):
        parse_json(REFUSED[what])
    with pytest.raises(InputError, match="the body is not JSON: ") as caught:
        loads(REFUSED[what], "the body")
    assert caught.value.hint == "send one JSON value in UTF-8"


@pytest.mark.parametrize("text", [b'"\xff"', b"\xff\xfe1\x00", b'"\xed\xa0\x80"'])
def test_invalid_utf8_is_refused(text: bytes) -> None:
    with pytest.raises(InputError):
        loads(text, "the body")


@given(values, st.data())
def test_incomplete_json_is_parsed_up_to_its_end(value: object, data: st.DataObject) -> None:
    text = dumps({"known": value})
    assert parse_partial_json(text) == {"known": value}
    cut = parse_partial_json(text[: data.draw(st.integers(0, len(text)))])
    assert cut is None or (isinstance(cut, dict) and set(cut) <= {"known"})


@pytest.mark.parametrize("text", ["", "{", '{"a": NaN', '{"a": 1e999, "b', "[" * 1_000, "nonsense"])
def test_incomplete_json_never_raises_and_contains_only_json(text: str) -> None:
    known = parse_partial_json(text)
    assert known is None or math.isfinite(len(dumps(known)))
