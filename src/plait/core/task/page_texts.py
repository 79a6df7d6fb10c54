"""Texts of a task for people who use it, by language: its purpose in a sentence, and names for what it takes and gives.

They are shown on pages. No model reads them, so they are no part of the fingerprint.
"""

from collections.abc import Iterable, Iterator, Mapping

from plait.core.errors import ParameterError
from plait.core.suggestions import did_you_mean
from plait.core.task.source import FunctionSource
from plait.core.values.value_type import ValueType, iter_types

Purpose = Mapping[str, str]
Labels = Mapping[str, Mapping[str, str]]


def purposes(purpose: str | Purpose | None) -> Purpose:
    """The purpose by language; a single text is for all, under ""."""
    return {"": purpose} if isinstance(purpose, str) else (purpose or {})


def check_labels(
    task: str, labels: Labels, inputs: Mapping[str, ValueType], answer: ValueType, source: FunctionSource
) -> None:
    """Raises ParameterError for a label of something that the task does not have."""
    if not labels:
        return
    known = set(known_names(inputs, answer))
    for language, texts in labels.items():
        for name in texts:
            if name not in known:
                raise ParameterError(
                    f"{task} has a label ({language}) for {name}, which is no input, field, class or choice of it",
                    details=source.mark_node(source.definition),
                    hint=did_you_mean(name, known, f"there are {', '.join(sorted(known))}"),
                )


def known_names(inputs: Mapping[str, ValueType], answer: ValueType) -> Iterator[str]:
    yield from inputs
    for value_type in (*inputs.values(), answer):
        for _, inner in iter_types(value_type):
            yield from names_of(inner)


def names_of(value_type: ValueType) -> Iterable[str]:
    """The names that a type brings: those of its fields, its class, its options or its choices."""
    fields = (name for name, _ in (*value_type.columns, *value_type.computed))
    options = (name for name, _ in getattr(value_type, "options", ()))
    choices = map(str, getattr(value_type, "labels", ()))
    model = getattr(value_type, "model", None)
    return (*fields, *options, *choices, *([model.__name__] if isinstance(model, type) else ()))
