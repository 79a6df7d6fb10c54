"""TRL's fine-tuning and PEFT's loss curve; `benchmarks.sft_step` runs this in the peers' Python, with its folder."""

# pyright: reportMissingImports=false
# The missing packages are in the peers' environment.
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file
from torch.nn import functional as F
from transformers import LlamaConfig, LlamaForCausalLM
from trl import SFTConfig, SFTTrainer

from benchmarks.measurement_process import serve
from benchmarks.peer_dpo import new_tokenizer
from benchmarks.sft_step import BATCH_ROWS
from plait.foundation.text.token_row import TokenRow, read_token_rows

NAMES = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj", "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
}  # fmt: skip


def main() -> None:
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    request = json.loads((folder / "request.json").read_text())
    rows = list(read_token_rows(folder / "rows.jsonl", request["config"]["num_tokens"]))

    def curve() -> float:
        started = time.perf_counter()
        losses = loss_curve(new_model(folder, request), rows, request)
        (folder / "curve.json").write_text(json.dumps(losses))
        return time.perf_counter() - started

    trainers: dict[str, Callable[[], float]] = {}

    def step(packing: bool) -> Callable[[], float]:
        name = "packed" if packing else "grouped"

        def run() -> float:
            trainers[name] = trainers.get(name) or epoch(folder, request, rows, packing)
            return trainers[name]()

        return run

    serve({"curve": curve, "grouped": step(False), "packed": step(True)})


def new_model(folder: Path, request: dict[str, Any]) -> Any:
    """The model of the folder with its adapters, under the names and in the row order of transformers."""
    config = request["config"]
    shape = LlamaConfig(
        vocab_size=config["num_tokens"], hidden_size=config["width"], intermediate_size=config["hidden"],
        num_hidden_layers=config["layers"], num_attention_heads=config["heads"], tie_word_embeddings=True,
        num_key_value_heads=config["kv_heads"], rope_theta=config["rope_base"], rms_norm_eps=config["epsilon"],
        max_position_embeddings=config["context"],
    )  # fmt: skip
    lora = LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(LlamaForCausalLM(shape), lora)
    ours = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
    tensors = load_file(folder / "model.safetensors")
    renamed = {peft_name(name, ours): transposed(name, each, config) for name, each in tensors.items()}
    missing, unexpected = model.load_state_dict(renamed, strict=False)
    assert not unexpected and all("lm_head" in name for name in missing), (missing, unexpected)
    return model


def peft_name(name: str, ours: dict[str, str]) -> str:
    """`blk.3.attn_q.weight` and `blk.3.attn_q.weight.lora_a` as PEFT calls them."""
    if name in ours:
        return f"base_model.model.{ours[name]}"
    _, layer, module, *rest = name.split(".")  # blk.LAYER.MODULE.weight, and for an adapter its factor
    stem = f"base_model.model.model.layers.{layer}.{NAMES[module]}"
    if rest[-1] in ("lora_a", "lora_b"):
        return f"{stem}.{rest[-1].replace('_a', '_A').replace('_b', '_B')}.default.weight"
    return f"{stem}.weight" if "norm" in module else f"{stem}.base_layer.weight"


def transposed(name: str, weight: Any, config: dict[str, Any]) -> Any:
    """Rows of queries and keys in transformers' order: first halves of the rotated pairs, then second ones."""
    module = name.split(".")[2] if name.count(".") > 1 else ""
    count = {"attn_q": config["heads"], "attn_k": config["kv_heads"]}.get(module)
    if count is None or name.endswith("lora_a"):
        return weight
    return weight.unflatten(0, (count, -1, 2)).transpose(1, 2).flatten(0, 2).contiguous()


def loss_curve(model: Any, rows: list[TokenRow], request: dict[str, Any]) -> list[float]:
    """Losses of the learned tokens alone, batch by batch, each with an optimizer step."""
    weights = [each for each in model.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(weights, request["rate"], betas=(0.9, 0.99), weight_decay=0.0)
    losses: list[float] = []
    for batch in request["batches"]:
        chosen = [rows[number] for number in batch]
        length = max(len(row.token_ids) for row in chosen)
        ids = torch.tensor([[*row.token_ids, *[0] * (length - len(row.token_ids))] for row in chosen])
        mask = torch.tensor([[place < len(row.token_ids) for place in range(length)] for row in chosen])
        logits = model(input_ids=ids, attention_mask=mask.long()).logits
        at = [(number, place) for number, row in enumerate(chosen) for place in row.predicting]
        predicted = logits[[number for number, _ in at], [place for _, place in at]]
        loss = F.cross_entropy(predicted, torch.tensor([id for row in chosen for id in row.targets]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    return losses


def epoch(folder: Path, request: dict[str, Any], rows: list[TokenRow], packing: bool) -> Callable[[], float]:
    """A measurement of all rows once with TRL's batches and loss. Packed sequences have as many tokens as a batch."""
    data = [
        {"input_ids": list(row.token_ids), "completion_mask": [0] * len(row.prompt) + [1] * len(row.answer)}
        for row in rows
    ]
    mean = sum(len(row.token_ids) for row in rows) // len(rows)
    config = SFTConfig(
        output_dir=str(folder / "trl"), per_device_train_batch_size=1 if packing else BATCH_ROWS, packing=packing,
        max_length=mean * BATCH_ROWS if packing else None, group_by_length=not packing, use_cpu=True, bf16=False,
        gradient_checkpointing=False, report_to=[], disable_tqdm=True, completion_only_loss=True,
    )  # fmt: skip
    trainer: Any = SFTTrainer(
        new_model(folder, request), args=config, train_dataset=Dataset.from_list(data), processing_class=new_tokenizer()
    )
    batches = list(trainer.get_train_dataloader())
    model = trainer.model.train()
    optimizer = torch.optim.AdamW([each for each in model.parameters() if each.requires_grad], request["rate"])

    def run() -> float:
        started = time.perf_counter()
        for batch in batches:
            optimizer.zero_grad()
            trainer.compute_loss(model, dict(batch)).backward()
            optimizer.step()
        return time.perf_counter() - started

    return run


if __name__ == "__main__":
    main()
