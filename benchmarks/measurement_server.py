"""The process behind `benchmarks.two_checkouts`: prepares a benchmark, then makes one measurement per line of stdin."""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn


class NoPeers:
    """In place of the peers, which only a benchmark's own run needs."""

    def __init__(self, *_: str) -> None: ...

    def seconds(self, _: str) -> float:
        raise NotImplementedError


def answer_requests(_: int, **measurements: Callable[[], float]) -> NoReturn:
    for line in sys.stdin:
        print(f"took {measurements[line.strip()]()}", flush=True)
    sys.exit()


def serve(benchmark: str) -> None:
    """Runs the benchmark's `main`, whose interleaved measurements are replaced by requests."""
    module: Any = import_module(f"benchmarks.{benchmark}")
    if hasattr(module, "torch"):
        module.torch.set_num_threads(1)
    for name in ("interleaved_timings", "interleaved"):  # the second until commit 417191e
        if hasattr(module, name):
            setattr(module, name, answer_requests)
    if hasattr(module, "Peers"):
        module.Peers = NoPeers
    module.main()


if __name__ == "__main__":
    serve(sys.argv[1])
