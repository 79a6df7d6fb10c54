"""Task declaration: from a typed function without a body to a `Declaration`.

Every mistake raises an error when the author's file is imported, with the author's own line, a mark under the fault and
a hint.
"""

import ast
import hashlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from plait.core.errors import AnnotationError, BodyError, ParameterError, RefError
from plait.core.task.annotation_marks import mark_annotation
from plait.core.task.declaration_checks import annotations, check_body, check_placeholders, docstring
from plait.core.task.instruction import Instruction, parse_instruction
from plait.core.task.options import IMAGE_OPTIONS, OPTION_NAMES
from plait.core.task.page_texts import Labels, Purpose, check_labels, purposes
from plait.core.task.signature import TypeResolver, UnresolvedRef, UnsupportedType, targets_in
from plait.core.task.source import FunctionSource, function_source
from plait.core.values.call_context import NO_CONTEXT, Target
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.core.values.span import InputText
from plait.core.values.value_type import IMAGE, ValueType, iter_types

NO_DEFAULT: Any = inspect.Parameter.empty
# Names that a parameter cannot have: flags of `plait run`, columns of an example, options of a call.
RESERVED_NAMES = frozenset({"answer", "fresh", "help", "json", "rows", *OPTION_NAMES}) - IMAGE_OPTIONS
# Flags of tasks that answer with an image; parameters of other tasks may have these names.
RESERVED_FOR_IMAGE_TASKS = RESERVED_NAMES | IMAGE_OPTIONS | {"out"}

Wordings = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Parameter:
    """One input of a task. `default` is NO_DEFAULT if the input is required."""

    name: str
    value_type: ValueType
    annotation: object
    default: object = NO_DEFAULT

    @property
    def required(self) -> bool:
        return self.default is NO_DEFAULT

    @cached_property
    def accepts_blank(self) -> bool:
        """Whether it may be an empty text or white space alone: its type says so, or its default is one."""
        return self.value_type.accepts_blank or (isinstance(self.default, str) and not self.default.strip())

    @cached_property
    def has_boxes(self) -> bool:
        """Whether it contains boxes, which have to lie on an image of another input."""
        return any(value_type.needs_image for _, value_type in iter_types(self.value_type))

    @cached_property
    def has_images(self) -> bool:
        """Whether it contains images."""
        return any(value_type.media == IMAGE for _, value_type in iter_types(self.value_type))


@dataclass(frozen=True, eq=False)
class Declaration:
    """A parsed task declaration. `wordings[""]` is the docstring; each entry holds its paraphrases. `purpose` and
    `labels` are texts for people, by language.

    Compared by identity: two files may declare the same task.
    """

    name: str
    parameters: tuple[Parameter, ...]
    answer: ValueType
    answer_annotation: object
    wordings: Mapping[str, tuple[Instruction, ...]]
    targets: tuple[Target, ...]
    source: FunctionSource
    function: Callable[..., Any]
    purpose: Purpose = field(default_factory=dict[str, str])
    labels: Labels = field(default_factory=dict[str, Mapping[str, str]])

    @property
    def instruction(self) -> Instruction:
        return self.wordings[""][0]

    @cached_property
    def has_images(self) -> bool:
        """Whether an input or the answer holds images."""
        images = any(value_type.media == IMAGE for _, value_type in iter_types(self.answer))
        return images or any(parameter.has_images for parameter in self.parameters)

    @cached_property
    def has_quotations(self) -> bool:
        """Whether the answer has values that stand in the inputs."""
        return any(value_type.quotes_inputs for _, value_type in iter_types(self.answer))

    @cached_property
    def has_defaults(self) -> bool:
        """Whether the answer has fields that a model need not write."""
        return any(value_type.optional for _, value_type in iter_types(self.answer))

    def inputs_to_json(self, inputs: Mapping[str, object]) -> dict[str, Json]:
        """Inputs in JSON form, by name."""
        return {each.name: each.value_type.encode(inputs[each.name], NO_CONTEXT) for each in self.parameters}

    def input_texts(self, inputs: Mapping[str, object]) -> Iterator[InputText]:
        """All texts of these inputs, also inside lists and records."""
        yield from self.json_texts(self.inputs_to_json(inputs))

    def json_texts(self, inputs: Mapping[str, Json]) -> Iterator[InputText]:
        """The same for inputs in JSON form."""
        for parameter in self.parameters:
            yield from parameter.value_type.iter_texts(inputs.get(parameter.name), parameter.name)

    @property
    def is_plain_text(self) -> bool:
        """Whether the answer is a text, which is written bare and not as JSON."""
        return self.answer.is_text

    def parameter(self, name: str) -> Parameter | None:
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    @cached_property
    def fingerprint(self) -> str:
        """Twelve hex digits that change with inputs, types or instruction; kept in examples, adapters, answer ids."""
        wordings = {name: list(map(str, versions)) for name, versions in self.wordings.items()}
        inputs = [[parameter.name, parameter.value_type.schema()] for parameter in self.parameters]
        digest_text = dumps([self.name, inputs, self.answer.schema(), wordings])
        return hashlib.sha256(digest_text.encode()).hexdigest()[:12]


