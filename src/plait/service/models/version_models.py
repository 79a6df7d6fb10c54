"""Models of the registry: a version, `smollm2/home_command@3`, or the champion of an alias, `smollm2/home_command`; for
any typed task `smollm2-typed@1` and `smollm2-typed`.

Such a model is its base with the version's adapter. Both files are compared with the digests in the registry first.
"""

import os

from plait.core.engine.model_table import AdaptableTable
from plait.core.errors import InputError, ModelNotFound, NoCapableModel
from plait.core.prompting.project import project_folder, project_key, real_path
from plait.core.suggestions import nearest_name
from plait.core.task.declaration import Declaration
from plait.core.values.file_digest import known_sha256
from plait.service.models.adapter_scope import ANY_TYPED_TASK, TYPED_SUFFIX
from plait.service.models.discovery import Model, known_models
from plait.service.models.model_version import BASE, ModelVersion, VersionName, parse_version_name
from plait.service.models.registry import ModelRegistry, current_registry
from plait.service.models.registry_errors import base_error, file_error
from plait.service.models.shipped_adapters import shipped_model, shipped_typed_model


def model_of_version(name: str, declaration: Declaration | None = None) -> Model | None:
    """The model of that name in the project of a task, otherwise of the working folder; None if it names no version.

    Raises ModelNotFound for a version that is not there, was removed, or is one of another base, NoCapableModel for one
    that answers typed tasks alone, without a task.
    """
    registry = current_registry()
    try:
        version_name = parse_version_name(name)
    except InputError:
        return None
    is_for_any_task = version_name.name.endswith(TYPED_SUFFIX)
    if is_for_any_task and declaration is None:
        raise NoCapableModel(
            f"{name} answers typed tasks alone",
            hint=f"its base can chat: {version_name.name.removesuffix(TYPED_SUFFIX)}",
        )
    shipped = shipped_version(version_name, declaration)
    project = ANY_TYPED_TASK.project if is_for_any_task else project_of(declaration)
    names = {each.name for each in registry.versions(project)}
    if version_name.name not in names and not nearest_name(version_name.name, names):
        return shipped if version_name.number is None else None
    if version_name.number is not None:
        return adapted_model(registry, registry.version(project, version_name.name, version_name.number))
    return champion(registry, project, version_name, declaration)


def shipped_version(name: VersionName, declaration: Declaration | None) -> Model | None:
    """The base with the adapter that comes with the task, or for any task, if the name is that of such a model."""
    if declaration is None:
        return None
    for base in known_models():
        if name.name == f"{base.name}/{declaration.name}":
            return shipped_model(base, declaration)
        if name.name == ANY_TYPED_TASK.name(base.name):
            return shipped_typed_model(base, declaration)
    return None


def project_of(declaration: Declaration | None) -> str:
    return project_key(project_folder(declaration) if declaration else real_path(os.getcwd()))


def champion(registry: ModelRegistry, project: str, name: VersionName, declaration: Declaration | None) -> Model:
    """The model of the version to which an alias gives most weight, or the base itself."""
    versions = registry.existing(project, name.name)
    of_task = declaration is not None and any(each.task == declaration.name for each in versions)
    fingerprint = declaration.fingerprint if declaration is not None and of_task else None
    number = registry.alias(project, name.name, fingerprint).champion
    if number == BASE:
        return shipped_version(name, declaration) or base_model(versions[-1])
    return adapted_model(registry, registry.version(project, name.name, number))


def adapted_model(registry: ModelRegistry, version: ModelVersion) -> Model:
    """The base of a version with its adapter. Raises ModelNotFound unless both files are those of the registry."""
    base = base_model(version)
    config = base.config
    if not isinstance(config, AdaptableTable) or config.adapter is not None:
        raise ModelNotFound(
            f"{version.label} is an adapter of {base.name}, which is no file of weights alone",
            hint=f"name another model so, and the file of weights {base.name}",
        )
    base_sha256 = known_sha256(config.file)
    if base_sha256 != version.base_sha256:
        raise base_error(version, base.name, base_sha256)
    file = registry.file(version)
    if known_sha256(file) != version.sha256:
        raise file_error(version, registry.verify(version))
    return Model(version.label, config.model_copy(update={"adapter": file}))


def base_model(version: ModelVersion) -> Model:
    model = next((each for each in known_models() if each.name == version.base), None)
    if model is None:
        raise ModelNotFound(
            f"{version.label} is an adapter of {version.base}, and no model is called so",
            hint=f"add [models.{version.base}] to plait.toml, with the path of its weights",
        )
    return model
