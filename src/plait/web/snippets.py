"""Code snippets of a page: the call with the inputs of the form, in Python, curl and the command line."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from plait.core.task.declaration import Declaration, Parameter
from plait.core.task.printed_call import input_placeholder, module_folder, task_address
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.core.values.quoting import shorten
from plait.core.values.value_type import IMAGE, ValueType
from plait.web.headline import wording
from plait.web.views import PageContext

# Longer inputs are cut: such a snippet still runs, but its answer may be another one.
MAX_TEXT_CHARACTERS = 2_000
MAX_ITEMS = 50
WIDTH = 96
Options = Mapping[str, int | float | str]
SAVE_CALL = '.save("answer.png")'


@dataclass(frozen=True)
class Snippet:
    title: str
    text: str


def snippets(
    declaration: Declaration,
    inputs: Mapping[str, Json],
    page_context: PageContext,
    shell_title: str,
    options: Options | None = None,
) -> tuple[Snippet, ...]:
    """The call in each language. Without `options` it has the wording of the page's language."""
    parameters = [
        parameter
        for parameter in declaration.parameters
        if parameter.required or inputs.get(parameter.name) is not None
    ]
    sample_inputs = {parameter.name: sample_input(declaration, parameter, inputs) for parameter in parameters}
    if options is None:
        name = wording(declaration, page_context.language)
        options = {"wording": name} if name else {}
    return (
        Snippet(
            "Python",
            python_call(declaration, sample_inputs, options) + (SAVE_CALL if answers_with_image(declaration) else ""),
        ),
        Snippet(shell_title, shell_command(declaration, sample_inputs, options)),
        Snippet("curl", curl_command(declaration, sample_inputs, options, page_context.origin)),
    )


def answers_with_image(declaration: Declaration) -> bool:
    return declaration.answer.media == IMAGE


def sample_input(declaration: Declaration, parameter: Parameter, inputs: Mapping[str, Json]) -> Json:
    is_known = parameter.name in inputs
    return sample_value(inputs[parameter.name]) if is_known else input_placeholder(declaration, parameter)


def sample_value(value: Json) -> Json:
    """The value with long texts and lists cut, still of its type. An image becomes the name of a local file."""
    match value:
        case str() if value.startswith("data:image/"):
            return "picture." + value[len("data:image/") :].partition(";")[0]
        case str():
            line = " ".join(value.split()) if len(value) > MAX_TEXT_CHARACTERS else value
            return shorten(line, MAX_TEXT_CHARACTERS)
        case list():
            return [sample_value(item) for item in value[:MAX_ITEMS]]
        case dict():
            return {key: sample_value(inner) for key, inner in value.items()}
        case _:
            return value


def python_call(declaration: Declaration, sample_inputs: Mapping[str, Json], options: Options) -> str:
    inputs = [
        (parameter.name, parameter.value_type, sample_inputs[parameter.name])
        for parameter in declaration.parameters
        if parameter.name in sample_inputs
    ]
    classes = {each for _, value_type, json_value in inputs for each in value_type.python_classes(json_value)}
    callee = declaration.name
    if options:
        callee += f".using({', '.join(f'{name}={python_text(value)}' for name, value in options.items())})"
    line = f"{callee}({', '.join(value_type.python_literal(json_value) for _, value_type, json_value in inputs)})"
    if len(line) > WIDTH or len(inputs) < len(declaration.parameters):
        line = (
            f"{callee}(\n"
            + "".join(
                f"    {name}={multiline_literal(value_type, json_value)},\n" for name, value_type, json_value in inputs
            )
            + ")"
        )
    return f"{import_lines(declaration, classes)}\n\n{line}"


def python_text(value: int | float | str) -> str:
    """Python code of an option's value, texts in double quotes."""
    return dumps(value) if isinstance(value, str) else repr(value)


def import_lines(declaration: Declaration, classes: set[tuple[str, str]]) -> str:
    """The imports of a call: classes of packages first, then the task and the classes of its module.

    A file in another folder needs that folder on Python's path.
    """
    folder = module_folder(declaration)
    path_lines = ["import sys", f"sys.path.insert(0, {dumps(folder)})"] if folder else []
    modules = sorted({module for module, _ in classes if module})
    lines = [(module, sorted(name for each, name in classes if each == module)) for module in modules]
    beside = [*sorted(name for module, name in classes if not module), declaration.name]
    imports = (*lines, (module_name(declaration), beside))
    return "\n".join((*path_lines, *(f"from {module} import {', '.join(names)}" for module, names in imports)))


def module_name(declaration: Declaration) -> str:
    """The module to import the task from. For a file that was run or served it is the file's stem."""
    name = declaration.function.__module__
    return Path(declaration.source.file).stem if name == "__main__" else name


def multiline_literal(value_type: ValueType, json_value: Json) -> str:
    """Python code of a value; a long list has one item per line."""
    line = value_type.python_literal(json_value)
    item_type = value_type.item_type
    if len(line) <= WIDTH or item_type is None or not isinstance(json_value, list):
        return line
    return "[\n" + "".join(f"        {item_type.python_literal(item)},\n" for item in json_value) + "    ]"


def shell_command(declaration: Declaration, sample_inputs: Mapping[str, Json], options: Options) -> str:
    flags = [
        f"--{name.replace('_', '-')} {shlex.quote(flag_text(each))}"
        for name, each in sample_inputs.items()
        if each is not None
    ]
    out = ["--out answer.png"] if answers_with_image(declaration) else []
    return join_command(
        [
            f"plait run {task_address(declaration)}",
            *flags,
            *(f"--{name} {shlex.quote(str(value))}" for name, value in options.items()),
            *out,
        ]
    )


def flag_text(json_value: Json) -> str:
    """The text of a flag: a text that begins with @ would be the name of a file."""
    text = json_value if isinstance(json_value, str) else dumps(json_value)
    return f"@={text}" if text.startswith("@") else text


def curl_command(declaration: Declaration, sample_inputs: Mapping[str, Json], options: Options, origin: str) -> str:
    query = f"?{urlencode(options)}" if options else ""
    url = f"{origin}/v1/tasks/{declaration.name}{query}"
    accept_flags = ['-H "accept: image/png" -o answer.png'] if answers_with_image(declaration) else []
    if any(parameter.has_images for parameter in declaration.parameters):
        return join_command([f"curl {shlex.quote(url)}", *form_flags(declaration, sample_inputs), *accept_flags])
    return join_command([f"curl {shlex.quote(url)}", *body_flags(sample_inputs), *accept_flags])


def body_flags(sample_inputs: Mapping[str, Json]) -> list[str]:
    """The flags of a JSON body. `--json` would be shorter, but Ubuntu 22.04 has a curl without it."""
    return ['-H "content-type: application/json"', f"-d {shlex.quote(dumps(sample_inputs))}"]


def form_flags(declaration: Declaration, sample_inputs: Mapping[str, Json]) -> Iterator[str]:
    """Yields curl flags for a multipart form with files."""
    for parameter in declaration.parameters:
        for name, texts in (
            parameter.value_type.to_fields(sample_inputs.get(parameter.name), parameter.name).items()
            if parameter.name in sample_inputs
            else ()
        ):
            for text in texts:
                value = f"@{text}" if text.startswith("picture.") else text
                yield f"-F {shlex.quote(f'{name}={value}')}"


def join_command(parts: list[str]) -> str:
    """A command on one line, or on several lines if it is long."""
    line = " ".join(parts)
    return line if len(line) <= WIDTH else " \\\n  ".join(parts)
