"""A LoRA adapter of a unified model: a safetensors file whose header is read and checked here, without tensors.

The factors of the change of a weight are NAME.lora_a, of shape (rank, inside), and NAME.lora_b, of shape
(outside, rank). Rank, alpha, task and base model are in the metadata.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plait.core.errors import CheckpointError
from plait.core.values.quoting import quote
from plait.foundation.cards.adapter import FACTOR_SUFFIXES, MAX_RANK, AdapterHeader, check_base
from plait.foundation.cards.header import TensorInfo, read_file_header, read_header

FORMAT = "plait-unified-adapter-1"
ARCHITECTURE = "plait-unified"
FACTOR_FORMATS = ("F16", "F32")
# Attention and feed-forward; routers of experts and the older parallel adapters stay as they are.
ADAPTED_WEIGHT = re.compile(
    r"(encoder|decoder)\.layers\.\d+\.((attention|own|cross)\.(query|key|value|out)|feed\.(experts\.\d+\.)?(up|down))"
    r"\.weight"
)
TRAIN_HINT = "plait adapt TASK --model MODEL makes such a file"
BASE_HINT = "use it with the model that it was trained on"


@dataclass(frozen=True)
class UnifiedAdapter:
    """The header of an adapter's file."""

    file: Path
    facts: AdapterHeader
    tensors: Mapping[str, TensorInfo]

    @property
    def adapted_weights(self) -> tuple[str, ...]:
        """Names of the weights that it changes."""
        return tuple(dict.fromkeys(name.rpartition(".")[0] for name in self.tensors))


def adapter_texts(facts: AdapterHeader) -> dict[str, str]:
    """The metadata of the file of an adapter."""
    return {
        "format": FORMAT,
        "rank": str(facts.rank),
        "alpha": repr(facts.alpha),
        "base_sha256": facts.base_sha256,
        "task": facts.task,
        "fingerprint": facts.fingerprint,
    }


def is_unified_adapter(file: Path) -> bool:
    """Whether a file calls itself an adapter of a unified model. A damaged one is none."""
    try:
        return read_file_header(file)[0].get("format") == FORMAT
    except CheckpointError:
        return False


def read_unified_adapter(file: Path) -> UnifiedAdapter:
    """The header of an adapter. Raises CheckpointError if the file is none, is damaged, or is more than plain LoRA."""
    texts, tensors = read_file_header(file)
    if texts.get("format") != FORMAT:
        raise CheckpointError(f"{file} is no adapter of a unified model", hint=TRAIN_HINT)
    rank, alpha = texts.get("rank", ""), parse_alpha(texts.get("alpha", ""))
    if not (rank.isdecimal() and 1 <= int(rank[:9]) <= MAX_RANK):
        raise refusal(file, f"has the rank {quote(rank)}, and 1 to {MAX_RANK} are possible")
    if not (math.isfinite(alpha) and alpha > 0):
        raise refusal(file, f"has alpha = {quote(texts.get('alpha', ''))}, which should be a number above 0")
    names = (texts.get(key, "") for key in ("base_sha256", "task", "fingerprint"))
    adapter = UnifiedAdapter(file, AdapterHeader(ARCHITECTURE, int(rank), alpha, *names), tensors)
    check_factors(adapter)
    return adapter


def parse_alpha(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def check_factors(adapter: UnifiedAdapter) -> None:
    """Raises CheckpointError unless the tensors are pairs of factors, of the weights that may be adapted."""
    file, rank = adapter.file, adapter.facts.rank
    if not adapter.tensors:
        raise refusal(file, "has no tensors")
    for name, tensor in adapter.tensors.items():
        if not ADAPTED_WEIGHT.fullmatch(name.rpartition(".")[0]) or not name.endswith(FACTOR_SUFFIXES):
            raise refusal(file, f"has the tensor {quote(name)}, which is no factor of a weight that can be adapted")
        if tensor.dtype not in FACTOR_FORMATS:
            raise refusal(file, f"stores {quote(name)} as {tensor.dtype}, and {', '.join(FACTOR_FORMATS)} are possible")
    for name in adapter.adapted_weights:
        missing = [name + suffix for suffix in FACTOR_SUFFIXES if name + suffix not in adapter.tensors]
        if missing:
            raise refusal(file, f"has no tensor {quote(missing[0])}")
        first, second = (adapter.tensors[name + suffix].shape for suffix in FACTOR_SUFFIXES)
        if len(first) != 2 or len(second) != 2 or (first[0], second[1]) != (rank, rank):
            raise refusal(file, f"has factors of {quote(name)} that are not of rank {rank}: {first} and {second}")


def check_unified_adapter(file: Path, base: Path, base_sha256: str) -> AdapterHeader:
    """The facts of an adapter. Raises CheckpointError unless it is one of the model in the file `base`."""
    adapter, weights = read_unified_adapter(file), read_header(base).tensors
    check_base(file, adapter.facts, base, base_sha256)
    for name in adapter.adapted_weights:
        if name not in weights:
            raise refusal(file, f"adapts {quote(name)}, which {base.name} does not have", BASE_HINT)
        first, second = (adapter.tensors[name + suffix].shape for suffix in FACTOR_SUFFIXES)
        if (second[0], first[1]) != weights[name].shape:
            reason = f"adapts {quote(name)} as {(second[0], first[1])}, which is {weights[name].shape} in {base.name}"
            raise refusal(file, reason, BASE_HINT)
    return adapter.facts


def refusal(file: Path, reason: str, hint: str = TRAIN_HINT) -> CheckpointError:
    return CheckpointError(f"the adapter {file} cannot be served: it {reason}", hint=hint)
