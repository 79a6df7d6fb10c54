"""Settings of unified models in plait.toml. The weights that ship with Plait need no table."""

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Self

from plait.core.config import WholeNumber
from plait.core.engine.model_table import AdaptableTable, ModelPath
from plait.core.errors import CheckpointError, SettingsError
from plait.foundation.cards.inference_plan import InferencePlan, Precision
from plait.foundation.cards.shipped import WEIGHTS_SUFFIX, shipped_weights_files


class Config(AdaptableTable):
    """Weights trained by Plait, run on this machine. The default path is that of the shipped weights of this name.

    `adapter` is a LoRA adapter of these weights, which then answer with it. `plait optimize` finds the fastest
    `threads`, `arithmetic` and `compiled` for a machine.
    """

    chats: ClassVar[bool] = False
    table_example: ClassVar[str] = f'path = "model{WEIGHTS_SUFFIX}"'

    path: ModelPath | None = None
    threads: WholeNumber | None = None
    arithmetic: Precision = "fp32"
    compiled: bool = False

    def with_defaults(self, name: str, threads: int | None) -> Self:
        """The table with its defaults filled in. Raises SettingsError if no weights of that name ship with Plait."""
        config = super().with_defaults(name, threads)
        return config if config.path else config.model_copy(update={"path": shipped_path(name)})

    @property
    def accepts(self) -> frozenset[str]:
        return frozenset({"image"})

    @property
    def file(self) -> Path:
        """Path of the weights. Raises SettingsError if the table has no path and no default was filled in."""
        if self.path is None:
            raise SettingsError("the model table has no path", hint='write path = "model.safetensors"')
        return self.path

    @property
    def context_length(self) -> int:
        from plait.foundation.cards.instruction import (
            CONTEXT_LENGTH,  # imported here: the module declares a task, which reading a table does not need
        )

        return CONTEXT_LENGTH

    @property
    def limits(self) -> tuple[str, ...]:
        return card_limits(self.file)

    @property
    def plan(self) -> InferencePlan:
        """How to run the model. By default one core stays free for the caller, as with llama.cpp."""
        return InferencePlan(self.threads or max(1, (os.cpu_count() or 1) - 1), self.arithmetic, self.compiled)

    def describe(self, name: str) -> str:
        """Size, licence and tasks; if the model cannot be used, the reason and the command that helps."""
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
        adapted = f" with the adapter {self.adapter}" if self.adapter else ""
        size = f"{card.parameters / 1e6:,.1f} million parameters ({card.licence})"
        return f"{size}{adapted}, for {', '.join(card.tasks)}"


@lru_cache(maxsize=16)
def card_limits(file: Path) -> tuple[str, ...]:
    """The limits in the card of a weights file; () for a file that cannot be read."""
    from plait.service.engines.unified.engine import UnifiedEngine

    try:
        return UnifiedEngine(file.stem, file).card.limits
    except (CheckpointError, OSError):
        return ()


def matches(table: Mapping[str, Any]) -> bool:
    if "path" in table:
        return str(table["path"]).endswith(WEIGHTS_SUFFIX)
    return "url" not in table and bool({"arithmetic", "compiled"} & set(table))


def installed_models() -> dict[str, Config]:
    return {file.stem: Config(path=file) for file in shipped_weights_files()}


def shipped_path(name: str) -> Path:
    """Path of the weights of that name that ship with Plait. Raises SettingsError if there are none."""
    shipped = {file.stem: file for file in shipped_weights_files()}
    if name not in shipped:
        raise SettingsError(
            f"plait.toml: models.{name} has no path, and Plait ships no model called {name}",
            hint=f'write path = "{name}{WEIGHTS_SUFFIX}", or use the name of a shipped model: {", ".join(shipped)}',
        )
    return shipped[name]
