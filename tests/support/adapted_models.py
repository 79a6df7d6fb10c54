"""Models with random adapters, and how far a server is from them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch.nn import functional as F

from plait.foundation.text.adapt_request import LoraConfig
from plait.foundation.text.adapter_file import add_adapters, write_adapter
from plait.foundation.text.attention import PackedDocuments
from plait.foundation.text.model import TextDecoder
from plait.foundation.text.token_row import TokenRow
from plait.foundation.training.linear import full_precision
from plait.foundation.training.lora import adapters
from tests.support.llama_server import LlamaCppReference

IMPOSSIBLE = -20.0  # nats; the log-probability of tokens that the server does not list
SHA256 = "ab" * 32


def add_random_adapters(model: TextDecoder, config: LoraConfig, size: float) -> None:
    """Adapters whose second factor is random too, with this standard deviation."""
    add_adapters(model, config, seed=1)
    generator = torch.Generator().manual_seed(2)
    for _, module in adapters(model):
        module.lora_b.data.normal_(0, size, generator=generator)


@torch.no_grad()
def all_log_probs(model: TextDecoder, ids: Sequence[int]) -> torch.Tensor:
    """Log-probabilities of every next token at every position of one document."""
    with full_precision():
        return model.logits(model(torch.tensor(ids), PackedDocuments((len(ids),)))).log_softmax(-1)


def log_prob(model: TextDecoder, row: TokenRow) -> torch.Tensor:
    """The log-probability of the learned tokens of an answer, computed alone."""
    ids = torch.tensor(row.token_ids)
    logits = model.logits(model(ids, PackedDocuments((len(ids),))))
    return torch.stack([-F.cross_entropy(logits[at], ids[at + 1]) for at in row.predicting]).sum()


def write_adapters(
    folder: Path, model: TextDecoder, config: LoraConfig, tensor_type: str = "F16", base_sha256: str = SHA256
) -> list[Path]:
    """The model's adapters as a file, then with a wrong alpha, then with rows in the order of transformers."""
    files = [folder / f"{name}.gguf" for name in ("sound", "alpha", "order")]
    wrong_alpha = LoraConfig(config.rank, 2 * config.alpha, config.rank_stabilized)
    write_adapter(files[0], model, config, base_sha256=base_sha256, tensor_type=tensor_type)
    write_adapter(files[1], model, wrong_alpha, base_sha256=base_sha256, tensor_type=tensor_type)
    reorder_rows(model)
    write_adapter(files[2], model, config, base_sha256=base_sha256, tensor_type=tensor_type)
    return files


def reorder_rows(model: TextDecoder) -> None:
    """Puts the rows of queries and keys into the order of transformers, as a converter does that forgets to permute."""
    half = model.config.head_width // 2
    for name, module in adapters(model):
        if name.endswith(("attn_q", "attn_k")):
            rows = module.lora_b.data.unflatten(0, (-1, half, 2))
            module.lora_b.data = rows.transpose(1, 2).flatten(0, 2).contiguous()


def served_differences(
    served: LlamaCppReference,
    ids: Sequence[int],
    log_probs: torch.Tensor,
    adapter: int | None,
    *,
    start: int = 4,
    min_probability: float = 0.0,
) -> torch.Tensor:
    """Differences of log-probabilities, teacher-forced, of the trainer's tokens with at least that probability."""
    differences = (
        abs(expected - served_log_probs.get(id, IMPOSSIBLE))
        for length in range(start, len(ids))
        for served_log_probs in [served.next_log_probs(ids[:length], adapter)]
        for id, expected in likely_tokens(log_probs[length - 1], min_probability, served_log_probs)
    )
    return torch.tensor(list(differences))


def likely_tokens(
    log_probs: torch.Tensor, min_probability: float, served: dict[int, float]
) -> Iterator[tuple[int, float]]:
    """The trainer's tokens with that probability; without a bound, those that the server lists."""
    ids = (log_probs.exp() >= min_probability).nonzero().flatten().tolist() if min_probability else list(served)
    return ((id, float(log_probs[id])) for id in ids)
