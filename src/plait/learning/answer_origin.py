"""Where an answer came from: its model, the version and what made it, the examples that taught it, and its gate."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from pydantic import JsonValue, TypeAdapter

from plait.core.calls.answer_log import REDACTED, RecordedAnswer
from plait.core.prompting.project import project_folder, project_key
from plait.core.values.json_text import parse_json
from plait.service.models.model_version import ModelVersion, TaughtExample
from plait.service.models.registry import ModelRegistry, current_registry
from plait.storage.answer_table import AnswerRow
from plait.storage.database import Database
from plait.storage.example_table import present_ids
from plait.storage.feedback_table import FeedbackRow, feedback_on

VERSION = re.compile(r"(.+)@([1-9][0-9]{0,8})(?:@[0-9a-f]+)?")  # of the model of an answer: NAME@NUMBER@DIGEST
MICROSECONDS = 1e6
Source = Literal["database", "memory"]


@dataclass(frozen=True)
class VersionOrigin:
    """The version that answered. `verdict` is that of its gate; `alias` says which versions answer now.

    `kept` of the examples that taught it are still in the database, `removed` are not, the others came from files.
    """

    name: str
    base: str
    base_sha256: str
    sha256: str
    created_at: float
    run: str
    obstacle: str
    alias: str
    examples: tuple[TaughtExample, ...]
    kept: int
    removed: int
    rows_sha256: str
    config: dict[str, JsonValue]
    seed: int
    packages: dict[str, str]
    verdict: JsonValue = None


@dataclass(frozen=True)
class PersonalFeedback:
    """What one person said about the answer; times are in seconds since 1970."""

    person: str
    right: bool | None
    score: float | None
    comment: str
    better_than: str
    episode: str
    created_at: float


@dataclass(frozen=True)
class AnswerOrigin:
    """What is known of an answer. `source` is where its inputs are kept: in memory they end with the hour.

    `redacted` inputs were not kept; `created_at` is None if it is not recorded. `corrections` are ids of the corrected
    answers that its prompt showed. `version` is None if its model is none of the registry, `route` "" if no route chose
    the model.
    """

    id: str
    task: str
    fingerprint: str
    model: str
    source: Source
    redacted: tuple[str, ...]
    created_at: float | None
    person: str
    wording: str
    seconds: float
    corrections: tuple[str, ...]
    version: VersionOrigin | None = None
    feedback: tuple[PersonalFeedback, ...] = ()
    route: str = ""


ORIGIN: TypeAdapter[AnswerOrigin] = TypeAdapter(AnswerOrigin)


def origin_of_row(row: AnswerRow) -> AnswerOrigin:
    """The origin of a recorded answer. Raises SettingsError."""
    content = cast("dict[str, Any]", parse_json(row.content))
    return AnswerOrigin(
        row.id, row.task, row.fingerprint, row.model, "database", tuple(content.get(REDACTED, ())),
        row.created_at / MICROSECONDS, row.person, row.wording, content["seconds"], tuple(content["corrections"]),
        *registry_facts(row.project, row.model, row.id), route=content.get("route", ""),
    )  # fmt: skip


def origin_of_answer(answer: RecordedAnswer) -> AnswerOrigin:
    """The origin of an answer that is not recorded. Raises SettingsError."""
    completed, declaration = answer.completed, answer.declaration
    project = project_key(project_folder(declaration))
    return AnswerOrigin(
        answer.id, declaration.name, declaration.fingerprint, completed.model, "memory", (), None, "", "",
        completed.seconds, completed.corrections, *registry_facts(project, completed.model, answer.id),
        route=completed.route,
    )  # fmt: skip


def registry_facts(project: str, model: str, id: str) -> tuple[VersionOrigin | None, tuple[PersonalFeedback, ...]]:
    registry = current_registry()
    version = version_of_model(registry, project, model)
    said = tuple(map(personal_feedback, feedback_on(registry.database, id)))
    return None if version is None else version_origin(registry, version), said


def version_of_model(registry: ModelRegistry, project: str, model: str) -> ModelVersion | None:
    """The version that the model of an answer names, also a removed one; None for another model."""
    match = VERSION.fullmatch(model)
    if match is None:
        return None
    candidates = (each for of in (project, "") for each in registry.versions(of, match[1]))
    return next((each for each in candidates if each.number == int(match[2])), None)


def version_origin(registry: ModelRegistry, version: ModelVersion) -> VersionOrigin:
    made_by = version.made_by
    ids = [each.id for each in made_by.examples if each.id]
    kept = kept_examples(registry.database, ids)
    return VersionOrigin(
        version.label, version.base, version.base_sha256, version.sha256, version.created_at / MICROSECONDS,
        version.run, version.obstacle, str(registry.alias(version.project, version.name, version.fingerprint)),
        made_by.examples, kept, len(ids) - kept, made_by.rows_sha256, dict(made_by.config), made_by.seed,
        dict(made_by.packages), None if version.verdict is None else cast("JsonValue", parse_json(version.verdict)),
    )  # fmt: skip


def kept_examples(database: Database, ids: Sequence[str]) -> int:
    """How many of these examples are still in the database."""
    with database.read() as connection:
        return len(present_ids(connection, [int(each) for each in ids if each.isdecimal()]))


def personal_feedback(row: FeedbackRow) -> PersonalFeedback:
    return PersonalFeedback(
        row.person, row.is_right, row.score, row.comment, row.better_than, row.episode, row.created_at / MICROSECONDS
    )


def teaching_versions(registry: ModelRegistry, ids: Collection[str]) -> list[ModelVersion]:
    """The versions that any of these examples or recorded answers taught, and those that were trained on from them,
    removed ones included.
    """
    reached: list[ModelVersion] = []
    for version in registry.versions():  # of a name in the order in which they were made
        made_by, digests = version.made_by, {each.sha256 for each in reached}
        if any(one.id in ids for one in made_by.examples) or made_by.config.get("start_sha256") in digests:
            reached.append(version)
    return reached