def declaration(
    function: Callable[..., Any],
    wordings: Wordings | None = None,
    purpose: str | Purpose | None = None,
    labels: Labels | None = None,
) -> Declaration:
    """The declaration of a function. Raises the DeclarationErrors."""
    if not inspect.isfunction(function):
        raise BodyError(f"{function!r} is not a function", hint="write @task above a def")
    name, source = function.__name__, function_source(function)
    text = docstring(function, source)
    check_body(function, source)
    hints = annotations(function, source)
    signature = inspect.signature(function).parameters.values()
    parsed = tuple(parse_parameter(name, each, hints.get(each.name), source) for each in signature)
    targets = tuple(targets_in({each.name: each.value_type for each in parsed}))
    parameters = tuple(resolve_box_targets(name, each, targets, source) if each.has_boxes else each for each in parsed)
    texts = tuple(text_paths(parameters))
    answer = resolve_type(
        TypeResolver(targets, texts), hints["return"], name, source, source.definition and source.definition.returns
    )
    for each in parameters if answer.media == IMAGE else ():
        check_reserved(name, each.name, source, RESERVED_FOR_IMAGE_TASKS)
    versions = {
        "": (parse_instruction(text),),
        **{wording: parse_paraphrases(texts) for wording, texts in (wordings or {}).items()},
    }
    for wording, paraphrases in versions.items():
        for paraphrase in paraphrases or (parse_instruction(""),):
            check_placeholders(name, paraphrase, [each.name for each in parameters], source, wording)
    check_labels(name, labels or {}, {each.name: each.value_type for each in parameters}, answer, source)
    texts_for_people = purposes(purpose), labels or {}
    return Declaration(
        name, parameters, answer, hints["return"], versions, targets, source, function, *texts_for_people
    )


def text_paths(parameters: Iterable[Parameter]) -> Iterator[str]:
    """The dotted paths of all texts in the inputs; items of a list are "[]"."""
    for parameter in parameters:
        for path, value_type in iter_types(parameter.value_type, parameter.name):
            if value_type.is_text:
                yield path


def parse_parameter(
    task: str, signature_parameter: inspect.Parameter, annotation: object, source: FunctionSource
) -> Parameter:
    name, node = signature_parameter.name, source.parameter_node(signature_parameter.name)
    if signature_parameter.kind in (signature_parameter.VAR_POSITIONAL, signature_parameter.VAR_KEYWORD):
        stars = "*" if signature_parameter.kind is signature_parameter.VAR_POSITIONAL else "**"
        raise ParameterError(
            f"{task} takes {stars}{name}, but a task's parameters have names",
            details=source.mark_node(node),
            hint=f"write {name}: list[...] instead",
        )
    check_reserved(task, name, source, RESERVED_NAMES)
    value_type = resolve_type(TypeResolver(None, is_input=True), annotation, task, source, node and node.annotation)
    return Parameter(name, value_type, annotation, signature_parameter.default)


def check_reserved(task: str, name: str, source: FunctionSource, reserved: frozenset[str]) -> None:
    if name in reserved or name.startswith("_"):
        raise ParameterError(
            f"{task} has a parameter called {name}, which is a reserved name",
            details=source.mark_node(source.parameter_node(name)),
            hint=f"call it the_{name.strip('_')}; reserved names are {', '.join(sorted(reserved))}",
        )


def resolve_box_targets(
    task: str, parameter: Parameter, targets: tuple[Target, ...], source: FunctionSource
) -> Parameter:
    """The parameter, resolved again with the images that its boxes may lie on."""
    node = source.parameter_node(parameter.name)
    return replace(
        parameter,
        value_type=resolve_type(
            TypeResolver(targets, is_input=True), parameter.annotation, task, source, node and node.annotation
        ),
    )


def resolve_type(
    resolver: TypeResolver, annotation: object, task: str, source: FunctionSource, node: ast.expr | None
) -> ValueType:
    """The value type of an annotation. An error marks the unsupported part in the `def`."""
    try:
        return resolver.resolve(annotation)
    except UnsupportedType as error:
        error_class = RefError if isinstance(error, UnresolvedRef) else AnnotationError
        suffix = f" ({error.path})" if error.path else ""
        details = mark_annotation(error, source, node)
        raise error_class(f"{task}{suffix}: {error.message}", details=details, hint=error.hint) from None


def parse_paraphrases(texts: str | Sequence[str]) -> tuple[Instruction, ...]:
    return tuple(map(parse_instruction, [texts] if isinstance(texts, str) else texts))
