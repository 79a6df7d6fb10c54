"""Every file of plait/types is a value type; the conformance kit sees what is wrong with one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import plait.types
from plait.core.grammar import ast as g
from plait.core.task.signature import TypeResolver, UnsupportedType
from plait.core.values.value_type import built_in_modules, value_types_in
from plait.testing import check_type
from plait.testing.samples import SAMPLES
from plait.types.boolean import BooleanType
from plait.types.enumeration import EnumerationType

NAMES = sorted(module.__name__.rpartition(".")[2] for module in built_in_modules())


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_a_value_type(name: str) -> None:
    check_type(name)


def test_the_folder_is_the_list() -> None:
    folder = Path(plait.types.__path__[0])
    files = {file.stem for file in folder.glob("*.py")} | {file.parent.name for file in folder.glob("*/__init__.py")}
    assert sorted(files - {"__init__"}) == NAMES == sorted(SAMPLES)
    assert all(len(value_types_in(module)) == 1 for module in built_in_modules())


def test_a_module_without_a_value_type_fails() -> None:
    with pytest.raises(AssertionError, match="email defines no subclass of ValueType"):
        check_type("email")  # a package of the standard library


def test_a_type_of_another_package_needs_samples() -> None:
    with pytest.raises(AssertionError, match=r"pass samples: annotations that plait\.types\.boolean reads"):
        check_type("plait.types.boolean")
    check_type("plait.types.boolean", samples=[bool])


@pytest.mark.parametrize(
    ("method", "broken", "message"),
    [
        ("grammar", lambda self, context: g.Literal(True), "GBNF does not"),
        ("schema", lambda self: {"const": True}, "the schema does not admit"),
        ("score", lambda self, prediction, reference: 0.5, "does not agree with itself"),
        ("render", lambda self, value, context=None: value, "is not written as a text"),
        ("describe", lambda self: "", "has no description"),
    ],
)
def test_a_broken_method_fails(
    monkeypatch: pytest.MonkeyPatch, method: str, broken: Callable[..., Any], message: str
) -> None:
    monkeypatch.setattr(BooleanType, method, broken)
    with pytest.raises(AssertionError, match=message):
        check_type("boolean")


def test_an_annotation_claimed_by_two_types_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_annotation(annotation: object, constraints: object, resolver: object) -> BooleanType | None:
        return BooleanType() if annotation is bool else None

    monkeypatch.setattr(EnumerationType, "from_annotation", from_annotation)
    with pytest.raises(AssertionError, match="is read by"):
        check_type("boolean")


def test_an_unsupported_annotation_is_reported_with_the_supported_ones() -> None:
    with pytest.raises(UnsupportedType, match="no value type supports complex") as caught:
        TypeResolver().resolve(complex)
    assert "plait new type" in caught.value.hint
