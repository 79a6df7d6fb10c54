"""`plait show TASK`: the path of a task through the house, with file and line."""

import inspect
from collections.abc import Iterator
from typing import Any

import click

from plait.core.engine import chat, validation
from plait.core.errors import NoModel
from plait.core.grammar import gbnf
from plait.core.prompting import prompt
from plait.core.prompting.examples import Examples
from plait.core.task import derive
from plait.core.task.declaration import Declaration
from plait.core.task.derive import beyond_grammar
from plait.core.task.signature import spelled
from plait.core.task.source import from_here
from plait.core.values.value_type import Kind, outline, part
from plait.service.catalog import AnyTask, Catalog, find
from plait.service.local_transport import LocalTransport


@click.command()
@click.argument("task")
def show(task: str) -> None:
    """The path of a task through the house: slots, prompt, grammar, who answers; what is checked after the grammar.

    TASK is a built-in one's name, or FILE.py:NAME; FILE.py will do where it has one task.
    """
    found, catalog = find(task)
    for line in path(found, catalog):
        click.echo(line)


def path(task: AnyTask, catalog: Catalog) -> Iterator[str]:
    declared = task.declaration
    yield f"{declared.name}  {declared.fingerprint}   {declared.source.shown}:{declared.source.first_line}"
    yield f"  “{declared.instruction}”"
    for name, versions in declared.wordings.items():
        if name:
            yield f"  {name}: “{versions[0]}”" + (f" and {len(versions) - 1} more" if len(versions) > 1 else "")
    yield ""
    yield from stop("slots", "read from the signature", derive.request_schema)
    for slot in declared.slots:
        yield from kind_lines(slot.name, slot.kind)
    yield from stop("prompt", "inputs in words, the form of the answer, examples", prompt.prompt)
    yield from (f"    {line}" for line in prompt.form(declared).splitlines())
    yield f"    examples: {examples(declared)}"
    yield from stop("grammar", "what the decoder is held to; references are filled in at each call", derive.grammar)
    yield from stop("", "spelled for llama.cpp", gbnf.gbnf)
    yield f"    {spelled(declared.answer_annotation)}: {outline(declared.answer)}"
    yield from kind_lines("answer", declared.answer)
    yield from beyond(declared)
    yield from stop("engine", who(task), chat.ChatEngine)
    yield from stop("gate", "decoded, validated, asked once more, then InvalidAnswer", validation.answers)
    yield ""
    yield f"  plait run {declared.name}    POST /v1/tasks/{declared.name}    page /tasks/{declared.name}"


def stop(name: str, words: str, where: Any) -> list[str]:
    return [f"  {name:<9}{words:<68}{location(where)}"]


def kind_lines(name: str, kind: Kind, depth: int = 2) -> Iterator[str]:
    label = f"{'  ' * depth}{name or 'or'}: {kind.name}"
    yield f"{label:<79}{location(part(kind.modality, 'grammar'))}"
    for child, inner in kind.children:
        yield from kind_lines(child, inner, depth + 1)


def beyond(declared: Declaration) -> Iterator[str]:
    rules = beyond_grammar(declared)
    yield "  beyond the grammar (checked after decoding):" if rules else "  the grammar enforces the whole type"
    yield from (f"    {rule}" for rule in rules)


def examples(declared: Declaration) -> str:
    kept = Examples(declared)
    seeds, added = len(list(kept.seeds)), len(kept.added)
    unfit = kept.count - seeds - added
    left_out = f", {unfit} of an earlier form left out" if unfit else ""
    return f"{seeds} seeds, {added} added{left_out}   {relative(str(kept.seeds_file))}"


def who(task: AnyTask) -> str:
    try:
        return f"{LocalTransport().engine_for(task.declaration, None, tuple(task.by_code)).name} answers"
    except NoModel as error:
        return error.message


def location(where: Any) -> str:
    code = inspect.unwrap(where)
    return f"{relative(inspect.getsourcefile(code) or '')}:{inspect.getsourcelines(code)[1]}"


def relative(file: str) -> str:
    """As the reader calls it: from the working folder where it lies below, else from the package on."""
    near = from_here(file)
    _, found, below = file.rpartition("/plait/")
    return f"plait/{below}" if found and near == file else near
