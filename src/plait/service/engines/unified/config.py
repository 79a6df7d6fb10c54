"""Weights of the unified model in plait.toml, and those that ship with Plait, which need no table."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from plait.core.engine.model_table import ModelPath, ModelTable, WholeNumber
from plait.core.errors import CheckpointError, SettingsError
from plait.foundation.cards.inference_plan import InferencePlan, Precision
from plait.foundation.cards.shipped import WEIGHTS_SUFFIX, shipped_weights_files


class Config(ModelTable):
    """Weights that Plait trained, run here. Without a path they are those that ship with Plait under the model's name.

    `plait optimize` finds the fastest `threads`, `arithmetic` and `compiled` on a machine.
    """

    chats: ClassVar[bool] = False
    table_example: ClassVar[str] = f'path = "model{WEIGHTS_SUFFIX}"'

    path: ModelPath | None = None
    threads: WholeNumber | None = None
    arithmetic: Precision = "fp32"
    compiled: bool = False

    def with_defaults(self, name: str, threads: int | None) -> Self:
        """With its file. Raises SettingsError where no weights of that name ship with Plait."""
        config = super().with_defaults(name, threads)
        return config if config.path else config.model_copy(update={"path": shipped_path(name)})

    @property
    def accepts(self) -> frozenset[str]:
        return frozenset({"image"})

    @property
    def file(self) -> Path:
        """Raises SettingsError where the table has no path and no default was filled in."""
        if self.path is None:
            raise SettingsError("the weights have no path", hint='write path = "model.safetensors"')
        return self.path

    @property
    def context_length(self) -> int:
        from plait.foundation.cards.instruction import (
            CONTEXT_LENGTH,  # declares a task, which a table need not wait for
        )

        return CONTEXT_LENGTH

    @property
    def plan(self) -> InferencePlan:
        """As with llama.cpp, one core is left to the caller."""
        return InferencePlan(self.threads or max(1, (os.cpu_count() or 1) - 1), self.arithmetic, self.compiled)

    def describe(self, name: str) -> str:
        """Size, licence and tasks; where the model cannot be used, what to do."""
        from plait.service.engines.unified.engine import INSTALL_UNIFIED, UnifiedEngine

        if not self.file.is_file():
            return str(self.file)
        engine = UnifiedEngine(name, self.file)
        try:
            card = engine.card
        except CheckpointError as error:
            return error.message
        if engine.missing_packages:
            return f"needs {', '.join(engine.missing_packages)}: {INSTALL_UNIFIED}"
        return f"{card.parameters / 1e6:,.1f} million parameters ({card.licence}), for {', '.join(card.tasks)}"


def matches(table: Mapping[str, Any]) -> bool:
    if "path" in table:
        return str(table["path"]).endswith(WEIGHTS_SUFFIX)
    return "url" not in table and bool({"arithmetic", "compiled"} & set(table))


def installed_models() -> dict[str, Config]:
    return {file.stem: Config(path=file) for file in shipped_weights_files()}


def shipped_path(name: str) -> Path:
    """Raises SettingsError where no weights of that name ship with Plait."""
    shipped = {file.stem: file for file in shipped_weights_files()}
    if name not in shipped:
        raise SettingsError(
            f"plait.toml: models.{name} has no path, and no model called {name} came with Plait",
            hint=f'write path = "{name}{WEIGHTS_SUFFIX}", or one of {", ".join(shipped)} in the place of {name}',
        )
    return shipped[name]
