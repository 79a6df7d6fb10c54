"""The adapter that answers now: a candidate is compared with it, and a run starts from it.

Who adapts a task that came with an adapter does not have the rows that taught it. Trained from the base by a few
corrections, a version would be worse than what answers already; trained on, it keeps what that has learned.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from plait.core.errors import SettingsError
from plait.core.task.declaration import Declaration
from plait.core.values.file_digest import known_sha256
from plait.foundation.cards.adapter import LoraAdapter
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import LoraConfig, MethodConfig, lora_config
from plait.foundation.text.decoder_config import read_decoder_config
from plait.service.engines.llamacpp.config import Config
from plait.service.models.adapter_scope import AdapterScope
from plait.service.models.discovery import Model
from plait.service.models.model_version import BASE, ModelVersion
from plait.service.models.registry import ModelRegistry, current_registry
from plait.service.models.shipped_adapters import adapter_path, shipped_model, shipped_typed_model


@dataclass(frozen=True)
class StartingAdapter:
    """The adapter that a run trains on. The run `run` made it, from the adapter with the digest `start_sha256`; both
    are "" where that is not known, or where it was made from the base.
    """

    name: str
    file: Path
    sha256: str
    run: str = ""
    start_sha256: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """What the manifest of a version says of it."""
        return {"start": self.name, "start_sha256": self.sha256}


def starting_adapter(scope: AdapterScope, model: Model, declaration: Declaration) -> StartingAdapter | None:
    """The adapter of this model that answers now; None if the base itself does, or for a unified model."""
    if not isinstance(model.config, Config):
        return None
    registry = current_registry()
    number = alias_number(registry, scope, model)
    if number == BASE:
        shipped = shipped_adapter(scope, model, declaration)
        return StartingAdapter(shipped.name, shipped.path, known_sha256(shipped.path)) if shipped else None
    version = version_of_base(registry, scope, model, number, known_sha256(model.config.file))
    if version is None:
        return None
    start_sha256 = str(version.made_by.config.get("start_sha256", ""))
    return StartingAdapter(version.label, registry.file(version), version.sha256, version.run, start_sha256)


def started_config(config: MethodConfig, start: StartingAdapter, model: Model) -> MethodConfig:
    """The configuration with rank, layers and strength of the adapter that is trained on.

    Raises SettingsError if others were chosen, CheckpointError for an adapter that cannot be trained on.
    """
    assert isinstance(model.config, Config), "only decoders start from adapters"
    layers = read_decoder_config(read_gguf_header(model.config.file)).layers
    lora = lora_config(read_gguf_header(start.file), layers)
    if config.lora and not same_shape(config.lora, lora, layers):
        raise SettingsError(
            f"{start.name} has rank {lora.rank} in {lora.upper_layers or layers} of {layers} layers, and cannot be "
            "trained on with others",
            hint="leave --rank and --upper-layers out, or train a new adapter: --from-base",
        )
    return replace(config, lora=lora)


def same_shape(chosen: LoraConfig, lora: LoraConfig, layers: int) -> bool:
    """Whether weights of one fit the other: the strength of an adapter that is trained on is its own."""
    shapes = ((each.rank, each.first_layer(layers), {*each.projections}) for each in (chosen, lora))
    return next(shapes) == next(shapes)


def champion_adapter(
    registry: ModelRegistry, scope: AdapterScope, model: Model, declaration: Declaration, candidate: ModelVersion
) -> LoraAdapter | None:
    """The adapter that answers now; None if the base itself does, also since its file is another one by now.

    A candidate that answers already is compared with what answered before all versions.
    """
    number = alias_number(registry, scope, model)
    if number in (BASE, candidate.number):
        return shipped_adapter(scope, model, declaration)
    champion = version_of_base(registry, scope, model, number, candidate.base_sha256)
    return served_adapter(registry, champion) if champion else None


def version_of_base(
    registry: ModelRegistry, scope: AdapterScope, model: Model, number: int, base_sha256: str
) -> ModelVersion | None:
    """The version of that number; None if its base is another file."""
    version = registry.version(scope.project, scope.name(model.name), number)
    return version if version.base_sha256 == base_sha256 else None


def alias_number(registry: ModelRegistry, scope: AdapterScope, model: Model) -> int:
    return registry.alias(scope.project, scope.name(model.name), scope.fingerprint).champion


def shipped_adapter(scope: AdapterScope, model: Model, declaration: Declaration) -> LoraAdapter | None:
    """The adapter of this scope that comes with the task; None without one that fits."""
    shipped = (shipped_typed_model if scope.is_any_task else shipped_model)(model, declaration)
    return LoraAdapter(shipped.name, adapter_path(shipped)) if shipped else None


def served_adapter(registry: ModelRegistry, version: ModelVersion) -> LoraAdapter:
    """The adapter of a version under the name that its answers carry."""
    return LoraAdapter(version.label, registry.file(version), version.sha256)
