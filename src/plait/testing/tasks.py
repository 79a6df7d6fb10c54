"""check_task: everything derived from a task is consistent."""

import inspect
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plait.core.engine.protocol import TaskRequest, TextDelta
from plait.core.engine.validation import AnswerDraft
from plait.core.errors import InputError
from plait.core.prompting.prompt import answer_text, format_instruction, prompt
from plait.core.task.declaration import Parameter
from plait.core.task.derive import answer_grammar, grammar, residual_checks
from plait.core.task.task import Task
from plait.core.values.call_context import CallContext, call_context
from plait.core.values.inputs import inputs_from_call, inputs_from_json
from plait.core.values.json_text import dumps, parse_json
from plait.core.values.json_value import InvalidValue
from plait.testing.strategies import strategy_of
from plait.testing.types import is_valid, kit_settings, render_grammar
from plait.testing.values import decoder_text, json_values


def check_task(task: Task[..., Any]) -> None:
    """Raises AssertionError if schema, grammar, prompt, examples or validation of a task disagree."""
    check_declaration(task)
    check_seeds(task)
    check_answers(task)


def check_declaration(task: Task[..., Any]) -> None:
    declaration = task.declaration
    names = [parameter.name for parameter in declaration.parameters]
    assert list(inspect.signature(task.__wrapped__).parameters) == names, (
        "the declared parameters are not the function's"
    )
    for wording, versions in declaration.wordings.items():
        for each in versions:
            assert set(each.parameter_names) == set(names), f"the wording {wording!r} leaves an input out"
    assert task.using(seed=1).declaration.fingerprint == declaration.fingerprint


def check_seeds(task: Task[..., Any]) -> None:
    """Checks that the seeds are valid examples and match the schemas and the grammar."""
    declaration, schema = task.declaration, task.schema
    for number, example in enumerate(task.examples.seeds, 1):
        context = call_context(declaration, example.inputs, by_name=True)
        text = answer_text(declaration, example.inputs, example.answer)
        draft = AnswerDraft(TaskRequest(declaration, example.inputs, context), streamed=False)
        draft.feed(TextDelta(text))
        answer = draft.final_answer()
        assert answer.value == example.answer, f"seed {number} comes back otherwise: {answer.value!r}"
        assert is_valid(schema.answer, answer.json_value), (
            f"the schema does not admit seed {number}: {answer.json_value!r}"
        )
        assert render_grammar(answer_grammar(declaration, context)).gbnf_rules.admits(text), (
            f"the grammar does not admit seed {number}"
        )


def check_answers(task: Task[..., Any]) -> None:
    """Checks for generated inputs that every text the decoder may write passes validation."""
    declaration, schema = task.declaration, task.schema
    input_strategy = st.fixed_dictionaries(
        {parameter.name: input_strategy_of(parameter) for parameter in declaration.parameters}
    )

    @kit_settings
    @given(input_strategy, st.data())
    def check(values: dict[str, Any], data: st.DataObject) -> None:
        inputs = inputs_from_call(declaration, (), values)
        request = declaration.inputs_to_json(inputs)
        assert is_valid(schema.request, request), f"the schema does not admit the inputs {request!r}"
        assert inputs_from_json(declaration, parse_json(dumps(request))) == inputs, (
            f"the inputs come back otherwise: {request!r}"
        )
        for wording in declaration.wordings:
            assert prompt(declaration, inputs, (), wording).messages[0].content == format_instruction(declaration)
        context = call_context(declaration, inputs, by_name=True)
        if grammar(declaration, context) is None:
            check_missing_candidates(task, context)
            return
        each = render_grammar(answer_grammar(declaration, context))
        json_value = data.draw(json_values(each.grammar))
        each.check_admits(json_value)
        check_answer_text(TaskRequest(declaration, inputs, context), decoder_text(each.grammar, json_value))

    check()


def input_strategy_of(parameter: Parameter) -> st.SearchStrategy[Any]:
    strategy = strategy_of(parameter.value_type)
    return strategy if parameter.accepts_blank else strategy.filter(lambda text: bool(text.strip()))


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
        answer = draft.final_answer()
    except InvalidValue as error:
        assert residual_checks(request.declaration), f"{text} is in the grammar, but refused: {error.faults}"
        return
    by_index = call_context(request.declaration, request.inputs)
    decoded = request.declaration.answer.decode(parse_json(dumps(answer.json_value)), by_index)
    assert decoded == answer.value, f"{text} is not stable"
