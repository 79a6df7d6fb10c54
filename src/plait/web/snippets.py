"""The call on a page, as code: with the inputs that stand in the form, long ones shortened."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from plait.core.task.declaration import Declaration, Slot
from plait.core.values.forms import filled
from plait.core.values.json_text import dumps
from plait.core.values.value_type import Json, Kind
from plait.web.headline import wording
from plait.web.views import Look

TEXT = 48  # characters of an input that a snippet shows
ITEMS = 2
WIDTH = 96
OURS = {"Box", "Image"}
SAVED = '.save("answer.png")'


@dataclass(frozen=True)
class Snippet:
    title: str
    text: str


def snippets(declaration: Declaration, inputs: Mapping[str, Json], look: Look, shell: str) -> tuple[Snippet, ...]:
    told = [slot for slot in declaration.slots if slot.required or inputs.get(slot.name) is not None]
    shown = {slot.name: sample(slot, inputs) for slot in told}
    worded = wording(declaration, look.language)
    return (
        Snippet("Python", python(declaration, shown, worded) + (SAVED if paints(declaration) else "")),
        Snippet(shell, command(declaration, shown, worded)),
        Snippet("curl", curl(declaration, shown, worded, look.origin)),
    )


def paints(declaration: Declaration) -> bool:
    return declaration.answer.name == "image"


def sample(slot: Slot, inputs: Mapping[str, Json]) -> Json:
    return shortened(inputs[slot.name]) if slot.name in inputs else blank(slot.kind)


def shortened(value: Json) -> Json:
    """The value with long texts cut and long lists ended: still of its kind. A picture is a file of one's own."""
    match value:
        case str() if value.startswith("data:image/"):
            return "picture." + value[len("data:image/") :].partition(";")[0]
        case str():
            line = " ".join(value.split()) if len(value) > TEXT else value
            return line if len(line) <= TEXT else f"{line[:TEXT].rstrip()} …"
        case list():
            return [shortened(item) for item in value[:ITEMS]]
        case dict():
            return {key: shortened(inner) for key, inner in value.items()}
        case _:
            return value


def blank(kind: Kind) -> Json:
    """What stands for an input that is not there yet."""
    match kind.name:
        case "list":
            return []
        case "record":
            return {name: blank(inner) for name, inner in kind.children}
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


def python(declaration: Declaration, shown: Mapping[str, Json], worded: str) -> str:
    slots = [(slot.name, slot.kind, shown[slot.name]) for slot in declaration.slots if slot.name in shown]
    used = {name for _, kind, wire in slots for name in classes(kind, wire)}
    asked = f'{declaration.name}.using(wording="{worded}")' if worded else declaration.name
    line = f"{asked}({', '.join(value(kind, wire) for _, kind, wire in slots)})"
    if len(line) > WIDTH or len(slots) < len(declaration.slots):
        line = f"{asked}(\n" + "".join(f"    {name}={spread(kind, wire)},\n" for name, kind, wire in slots) + ")"
    ours = f"from plait import {', '.join(sorted(used & OURS))}\n" if used & OURS else ""
    return f"{ours}from {module(declaration)} import {', '.join([*sorted(used - OURS), declaration.name])}\n\n{line}"


def module(declaration: Declaration) -> str:
    """Where the task is imported from; a file that was run or served is a module by its stem."""
    name = declaration.function.__module__
    return Path(declaration.source.file).stem if name == "__main__" else name


def value(kind: Kind, wire: Json) -> str:
    """The wire form as the Python that makes it."""
    match kind.name, wire:
        case "record", dict():
            inner = dict(kind.children)
            given = ", ".join(f"{name}={value(inner[name], each)}" for name, each in wire.items() if name in inner)
            return f"{spelled_class(kind)}({given})"
        case "list", list():
            return f"[{', '.join(value(kind.children[0][1], item) for item in wire)}]"
        case "optional", _ if wire is not None:
            return value(kind.children[0][1], wire)
        case "union", dict() if len(wire) == 1:
            ((tag, each),) = wire.items()
            return value(dict(kind.children)[tag], each) if tag in dict(kind.children) else repr(wire)
        case "image", str():
            return f"Image({dumps(wire)})"
        case "box", dict():
            return f"Box({', '.join(map(str, wire.values()))})"
        case _, str():
            return dumps(wire)
        case _:
            return repr(wire)


def spread(kind: Kind, wire: Json) -> str:
    """As `value`, a long list with an item per line."""
    line = value(kind, wire)
    if len(line) <= WIDTH or kind.name != "list" or not isinstance(wire, list):
        return line
    return "[\n" + "".join(f"        {value(kind.children[0][1], item)},\n" for item in wire) + "    ]"


def classes(kind: Kind, wire: Json) -> Iterator[str]:
    """Names of the classes that such Python uses."""
    match wire:
        case _ if kind.name in ("image", "box"):
            yield kind.name.capitalize()
        case dict() if kind.name in ("record", "union"):
            if kind.name == "record":
                yield spelled_class(kind)
            for name, inner in kind.children:
                if name in wire:
                    yield from classes(inner, wire[name])
        case list() if kind.name == "list":
            for item in wire:
                yield from classes(kind.children[0][1], item)
        case _ if kind.name == "optional" and wire is not None:
            yield from classes(kind.children[0][1], wire)


def spelled_class(kind: Kind) -> str:
    return str(getattr(kind, "model").__name__)  # noqa: B009 - pages know no modality's classes


def command(declaration: Declaration, shown: Mapping[str, Json], worded: str) -> str:
    flags = [
        f"--{name.replace('_', '-')} {shlex.quote(each if isinstance(each, str) else dumps(each))}"
        for name, each in shown.items()
        if each is not None
    ]
    out = ["--out answer.png"] if paints(declaration) else []
    return joined([f"plait run {address(declaration)}", *flags, *([f"--wording {worded}"] if worded else []), *out])


def address(declaration: Declaration) -> str:
    """A built-in task is called by its name, any other by its file."""
    if declaration.function.__module__.startswith("plait.tasks."):
        return declaration.name
    return f"{shlex.quote(Path(declaration.source.file).name)}:{declaration.name}"


def curl(declaration: Declaration, shown: Mapping[str, Json], worded: str, origin: str) -> str:
    query = f"?wording={worded}" if worded else ""
    url = f"{origin}/v1/tasks/{declaration.name}{query}"
    # After --json: that says what is accepted, too, and the last word counts.
    taken = ['-H "accept: image/png" -o answer.png'] if paints(declaration) else []
    if any(slot.pictured for slot in declaration.slots):
        return joined([f"curl {shlex.quote(url)}", *parts(declaration, shown), *taken])
    return joined([f"curl {shlex.quote(url)}", "--json " + shlex.quote(dumps(shown)), *taken])


def parts(declaration: Declaration, shown: Mapping[str, Json]) -> Iterator[str]:
    """The fields of a form with files."""
    for slot in declaration.slots:
        for name, texts in filled(slot.kind, shown.get(slot.name), slot.name).items() if slot.name in shown else ():
            for text in texts:
                sent = f"@{text}" if text.startswith("picture.") else text
                yield f"-F {shlex.quote(f'{name}={sent}')}"


def joined(parts: list[str]) -> str:
    """A command on one line, or on several where it is long."""
    line = " ".join(parts)
    return line if len(line) <= WIDTH else " \\\n  ".join(parts)
