"""new_value as a value type. Install it first, so that Plait finds it: pip install --no-build-isolation -e ."""

import pytest
from new_value.value import NewValue

from plait import engine, errors, task
from plait.testing import check_task, check_type


@task
def find_code(text: str) -> NewValue | None:
    """Which code stands in {text}?"""
    ...


def test_its_files_agree_with_each_other() -> None:
    check_type("new_value")


def test_a_task_answers_with_it() -> None:
    check_task(find_code)
    with engine.scripted({find_code: NewValue("B", 1203)}):
        assert find_code("The part B-1203 is missing.") == NewValue("B", 1203)


def test_what_is_none_is_refused() -> None:
    with pytest.raises(errors.InputError, match="is no code"):
        NewValue("X", 1203)
