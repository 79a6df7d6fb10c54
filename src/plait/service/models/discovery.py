"""Lists the models: those of plait.toml, then those that engines find without a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plait.core import plugins
from plait.core.config import settings
from plait.core.engine.model_table import ModelTable
from plait.core.engine.protocol import Engine
from plait.core.errors import ModelNotFound, NoCapableModel
from plait.core.suggestions import did_you_mean
from plait.core.task.declaration import Declaration
from plait.service.engines.llamacpp.config import INSTALL
from plait.service.models.adapter_scope import TYPED_SUFFIX

NO_DEFAULT_MODEL = "there is no default chat model"
BARE_SUFFIX = "-base"  # of a model's name: itself, whatever version the registry has for the task
DEFAULT_MODEL_HINT = (
    f'{INSTALL}\nor add a model to plait.toml: [models.mine] and path = "model.gguf", '
    'or url = "http://127.0.0.1:8000/v1"'
)


@dataclass(frozen=True)
class Model:
    """A model under its name in Plait. `config` holds the settings of its engine and the abilities of the model."""

    name: str
    config: ModelTable

    def engine(self) -> Engine:
        """Creates an engine for the model, which loads and connects nothing yet."""
        return self.config.engine(self.name)


def known_models() -> list[Model]:
    """The models of plait.toml in its order, then installed models, chat models last.

    A model of plait.toml replaces an installed one of the same name.
    """
    config = settings()
    installed: dict[str, ModelTable] = {}
    for engine in plugins.parts(plugins.ENGINES):
        if hasattr(engine, "installed_models"):
            installed |= engine.installed_models()
    ranked = sorted(installed.items(), key=lambda each: each[1].chats)
    by_name = {**dict(ranked), **config.models}
    names = dict.fromkeys((*config.models, *(name for name, _ in ranked)))
    return [Model(name, by_name[name].with_defaults(name, config.threads)) for name in names]


def find_model(name: str, other_names: Sequence[str] = (), declaration: Declaration | None = None) -> Model:
    """The model of that name, also a version or an alias of the registry in the project of a task; `smollm2-base` is
    smollm2 itself, `smollm2-typed` the version for any typed task.

    Raises ModelNotFound with the nearest name, `other_names` included; NoCapableModel for `smollm2-typed` without a
    task.
    """
    models = {model.name: model for model in known_models()}
    bare_name = name.removesuffix(BARE_SUFFIX)
    if name in models or bare_name in models:
        return models.get(name) or models[bare_name]
    if "@" in name or "/" in name or name.removesuffix(TYPED_SUFFIX) in models:
        from plait.service.models.version_models import model_of_version  # loads SQLAlchemy: 0.2 seconds

        version = model_of_version(name, declaration)
        if version is not None:
            return version
    known = [*other_names, *models]
    if not known:
        raise ModelNotFound(f"no model is called {name!r}: {NO_DEFAULT_MODEL}", hint=DEFAULT_MODEL_HINT)
    raise ModelNotFound(f"no model is called {name!r}", hint=did_you_mean(name, known, f"there are {', '.join(known)}"))


def model_limits(name: str) -> tuple[str, ...]:
    """What the model of that name cannot do; () for others than the known ones, such as functions."""
    return next((model.config.limits for model in known_models() if model.name == name), ())


def size_text(file: Path) -> str:
    return f"{file.stat().st_size / 1e6:,.0f} MB" if file.is_file() else "missing"


def no_chat_model_error(message: str) -> NoCapableModel:
    return NoCapableModel(f"{message}: {NO_DEFAULT_MODEL}", hint=DEFAULT_MODEL_HINT)
