"""The inputs of a certificate: read in the form that it names, and compared by their digest."""

from collections.abc import Mapping
from pathlib import Path

from plait.core.engine.certificate import Certificate, InputDigest, InputForm, sha256
from plait.core.errors import InputError
from plait.core.suggestions import did_you_mean
from plait.core.values.json_text import canonical_json, loads
from plait.core.values.json_value import InvalidValue, Json

FORM_NAMES: Mapping[InputForm, str] = {"text": "a text file", "image": "an image file", "json": "a JSON file"}


def read_input(name: str, value: str | bytes | Path | Json, known: Certificate) -> bytes | Json:
    """The content of an input in the form that its certificate names: text, bytes of an image, JSON."""
    digest = known.inputs.get(name)
    if digest is None:
        raise InputError(
            f"{known.task} has no input called {name}",
            hint=did_you_mean(name, list(known.inputs), f"its inputs are {', '.join(known.inputs)}"),
        )
    if isinstance(value, Path):
        content = value.read_bytes()
        if digest.form == "json":
            return loads(content, str(value))
        if digest.form == "image":
            return content
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"{value} is not UTF-8 text (byte {error.start})") from None
    return value


def check_present(known: Certificate, contents: Mapping[str, bytes | Json]) -> None:
    """Raises InputError if values rest on inputs that are not at hand."""
    paths = [path for leaf in known.leaves.values() for path in (leaf.list, *(span.input for span in leaf.spans))]
    names = dict.fromkeys(path.partition(".")[0] for path in paths if path)
    missing = [name for name in names if name in known.inputs and name not in contents]
    if missing:
        kinds = ", ".join(f"{name} ({FORM_NAMES[known.inputs[name].form]})" for name in missing)
        raise InputError(
            f"values of this answer rest on {kinds}", hint=" ".join(f"--input {name}=FILE" for name in missing)
        )


def content_digest(content: bytes | Json, digest: InputDigest) -> str:
    if isinstance(content, bytes):
        return sha256(content)
    if digest.form == "text" and isinstance(content, str):
        return sha256(content.encode())
    return sha256(canonical_json(with_defaults(content, digest.defaults)).encode())


def with_defaults(json_value: Json, defaults: Mapping[str, Json]) -> Json:
    """The JSON value with the fields that may be left out."""
    for path, value in defaults.items():
        parent, _, name = path.rpartition(".")
        json_value = with_field(json_value, parent.split(".") if parent else [], name, value)
    return json_value


def with_field(json_value: Json, steps: list[str], name: str, value: Json) -> Json:
    if steps:
        step, *rest = steps
        if isinstance(json_value, list) and step.isdecimal() and int(step) < len(json_value):
            changed = [*json_value]
            changed[int(step)] = with_field(changed[int(step)], rest, name, value)
            return changed
        if isinstance(json_value, dict) and step in json_value:
            return {**json_value, step: with_field(json_value[step], rest, name, value)}
        return json_value
    return {name: value, **json_value} if isinstance(json_value, dict) else json_value


def leaf_at(json_value: Json, path: str) -> Json:
    """The value at a dotted path; the names of a mapping may have dots. Raises InvalidValue if there is none."""
    if not path:
        return json_value
    if isinstance(json_value, list):
        step, _, rest = path.partition(".")
        if step.isdecimal() and int(step) < len(json_value):
            return leaf_at(json_value[int(step)], rest)
    if isinstance(json_value, dict):
        names = (name for name in json_value if path == name or path.startswith(f"{name}."))
        name = max(names, key=len, default=None)
        if name is not None:
            return leaf_at(json_value[name], path[len(name) + 1 :])
    raise InvalidValue(f"has no {path}", None)
