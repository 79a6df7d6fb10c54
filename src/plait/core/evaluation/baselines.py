"""Baselines without a model, built from the examples alone. A score is meaningful only next to them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from plait.core.prompting.bm25 import BM25Index
from plait.core.prompting.example_rows import Example
from plait.core.prompting.examples import Examples
from plait.core.task.candidates import labels
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import CallContext, call_context
from plait.core.values.json_text import dumps
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import MISSING, ValueType

AnswerFunction = Callable[[Mapping[str, object]], object]
MAX_JUDGES = 200  # examples that score each constant answer
MAX_CONSTANT_ANSWERS = 60  # most common answers that are tried


@dataclass(frozen=True)
class Baselines:
    """Answers a task from its examples. An answer that does not apply to an input is MISSING, which scores 0."""

    declaration: Declaration

    def answer_functions(self) -> dict[str, AnswerFunction]:
        """The baselines by name; empty if the task has no examples."""
        if not self.examples:
            return {}
        return {"always the same answer": self.constant_answer, "copy of the nearest example": self.nearest_answer}

    @cached_property
    def examples(self) -> list[Example]:
        return list(islice(Examples(self.declaration), 5_000))

    def nearest_answer(self, inputs: Mapping[str, object]) -> object:
        """The answer of the example nearest to the input."""
        (example,) = Examples(self.declaration).nearest(inputs, 1)
        return self.transfer_answer(example, inputs)

    def constant_answer(self, inputs: Mapping[str, object]) -> object:
        """The single answer that scores best on the examples, returned for every input."""
        return self.transfer_answer(self.best_constant, inputs)

    @cached_property
    def best_constant(self) -> Example:
        distinct: dict[str, Example] = {}
        for example in self.examples:
            distinct.setdefault(dumps(self.json_answer(example)), example)
        judges = self.examples[:MAX_JUDGES]
        return max(islice(distinct.values(), MAX_CONSTANT_ANSWERS), key=lambda one: sum(self.agreements(one, judges)))

    def agreements(self, example: Example, judges: Sequence[Example]) -> Iterator[float]:
        for judge in judges:
            prediction = self.transfer_answer(example, judge.inputs)
            yield 0.0 if prediction is MISSING else self.declaration.answer.score(prediction, judge.answer)

    def json_answer(self, example: Example) -> Json:
        return self.declaration.answer.encode(example.answer, self.context(example.inputs))

    def context(self, inputs: Mapping[str, object]) -> CallContext:
        return call_context(self.declaration, inputs, by_name=True).unquoted

    def transfer_answer(self, example: Example, inputs: Mapping[str, object]) -> object:
        """The example's answer, transferred to other inputs.

        A reference to an object that is not among them is redirected to the candidate with the most similar name;
        MISSING if the result is not a valid answer.
        """
        context, json_value = self.context(inputs), self.json_answer(example)
        value_type = self.declaration.answer
        try:
            return value_type.decode(json_value, context)
        except InvalidValue as error:
            for fault in error.faults:
                json_value = redirect_reference(value_type, json_value, fault.path, context)
        try:
            return value_type.decode(json_value, context)
        except InvalidValue:
            return MISSING


def redirect_reference(value_type: ValueType, json_value: Json, path: Sequence[str], context: CallContext) -> Json:
    """The JSON form with the reference at `path` redirected to the candidate most similar to its original one."""
    inner = dict(value_type.children)
    if value_type.points_into is not None:
        names = labels(context.candidates.get(value_type.points_into, ()))
        return names[most_similar(str(json_value), [str(name) for name in names])] if names else json_value
    if "" in inner:
        return redirect_reference(inner[""], json_value, path, context)
    step, rest = (path[0], path[1:]) if path else ("", ())
    if isinstance(json_value, list) and step.isdecimal() and "[]" in inner:
        item_path = int(step)
        return [
            redirect_reference(inner["[]"], each, rest, context) if index == item_path else each
            for index, each in enumerate(json_value)
        ]
    if isinstance(json_value, dict) and step in inner:
        return {**json_value, step: redirect_reference(inner[step], json_value[step], rest, context)}
    return json_value


def most_similar(text: str, candidates: Sequence[str]) -> int:
    index = BM25Index(1)
    for other in candidates:
        index.add([other])
    nearest = index.nearest([text], 1)
    return nearest[0] if nearest else 0
