"""Every folder of plait/types is a value type; the conformance kit finds what is wrong."""

from pathlib import Path
from typing import Any

import pytest

import plait.types
from plait.core.task.signature import TypeResolver, UnsupportedType
from plait.core.values import value_type
from plait.testing import check_type
from plait.types.boolean.value import BooleanType

FOLDERS = sorted(file.parent.name for file in Path(plait.types.__path__[0]).glob("*/__init__.py"))


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_is_a_value_type(name: str) -> None:
    check_type(name)


def test_the_kit_names_the_files_that_are_missing() -> None:
    with pytest.raises(AssertionError, match=r"email lacks value\.py, prompt\.py"):
        check_type("email")  # the standard library's package: a folder, but no value type


@pytest.mark.parametrize(
    ("part", "broken", "told"),
    [
        (
            "grammar",
            lambda value_type, context: __import__("plait.core.grammar.ast", fromlist=[""]).Literal(True),
            "GBNF does not",
        ),
        ("schema", lambda value_type: {"const": True}, "the schema does not admit"),
        ("metric", lambda value_type, prediction, reference: 0.5, "does not agree with itself"),
        ("prompt.render", lambda value_type, value, context: value, "is not written as a text"),
        ("prompt.describe", lambda value_type: "", "has no description"),
    ],
)
def test_the_kit_sees_a_broken_part(monkeypatch: pytest.MonkeyPatch, part: str, broken: Any, told: str) -> None:
    real = value_type.type_function
    monkeypatch.setattr(
        value_type, "type_function", lambda package, name: broken if name == part else real(package, name)
    )
    with pytest.raises(AssertionError, match=told):
        check_type("boolean")


def test_the_kit_sees_a_type_that_two_folders_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "plait.types.label.value.from_annotation",
        lambda annotation, constraints, resolver: BooleanType() if annotation is bool else None,
    )
    with pytest.raises(AssertionError, match="is read by"):
        check_type("boolean")


def test_a_type_that_no_folder_reads_is_told_what_can_be_read() -> None:
    with pytest.raises(UnsupportedType, match="no value type reads complex") as caught:
        TypeResolver().resolve(complex)
    assert "plait new type" in caught.value.hint
