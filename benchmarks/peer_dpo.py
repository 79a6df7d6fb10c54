"""TRL's DPO step; `benchmarks.dpo_step` runs this in the peers' Python, with the numbers of layers and of pairs."""

# pyright: reportMissingImports=false
# The missing packages are in the peers' environment.
import sys
import tempfile
import time
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer

from benchmarks.dpo_step import HEADS, HIDDEN, KV_HEADS, NUM_TOKENS, WIDTH, pairs
from benchmarks.measurement_process import serve


def words(token_ids: tuple[int, ...]) -> str:
    """A text whose tokens are these: TRL takes texts."""
    return " ".join(f"t{id}" for id in token_ids)


def new_tokenizer() -> PreTrainedTokenizerFast:
    vocabulary = {f"t{id}": id for id in range(NUM_TOKENS)}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="t0"))
    tokenizer.pre_tokenizer = WhitespaceSplit()  # type: ignore[assignment]
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="t0", bos_token="t1", eos_token="t2", pad_token="t2"
    )


def new_trainer(layers: int, count: int, folder: str) -> Any:
    """A trainer whose reference is computed, of a model with random weights."""
    shape = LlamaConfig(
        vocab_size=NUM_TOKENS, hidden_size=WIDTH, intermediate_size=HIDDEN, num_hidden_layers=layers,
        num_attention_heads=HEADS, num_key_value_heads=KV_HEADS, tie_word_embeddings=True,
    )  # fmt: skip
    rows = [
        {
            "prompt": words(row.chosen.prompt),
            "chosen": f" {words(row.chosen.answer)}",
            "rejected": f" {words(row.rejected.answer)}",
        }
        for row in pairs(count)
    ]
    config = DPOConfig(
        output_dir=folder, per_device_train_batch_size=count, precompute_ref_log_probs=True, use_cpu=True, bf16=False,
        gradient_checkpointing=False, max_length=None, report_to=[], disable_tqdm=True,
    )  # fmt: skip
    lora = LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM")
    return DPOTrainer(
        LlamaForCausalLM(shape), args=config, train_dataset=Dataset.from_list(rows), processing_class=new_tokenizer(),
        peft_config=lora,
    )  # fmt: skip


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        trainer = new_trainer(int(sys.argv[1]), int(sys.argv[2]), folder)
        batch = next(iter(trainer.get_train_dataloader()))
        model = trainer.model.train()
        weights = [each for each in model.parameters() if each.requires_grad]
        optimizer = torch.optim.AdamW(weights, 2e-4)

        def step() -> float:
            started = time.perf_counter()
            optimizer.zero_grad()
            trainer.compute_loss(model, dict(batch)).backward()
            optimizer.step()
            return time.perf_counter() - started

        serve({"trl": step})


if __name__ == "__main__":
    main()
