"""The version of a run in the registry, with everything that made it."""

import hashlib
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import cast

from pydantic import JsonValue
from pydantic_core import to_jsonable_python

from plait.core.prompting.example_rows import FINGERPRINT_COLUMN, Example, example_to_json
from plait.core.prompting.project import project_folder, project_key
from plait.core.task.declaration import Declaration
from plait.core.values.file_digest import file_sha256
from plait.core.values.json_text import canonical_json, loads
from plait.core.values.json_value import Json
from plait.learning.adapt import backend_of
from plait.learning.adapt_plan import AdapterRun, RunPlan
from plait.service.models.model_version import ModelVersion, NewVersion, TaughtExample, VersionManifest
from plait.service.models.registry import ModelRegistry
from plait.storage.example_store import DatabaseStore


def version_of_run(registry: ModelRegistry, plan: RunPlan, run: AdapterRun) -> ModelVersion:
    """The version that a finished run made: one that is there and can answer, otherwise a new one."""
    project, name = plan.scope.project, plan.scope.name(plan.model.name)
    known = [
        each
        for each in registry.versions(project, name)
        if each.run == run.request.folder.name and not each.obstacle and each.sha256 == file_sha256(run.adapter)
    ]
    return known[-1] if known else registry.add_version(new_version(plan, run), run.adapter)


def task_project(declaration: Declaration) -> str:
    return project_key(project_folder(declaration))


def new_version(plan: RunPlan, run: AdapterRun) -> NewVersion:
    request, scope = run.request, plan.scope
    manifest = VersionManifest(
        cast("dict[str, JsonValue]", to_jsonable_python(asdict(plan.config))) | plan.facts,
        file_sha256(request.rows),
        tuple(each for part in plan.parts for each in taught_examples(part.declaration, part.taught)),
        plan.config.seed,
        {name: package_version(name) for name in backend_of(plan.model).packages},
    )
    return NewVersion(
        scope.project, scope.name(plan.model.name), plan.model.name, request.base_sha256,
        scope.task, scope.fingerprint, manifest, request.folder.name,
    )  # fmt: skip


def taught_examples(declaration: Declaration, examples: tuple[Example, ...]) -> tuple[TaughtExample, ...]:
    """The examples by the digests of their rows, with the ids that they, or else their recorded answers, have."""
    ids = stored_ids(declaration)
    digests = ((each, row_sha256(example_to_json(declaration, each))) for each in examples)
    return tuple(TaughtExample(ids.get(digest, each.correction), digest) for each, digest in digests)


def stored_ids(declaration: Declaration) -> dict[str, str]:
    """The ids of the examples in the database, by the digests of their rows."""
    rows = [row for every in DatabaseStore(declaration).rows().values() for row in every]
    return {row_sha256(loads(row.row.encode(), row.where)): str(row.id) for row in rows}


def row_sha256(row: Json) -> str:
    """The digest of a row, whatever the order of its columns."""
    columns = (
        {name: value for name, value in row.items() if name != FINGERPRINT_COLUMN} if isinstance(row, dict) else row
    )
    return hashlib.sha256(canonical_json(columns).encode()).hexdigest()


def package_version(name: str) -> str:
    """The version of an installed package, "" for none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
