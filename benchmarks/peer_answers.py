"""OFA-Tiny and a text-only BART generate 20 tokens each; `benchmarks.unified_answer` runs this in the peers' Python.

OFA is the Hugging Face port in modelscope (models/multi_modal/ofa, Apache-2.0), decoded by the generator beside it,
with its cache and a beam of 1. The port's folder is imported without modelscope, which requires fairseq; so does one
file of the port, for a norm that the Tiny size does not use.
"""

# pyright: reportMissingImports=false
# The missing packages are in the peers' environment.
import sys
import time
import types
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import torch
from transformers import BartConfig, BartForConditionalGeneration

from benchmarks.measurement_process import serve

PORT = "modelscope.models.multi_modal.ofa"
BEGIN, PAD, END, UNKNOWN = 0, 1, 2, 3
# The published shape of OFA-Tiny (OFA-Sys/OFA, models/ofa/ofa.py); the other values are the port's own defaults.
TINY = {
    "d_model": 256,
    "resnet_type": "resnet50",
    **{f"{part}_layers": 4 for part in ("encoder", "decoder")},
    **{f"{part}_attention_heads": 4 for part in ("encoder", "decoder")},
    **{f"{part}_ffn_dim": 1024 for part in ("encoder", "decoder")},
}


def main() -> None:
    side, words, tokens, width, layers, heads, table, parameters = map(int, sys.argv[1:])
    torch.set_num_threads(1)
    torch.manual_seed(0)
    ids = torch.randint(4, table, (1, (side // 16) ** 2 + words))
    same_layers = bart_model(width, layers, heads, table)
    missing = parameters - sum(each.numel() for each in same_layers.parameters())
    same_size = bart_model(width, layers, heads, table + missing // width)
    serve(
        {
            "ofa": ofa(torch.rand(1, 3, side, side), torch.randint(4, 50_000, (1, words)), tokens),
            "bart": bart(same_size, ids, tokens),
            "bart_same_layers": bart(same_layers, ids, tokens),
            "bart_onednn": with_onednn(bart(same_size, ids, tokens)),
        }
    )


def ofa(picture: torch.Tensor, ids: torch.Tensor, tokens: int) -> Callable[[], float]:
    stub_fairseq()
    from modelscope.models.multi_modal.ofa.configuration_ofa import OFAConfig
    from modelscope.models.multi_modal.ofa.generate.sequence_generator import SequenceGenerator
    from modelscope.models.multi_modal.ofa.modeling_ofa import OFAModel

    config = OFAConfig(**TINY)
    model = OFAModel(config).eval()
    # The end token counts, and may not come earlier.
    limits = {"max_len_a": 0, "max_len_b": tokens - 1, "min_len": tokens - 1, "no_repeat_ngram_size": 0}
    generator = SequenceGenerator(tokenizer=TokenizerStub(config.vocab_size), beam_size=1, **limits)
    sample = {"net_input": {"input_ids": ids, "patch_images": picture, "patch_masks": torch.tensor([True])}}

    def seconds() -> float:
        started = time.process_time()
        with torch.inference_mode():
            tokens = generator.generate([model], sample)[0][0]["tokens"]
        seconds_taken = time.process_time() - started
        assert len(tokens) == tokens
        return seconds_taken

    return seconds


class TokenizerStub:
    """The part of a tokenizer that the generator uses."""

    bos_token_id, pad_token_id, eos_token_id, unk_token_id = BEGIN, PAD, END, UNKNOWN

    def __init__(self, size: int) -> None:
        self.size = size

    def get_vocab(self) -> dict[str, int]:
        return {str(id): id for id in range(self.size)}

    def get_added_vocab(self) -> dict[str, int]:
        return {}


def stub_fairseq() -> None:
    folder, names = Path(str(distribution("modelscope").locate_file("modelscope"))), PORT.split(".")
    for end in range(1, len(names) + 1):
        package: Any = types.ModuleType(".".join(names[:end]))
        package.__path__ = [str(folder.joinpath(*names[1:end]))]
        sys.modules[package.__name__] = package
    norms: Any = types.ModuleType("fairseq.modules")
    norms.LayerNorm = torch.nn.LayerNorm
    sys.modules |= {"fairseq": types.ModuleType("fairseq"), "fairseq.modules": norms}


def bart(model: BartForConditionalGeneration, ids: torch.Tensor, tokens: int) -> Callable[[], float]:
    """Measurement of BART on one text with as many ids as our model's input has cells and words."""

    def seconds() -> float:
        started = time.process_time()
        output = generate(model, ids, tokens)
        seconds_taken = time.process_time() - started
        assert output.shape[1] == tokens + 1
        return seconds_taken

    return seconds


def with_onednn(seconds: Callable[[], float]) -> Callable[[], float]:
    """The same measurement with oneDNN enabled in torch, which our model uses for large matrix products."""

    def seconds_with_onednn() -> float:
        setting: Any = torch.backends.mkldnn
        before, setting.matmul.fp32_precision = setting.matmul.fp32_precision, "bf16"
        try:
            return seconds()
        finally:
            setting.matmul.fp32_precision = before

    return seconds_with_onednn


def bart_model(width: int, layers: int, heads: int, vocabulary_size: int) -> BartForConditionalGeneration:
    """A BART of our width, depth and vocabulary size; it has no image encoder."""
    options = {
        f"{part}_{name}": value
        for part in ("encoder", "decoder")
        for name, value in {"layers": layers, "attention_heads": heads, "ffn_dim": 4 * width}.items()
    }
    end_options = {"forced_eos_token_id": None, "eos_token_id": END}
    return BartForConditionalGeneration(
        BartConfig(vocab_size=vocabulary_size, d_model=width, **options, **end_options)
    ).eval()


@torch.inference_mode()
def generate(model: BartForConditionalGeneration, ids: torch.Tensor, tokens: int) -> torch.Tensor:
    limits = {"min_new_tokens": tokens, "max_new_tokens": tokens}
    return model.generate(ids, num_beams=1, do_sample=False, use_cache=True, **limits)


if __name__ == "__main__":
    main()
