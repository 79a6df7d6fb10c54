"""The adapter that comes with a task: `adapters/TASK.BASE.gguf` beside the task's file, as its examples do; that of a
unified model is `adapters/TASK.BASE.safetensors`.

It answers as BASE/TASK, `smollm2/home_command`, wherever the registry names no version of that name: to an alias it is
the base. A file for another form of the task or another file of the base is not used.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from itertools import product
from pathlib import Path

from plait.core.engine.model_table import AdaptableTable
from plait.core.errors import PlaitError
from plait.core.task.declaration import Declaration
from plait.core.values.file_digest import known_sha256
from plait.foundation.cards.adapter_files import GGUF_SUFFIX, SAFETENSORS_SUFFIX, read_adapter_facts
from plait.service.models.discovery import Model

FOLDER = "adapters"


def shipped_model(base: Model, declaration: Declaration) -> Model | None:
    """The base with the adapter that comes with the task; None without one that fits. Raises CheckpointError."""
    return adapted_base(base, declaration.name, declaration.fingerprint, os.path.dirname(declaration.source.file))


@lru_cache(maxsize=256)
def adapted_base(base: Model, task: str, fingerprint: str, folder: str) -> Model | None:
    config = base.config
    if not isinstance(config, AdaptableTable) or config.adapter is not None:
        return None
    suffix = SAFETENSORS_SUFFIX if config.file.suffix == SAFETENSORS_SUFFIX else GGUF_SUFFIX
    file = Path(folder, FOLDER, f"{task}.{base.name}{suffix}")
    if not file.is_file():
        return None
    header = read_adapter_facts(file)
    if header.fingerprint != fingerprint or header.base_sha256 != known_sha256(config.file):
        return None
    return Model(f"{base.name}/{task}", config.model_copy(update={"adapter": file}))


def shipped_models(bases: Iterable[Model], declarations: Iterable[Declaration]) -> list[Model]:
    """These models with the adapters that come with these tasks. A file that cannot be read is left out."""
    found: list[Model] = []
    for base, declaration in product(bases, declarations):
        with suppress(PlaitError):
            shipped = shipped_model(base, declaration)
            found += [shipped] if shipped else []
    return found


def adapter_path(model: Model) -> Path:
    """The file of an adapted model's adapter."""
    assert isinstance(model.config, AdaptableTable) and model.config.adapter is not None
    return model.config.adapter
