"""Checks of `plait doctor` for a GGUF model: its file, adapter, threads and memory."""

from pathlib import Path

from plait.core.errors import CheckpointError
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.gguf.adapter_fit import check_adapter
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.service.engines.llamacpp.config import Config
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.service.supervisor.finding import Finding, Findings, ok, warn, wrong
from plait.service.supervisor.machine import CpuUsage, available_memory


def check(name: str, config: Config, cpu: CpuUsage) -> Findings:
    if not config.path.is_file():
        yield wrong(f"{name}: {config.path} does not exist", f"correct path under [models.{name}] in plait.toml")
        return
    if config.adapter is not None:
        try:
            check_adapter(read_gguf_header(config.adapter), read_gguf_header(config.path), file_sha256(config.path))
        except CheckpointError as error:
            yield wrong(f"{name}: {error.message}", error.hint)
            return
    yield check_threads(name, config, cpu)
    yield from check_memory(name, config.path)


def check_threads(name: str, config: Config, cpu: CpuUsage) -> Finding:
    """Warns if the model has more threads than there are idle cores, because such threads wait for each other.

    Measured with two threads on two cores while another process was busy: the rate fell from 75 to 3-20 tokens/s.
    """
    load = LlamaCpp(name, config.path, config.context, config.threads).load_options
    message = f"{name} uses {load.threads} of {cpu.total} cores to answer, {load.batch_threads} to read a prompt"
    idle = f"{cpu.idle:.1f} are idle"
    figures = {"threads": load.threads, "batch_threads": load.batch_threads, "idle_cores": round(cpu.idle, 1)}
    if load.threads > cpu.available:
        fewer = max(1, int(cpu.available) - 1)
        return warn(
            f"{message}, but only {cpu.available:g} are available",
            f"set PLAIT_THREADS={fewer}, or threads = {fewer} in plait.toml",
            **figures,
        )
    if load.threads > cpu.idle + 0.5:
        busy = f", {', '.join(cpu.busiest)}" if cpu.busiest else ""
        return warn(f"{message}; {idle}{busy}", "answers are slow until the other processes end", **figures)
    return ok(f"{message}; {idle}", **figures)


def check_memory(name: str, path: Path) -> Findings:
    """Warns if the weights do not fit into memory. They are memory-mapped: each token would read them from disk."""
    available, size = available_memory(), path.stat().st_size
    if available is None:
        return
    message = f"{name} needs more than its file's {size / 1e6:,.0f} MB; {available / 1e6:,.0f} MB are available"
    figures = {"file_mb": round(size / 1e6), "available_mb": round(available / 1e6)}
    if available < size * 1.2:
        yield warn(message, "free some memory, or use a smaller file or a shorter context", **figures)
    else:
        yield ok(message, **figures)
