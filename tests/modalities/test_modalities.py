"""Every folder of plait/modalities is a kind of value; the kit that says so sees what is wrong."""

from pathlib import Path
from typing import Any

import pytest

import plait.types
from plait.core.task.signature import TypeResolver, UnsupportedType
from plait.core.values import value_type
from plait.testing import check_type
from plait.types.boolean.value import Boolean

FOLDERS = sorted(file.parent.name for file in Path(plait.types.__path__[0]).glob("*/__init__.py"))


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_is_a_modality(name: str) -> None:
    check_type(name)


def test_the_kit_names_the_files_that_are_missing() -> None:
    with pytest.raises(AssertionError, match=r"email lacks value\.py, prompt\.py"):
        check_type("email")  # the standard library's package: a folder, but no modality


@pytest.mark.parametrize(
    ("part", "broken", "told"),
    [
        (
            "grammar",
            lambda kind, beside: __import__("plait.core.grammar.ast", fromlist=[""]).Literal(True),
            "GBNF does not",
        ),
        ("schema", lambda kind: {"const": True}, "the schema does not admit"),
        ("metric", lambda kind, prediction, reference: 0.5, "does not agree with itself"),
        ("prompt.written", lambda kind, value, beside: value, "is not written as a text"),
        ("prompt.outline", lambda kind: "", "has no outline"),
    ],
)
def test_the_kit_sees_a_broken_part(monkeypatch: pytest.MonkeyPatch, part: str, broken: Any, told: str) -> None:
    real = value_type.type_function
    monkeypatch.setattr(value_type, "part", lambda modality, name: broken if name == part else real(modality, name))
    with pytest.raises(AssertionError, match=told):
        check_type("boolean")


def test_the_kit_sees_a_type_that_two_modalities_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "plait.types.label.value.reads",
        lambda annotation, facts, reader: Boolean() if annotation is bool else None,
    )
    with pytest.raises(AssertionError, match="is read by"):
        check_type("boolean")


def test_a_type_that_no_modality_reads_is_told_what_can_be_read() -> None:
    with pytest.raises(UnsupportedType, match="no modality reads complex") as caught:
        TypeResolver().resolve(complex)
    assert "plait new modality" in caught.value.hint
