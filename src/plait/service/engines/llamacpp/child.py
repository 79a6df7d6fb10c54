"""The process that runs llama.cpp. Its parent writes one JSON line (what to load, the key) and reads one (the address).

It has no secret except its own key, uses only its share of threads, and exits when its parent does: standard input
closes.
"""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

import xllamacpp as untyped_xllamacpp

from plait.core.errors import PlaitError
from plait.core.values.file_digest import DIGEST_LENGTH, file_sha256
from plait.foundation.cards.adapter import LoraAdapter
from plait.service.engines.llamacpp.adapters import adapted_digests

xllamacpp: Any = untyped_xllamacpp  # a compiled module without type information


def main() -> None:
    options = json.loads(sys.stdin.readline())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        digests = checked_digests(options)
    except PlaitError as error:
        print(json.dumps({"error": error.message, "hint": error.hint}), flush=True)
        return
    server = create_server(options)
    print(json.dumps({"address": server.listening_address, **digests}), flush=True)
    sys.stdin.read()
    # The server's own threads do not end with Python; nothing needs cleanup.
    os._exit(0)


def checked_digests(options: dict[str, Any]) -> dict[str, Any]:
    """Digests of the model, alone and with each adapter. Raises CheckpointError before llama.cpp sees a file."""
    base, base_sha256 = Path(options["path"]), file_sha256(Path(options["path"]))
    adapters = [LoraAdapter(each["name"], Path(each["path"]), each["sha256"]) for each in options["adapters"]]
    adapted = adapted_digests(base, base_sha256, adapters)
    return {"digest": base_sha256[:DIGEST_LENGTH], "adapted_digests": adapted}


def create_server(options: dict[str, Any]) -> Any:
    """Loads the model and starts its server. All slots share one context cache of `cache` tokens."""
    params = xllamacpp.CommonParams()
    params.model.path = options["path"]
    params.n_ctx = options["cache"]
    params.kv_unified = True
    params.n_parallel = options["slots"]
    # By default llama.cpp keeps every prompt evicted from the cache in memory, up to 8 GB: 850 MB after an hour of
    # invoices.
    params.cache_ram_mib = 0
    params.cpuparams.n_threads = options["threads"]
    params.cpuparams_batch.n_threads = options["batch_threads"]
    # A scale of 0, because `lora_init_without_apply` is ignored: requests that name no adapter were adapted.
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(each["path"], 0.0) for each in options["adapters"]]
    params.api_keys = [options["key"]]
    params.verbosity = -1
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
