"""check_task: all that follows from a task agrees with itself."""

import inspect
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plait.core.engine.protocol import TaskRequest, TextDelta
from plait.core.engine.validation import AnswerDraft
from plait.core.errors import InputError
from plait.core.prompting.prompt import answer_text, format_instruction, prompt
from plait.core.task.derive import answer_grammar, grammar, residual_checks
from plait.core.task.signature import call_context
from plait.core.task.task import Task
from plait.core.values.inputs import inputs_from_call, inputs_from_json
from plait.core.values.json_text import dumps, parse_json
from plait.core.values.value_type import CallContext, InvalidValue, strategy_of
from plait.testing.types import is_valid, kit_settings, render_grammar
from plait.testing.values import decoder_text, json_values


def check_task(task: Task[..., Any]) -> None:
    """Raises AssertionError where schema, grammar, prompt, examples or gate of a task disagree."""
    check_declaration(task)
    check_seeds(task)
    check_answers(task)


def check_declaration(task: Task[..., Any]) -> None:
    declared = task.declaration
    names = [slot.name for slot in declared.parameters]
    assert list(inspect.signature(task.__wrapped__).parameters) == names, (
        "the declared parameters are not the function's"
    )
    for wording, versions in declared.wordings.items():
        for each in versions:
            assert set(each.parameter_names) == set(names), f"the wording {wording!r} leaves an input out"
    assert task.using(seed=1).declaration.fingerprint == declared.fingerprint


def check_seeds(task: Task[..., Any]) -> None:
    """The shipped examples are examples, in the schemas and in the grammar."""
    declared, schema = task.declaration, task.schema
    for number, example in enumerate(task.examples.seeds, 1):
        beside = call_context(declared.targets, example.inputs, by_name=True)
        text = answer_text(declared, example.inputs, example.answer)
        draft = AnswerDraft(TaskRequest(declared, example.inputs, beside), streamed=False)
        draft.feed(TextDelta(text))
        value, wire = draft.final_answer()
        assert value == example.answer, f"seed {number} comes back otherwise: {value!r}"
        assert is_valid(schema.answer, wire), f"the schema does not admit seed {number}: {wire!r}"
        assert render_grammar(answer_grammar(declared, beside)).gbnf_rules.admits(text), (
            f"the grammar does not admit seed {number}"
        )


def check_answers(task: Task[..., Any]) -> None:
    """Whatever inputs come, what the decoder may write to them passes the gate."""
    declared, schema = task.declaration, task.schema
    slots = st.fixed_dictionaries({slot.name: strategy_of(slot.value_type) for slot in declared.parameters})

    @kit_settings
    @given(slots, st.data())
    def check(values: dict[str, Any], data: st.DataObject) -> None:
        inputs = inputs_from_call(declared, (), values)
        wire = {slot.name: slot.value_type.encode(inputs[slot.name], CallContext()) for slot in declared.parameters}
        assert is_valid(schema.request, wire), f"the schema does not admit the inputs {wire!r}"
        assert inputs_from_json(declared, parse_json(dumps(wire))) == inputs, (
            f"the inputs come back otherwise: {wire!r}"
        )
        for wording in declared.wordings:
            assert prompt(declared, inputs, (), wording).messages[0].content == format_instruction(declared)
        beside = call_context(declared.targets, inputs, by_name=True)
        if grammar(declared, beside) is None:
            check_missing_candidates(task, beside)
            return
        each = render_grammar(answer_grammar(declared, beside))
        said = data.draw(json_values(each.grammar))
        each.check_admits(said)
        check_answer_text(TaskRequest(declared, inputs, beside), decoder_text(each.grammar, said))

    check()


def check_missing_candidates(task: Task[..., Any], context: CallContext) -> None:
    try:
        answer_grammar(task.declaration, context)
    except InputError as error:
        assert error.problems and error.hint, "the error names no input, or has no hint"
    else:
        raise AssertionError("a Ref into an empty list is not refused")


def check_answer_text(request: TaskRequest, text: str) -> None:
    draft = AnswerDraft(request, streamed=False)
    draft.feed(TextDelta(text))
    try:
        value, wire = draft.final_answer()
    except InvalidValue as error:
        assert residual_checks(request.declaration), f"{text} is in the grammar, but refused: {error.faults}"
        return
    by_index = call_context(request.declaration.targets, request.inputs)
    assert request.declaration.answer.decode(parse_json(dumps(wire)), by_index) == value, f"{text} is not stable"
