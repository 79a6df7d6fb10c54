"""`plait show TASK`: show prompt, grammar, engine and code locations of a task."""

import inspect
from collections.abc import Iterator
from typing import Any

import click

from plait.cli.program_name import as_called
from plait.core.config import settings
from plait.core.engine import validation
from plait.core.engine.certificate import certificate, type_leaves
from plait.core.errors import NoCapableModel
from plait.core.grammar import gbnf
from plait.core.prompting import prompt
from plait.core.prompting.examples import Examples
from plait.core.task import derive
from plait.core.task.declaration import Declaration
from plait.core.task.derive import answer_limits, residual_checks
from plait.core.task.signature import annotation_text
from plait.core.task.source import relative_path
from plait.core.values.json_text import dumps
from plait.core.values.value_type import ValueType
from plait.service.catalog import AnyTask, Catalog, find_task
from plait.service.local_transport import LocalTransport
from plait.web.snippets import snippets
from plait.web.views import PageContext


@click.command()
@click.argument("task")
def show(task: str) -> None:
    """Show prompt, grammar, engine and code locations of a task, and the checks that its grammar cannot express.

    TASK is the name of a built-in task, or FILE.py:NAME; FILE.py is enough if it declares one task.
    """
    known_task, catalog = find_task(task)
    for line in task_lines(known_task, catalog):
        click.echo(line)


def task_lines(task: AnyTask, catalog: Catalog) -> Iterator[str]:
    declaration = task.declaration
    source = declaration.source
    yield f"{declaration.name}  {declaration.fingerprint}   {source.display_path}:{source.first_line}"
    yield f"  “{declaration.instruction}”"
    for name, versions in declaration.wordings.items():
        if name:
            yield f"  {name}: “{versions[0]}”" + (f" and {len(versions) - 1} more" if len(versions) > 1 else "")
    yield ""
    yield from section_lines("inputs", "read from the signature", derive.request_schema)
    for parameter in declaration.parameters:
        yield from type_lines(parameter.name, parameter.value_type)
    yield from section_lines("prompt", "inputs as text, format of the answer, examples", prompt.prompt)
    yield from (f"    {line}" for line in prompt.format_instruction(declaration).splitlines())
    yield f"    examples: {examples_text(declaration)}"
    yield from section_lines("grammar", "constrains the decoder; references are filled in at each call", derive.grammar)
    yield from section_lines("", "rendered for llama.cpp", gbnf.gbnf)
    yield f"    {annotation_text(declaration.answer_annotation)}: {declaration.answer.describe()}"
    yield from type_lines("answer", declaration.answer)
    yield from residual_check_lines(declaration)
    yield from engine_lines(task)
    yield from certificate_lines(declaration)
    yield from section_lines(
        "validate", "decodes and validates; tries twice, then raises InvalidAnswer", validation.answer_events
    )
    yield ""
    yield f"  POST /v1/tasks/{declaration.name}    page /tasks/{declaration.name}"
    yield from call_lines(declaration)


def call_lines(declaration: Declaration) -> Iterator[str]:
    """The call in each language, with the inputs of the shortest example; without examples, with placeholders."""
    json_inputs = [declaration.inputs_to_json(each.inputs) for each in Examples(declaration).seeds]
    shortest = min(json_inputs, key=lambda each: len(dumps(each)), default={})
    for snippet in snippets(declaration, shortest, PageContext(origin=local_address()), "Shell", {}):
        yield f"\n{snippet.title}\n{as_called(snippet.text)}"


def local_address() -> str:
    """The address of the server on this machine that `plait up` starts, or that PLAIT_URL names."""
    config = settings()
    return config.url if config.url not in ("", "none") else f"http://{config.host}:{config.port}"


def section_lines(name: str, text: str, target: Any) -> list[str]:
    return [f"  {name:<9}{text:<68}{code_location(target)}"]


def type_lines(name: str, value_type: ValueType, depth: int = 2) -> Iterator[str]:
    label = f"{'  ' * depth}{name or 'or'}: {value_type.name}"
    yield f"{label:<79}{code_location(type(value_type))}"
    for child, inner in value_type.children:
        yield from type_lines(child, inner, depth + 1)


def residual_check_lines(declaration: Declaration) -> Iterator[str]:
    limits = answer_limits(declaration)
    yield from ["  every answer, more narrowly than its type:"] if limits else []
    yield from (f"    {limit}" for limit in limits)
    rules = residual_checks(declaration)
    yield (
        "  checked after decoding, since the grammar cannot express it:"
        if rules
        else "  the grammar enforces the whole type"
    )
    yield from (f"    {rule}" for rule in rules)


def examples_text(declaration: Declaration) -> str:
    examples = Examples(declaration)
    seeds, added = len(list(examples.seeds)), len(examples.added_examples)
    outdated = examples.count - seeds - added
    outdated += examples.store.earlier_count
    note = f", {outdated} of other versions of the task ignored" if outdated else ""
    return f"{seeds} seeds, {added} added{note}   {short_path(str(examples.seeds_file))}"


def engine_lines(task: AnyTask) -> list[str]:
    """The engine that answers the task and its code, or the reason why none can."""
    try:
        engine = LocalTransport().engine_for(task.declaration, None, tuple(task.code_engines))
    except NoCapableModel as error:
        return section_lines("engine", error.message, LocalTransport.engine_for)
    return section_lines("engine", f"{engine.name} answers", type(engine))


def certificate_lines(declaration: Declaration) -> Iterator[str]:
    """What proves each value of an answer: known from its type alone."""
    yield from section_lines("verify", "what each value of an answer rests on, for `plait verify`", certificate)
    for path, kind, name in type_leaves(declaration.answer):
        yield f"    {path or 'answer'}: {kind}{'' if kind == 'free' else f' ({name})'}"


def code_location(target: Any) -> str:
    code = inspect.unwrap(target)
    return f"{short_path(inspect.getsourcefile(code) or '')}:{inspect.getsourcelines(code)[1]}"


def short_path(file: str) -> str:
    """The path relative to the working folder if it is inside, else from the package folder on."""
    near = relative_path(file)
    _, is_inside, below = file.rpartition("/plait/")
    return f"plait/{below}" if is_inside and near == file else near
