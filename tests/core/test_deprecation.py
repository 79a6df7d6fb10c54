"""Old public names keep working for one version, and warn when they are used."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import plait.testing
from plait.core import errors
from plait.core.calls.streaming import StreamedAnswer

RENAMED = {
    "MissingExtra": errors.MissingDependency,
    "NoModel": errors.ModelNotFound,
    "NoTask": errors.TaskNotFound,
    "NotWhole": errors.Incomplete,
    "SlotError": errors.ParameterError,
}


@pytest.mark.parametrize("old", RENAMED)
def test_an_old_error_class_is_an_alias_of_the_new_one(old: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"{old} is now called {RENAMED[old].__name__}"):
        assert getattr(errors, old) is RENAMED[old]


def test_no_capable_model_is_caught_as_the_old_error() -> None:
    assert issubclass(errors.NoCapableModel, errors.ModelNotFound)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'NoSuchError'"):
        getattr(errors, "NoSuchError")  # noqa: B009 - pyright would refuse it written out


def test_old_attributes_read_the_new_ones() -> None:
    problem = errors.Problem("text.0", "is missing", "")
    error = errors.InputError("no", problems=(problem,), hint="write one")
    with pytest.warns(DeprecationWarning, match=r"InputError\.way_out is now called \.hint"):
        assert error.way_out == error.hint == "write one"
    with pytest.warns(DeprecationWarning, match=r"InputError\.slot is now called \.input"):
        assert error.slot == error.input == "text"
    answer = StreamedAnswer({"a": 1}, "done", done=True)
    with pytest.warns(DeprecationWarning, match=r"StreamedAnswer\.so_far is now called \.partial"):
        assert answer.so_far == {"a": 1}
    with pytest.warns(DeprecationWarning, match=r"StreamedAnswer\.whole is now called \.final"):
        assert answer.whole == "done"


def test_the_warning_points_at_the_line_that_uses_the_old_name() -> None:
    with pytest.warns(DeprecationWarning) as caught:
        _ = errors.PlaitError("no").way_out
        _ = errors.NoTask  # type: ignore[attr-defined]
        _ = plait.testing.check_modality  # type: ignore[attr-defined]
    assert [warning.filename for warning in caught] == [__file__] * 3


@pytest.mark.parametrize(
    ("annotation", "former", "spelling"),
    [
        ('list[Annotated[str, "in any words"]]', "in any words", "AnyWords()"),
        ('Annotated[list[str], "in order"]', "in order", "Ordered()"),
        ('Annotated[Ref[str], "passages"]', "passages", 'From("passages")'),
    ],
)
def test_a_string_as_a_marker_works_with_a_warning_at_the_users_line(
    load_source: Callable[..., Any], annotation: str, former: str, spelling: str
) -> None:
    head = "from typing import Annotated\nfrom plait import AnyWords, From, Ordered, Ref, task\n\n@task\n"
    source = f'{head}def f(passages: list[str]) -> {annotation}:\n    """Read {{passages}}."""\n    ...\n'
    with pytest.warns(DeprecationWarning) as caught:
        read = load_source(source, "f").declaration.answer
    assert str(caught[0].message) == f'the marker "{former}" is now called {spelling}'
    assert {Path(each.filename).name for each in caught} == {"my_tasks.py"}
    renewed = load_source(source.replace(f'"{former}"]', f"{spelling}]"), "f").declaration.answer
    assert read == renewed
