"""Options of a call: bounded, typed, and named by the nearest name when mistaken."""

import inspect
from typing import Any

import pytest

from plait.core.errors import InputError, error_text
from plait.core.task.options import OPTIONS, Options, parse_options
from plait.core.task.task import Task


def test_options_are_read_from_texts() -> None:
    texts = {"model": "m", "seed": "7", "temperature": "0.5", "timeout": "2", "shots": "0", "wording": "zh"}
    assert parse_options(texts) == Options("m", 7, 0.5, 2.0, 0, "zh")
    assert parse_options({}) == Options()


def test_an_unknown_option_is_reported_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        parse_options({"temprature": "1"})
    assert error_text(caught.value) == (
        'InputError: option temprature is not known\n    temprature: is not known    "1"\n  → did you mean temperature?'
    )
    with pytest.raises(InputError) as caught:
        parse_options({"xyz": "1"})
    assert caught.value.hint == f"there are {', '.join(OPTIONS)}" and "wording, steps" in caught.value.hint


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"seed": "x"}, "seed should be a whole number"),
        ({"seed": "1.5"}, "seed should be a whole number"),
        ({"seed": "-1"}, "seed should be between 0 and 4294967294"),
        ({"seed": "9" * 5_000}, "seed should be"),
        ({"temperature": "nan"}, "temperature should be between 0 and 5"),
        ({"temperature": "inf"}, "temperature should be between 0 and 5"),
        ({"timeout": "-1"}, "timeout should be between 0.1 and 86400"),
        ({"shots": "65"}, "shots should be between 0 and 64"),
        ({"shots": ""}, "shots should be a whole number"),
    ],
)
def test_an_option_out_of_bounds_is_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse_options(values)
    assert caught.value.input == next(iter(values))


@pytest.mark.parametrize(
    "values", [{"seed": "7"}, {"seed": 1.0}, {"seed": True}, {"temperature": "hot"}, {"shots": None, "timeout": []}]
)
def test_an_option_of_the_wrong_type_is_refused_in_python_too(values: dict[str, object]) -> None:
    with pytest.raises(InputError, match="should be a"):
        Options(**values)  # type: ignore[arg-type]


def test_using_accepts_all_defined_options_with_their_types() -> None:
    parameters = dict(inspect.signature(Task[..., Any].using).parameters)
    parameters.pop("self")
    assert list(parameters) == list(OPTIONS)
    for name, definition in OPTIONS.items():
        assert parameters[name].annotation == definition.value_type | None, name
        assert parameters[name].default is None


def test_every_published_limit_is_accepted() -> None:
    for name, definition in OPTIONS.items():
        schema = definition.json_schema
        for value in (schema.get("minimum"), schema.get("maximum"), *schema.get("enum", ())):
            assert value is None or parse_options({name: str(value)}) != Options()
