"""new_kind as a kind of value. Install it first, so that Plait finds it: pip install --no-build-isolation -e ."""

import pytest
from new_kind.value import NewKind

from plait import engine, errors, task
from plait.testing import check_modality, check_task


@task
def find_code(text: str) -> NewKind | None:
    """Which code stands in {text}?"""
    ...


def test_its_files_agree_with_each_other() -> None:
    check_modality("new_kind")


def test_a_task_answers_with_it() -> None:
    check_task(find_code)
    with engine.scripted({find_code: NewKind("B", 1203)}):
        assert find_code("The part B-1203 is missing.") == NewKind("B", 1203)


def test_what_is_none_is_refused() -> None:
    with pytest.raises(errors.InputError, match="is no code"):
        NewKind("X", 1203)
