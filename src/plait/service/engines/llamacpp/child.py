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

from plait.service.supervisor.child_process import file_digest

xllamacpp: Any = untyped_xllamacpp  # a compiled module without type information


def main() -> None:
    options = json.loads(sys.stdin.readline())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    server = create_server(options)
    print(json.dumps({"address": server.listening_address, "digest": file_digest(Path(options["path"]))}), flush=True)
    sys.stdin.read()
    # The server's own threads do not end with Python; nothing needs cleanup.
    os._exit(0)


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
    params.api_keys = [options["key"]]
    params.verbosity = -1
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
