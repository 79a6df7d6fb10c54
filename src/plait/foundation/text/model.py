"""A decoder language model of the architecture llama, with the names and the layout of its GGUF file.

RMSNorm, rotary positions, grouped queries, SwiGLU. Names of modules are those of llama.cpp, so `state_dict` and the
tensor table have the same keys. Base weights are frozen; what is trained are LoRA adapters (lora.py).
"""

from collections.abc import Sequence
from typing import cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from plait.foundation.cards.gguf.header import GgufHeader
from plait.foundation.cards.gguf.tensors import read_blocks, read_tensor
from plait.foundation.text.attention import PackedDocuments, packed_attention, rotate, rotations
from plait.foundation.text.block_tensors import DEQUANTIZERS, BlockFormat
from plait.foundation.text.decoder_config import ROPE_FACTORS, DecoderConfig, read_decoder_config, refusal_error
from plait.foundation.training.linear import Embedding, FrozenProduct, Linear, QuantizedEmbedding, QuantizedLinear

EMBEDDING = "token_embd.weight"
Rotation = Tensor


class RMSNorm(nn.Module):
    """Norm by the root of the mean square (Zhang and Sennrich 2019, arXiv 1910.07467)."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Float[Tensor, "... d"]) -> Float[Tensor, "... d"]:
        return F.rms_norm(x, self.weight.shape, self.weight, self.epsilon)


class TextDecoderLayer(nn.Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.head_width = config.head_width
        self.attn_norm = RMSNorm(config.width, config.epsilon)
        self.attn_q = Linear(config.width, config.query_width)
        self.attn_k = Linear(config.width, config.kv_width)
        self.attn_v = Linear(config.width, config.kv_width)
        self.attn_output = Linear(config.query_width, config.width)
        self.ffn_norm = RMSNorm(config.width, config.epsilon)
        self.ffn_gate = Linear(config.width, config.hidden)
        self.ffn_up = Linear(config.width, config.hidden)
        self.ffn_down = Linear(config.hidden, config.width)

    def forward(self, x: Float[Tensor, "m d"], rotation: Rotation, documents: PackedDocuments) -> Float[Tensor, "m d"]:
        x = x + self.attention(self.attn_norm(x), rotation, documents)
        return x + self.feed_forward(self.ffn_norm(x))

    def attention(
        self, x: Float[Tensor, "m d"], rotation: Rotation, documents: PackedDocuments
    ) -> Float[Tensor, "m d"]:
        queries, keys, values = (
            projection(x).unflatten(-1, (-1, self.head_width)) for projection in (self.attn_q, self.attn_k, self.attn_v)
        )
        mixed = packed_attention(rotate(queries, rotation), rotate(keys, rotation), values, documents)
        return self.attn_output(mixed)

    def feed_forward(self, x: Float[Tensor, "m d"]) -> Float[Tensor, "m d"]:
        """SwiGLU (Shazeer 2020, arXiv 2002.05202)."""
        return self.ffn_down(F.silu(self.ffn_gate(x)) * self.ffn_up(x))


class TextDecoder(nn.Module):
    """Decoder language model. Its parameters are frozen until adapters are added."""

    rope_factors: Float[Tensor, " half"] | None

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        self.token_embd = Embedding(config.num_tokens, config.width)
        self.blk = nn.ModuleList(TextDecoderLayer(config) for _ in range(config.layers))
        self.output_norm = RMSNorm(config.width, config.epsilon)
        self.output = None if config.tied else Linear(config.width, config.num_tokens)
        self.register_buffer("rope_factors", None, persistent=False)

    @property
    def layers(self) -> Sequence[TextDecoderLayer]:
        return cast("Sequence[TextDecoderLayer]", self.blk)

    def forward(
        self,
        token_ids: Int[Tensor, " m"],
        documents: PackedDocuments,
        positions: Int[Tensor, " m"] | None = None,
        *,
        wanted: Int[Tensor, " k"] | None = None,
        first_trained: int = 0,
    ) -> Float[Tensor, "k d"]:
        """Hidden states of packed documents after the last norm, those at the `wanted` places, or all of them.

        Positions count from 0 in each document unless they are given. Layers below `first_trained` have no gradients.
        """
        x = self.token_embd(token_ids)
        with torch.no_grad():
            x = self.run_layers(x, documents, slice(0, first_trained), positions)
        x = self.run_layers(x, documents, slice(first_trained, None), positions)
        return self.output_norm(x if wanted is None else x[wanted])

    def run_layers(
        self,
        x: Float[Tensor, "m d"],
        documents: PackedDocuments,
        layers: slice = slice(None),
        positions: Int[Tensor, " m"] | None = None,
    ) -> Float[Tensor, "m d"]:
        """Runs some of the layers: the states below the lowest adapter stay the same from epoch to epoch."""
        positions = documents.positions.to(x.device) if positions is None else positions
        rotation = rotations(positions, self.config.head_width, self.config.rope_base, self.rope_factors)
        for layer in self.layers[layers]:
            x = layer(x, rotation, documents)
        return x

    def logits(self, hidden_states: Float[Tensor, "k d"]) -> Float[Tensor, "k v"]:
        """Logits of the next token. They cost as much as a quarter of the layers, so pass wanted positions only."""
        return FrozenProduct.apply(hidden_states, (self.output or self.token_embd).matrix)


def load_decoder(header: GgufHeader, *, quantized: bool = False) -> TextDecoder:
    """The model of a GGUF file, frozen. Raises CheckpointError if it is not one that can be trained.

    `quantized` keeps matrices as the file has them and dequantises each one when it is needed: the same numbers in less
    memory. SmolLM2-135M takes 0.6 s and 540 MB, quantised 97 MB.
    """
    config = read_decoder_config(header)
    with torch.device("meta"):
        model = TextDecoder(config)
    check_shapes(header, model)
    kept = quantized_names(header) if quantized else frozenset[str]()
    for name in kept:
        replace_module(model, name.removesuffix(".weight"), quantized_module(header, name))
    weights = {name: torch.from_numpy(read_tensor(header, name)) for name in header.tensors.keys() - kept}
    model.rope_factors = weights.pop(ROPE_FACTORS, None)
    model.load_state_dict(weights, assign=True, strict=False)
    return model.requires_grad_(False)


def quantized_names(header: GgufHeader) -> frozenset[str]:
    """The matrices that can stay as the file has them."""
    tensors = header.tensors.items()
    return frozenset(name for name, each in tensors if len(each.shape) > 1 and each.tensor_type.name in DEQUANTIZERS)


def quantized_module(header: GgufHeader, name: str) -> QuantizedLinear | QuantizedEmbedding:
    """The module of a matrix that stays as the file has it."""
    tensor = header.tensors[name]
    rows, width = tensor.shape
    blocks = torch.from_numpy(read_blocks(header, name)).view(rows, -1)
    kind = QuantizedEmbedding if name == EMBEDDING else QuantizedLinear
    return kind(blocks, BlockFormat(tensor.tensor_type), width)


def replace_module(model: nn.Module, name: str, module: nn.Module) -> None:
    parent, _, attribute = name.rpartition(".")
    setattr(model.get_submodule(parent), attribute, module)


def check_shapes(header: GgufHeader, model: TextDecoder) -> None:
    for name, expected in model.state_dict().items():
        shape = header.tensors[name].shape
        if shape != tuple(expected.shape):
            raise refusal_error(header, f"has {name!r} of the shape {shape}")
