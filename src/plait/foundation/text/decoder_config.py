"""Shape of a decoder language model, from the header of its GGUF file; what cannot be computed is refused."""

from dataclasses import dataclass

from plait.core.errors import CheckpointError
from plait.foundation.cards.gguf.header import GgufHeader

ARCHITECTURES = ("llama",)
LAYER_WEIGHTS = (
    "attn_norm",
    "attn_q",
    "attn_k",
    "attn_v",
    "attn_output",
    "ffn_norm",
    "ffn_gate",
    "ffn_up",
    "ffn_down",
)
ROPE_FACTORS = "rope_freqs.weight"  # Llama 3.1 and later stretch low frequencies by these factors


@dataclass(frozen=True)
class DecoderConfig:
    """Shape of a llama model (Touvron et al. 2023, arXiv 2302.13971, section 2.2; grouped queries: 2305.13245).

    `width` is that of the hidden states, `hidden` that of the feed-forward, `context` the number of positions that the
    model was trained on. `kv_heads` heads of keys and values are shared by `heads` heads of queries. `tied` models
    have no output matrix of their own.
    """

    num_tokens: int
    layers: int
    width: int
    hidden: int
    heads: int
    kv_heads: int
    head_width: int
    rope_base: float
    epsilon: float
    context: int
    tied: bool
    rope_factors: bool = False

    @property
    def kv_width(self) -> int:
        """Width of all keys, and of all values."""
        return self.kv_heads * self.head_width

    @property
    def query_width(self) -> int:
        return self.heads * self.head_width

    @property
    def tensor_names(self) -> frozenset[str]:
        """Names of all tensors of the file."""
        outer = {"token_embd", "output_norm"} | (set() if self.tied else {"output"})
        layers = {f"blk.{number}.{name}" for number in range(self.layers) for name in LAYER_WEIGHTS}
        return frozenset(f"{name}.weight" for name in outer | layers) | ({ROPE_FACTORS} if self.rope_factors else set())


def read_decoder_config(header: GgufHeader) -> DecoderConfig:
    """Shape of the model in a file. Raises CheckpointError for another architecture, or a variant of this one."""
    architecture = header.architecture
    if architecture not in ARCHITECTURES or header.text("general.type", "model") != "model":
        raise refusal_error(header, f"has the architecture {architecture!r}")
    config = config_of_llama(header)
    check_variant(header, config)
    return config


def config_of_llama(header: GgufHeader) -> DecoderConfig:
    heads = header.integer("llama.attention.head_count")
    width = header.integer("llama.embedding_length")
    embedding = header.tensors.get("token_embd.weight")
    return DecoderConfig(
        num_tokens=embedding.shape[0] if embedding else 0,
        layers=header.integer("llama.block_count"),
        width=width,
        hidden=header.integer("llama.feed_forward_length"),
        heads=heads,
        kv_heads=header.integer("llama.attention.head_count_kv", heads),
        head_width=header.integer("llama.attention.key_length", width // max(heads, 1)),
        rope_base=header.real("llama.rope.freq_base", 10_000.0),
        epsilon=header.real("llama.attention.layer_norm_rms_epsilon"),
        context=header.integer("llama.context_length"),
        tied="output.weight" not in header.tensors,
        rope_factors=ROPE_FACTORS in header.tensors,
    )


def check_variant(header: GgufHeader, config: DecoderConfig) -> None:
    """Raises CheckpointError for what would be computed wrongly: biases, experts, other positions, odd shapes."""
    scaling = header.text("llama.rope.scaling.type", "none")
    if scaling != "none":
        raise refusal_error(header, f"scales its positions by {scaling!r}")
    if header.integer("llama.rope.dimension_count", config.head_width) != config.head_width or config.head_width % 2:
        raise refusal_error(header, "rotates a part of each head only")
    if not config.kv_heads or config.heads % config.kv_heads:
        raise refusal_error(header, f"has {config.heads} heads of queries and {config.kv_heads} of keys")
    different = config.tensor_names ^ header.tensors.keys()
    if different:
        raise refusal_error(header, f"has other tensors than a plain llama model, such as {min(different)!r}")


def refusal_error(header: GgufHeader, finding: str) -> CheckpointError:
    return CheckpointError(
        f"{header.file} {finding}; Plait serves such a model and cannot train it",
        hint=f"adapt a model of the architecture {', '.join(ARCHITECTURES)}, such as SmolLM2 or Llama 3.2",
    )
