"""Current CPU and memory of the machine, read from /proc on Linux; on other systems as far as Python knows them."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
CGROUP = Path("/sys/fs/cgroup")
SAMPLE_SECONDS = 0.5  # seconds; long enough to distinguish busy from idle cores by ticks of 10 ms


@dataclass(frozen=True)
class CpuUsage:
    """Counts of cores: `total`, `available` to this process (a container may have a fraction), `idle` among those."""

    total: int
    available: float
    idle: float
    busiest: tuple[str, ...] = ()


def cpu_usage() -> CpuUsage:
    """Measures CPU usage for half a second. `busiest` lists the processes that use most cores, with their number."""
    count = os.cpu_count() or 1
    available = min(float(allowed_cores()), cgroup_quota())
    before, idle_before, began = cpu_seconds(), idle_seconds(), time.monotonic()
    time.sleep(SAMPLE_SECONDS)
    after, idle_after, seconds = cpu_seconds(), idle_seconds(), time.monotonic() - began
    usage = {pid: (after[pid] - before[pid]) / seconds for pid in after if pid in before}
    idle = count - os.getloadavg()[0] if idle_after is None else (idle_after - (idle_before or 0.0)) / seconds
    ranked = sorted(usage.items(), key=lambda each: -each[1])
    busiest = tuple(f"{process_name(pid)} ({used:.1f} cores)" for pid, used in ranked if used > 0.1)[:3]
    return CpuUsage(count, available, max(0.0, min(available, idle)), busiest)


def allowed_cores() -> int:
    """Number of cores that the scheduler allows this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cgroup_quota() -> float:
    """CPU limit of the container in cores; infinite if there is no limit."""
    with suppress(OSError, ValueError):
        most, period = CGROUP.joinpath("cpu.max").read_text().split()
        return int(most) / int(period)
    return float("inf")


def cpu_seconds() -> dict[int, float]:
    """CPU seconds used so far by each process, by id, except this process."""
    per_second = os.sysconf("SC_CLK_TCK")
    return {
        pid: (int(fields[11]) + int(fields[12])) / per_second for pid, fields in process_stats() if pid != os.getpid()
    }


def idle_seconds() -> float | None:
    """Idle seconds of all cores since the start; None where the system does not tell.

    The sum over processes does not show it: processes that begin and end within a sample are in neither listing.
    """
    with suppress(OSError, ValueError, IndexError):
        fields = PROC.joinpath("stat").read_text().split()  # cpu user nice system idle iowait ... (man proc)
        return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")
    return None


def process_stats() -> Iterator[tuple[int, list[str]]]:
    """The fields of each /proc/PID/stat behind its name, which may hold spaces (man proc: field 3 and on)."""
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):
            yield int(folder.name), folder.joinpath("stat").read_text().rpartition(") ")[2].split()


def process_name(pid: int) -> str:
    with suppress(OSError):
        return f"{PROC.joinpath(str(pid), 'comm').read_text().strip()} {pid}"
    return str(pid)


def available_memory() -> int | None:
    """Bytes of memory available without swapping; None if the system does not report it."""
    memory: dict[str, int] = {}
    with suppress(OSError):
        for line in PROC.joinpath("meminfo").read_text().splitlines():
            key, _, rest = line.partition(":")
            memory[key] = int(rest.split()[0]) * 1024
    if "MemAvailable" not in memory:
        return None
    return min(memory["MemAvailable"], cgroup_memory_left())


def cgroup_memory_left() -> int:
    """Bytes left below the container's limit; a very large number if there is no limit."""
    with suppress(OSError, ValueError):
        most, used = (int(CGROUP.joinpath(file).read_text()) for file in ("memory.max", "memory.current"))
        return max(0, most - used)
    return 2**62


def pages_swapped_in() -> int:
    """Pages read back from swap since the machine started."""
    return proc_counter("vmstat", "pswpin")


def proc_counter(file: str, key: str) -> int:
    with suppress(OSError):
        for line in PROC.joinpath(file).read_text().splitlines():
            if line.startswith(f"{key} "):
                return int(line.split()[1])
    return 0


def major_faults(pid: int) -> int:
    """How often the process had to wait for a page that was not in memory."""
    return next((int(fields[9]) for process, fields in process_stats() if process == pid), 0)
