"""Places in a JSON text: each is that of its value, whatever the text contains."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.values.json_places import json_places
from plait.core.values.json_value import Json

names = st.text(max_size=5)
values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)


def every_value(value: Json, path: str) -> list[tuple[str, Json]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inside = [each for step, inner in steps for each in every_value(inner, f"{path}.{step}" if path else str(step))]
    return [(path, value), *inside]


@given(values, st.sampled_from([None, 1]), st.booleans())
def test_each_place_is_that_of_its_value(value: Json, indent: int | None, ascii: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii)
    found = [(place.path, json.loads(text[place.start : place.end])) for place in json_places(text)]
    assert found == every_value(value, "")


def test_the_choices_of_a_value_are_the_keys_and_commas_before_it_and_above_it() -> None:
    text = '{"Order":{"items":[1,22],"note":null}}'
    choices = {place.path: [text[start:end] for start, end in place.choices] for place in json_places(text)}
    assert choices["Order.items.1"] == ['{"Order":', '{"items":', ","]
    assert choices["Order.note"] == ['{"Order":', ',"note":']


@pytest.mark.parametrize("text", ["", "{", '{"a" 1}', "[1 2]", "{1:2}", "nul", '{"a":1} x', '"open', "[1,,2]"])
def test_a_text_that_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        list(json_places(text))
