"""What adapting needs to know of a kind of model: one backend for GGUF files, one for unified models."""

from dataclasses import dataclass
from typing import Protocol

from plait.core.engine.protocol import Engine
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.foundation.cards.adapter import LoraAdapter
from plait.foundation.text.adapt_request import MethodConfig
from plait.learning.adapt_plan import AdaptationConfig, AdapterRun, RunPlan
from plait.learning.parity import ServingParity
from plait.service.models.discovery import Model


class ServedVersions(Protocol):
    """A base model as it is served with the adapters of a candidate and its champion; nothing is loaded before use."""

    async def parity(self, min_positions: int) -> ServingParity:
        """Server and trainer compared at so many ids, if there are as many."""
        ...

    def engine(self, adapter: LoraAdapter | None) -> Engine:
        """The engine of the base with one of the adapters, or with none."""
        ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True)
class VersionsToServe:
    """What is served to judge a run: `champion` None is the base itself."""

    base: Model
    run: AdapterRun
    candidate: LoraAdapter
    champion: LoraAdapter | None


class Backend(Protocol):
    """Adapts one kind of model."""

    @property
    def packages(self) -> tuple[str, ...]:
        """Packages that determine what is learned; their versions stand in the manifest."""
        ...

    def check(self, model: Model, declaration: Declaration) -> None:
        """Raises SettingsError if the model cannot be adapted to the task."""
        ...

    def config(self, model: Model, config: MethodConfig) -> AdaptationConfig:
        """How the model learns, by the options that all models have. Raises SettingsError for what it cannot."""
        ...

    def fit_example(self, model: Model, declaration: Declaration, example: Example) -> Example:
        """The example with its answer as the model can give it."""
        ...

    def prepare(self, plan: RunPlan, threads: int, quantized: bool, processes: int) -> AdapterRun:
        """Writes the rows and the request of a run; `quantized` keeps frozen weights as the base has them, and several
        `processes` share them.

        Raises InputError for an example that cannot be a row.
        """
        ...

    def serve(self, versions: VersionsToServe) -> ServedVersions: ...
