"""The certificate of an answer: what each of its values rests on, so that it can be verified without the model.

reference   an object of the inputs, by its index in a list
quotation   words, a number, a date or a time of an input, with their places
computed    by code: a computed field, or a default where the model wrote nothing
free        written or chosen by the model; the type bounds it, nothing proves it
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from plait.core.engine.evidence import Evidence
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import NO_CONTEXT
from plait.core.values.json_text import canonical_json
from plait.core.values.json_value import Json
from plait.core.values.span import Span, is_below, join_path
from plait.core.values.value_type import IMAGE, ValueType

VERSION = 1
LeafKind = Literal["reference", "quotation", "computed", "free"]
LEAF_KINDS: tuple[LeafKind, ...] = get_args(LeafKind)
InputForm = Literal["text", "image", "json"]


@dataclass(frozen=True)
class Leaf:
    """What one value of an answer rests on. `type` is the name of its type; `spans` are the places of a quotation.

    A reference has the dotted path of its `list`; its index is the value itself.
    """

    kind: LeafKind
    type: str
    spans: tuple[Span, ...] = ()
    list: str = ""


@dataclass(frozen=True)
class InputDigest:
    """An input of the call. `sha256` is that of the text in UTF-8, of the image's bytes, or of the canonical JSON.

    `defaults` are the fields of a JSON input that may be left out, with the values that they then have.
    """

    form: InputForm
    sha256: str
    defaults: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True)
class Certificate:
    """`leaves` by dotted path; the path of a plain answer is ""."""

    task: str
    fingerprint: str
    inputs: Mapping[str, InputDigest]
    leaves: Mapping[str, Leaf]
    version: int = VERSION


def certificate(
    declaration: Declaration,
    inputs: Mapping[str, object],
    json_value: Json,
    evidence: Evidence,
    defaults: frozenset[str] = frozenset(),
) -> Certificate:
    """The certificate of an answer in its JSON form. `defaults` are the paths that the model did not write."""
    return Certificate(
        declaration.name,
        declaration.fingerprint,
        {each.name: input_digest(each.value_type, inputs[each.name]) for each in declaration.parameters},
        {
            path: Leaf("computed", leaf.type) if any(is_below(path, each) for each in defaults) else leaf
            for path, leaf in answer_leaves(declaration.answer, json_value, "", evidence)
        },
    )


def answer_leaves(value_type: ValueType, json_value: Json, path: str, evidence: Evidence) -> Iterator[tuple[str, Leaf]]:
    """The leaves of a value by dotted path, in the order of its fields."""
    if json_value is None:
        yield path, Leaf("free", "none")
    elif value_type.quotes_inputs:
        yield path, Leaf("quotation", value_type.leaf_name, evidence.get(path, ()))
    elif value_type.points_into is not None:
        yield path, Leaf("reference", value_type.leaf_name, list=".".join(value_type.points_into))
    else:
        inside = list(value_type.iter_json(json_value))
        if not inside or "{}" in dict(value_type.children):  # keys are written by the model too
            yield path, Leaf("free", value_type.leaf_name)
        for step, child, inner in inside:
            yield from answer_leaves(child, inner, join_path(path, step), evidence)
        for name, child in value_type.computed:
            yield join_path(path, name), Leaf("computed", child.leaf_name)


def type_leaves(value_type: ValueType, path: str = "") -> Iterator[tuple[str, LeafKind, str]]:
    """Path, kind and type name of the leaves that values of a type have; the items of a list are at "[]"."""
    if value_type.quotes_inputs:
        yield path, "quotation", value_type.leaf_name
    elif value_type.points_into is not None:
        yield path, "reference", value_type.leaf_name
    elif value_type.children:
        for step, child in value_type.children:
            yield from type_leaves(child, join_path(path, step))
        for name, child in value_type.computed:
            yield join_path(path, name), "computed", child.leaf_name
    else:
        yield path, "free", value_type.leaf_name


def default_paths(value_type: ValueType, written: Json, json_value: Json, path: str = "") -> Iterator[str]:
    """The paths of the values of an answer that `written`, the JSON of the model, does not have."""
    known = {step: inner for step, _, inner in value_type.iter_json(written)}
    for step, child, inner in value_type.iter_json(json_value):
        here = join_path(path, step)
        if step in known:
            yield from default_paths(child, known[step], inner, here)
        else:
            yield here


def input_digest(value_type: ValueType, value: object) -> InputDigest:
    if value_type.optional_type and value is not None:
        return input_digest(value_type.optional_type, value)
    if value_type.media == IMAGE:
        return InputDigest("image", sha256(value_type.image_content(value).content))
    json_value = value_type.encode(value, NO_CONTEXT)
    if value_type.is_text and isinstance(json_value, str):
        return InputDigest("text", sha256(json_value.encode()))
    defaults = dict(optional_values(value_type, json_value))
    return InputDigest("json", sha256(canonical_json(json_value).encode()), defaults)


def optional_values(value_type: ValueType, json_value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """The fields of a JSON value that have a default, with the values that they have."""
    for step, child, inner in value_type.iter_json(json_value):
        here = join_path(path, step)
        if step in value_type.optional:
            yield here, inner
        else:
            yield from optional_values(child, inner, here)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# ── JSON ──


def certificate_json(certificate: Certificate) -> dict[str, Json]:
    return {
        "version": certificate.version,
        "task": certificate.task,
        "fingerprint": certificate.fingerprint,
        "inputs": {name: digest_json(digest) for name, digest in certificate.inputs.items()},
        "leaves": {path: leaf_json(leaf) for path, leaf in certificate.leaves.items()},
    }


def digest_json(digest: InputDigest) -> dict[str, Json]:
    plain: dict[str, Json] = {"form": digest.form, "sha256": digest.sha256}
    return {**plain, "defaults": dict(digest.defaults)} if digest.defaults else plain


def leaf_json(leaf: Leaf) -> dict[str, Json]:
    plain: dict[str, Json] = {"kind": leaf.kind, "type": leaf.type}
    if leaf.kind == "quotation":
        return {**plain, "spans": [dict(vars(span)) for span in leaf.spans]}
    return {**plain, "list": leaf.list} if leaf.kind == "reference" else plain


def certificate_from_json(data: Mapping[str, Any]) -> Certificate:
    """Raises KeyError, TypeError, ValueError or AttributeError for another form."""
    if data["version"] != VERSION:
        raise ValueError(f"version {data['version']!r}; this Plait reads version {VERSION}")
    inputs = {name: InputDigest(**digest) for name, digest in data["inputs"].items()}
    leaves = {path: leaf_from_json(leaf) for path, leaf in data["leaves"].items()}
    return Certificate(str(data["task"]), str(data["fingerprint"]), inputs, leaves)


def leaf_from_json(data: Mapping[str, Any]) -> Leaf:
    kind = cast(LeafKind, data["kind"])
    if kind not in LEAF_KINDS:
        raise ValueError(f"{kind!r} is no kind of leaf")
    spans = tuple(Span(**span) for span in data.get("spans", ()))
    return Leaf(kind, str(data["type"]), spans, str(data.get("list", "")))
