"""Old public names keep working for one version, and warn when they are used."""

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
def test_an_old_error_class_is_the_new_one(old: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"{old} is now called {RENAMED[old].__name__}"):
        assert getattr(errors, old) is RENAMED[old]


def test_no_capable_model_is_caught_as_the_old_error() -> None:
    assert issubclass(errors.NoCapableModel, errors.ModelNotFound)


def test_a_name_that_never_was_is_an_attribute_error() -> None:
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
