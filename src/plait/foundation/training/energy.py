"""Energy consumption of a run, as far as the machine can measure it, and how it was measured.

It includes the processor packages (RAPL) and the GPUs, each with the load of other programs at the time. Without a
counter it is estimated from the processor time of our own processes. Neither includes memory, disks, cooling or losses.
"""

import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Power of a core of an unknown processor, from Green Algorithms (Lannelongue et al. 2021, doi 10.1002/advs.202100707;
# data/latest/TDP_cpu.csv, "Any").
WATTS_PER_CORE = 12.0
RAPL = Path("/sys/class/powercap")
GPU_POLL_INTERVAL = 10.0  # seconds: a call of nvidia-smi takes about 50 ms


@dataclass
class EnergyMeter:
    """Energy in watt hours since its creation, plus `initial_watt_hours`.

    Without a counter, the processor time of this process is multiplied by `processes`, which share the work equally.
    """

    processes: int = 1
    cuda: bool = False
    initial_watt_hours: float = 0.0
    rapl: Path = RAPL
    watt_hours: float = field(init=False)
    description: str = field(init=False)
    counters: dict[Path, int] = field(init=False)
    cpu_seconds: float = field(init=False)
    gpus: "GpuMeter | None" = field(init=False)

    def __post_init__(self) -> None:
        self.watt_hours = self.initial_watt_hours
        self.counters = dict(rapl_counters(self.rapl))
        self.cpu_seconds = time.process_time()
        self.gpus = GpuMeter() if self.cuda and shutil.which("nvidia-smi") else None
        processor = (
            "counted by the processor (RAPL)"
            if self.counters
            else f"estimated at {WATTS_PER_CORE:g} W for each core in use"
        )
        self.description = f"{processor}{', cards by nvidia-smi' if self.gpus else ''}"

    def read(self) -> float:
        """Watt hours until now."""
        self.watt_hours += self.processor_joules() / 3_600
        if self.gpus:
            self.watt_hours += self.gpus.joules() / 3_600
        return self.watt_hours

    def processor_joules(self) -> float:
        """Joules since the last reading."""
        if self.counters:
            counters = rapl_counters(self.rapl)
            joules = (
                sum(counter_delta(path, before, counters.get(path, before)) for path, before in self.counters.items())
                / 1e6
            )
            self.counters = dict(counters)
            return joules
        before, self.cpu_seconds = self.cpu_seconds, time.process_time()
        return (self.cpu_seconds - before) * self.processes * WATTS_PER_CORE


def rapl_counters(folder: Path) -> Mapping[Path, int]:
    """Counter of each package in microjoules; empty if there are none or only root may read them."""
    counters: dict[Path, int] = {}
    for path in sorted(folder.glob("intel-rapl:?")):
        try:
            counters[path] = int((path / "energy_uj").read_text())
        except (OSError, ValueError):
            continue
    return counters


def counter_delta(path: Path, before: int, now: int) -> int:
    """Microjoules between two readings of a counter that wraps around."""
    return now - before if now >= before else now - before + int((path / "max_energy_range_uj").read_text())


@dataclass
class GpuMeter:
    """Energy of all GPUs in joules: power, sampled at intervals, times the time between samples."""

    last_read: float = field(default_factory=time.monotonic)
    watts: float | None = None

    def joules(self) -> float:
        now = time.monotonic()
        elapsed = now - self.last_read
        if self.watts is not None and elapsed < GPU_POLL_INTERVAL:
            return 0.0
        before, self.watts, self.last_read = self.watts, gpu_watts(), now
        return elapsed * (self.watts if before is None else (before + self.watts) / 2)


def gpu_watts() -> float:
    """Power of all GPUs in watts; 0 if nvidia-smi does not report it."""
    command = ["nvidia-smi", "--query-gpu=power.draw", "--format=csv,noheader,nounits"]
    try:
        output = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
        return sum(float(line) for line in output.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0.0
