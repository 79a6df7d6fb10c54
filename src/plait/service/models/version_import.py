"""Adds adapters to the registry: one that was exported elsewhere, or the file of a trainer."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from plait.core.engine.model_table import AdaptableTable
from plait.core.errors import InputError
from plait.core.values.file_digest import known_sha256
from plait.foundation.cards.adapter import AdapterHeader
from plait.foundation.cards.adapter_files import check_adapter_fit, read_adapter_facts
from plait.service.catalog import find_task
from plait.service.engines.llamacpp.config import EMBEDDED
from plait.service.models.adapter_scope import ANY_TYPED_TASK, AdapterScope, adapt_command, task_scope
from plait.service.models.discovery import Model, find_model, known_models
from plait.service.models.model_version import ModelVersion, NewVersion
from plait.service.models.registry import ModelRegistry
from plait.service.models.version_archive import read_version

ARCHIVE_SUFFIX = ".tar"


@dataclass(frozen=True)
class ImportOptions:
    """What the caller names: the task, by its address, and the base model; "" leaves both to the file."""

    task: str = ""
    base: str = ""


def add_archive(registry: ModelRegistry, file: Path, options: ImportOptions) -> ModelVersion:
    """Adds an exported version, under the next number here. Raises InputError, TaskNotFound, CheckpointError."""
    with TemporaryDirectory(prefix="plait-version-") as folder:
        adapter = Path(folder, "adapter")
        facts = read_version(file, adapter)
        scope = scope_of(options.task or facts.task, facts.fingerprint)
        check_form(file, facts.fingerprint, scope)
        base = options.base or facts.base
        new = NewVersion(
            *(scope.project, scope.name(base), base, facts.base_sha256, scope.task, scope.fingerprint),
            *(facts.manifest, facts.run, facts.verdict),
        )
        return registry.add_version(new, adapter)


def add_adapter(registry: ModelRegistry, file: Path, options: ImportOptions) -> ModelVersion:
    """Adds the file of an adapter. Raises InputError, TaskNotFound, CheckpointError if it fits no model here."""
    adapter = read_adapter_facts(file)
    if not (options.task or adapter.task):
        raise InputError(f"{file} does not say which task it was trained for", hint="name it: --task TASK")
    scope = scope_of(options.task or adapter.task, adapter.fingerprint)
    model, config = base_of(file, adapter, options.base)
    base_sha256 = known_sha256(config.file)
    check_adapter_fit(file, config.file, base_sha256)
    new = NewVersion(scope.project, scope.name(model.name), model.name, base_sha256, scope.task, scope.fingerprint)
    return registry.add_version(new, file)


def scope_of(task: str, fingerprint: str) -> AdapterScope:
    """What an adapter with this header is for, or this task instead. Raises TaskNotFound."""
    is_any = (task, fingerprint) == (ANY_TYPED_TASK.task, ANY_TYPED_TASK.fingerprint)
    return ANY_TYPED_TASK if is_any else task_scope(find_task(task)[0].declaration)


def base_of(file: Path, adapter: AdapterHeader, name: str) -> tuple[Model, AdaptableTable]:
    """The base model of an adapter: the named one, else the one whose file it was trained on. Raises InputError."""
    if name or not adapter.base_sha256:
        model = find_model(name or EMBEDDED)
        if isinstance(model.config, AdaptableTable) and model.config.adapter is None:
            return model, model.config
        raise InputError(
            f"{model.name} is no file of weights, so it has no adapters", hint="name another one: --base MODEL"
        )
    for model in known_models():
        config = model.config
        if not isinstance(config, AdaptableTable) or config.adapter is not None:
            continue
        if known_sha256(config.file) == adapter.base_sha256:
            return model, config
    raise InputError(
        f"{file} is an adapter of a file with the sha256 {adapter.base_sha256[:12]}…, and no model here is that file",
        hint="add its model first: plait models add FILE",
    )


def check_form(file: Path, fingerprint: str, scope: AdapterScope) -> None:
    """Raises InputError if an exported version answers another form of the task than the one here."""
    if fingerprint != scope.fingerprint:
        raise InputError(
            f"{file} answers another form of {scope.task}: {fingerprint[:12]}, and the one here is "
            f"{scope.fingerprint[:12]}",
            hint=f"adapt the model to the present form: {adapt_command(scope.task, scope.fingerprint)}",
        )
