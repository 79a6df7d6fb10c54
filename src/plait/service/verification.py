"""Verification of an answer by its certificate: no model, no network, and no code of the task's author.

A reference is proved if its index lies in the list of the inputs, a quotation if the value stands in the input at its
places, as any reading of what is written there. Both need the very input: its digest is compared. What code computed is
claimed, unless the task itself is at hand; what the model chose is free.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, cast, get_args

from plait.core.engine.certificate import (
    Certificate,
    Leaf,
    LeafKind,
    certificate_from_json,
)
from plait.core.errors import InputError, NotVerified, Problem
from plait.core.task.task import Task
from plait.core.values.call_context import call_context
from plait.core.values.constraints import NO_CONSTRAINTS
from plait.core.values.inputs import inputs_from_json
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.quoting import quote
from plait.core.values.span import InputText, InputTexts, Span, input_texts, join_path
from plait.service.certified_inputs import check_present, content_digest, leaf_at, read_input
from plait.types.quotation.candidates import text_candidates, value_candidates
from plait.types.quotation.quotation_type import LEAF_NAMES

Status = Literal["proved", "claimed", "free"]
STATUSES: tuple[Status, ...] = get_args(Status)
AnyTask = Task[..., Any]
PYTHON_TYPES = {name: python_type for python_type, name in LEAF_NAMES.items()}


@dataclass(frozen=True)
class VerifiedLeaf:
    """A value of an answer whose certificate holds. `basis` says what it rests on: places, or an index in a list."""

    path: str
    value: Json
    kind: LeafKind
    status: Status
    basis: str = ""


@dataclass(frozen=True)
class Verification:
    """The values of an answer whose certificate holds. `not_compared` are inputs that were not at hand and on which
    nothing rests.
    """

    task: str
    fingerprint: str
    leaves: tuple[VerifiedLeaf, ...]
    not_compared: tuple[str, ...] = ()

    def count(self, status: Status) -> int:
        return sum(leaf.status == status for leaf in self.leaves)


def verify(
    answer: Mapping[str, Any], inputs: Mapping[str, str | bytes | Path | Json], task: AnyTask | None = None
) -> Verification:
    """Checks an answer with its certificate, as `plait run --detailed` and HTTP write it.

    `inputs` are texts, images (bytes) or JSON values by name; a Path is read. With `task`, computed values are
    computed again. Raises NotVerified with every fault, and InputError for an answer without a certificate.
    """
    known = read_certificate(answer)
    contents = {name: read_input(name, each, known) for name, each in inputs.items()}
    check_present(known, contents)
    checker = LeafChecker(known, contents, answer["answer"])
    problems = [*checker.input_problems(), *coverage_problems(answer["answer"], known)]
    leaves: list[VerifiedLeaf] = []
    for path, leaf in known.leaves.items():
        try:
            leaves.append(checker.check(path, leaf))
        except InvalidValue as error:
            problems.append(Problem(path or "answer", str(error), quote(error.faults[0].json_value)))
    if problems:
        raise not_verified(known, problems)
    if task is not None:
        computed = recomputed_leaves(task, known, contents, answer["answer"])
        leaves = [computed.get(leaf.path, leaf) for leaf in leaves]
    return Verification(known.task, known.fingerprint, tuple(leaves), checker.not_compared)


def not_verified(known: Certificate, problems: list[Problem]) -> NotVerified:
    return NotVerified(
        f"the certificate of this answer of {known.task} does not hold",
        problems=tuple(problems),
        hint="pass the input as it was answered, or ask again: the answer or the input was changed",
    )


def read_certificate(answer: Mapping[str, Any]) -> Certificate:
    if "certificate" not in answer or "answer" not in answer:
        raise InputError(
            "this answer has no certificate",
            hint="make one: plait run TASK --detailed > answer.json (HTTP answers have it too)",
        )
    try:
        return certificate_from_json(answer["certificate"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"the certificate cannot be read: {error}", hint="write the answer again") from None


@dataclass(frozen=True)
class LeafChecker:
    """Checks the leaves of an answer against the contents of the inputs, by name."""

    certificate: Certificate
    contents: Mapping[str, bytes | Json]
    answer: Json

    def input_problems(self) -> Iterator[Problem]:
        for name, content in self.contents.items():
            if content_digest(content, self.certificate.inputs[name]) != self.certificate.inputs[name].sha256:
                yield Problem(name, "is not the input that was answered: its SHA-256 is another one", "")

    @property
    def not_compared(self) -> tuple[str, ...]:
        return tuple(name for name in self.certificate.inputs if name not in self.contents)

    def check(self, path: str, leaf: Leaf) -> VerifiedLeaf:
        """Raises InvalidValue if the value does not rest on what its certificate says."""
        value = leaf_at(self.answer, path)
        match leaf.kind:
            case "quotation":
                self.check_quotation(value, leaf)
                return VerifiedLeaf(path, value, leaf.kind, "proved", places_text(leaf.spans))
            case "reference":
                self.check_reference(value, leaf)
                return VerifiedLeaf(path, value, leaf.kind, "proved", f"{leaf.list}[{value}]")
            case "computed":
                return VerifiedLeaf(path, value, leaf.kind, "claimed")
            case "free":
                return VerifiedLeaf(path, value, leaf.kind, "free")

    def content(self, path: str) -> Json:
        """The value at a path of the inputs. Raises InvalidValue."""
        name, _, rest = path.partition(".")
        if name not in self.contents:
            raise InvalidValue(f"rests on {name}, which is no input of {self.certificate.task}", None)
        return leaf_at(cast(Json, self.contents[name]), rest)

    def check_reference(self, value: Json, leaf: Leaf) -> None:
        items = self.content(leaf.list)
        if not isinstance(items, list) or isinstance(value, bool) or not isinstance(value, int):
            raise InvalidValue(f"is not the index of an object of {leaf.list}", value)
        if not 0 <= value < len(items):
            raise InvalidValue(f"is not one of the {len(items)} {leaf.list}", value)

    def check_quotation(self, value: Json, leaf: Leaf) -> None:
        """Raises InvalidValue if the value is no reading of its places."""
        if not leaf.spans:
            raise InvalidValue("has no place in the inputs", value)
        texts = {span.input: self.content(span.input) for span in leaf.spans}
        for span in leaf.spans:
            text = texts[span.input]
            if not isinstance(text, str) or text[span.start : span.end] != span.text:
                raise InvalidValue(f"is not what stands at {places_text((span,))}", value)
        known = input_texts(tuple(InputText(path, text) for path, text in texts.items() if isinstance(text, str)))
        if not is_reading(leaf, value, known):
            raise InvalidValue(f"is no reading of {' and '.join(repr(span.text) for span in leaf.spans)}", value)


def is_reading(leaf: Leaf, value: Json, texts: InputTexts) -> bool:
    """Whether the value can be read at its places."""
    python_type = PYTHON_TYPES.get(leaf.type)
    if python_type is None or isinstance(value, bool | list | dict | None):
        return False
    if python_type is str:
        return leaf.spans in text_candidates(texts).occurrences(str(value))
    try:
        expected = python_value(python_type, value)
    except (ValueError, ArithmeticError):
        return False
    candidates = value_candidates(texts, python_type, NO_CONSTRAINTS)
    forms = (form for form, each in candidates.spellings.items() if each[0][1].value == expected)
    return any(leaf.spans in candidates.occurrences(form) for form in forms)


def python_value(python_type: type, value: str | int | float) -> object:
    if python_type is date:
        return date.fromisoformat(str(value))
    if python_type is time:
        return time.fromisoformat(str(value))
    return Decimal(value) if python_type is Decimal else python_type(value)


def places_text(spans: tuple[Span, ...]) -> str:
    return ", ".join(f"{span.input}[{span.start}:{span.end}]" for span in spans)


def coverage_problems(answer: Json, known: Certificate) -> Iterator[Problem]:
    """A problem for each value of the answer that the certificate does not name."""
    for path, value in scalar_leaves(answer):
        steps = path.split(".")
        above = {".".join(steps[:count]) for count in range(1, len(steps) + 1)} | {""}
        if known.leaves.keys().isdisjoint(above):
            yield Problem(path or "answer", "is not in the certificate", quote(value))


def scalar_leaves(json_value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    match json_value:
        case dict():
            for name, inner in json_value.items():
                yield from scalar_leaves(inner, join_path(path, name))
        case list():
            for index, inner in enumerate(json_value):
                yield from scalar_leaves(inner, join_path(path, str(index)))
        case _:
            yield path, json_value


# ── with the task ──


def recomputed_leaves(
    task: AnyTask, known: Certificate, contents: Mapping[str, bytes | Json], answer: Json
) -> dict[str, VerifiedLeaf]:
    """The computed values, computed again. Raises NotVerified where they differ, or for another task."""
    declaration = task.declaration
    if declaration.fingerprint != known.fingerprint:
        raise InputError(
            f"{declaration.name} {declaration.fingerprint} is not the task of this answer, "
            f"{known.task} {known.fingerprint}",
            hint="pass the file with the task as it was then",
        )
    json_values = {name: image_json(each) if isinstance(each, bytes) else each for name, each in contents.items()}
    context = call_context(declaration, inputs_from_json(declaration, json_values))
    again = declaration.answer.encode(declaration.answer.decode(answer, context), context.json_context)
    leaves: dict[str, VerifiedLeaf] = {}
    problems = list[Problem]()
    for path, leaf in known.leaves.items():
        if leaf.kind == "computed":
            value, expected = leaf_at(answer, path), leaf_at(again, path)
            leaves[path] = VerifiedLeaf(path, value, leaf.kind, "proved", "computed again")
            if value != expected:
                problems.append(Problem(path, f"is computed as {quote(expected)}", quote(value)))
    if problems:
        raise not_verified(known, problems)
    return leaves


def image_json(content: bytes) -> Json:
    from plait.types.image import Image  # a text needs no Pillow
    from plait.types.image.image_type import data_url_with_name

    return data_url_with_name(Image(content))
