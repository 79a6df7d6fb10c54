"""Tasks and errors can be pickled and copied: tasks by module and name, errors with everything that they say."""

import copy
import importlib
import pickle
import pkgutil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import plait
from plait.core.errors import BatchFailed, InputError, PlaitError, Problem, error_text
from plait.core.task.task import task
from tests.support import house_tasks as house
from tests.support.house_tasks import shorten


def subclasses(error_class: type[PlaitError]) -> list[type[PlaitError]]:
    return [error_class, *(found for each in error_class.__subclasses__() for found in subclasses(each))]


for module in pkgutil.walk_packages([*plait.core.__path__], "plait.core."):
    importlib.import_module(module.name)
ERRORS = list(dict.fromkeys(each for each in subclasses(PlaitError) if each.__module__ == "plait.core.errors"))
texts = st.text(max_size=20)
problems = st.lists(st.builds(Problem, texts, texts, texts), max_size=3).map(tuple)


@st.composite
def errors(draw: st.DrawFn) -> PlaitError:
    error_class = draw(st.sampled_from(ERRORS))
    if error_class is BatchFailed:
        inner = draw(st.lists(st.sampled_from([None, ValueError("x"), InputError("y", hint="z")]), max_size=3))
        return BatchFailed(draw(texts), answers=[None] * len(inner), errors=list(inner))
    error = error_class(draw(texts), hint=draw(texts))
    if isinstance(error, InputError):
        error = error_class(draw(texts), problems=draw(problems), hint=draw(texts))  # type: ignore[call-arg]
    error.add_note(draw(texts))
    return error


def comparable(error: PlaitError) -> tuple[Any, ...]:
    return type(error), error.args, repr(vars(error)), error_text(error), error.retryable


def test_all_errors_are_covered() -> None:
    assert len(ERRORS) >= 27 and all(hasattr(plait.errors, each.__name__) for each in ERRORS)


@given(errors(), st.integers(0, pickle.HIGHEST_PROTOCOL))
def test_every_error_survives_pickle_and_copy(error: PlaitError, protocol: int) -> None:
    for same in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error), copy.deepcopy(error)):
        assert comparable(same) == comparable(error) and same is not error
        assert list(same.__notes__) == list(error.__notes__)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_task_is_pickled_by_module_and_name(protocol: int) -> None:
    content = pickle.dumps(shorten, protocol)
    assert len(content) < 400 and pickle.loads(content) is house.shorten


def test_the_options_of_a_task_are_pickled_with_it() -> None:
    again = pickle.loads(pickle.dumps(shorten.using("by_cutting", seed=3, wording="zh")))
    assert again.options == shorten.using("by_cutting", seed=3, wording="zh").options
    assert again.declaration is shorten.declaration and again.code_engines is shorten.code_engines


def test_a_task_in_a_class_is_pickled_by_its_qualified_name() -> None:
    assert pickle.loads(pickle.dumps(Tools.trim)) is Tools.trim


def test_a_task_inside_a_function_is_refused_with_the_cure_and_can_be_copied() -> None:
    @task
    def inner(text: str) -> str:
        """Say {text}."""
        ...

    with pytest.raises(pickle.PicklingError, match="declare a task at the top of a module"):
        pickle.dumps(inner)
    assert copy.copy(inner) is copy.deepcopy(inner) is inner


def test_a_task_whose_name_is_taken_by_another_is_refused() -> None:
    @task
    def shorten(text: str) -> str:
        """Say {text}."""
        ...

    shorten.declaration.function.__module__ = house.__name__
    shorten.declaration.function.__qualname__ = "shorten"
    with pytest.raises(pickle.PicklingError):
        pickle.dumps(shorten)


class Tools:
    @task
    def trim(text: str) -> str:
        """Trim {text}."""
        ...
