"""The adapter that comes with a task: `adapters/TASK.BASE.gguf` beside the task's file, as its examples do; that of a
unified model is `adapters/TASK.BASE.safetensors`.

It answers as BASE/TASK, `smollm2/home_command`, wherever the registry names no version of that name: to an alias it is
the base. `adapters/BASE-typed.gguf`, beside the task's file or among Plait's own tasks, is for any typed task. A file
for another form of the task or another file of the base is not used.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import product
from pathlib import Path

import plait.tasks
from plait.core.engine.model_table import AdaptableTable
from plait.core.errors import PlaitError
from plait.core.task.declaration import Declaration
from plait.core.values.file_digest import known_sha256
from plait.foundation.cards.adapter_files import GGUF_SUFFIX, SAFETENSORS_SUFFIX, read_adapter_facts
from plait.service.models.adapter_scope import ANY_TYPED_TASK, AdapterScope, is_typed, task_scope
from plait.service.models.discovery import Model

FOLDER = "adapters"
OWN_TASKS = str(Path(plait.tasks.__file__).parent)


def shipped_model(base: Model, declaration: Declaration) -> Model | None:
    """The base with the adapter that comes with the task; None without one that fits. Raises CheckpointError."""
    return adapted_base(base, task_scope(declaration), os.path.dirname(declaration.source.file))


def shipped_typed_model(base: Model, declaration: Declaration) -> Model | None:
    """The base with the adapter for any typed task, if this is one. Raises CheckpointError."""
    if not is_typed(declaration):
        return None
    folders = (os.path.dirname(declaration.source.file), OWN_TASKS)
    return next(filter(None, (adapted_base(base, ANY_TYPED_TASK, folder) for folder in folders)), None)


@lru_cache(maxsize=256)
def adapted_base(base: Model, scope: AdapterScope, folder: str) -> Model | None:
    """The base with the adapter of this scope in a folder of tasks; None without one that fits."""
    config = base.config
    if not isinstance(config, AdaptableTable) or config.adapter is not None:
        return None
    suffix = SAFETENSORS_SUFFIX if config.file.suffix == SAFETENSORS_SUFFIX else GGUF_SUFFIX
    file = Path(folder, FOLDER, scope.file_name(base.name) + suffix)
    if not file.is_file():
        return None
    header = read_adapter_facts(file)
    if header.fingerprint != scope.fingerprint or header.base_sha256 != known_sha256(config.file):
        return None
    return Model(scope.name(base.name), config.model_copy(update={"adapter": file}))


def shipped_models(bases: Iterable[Model], declarations: Iterable[Declaration]) -> list[Model]:
    """These models with the adapters that come with these tasks. A file that cannot be read is left out."""
    pairs = product(bases, declarations)
    return list(dict.fromkeys(model for base, declaration in pairs for model in readable_models(base, declaration)))


def readable_models(base: Model, declaration: Declaration) -> Iterator[Model]:
    for find in (shipped_model, shipped_typed_model):
        with suppress(PlaitError):
            if model := find(base, declaration):
                yield model


def adapter_path(model: Model) -> Path:
    """The file of an adapted model's adapter."""
    assert isinstance(model.config, AdaptableTable) and model.config.adapter is not None
    return model.config.adapter
