"""Memory and time of a fine-tuning step by quantised and by dequantised frozen weights, each in a process of its own.

    python -m benchmarks.quantized_training [MODEL.gguf]

Without a file it is the embedded model. Two rows of 100 tokens, adapters of rank 8 in all layers.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

ROWS, TOKENS, REPEATS = 2, 100, 3


def measure(file: Path, *, quantized: bool) -> dict[str, float]:
    import torch

    from plait.foundation.cards.gguf.header import read_gguf_header
    from plait.foundation.text.adapt_request import LoraConfig, SftConfig
    from plait.foundation.text.adapter_file import add_adapters
    from plait.foundation.text.adapter_objective import SftObjective
    from plait.foundation.text.model import load_decoder
    from plait.foundation.text.token_row import TokenRow

    torch.set_num_threads(1)
    before = peak_bytes()
    model = load_decoder(read_gguf_header(file), quantized=quantized)
    weights = sum(each.numel() * each.element_size() for each in model.parameters())
    add_adapters(model, LoraConfig(rank=8, alpha=16.0))
    rows = [TokenRow(tuple(range(n, TOKENS - 10 + n)), tuple(range(50, 60)), (3, 5, 7)) for n in range(ROWS)]
    objective = SftObjective(model, rows, SftConfig(LoraConfig(8, 16.0), epochs=1, batch_tokens=ROWS * TOKENS), "")
    seconds: list[float] = []
    for _ in range(REPEATS):
        started = time.process_time()
        objective.loss(objective.batch(0))["answer"].backward()
        seconds.append(time.process_time() - started)
    return {"weights": weights, "peak": peak_bytes() - before, "seconds": sorted(seconds)[REPEATS // 2]}


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--measure"]:
        print(json.dumps(measure(Path(arguments[1]), quantized=arguments[2] == "quantised")))
        return
    from plait.service.engines.llamacpp.config import embedded_file

    file = Path(arguments[0]) if arguments else embedded_file()
    for kind in ("dequantised", "quantised"):
        command = [sys.executable, "-m", "benchmarks.quantized_training", "--measure", str(file), kind]
        figures = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        weights, peak = figures["weights"] / 1e6, figures["peak"] / 1e6
        print(f"{kind}: weights {weights:,.1f} MB, peak over a process with torch alone {peak:,.0f} MB, ", end="")
        print(f"{figures['seconds']:.2f} s of processor time a step")


if __name__ == "__main__":
    main(sys.argv[1:])
