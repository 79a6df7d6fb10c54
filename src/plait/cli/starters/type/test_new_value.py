"""new_value as a value type. Install it first, so that Plait finds it: pip install --no-build-isolation -e ."""

from typing import Annotated

import pytest
from hypothesis import strategies as st
from new_value import LARGEST, LETTERS, NewValue
from pydantic import Field

from plait import engine, errors, task
from plait.testing import check_task, check_type

SAMPLES = (NewValue, Annotated[NewValue, Field(description="as it is printed on the label")])
VALUES = st.builds(NewValue, st.sampled_from(LETTERS), st.integers(1, LARGEST))


@task
def find_code(text: str) -> NewValue | None:
    """Which code stands in {text}?"""
    ...


def test_its_methods_agree_with_each_other() -> None:
    check_type("new_value", samples=SAMPLES, strategy=lambda value_type: VALUES)


def test_a_task_answers_with_it() -> None:
    check_task(find_code)
    with engine.scripted({find_code: NewValue("B", 1203)}):
        assert find_code("The part B-1203 is missing.") == NewValue("B", 1203)


def test_an_invalid_code_is_refused() -> None:
    with pytest.raises(errors.InputError, match="is not a code"):
        NewValue("X", 1203)
