"""Records what `transformers` makes of the embedded model: token ids and logits, as golden files of tests.

Plait does not depend on transformers, so it runs in an environment of its own; from the root of the repository:

    python3 -m venv /tmp/oracle
    /tmp/oracle/bin/pip install transformers==5.23.0 torch==2.13.0 gguf==0.19.0
    PYTHONPATH=. /tmp/oracle/bin/python -m tools.transformers_oracle MODEL.gguf tests/foundation/text/golden

transformers 5.23.0 forgets, on conversion from GGUF, that SmolLM2 splits numbers into digits (its published
tokenizer.json does); the rule is put back here. Without it 553 of the 10,000 texts get other ids than at serving.
"""

import hashlib
import json
import sys
from pathlib import Path

import torch
import transformers
from tokenizers import pre_tokenizers

from tests.support.tokenizer_texts import tokenizer_texts

NUM_SAMPLES = 200
PROMPTS = (
    "Gravity is",
    "<|im_start|>user\nTurn the kitchen light to 35 percent.<|im_end|>\n<|im_start|>assistant\n",
    "发票号码：2026-0315，总额 1,234.50 元。",  # noqa: RUF001
    "def add(a, b):\n    return a + b\n\n\n",
)
RECORDED_IDS = tuple(range(0, 49_152, 1_537))  # logits of these 32 tokens are compared


def main(model_file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(model_file.parent), gguf_file=model_file.name)
    digits, byte_level = pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, byte_level])
    write(folder / "tokenizer.json", token_ids(tokenizer))
    model = transformers.AutoModelForCausalLM.from_pretrained(
        str(model_file.parent), gguf_file=model_file.name, dtype=torch.float32
    )
    write(folder / "logits.json", {"prompts": [logits(model, tokenizer, prompt) for prompt in PROMPTS]})


def token_ids(tokenizer: transformers.PreTrainedTokenizerFast) -> dict[str, object]:
    """Ids of all texts as one digest, and of some texts as they are."""
    texts = tokenizer_texts()
    ids = [encode(tokenizer, text) for text in texts]
    samples = [[text, each] for text, each in zip(texts, ids, strict=True) if len(each) < 20][:NUM_SAMPLES]
    digests = [hashlib.sha256(json.dumps(each).encode()).hexdigest()[:8] for each in ids]
    return {"digests": "".join(digests), "samples": samples}


def encode(tokenizer: transformers.PreTrainedTokenizerFast, text: str) -> list[int]:
    """Ids of a text in which control tokens are text."""
    return tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]


def logits(
    model: transformers.PreTrainedModel, tokenizer: transformers.PreTrainedTokenizerFast, prompt: str
) -> dict[str, object]:
    """Logits of some tokens at every position, and the logarithm of the sum of all exponentials."""
    ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        result = model(torch.tensor([ids])).logits[0].double()
    return {
        "ids": ids,
        "logits": [[round(float(each), 5) for each in row[list(RECORDED_IDS)]] for row in result],
        "log_sums": [round(float(each), 5) for each in result.logsumexp(-1)],
    }


def write(file: Path, content: dict[str, object]) -> None:
    content = {"transformers": transformers.__version__, **content}
    file.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
