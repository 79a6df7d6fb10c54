"""The call on a page, as code: with the inputs that stand in the form, long ones shortened."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from plait.core.task.declaration import Declaration, Parameter
from plait.core.values.forms import to_fields
from plait.core.values.json_text import dumps
from plait.core.values.value_type import Json, ValueType
from plait.web.headline import wording
from plait.web.views import PageContext

MAX_TEXT_CHARACTERS = 48  # characters of an input that a snippet shows
MAX_ITEMS = 2
WIDTH = 96
PLAIT_CLASSES = {"Box", "Image"}
SAVE_CALL = '.save("answer.png")'


@dataclass(frozen=True)
class Snippet:
    title: str
    text: str


def snippets(
    declaration: Declaration, inputs: Mapping[str, Json], page_context: PageContext, shell_title: str
) -> tuple[Snippet, ...]:
    parameters = [
        parameter
        for parameter in declaration.parameters
        if parameter.required or inputs.get(parameter.name) is not None
    ]
    sample_inputs = {parameter.name: sample_input(parameter, inputs) for parameter in parameters}
    wording_name = wording(declaration, page_context.language)
    return (
        Snippet(
            "Python",
            python_call(declaration, sample_inputs, wording_name)
            + (SAVE_CALL if answers_with_image(declaration) else ""),
        ),
        Snippet(shell_title, shell_command(declaration, sample_inputs, wording_name)),
        Snippet("curl", curl_command(declaration, sample_inputs, wording_name, page_context.origin)),
    )


def answers_with_image(declaration: Declaration) -> bool:
    return declaration.answer.name == "image"


def sample_input(parameter: Parameter, inputs: Mapping[str, Json]) -> Json:
    return shorten(inputs[parameter.name]) if parameter.name in inputs else placeholder_value(parameter.value_type)


def shorten(value: Json) -> Json:
    """The value with long texts cut and long lists ended: still of its type. A picture is a file of one's own."""
    match value:
        case str() if value.startswith("data:image/"):
            return "picture." + value[len("data:image/") :].partition(";")[0]
        case str():
            line = " ".join(value.split()) if len(value) > MAX_TEXT_CHARACTERS else value
            return line if len(line) <= MAX_TEXT_CHARACTERS else f"{line[:MAX_TEXT_CHARACTERS].rstrip()} …"
        case list():
            return [shorten(item) for item in value[:MAX_ITEMS]]
        case dict():
            return {key: shorten(inner) for key, inner in value.items()}
        case _:
            return value


def placeholder_value(value_type: ValueType) -> Json:
    """What stands for an input that is not there yet."""
    match value_type.name:
        case "list":
            return []
        case "record":
            return {name: placeholder_value(inner) for name, inner in value_type.children}
        case "number":
            return 0
        case "boolean":
            return False
        case "optional":
            return None
        case "image":
            return "picture.png"
        case "box":
            return {"x0": 0, "y0": 0, "x1": 100, "y1": 100}
        case _:
            return "..."


def python_call(declaration: Declaration, sample_inputs: Mapping[str, Json], wording_name: str) -> str:
    inputs = [
        (parameter.name, parameter.value_type, sample_inputs[parameter.name])
        for parameter in declaration.parameters
        if parameter.name in sample_inputs
    ]
    used = {name for _, value_type, json_value in inputs for name in class_names(value_type, json_value)}
    callee = f'{declaration.name}.using(wording="{wording_name}")' if wording_name else declaration.name
    line = f"{callee}({', '.join(python_literal(value_type, json_value) for _, value_type, json_value in inputs)})"
    if len(line) > WIDTH or len(inputs) < len(declaration.parameters):
        line = (
            f"{callee}(\n"
            + "".join(
                f"    {name}={multiline_literal(value_type, json_value)},\n" for name, value_type, json_value in inputs
            )
            + ")"
        )
    ours = f"from plait import {', '.join(sorted(used & PLAIT_CLASSES))}\n" if used & PLAIT_CLASSES else ""
    imported = ", ".join([*sorted(used - PLAIT_CLASSES), declaration.name])
    return f"{ours}from {module_name(declaration)} import {imported}\n\n{line}"


def module_name(declaration: Declaration) -> str:
    """Where the task is imported from; a file that was run or served is a module by its stem."""
    name = declaration.function.__module__
    return Path(declaration.source.file).stem if name == "__main__" else name


