"""llama.cpp in this process, with one thread: token ids and log-probabilities, to compare with ours."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

NUM_CANDIDATES = 40  # tokens whose log-probabilities the server returns at each position


class LlamaCppReference:
    """A running server; `adapters` are GGUF files, which only requests that name them use."""

    def __init__(self, file: Path, adapters: Sequence[Path], context: int) -> None:
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # read once; threads that wait must not take the cores
        import xllamacpp as untyped_xllamacpp

        xllamacpp: Any = untyped_xllamacpp
        params = xllamacpp.CommonParams()
        params.model.path = str(file)
        params.n_ctx, params.n_parallel, params.verbosity, params.warmup = context, 1, -1, False
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
        # A scale of 0 here, because `lora_init_without_apply` is ignored: requests without `lora` were adapted.
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(each), 0.0) for each in adapters]
        self.num_adapters = len(adapters)
        self.server = xllamacpp.Server(params)
        self.http = httpx.Client(base_url=self.server.listening_address, trust_env=False, timeout=60)

    def token_ids(self, text: str, *, control: bool = False) -> list[int]:
        body = {"content": text, "add_special": False, "parse_special": control}
        return self.http.post("/tokenize", json=body).json()["tokens"]

    def next_log_probs(self, ids: Sequence[int], adapter: int | None = None, scale: float = 1.0) -> dict[int, float]:
        """Log-probabilities of the likeliest tokens after these ids, with the adapter of this number."""
        body = {
            "prompt": list(ids),
            "n_predict": 1,
            "n_probs": NUM_CANDIDATES,
            "temperature": 0.0,
            "cache_prompt": True,
            # Complete: with an empty list the next request goes on with the prompt that an adapter computed.
            "lora": [{"id": each, "scale": scale if each == adapter else 0.0} for each in range(self.num_adapters)],
        }
        response = self.http.post("/completion", json=body).json()
        return {each["id"]: each["logprob"] for each in response["completion_probabilities"][0]["top_logprobs"]}


@contextmanager
def llama_cpp(file: Path, adapters: Sequence[Path] = (), context: int = 512) -> Iterator[LlamaCppReference]:
    reference = LlamaCppReference(file, adapters, context)
    try:
        yield reference
    finally:
        reference.http.close()
        del reference.server  # stops its threads and frees the model
