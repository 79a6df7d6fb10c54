"""Redaction of recorded answers: the sha256 instead of an input, which tells equal inputs and nothing else."""

import hashlib
import logging
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from plait.core.calls.answer_log import REDACTED
from plait.core.config import Recording
from plait.core.suggestions import did_you_mean
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import canonical_json
from plait.core.values.json_value import Json

LOG = logging.getLogger("plait")


def redacted(content: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """The content of an answer without the inputs of these names, nor what the evidence repeats of them.

    The answer itself stays: it may quote an input.
    """
    inputs = {name: digest(value) if name in hidden else value for name, value in content["inputs"].items()}
    names = [name for name in inputs if name in hidden]
    evidence = {
        path: [span for span in spans if span["input"].partition(".")[0] not in hidden]
        for path, spans in content.get("evidence", {}).items()
    }
    return {**content, "inputs": inputs, "evidence": evidence, **({REDACTED: names} if names else {})}


def digest(value: Json) -> Json:
    return {"sha256": hashlib.sha256(canonical_json(value).encode()).hexdigest()}


def log_unknown_names(recording: Recording, declarations: Iterable[Declaration]) -> None:
    """Warns of tasks and inputs in the setting `recording` that do not exist: a misspelled name redacts nothing."""
    known = {each.name: [parameter.name for parameter in each.parameters] for each in declarations}
    inputs = sorted({name for names in known.values() for name in names})
    unknown = [("tasks", each, [*known]) for each in recording.tasks if each not in known]
    unknown += [("redact", each, inputs) for each in recording.redact if each not in inputs]
    for key, name, names in unknown:
        kind = "input" if key == "redact" else "task"
        hint = did_you_mean(name, names, "plait show TASK lists tasks and their inputs")
        LOG.warning(
            "recording.%s in plait.toml names %r, but no %s served here is called so: %s", key, name, kind, hint
        )
