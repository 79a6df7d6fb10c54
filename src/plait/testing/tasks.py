"""check_task: all that follows from a task agrees with itself."""

import inspect
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plait.core.engine.protocol import Ask, Piece
from plait.core.engine.validation import Draft
from plait.core.errors import InputError
from plait.core.prompting.prompt import answer_text, form, prompt
from plait.core.task.derive import answer_grammar, beyond_grammar, grammar
from plait.core.task.signature import beside_inputs
from plait.core.task.task import Task
from plait.core.values.inputs import inputs_from_call, inputs_from_wire
from plait.core.values.json_text import dumps, parsed
from plait.core.values.value_type import Beside, WireError, strategy_of
from plait.testing.types import held, kit, valid
from plait.testing.values import text_of, values_in


def check_task(task: Task[..., Any]) -> None:
    """Raises AssertionError where schema, grammar, prompt, examples or gate of a task disagree."""
    check_declaration(task)
    check_seeds(task)
    check_answers(task)


def check_declaration(task: Task[..., Any]) -> None:
    declared = task.declaration
    names = [slot.name for slot in declared.slots]
    assert list(inspect.signature(task.__wrapped__).parameters) == names, "the slots are not the parameters"
    for wording, versions in declared.wordings.items():
        for each in versions:
            assert set(each.slots) == set(names), f"the wording {wording!r} leaves a slot out"
    assert task.using(seed=1).declaration.fingerprint == declared.fingerprint


def check_seeds(task: Task[..., Any]) -> None:
    """The shipped examples are examples, in the schemas and in the grammar."""
    declared, schema = task.declaration, task.schema
    for number, example in enumerate(task.examples.seeds, 1):
        beside = beside_inputs(declared.targets, example.inputs, named=True)
        text = answer_text(declared, example.inputs, example.answer)
        draft = Draft(Ask(declared, example.inputs, beside), streamed=False)
        draft.take(Piece(text))
        value, wire = draft.whole()
        assert value == example.answer, f"seed {number} comes back otherwise: {value!r}"
        assert valid(schema.answer, wire), f"the schema does not admit seed {number}: {wire!r}"
        assert held(answer_grammar(declared, beside)).rules.admits(text), f"the grammar does not admit seed {number}"


def check_answers(task: Task[..., Any]) -> None:
    """Whatever inputs come, what the decoder may write to them passes the gate."""
    declared, schema = task.declaration, task.schema
    slots = st.fixed_dictionaries({slot.name: strategy_of(slot.kind) for slot in declared.slots})

    @kit
    @given(slots, st.data())
    def check(drawn: dict[str, Any], data: st.DataObject) -> None:
        inputs = inputs_from_call(declared, (), drawn)
        wire = {slot.name: slot.kind.encode(inputs[slot.name], Beside()) for slot in declared.slots}
        assert valid(schema.request, wire), f"the schema does not admit the inputs {wire!r}"
        assert inputs_from_wire(declared, parsed(dumps(wire))) == inputs, f"the inputs come back otherwise: {wire!r}"
        for wording in declared.wordings:
            assert prompt(declared, inputs, (), wording).messages[0].content == form(declared)
        beside = beside_inputs(declared.targets, inputs, named=True)
        if grammar(declared, beside) is None:
            refused_for_want_of_candidates(task, beside)
            return
        each = held(answer_grammar(declared, beside))
        said = data.draw(values_in(each.grammar))
        each.admits(said)
        passes_the_gate(Ask(declared, inputs, beside), text_of(each.grammar, said))

    check()


def refused_for_want_of_candidates(task: Task[..., Any], beside: Beside) -> None:
    try:
        answer_grammar(task.declaration, beside)
    except InputError as error:
        assert error.problems and error.way_out, "the error names no slot, or no way out"
    else:
        raise AssertionError("a Ref into an empty list is not refused")


def passes_the_gate(ask: Ask, text: str) -> None:
    draft = Draft(ask, streamed=False)
    draft.take(Piece(text))
    try:
        value, wire = draft.whole()
    except WireError as error:
        assert beyond_grammar(ask.declaration), f"{text} is in the grammar, but refused: {error.faults}"
        return
    by_index = beside_inputs(ask.declaration.targets, ask.inputs)
    assert ask.declaration.answer.decode(parsed(dumps(wire)), by_index) == value, f"{text} is not stable"
