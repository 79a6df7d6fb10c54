"""What can be had without any model, from the examples alone: a score means something only beside these."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from plait.core.prompting.bm25 import Index
from plait.core.prompting.examples import Example, Examples
from plait.core.task.candidates import labels
from plait.core.task.declaration import Declaration
from plait.core.task.signature import beside_inputs
from plait.core.values.json_text import dumps
from plait.core.values.value_type import MISSING, Beside, Json, Kind, WireError, metric_of

Answers = Callable[[Mapping[str, object]], object]
JUDGED_BY = 200  # examples that a constant answer is tried on
TRIED = 60  # of the most common answers


@dataclass(frozen=True)
class Baselines:
    """Answers a task from its examples. What cannot be said of an input is MISSING, which scores nothing."""

    declaration: Declaration

    def all(self) -> dict[str, Answers]:
        """By name; none where the task has no examples."""
        if not self.examples:
            return {}
        return {"always the same answer": self.majority, "copy of the nearest example": self.nearest}

    @cached_property
    def examples(self) -> list[Example]:
        return list(islice(Examples(self.declaration), 5_000))

    def nearest(self, inputs: Mapping[str, object]) -> object:
        """The answer of the example most like the input."""
        (example,) = Examples(self.declaration).nearest(inputs, 1)
        return self.transferred(example, inputs)

    def majority(self, inputs: Mapping[str, object]) -> object:
        """The one answer that does best on the examples themselves, given to every input."""
        return self.transferred(self.commonest, inputs)

    @cached_property
    def commonest(self) -> Example:
        kinds: dict[str, Example] = {}
        for example in self.examples:
            kinds.setdefault(dumps(self.wire(example)), example)
        judges = self.examples[:JUDGED_BY]
        return max(islice(kinds.values(), TRIED), key=lambda one: sum(self.agreements(one, judges)))

    def agreements(self, example: Example, judges: Sequence[Example]) -> Iterator[float]:
        for judge in judges:
            said = self.transferred(example, judge.inputs)
            yield 0.0 if said is MISSING else metric_of(self.declaration.answer, said, judge.answer)

    def wire(self, example: Example) -> Json:
        return self.declaration.answer.encode(example.answer, self.beside(example.inputs))

    def beside(self, inputs: Mapping[str, object]) -> Beside:
        return beside_inputs(self.declaration.targets, inputs, named=True)

    def transferred(self, example: Example, inputs: Mapping[str, object]) -> object:
        """The example's answer, said of other inputs. A reference to what is not among them goes to the one whose
        name is most alike; MISSING where even that is no answer.
        """
        beside, wire = self.beside(inputs), self.wire(example)
        kind = self.declaration.answer
        try:
            return kind.decode(wire, beside)
        except WireError as error:
            for fault in error.faults:
                wire = pointed(kind, wire, fault.path, beside)
        try:
            return kind.decode(wire, beside)
        except WireError:
            return MISSING


def pointed(kind: Kind, wire: Json, path: Sequence[str], beside: Beside) -> Json:
    """The wire form, with the reference at this path turned to the candidate most like the one it names."""
    inner = dict(kind.children)
    if kind.name == "ref":
        names = labels(beside.candidates.get(getattr(kind, "path", ()), ()))
        return names[most_alike(str(wire), [str(name) for name in names])] if names else wire
    if "" in inner:
        return pointed(inner[""], wire, path, beside)
    step, rest = (path[0], path[1:]) if path else ("", ())
    if isinstance(wire, list) and step.isdecimal() and "[]" in inner:
        at = int(step)
        return [pointed(inner["[]"], each, rest, beside) if place == at else each for place, each in enumerate(wire)]
    if isinstance(wire, dict) and step in inner:
        return {**wire, step: pointed(inner[step], wire[step], rest, beside)}
    return wire


def most_alike(text: str, others: Sequence[str]) -> int:
    index = Index(1)
    for other in others:
        index.add([other])
    found = index.nearest([text], 1)
    return found[0] if found else 0
