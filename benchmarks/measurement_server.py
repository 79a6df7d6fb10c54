"""The process behind `benchmarks.two_checkouts`: prepares a benchmark, then makes one measurement per line of stdin."""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

from measurement_process import serve  # this script's own folder; `benchmarks` is that of the other checkout


class NoPeers:
    """In place of the peers, which are not measured here."""

    def __init__(self, *_: str) -> None: ...

    def seconds(self, name: str) -> float:
        raise LookupError(f"{name} is a measurement of a peer, and peers are left out")


def answer_requests(_: int, **measurements: Callable[[], float]) -> NoReturn:
    serve(measurements)
    sys.exit()


def run_benchmark(benchmark: str) -> None:
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
    run_benchmark(sys.argv[1])
