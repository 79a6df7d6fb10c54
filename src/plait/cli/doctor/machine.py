"""What the machine has to give right now, as Linux tells it in /proc; elsewhere as far as Python knows."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
GROUP = Path("/sys/fs/cgroup")
LOOKED = 0.5  # seconds: long enough to tell a busy core from an idle one by ticks of 10 ms


@dataclass(frozen=True)
class Cores:
    """`all` of the machine, `ours` of them (a container's share may be a fraction), `idle` of ours just now."""

    all: int
    ours: float
    idle: float
    busiest: tuple[str, ...] = ()


def cores() -> Cores:
    """Looks for half a second. `busiest` are the processes that take most, with the cores they take."""
    count = os.cpu_count() or 1
    ours = min(float(allowed()), quota())
    before, began = ticks(), time.monotonic()
    time.sleep(LOOKED)
    after, seconds = ticks(), time.monotonic() - began
    taken = {pid: (after[pid] - before[pid]) / seconds for pid in after if pid in before}
    idle = count - sum(taken.values()) if taken else count - os.getloadavg()[0]
    named = sorted(taken.items(), key=lambda each: -each[1])
    busiest = tuple(f"{name(pid)} ({used:.1f} cores)" for pid, used in named if used > 0.1)[:3]
    return Cores(count, ours, max(0.0, min(ours, idle)), busiest)


def allowed() -> int:
    """How many cores the scheduler lets this process use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def quota() -> float:
    """How many cores' time a container may use; infinite where there is no limit."""
    with suppress(OSError, ValueError):
        most, period = GROUP.joinpath("cpu.max").read_text().split()
        return int(most) / int(period)
    return float("inf")


def ticks() -> dict[int, float]:
    """Seconds of processor time that each process but this one has used so far."""
    per_second = os.sysconf("SC_CLK_TCK")
    return {pid: (int(told[11]) + int(told[12])) / per_second for pid, told in processes() if pid != os.getpid()}


def processes() -> Iterator[tuple[int, list[str]]]:
    """The fields of each /proc/PID/stat behind its name, which may hold spaces (man proc: field 3 and on)."""
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):
            yield int(folder.name), folder.joinpath("stat").read_text().rpartition(") ")[2].split()


def name(pid: int) -> str:
    with suppress(OSError):
        return f"{PROC.joinpath(str(pid), 'comm').read_text().strip()} {pid}"
    return str(pid)


@dataclass(frozen=True)
class Memory:
    """In bytes: what programs can still have without swapping, and what is swapped out."""

    available: int
    swapped: int


def memory() -> Memory | None:
    """None where the system does not tell."""
    told: dict[str, int] = {}
    with suppress(OSError):
        for line in PROC.joinpath("meminfo").read_text().splitlines():
            key, _, rest = line.partition(":")
            told[key] = int(rest.split()[0]) * 1024
    if "MemAvailable" not in told:
        return None
    return Memory(min(told["MemAvailable"], left_to_group()), told["SwapTotal"] - told["SwapFree"])


def left_to_group() -> int:
    """What a container's limit leaves; more than any machine has where there is none."""
    with suppress(OSError, ValueError):
        most, used = (int(GROUP.joinpath(file).read_text()) for file in ("memory.max", "memory.current"))
        return max(0, most - used)
    return 2**62


def swapping() -> int:
    """Pages read back from swap since the machine started."""
    return counter("vmstat", "pswpin")


def counter(file: str, key: str) -> int:
    with suppress(OSError):
        for line in PROC.joinpath(file).read_text().splitlines():
            if line.startswith(f"{key} "):
                return int(line.split()[1])
    return 0


def read_from_disk(pid: int) -> int:
    """How often the process had to wait for a page of a file that was not in memory."""
    return next((int(told[9]) for each, told in processes() if each == pid), 0)