def python_literal(value_type: ValueType, json_value: Json) -> str:
    """The JSON form as the Python that makes it."""
    match value_type.name, json_value:
        case "record", dict():
            inner = dict(value_type.children)
            arguments = ", ".join(
                f"{name}={python_literal(inner[name], each)}" for name, each in json_value.items() if name in inner
            )
            return f"{class_name(value_type)}({arguments})"
        case "list", list():
            return f"[{', '.join(python_literal(value_type.children[0][1], item) for item in json_value)}]"
        case "optional", _ if json_value is not None:
            return python_literal(value_type.children[0][1], json_value)
        case "union", dict() if len(json_value) == 1:
            ((tag, each),) = json_value.items()
            return (
                python_literal(dict(value_type.children)[tag], each)
                if tag in dict(value_type.children)
                else repr(json_value)
            )
        case "image", str():
            return f"Image({dumps(json_value)})"
        case "box", dict():
            return f"Box({', '.join(map(str, json_value.values()))})"
        case _, str():
            return dumps(json_value)
        case _:
            return repr(json_value)


def multiline_literal(value_type: ValueType, json_value: Json) -> str:
    """As `python_literal`, a long list with an item per line."""
    line = python_literal(value_type, json_value)
    if len(line) <= WIDTH or value_type.name != "list" or not isinstance(json_value, list):
        return line
    return (
        "[\n"
        + "".join(f"        {python_literal(value_type.children[0][1], item)},\n" for item in json_value)
        + "    ]"
    )


def class_names(value_type: ValueType, json_value: Json) -> Iterator[str]:
    """Names of the classes that such Python uses."""
    match json_value:
        case _ if value_type.name in ("image", "box"):
            yield value_type.name.capitalize()
        case dict() if value_type.name in ("record", "union"):
            if value_type.name == "record":
                yield class_name(value_type)
            for name, inner in value_type.children:
                if name in json_value:
                    yield from class_names(inner, json_value[name])
        case list() if value_type.name == "list":
            for item in json_value:
                yield from class_names(value_type.children[0][1], item)
        case _ if value_type.name == "optional" and json_value is not None:
            yield from class_names(value_type.children[0][1], json_value)


def class_name(value_type: ValueType) -> str:
    return str(getattr(value_type, "model").__name__)  # noqa: B009 - pages know no value type's classes


def shell_command(declaration: Declaration, sample_inputs: Mapping[str, Json], wording_name: str) -> str:
    flags = [
        f"--{name.replace('_', '-')} {shlex.quote(each if isinstance(each, str) else dumps(each))}"
        for name, each in sample_inputs.items()
        if each is not None
    ]
    out = ["--out answer.png"] if answers_with_image(declaration) else []
    return join_command(
        [
            f"plait run {task_address(declaration)}",
            *flags,
            *([f"--wording {wording_name}"] if wording_name else []),
            *out,
        ]
    )


def task_address(declaration: Declaration) -> str:
    """A built-in task is called by its name, any other by its file."""
    if declaration.function.__module__.startswith("plait.tasks."):
        return declaration.name
    return f"{shlex.quote(Path(declaration.source.file).name)}:{declaration.name}"


def curl_command(declaration: Declaration, sample_inputs: Mapping[str, Json], wording_name: str, origin: str) -> str:
    query = f"?wording={wording_name}" if wording_name else ""
    url = f"{origin}/v1/tasks/{declaration.name}{query}"
    # After --json: that says what is accepted, too, and the last word counts.
    accept_flags = ['-H "accept: image/png" -o answer.png'] if answers_with_image(declaration) else []
    if any(parameter.has_images for parameter in declaration.parameters):
        return join_command([f"curl {shlex.quote(url)}", *form_flags(declaration, sample_inputs), *accept_flags])
    return join_command([f"curl {shlex.quote(url)}", "--json " + shlex.quote(dumps(sample_inputs)), *accept_flags])


def form_flags(declaration: Declaration, sample_inputs: Mapping[str, Json]) -> Iterator[str]:
    """The fields of a form with files."""
    for parameter in declaration.parameters:
        for name, texts in (
            to_fields(parameter.value_type, sample_inputs.get(parameter.name), parameter.name).items()
            if parameter.name in sample_inputs
            else ()
        ):
            for text in texts:
                value = f"@{text}" if text.startswith("picture.") else text
                yield f"-F {shlex.quote(f'{name}={value}')}"


def join_command(parts: list[str]) -> str:
    """A command on one line, or on several where it is long."""
    line = " ".join(parts)
    return line if len(line) <= WIDTH else " \\\n  ".join(parts)
