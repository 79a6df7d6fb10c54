"""Processes of a run, started by torch's elastic launch, here or by `torchrun`."""

import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import distributed
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from plait.core.errors import SettingsError, TrainingError

SHUTDOWN_TIMEOUT = 120  # seconds from Ctrl-C until a process that has not saved yet is killed
REPORT_TIMEOUT = 2  # seconds for a failing process to report why
PEER_LOST_MESSAGES = (
    "by peer",
    "remote process exited",
    "Broken pipe",
)  # messages of Gloo and NCCL when another process is gone
PEER_LOST_EXIT_CODE = 69  # exit code EX_UNAVAILABLE of sysexits.h
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def is_launched_worker() -> bool:
    """Whether this process is one of several started by a launcher."""
    return "WORLD_SIZE" in os.environ and "LOCAL_RANK" in os.environ


def check_count(processes: int) -> None:
    """Raises SettingsError if the launcher started another number of processes than the recipe has."""
    started = int(os.environ["WORLD_SIZE"])
    if started != processes:
        raise SettingsError(
            f"the recipe has run.processes = {processes}, and {started} were started",
            hint=f"write processes = {started}, or start it with --nproc-per-node {processes}",
        )


def run_in_processes(arguments: Sequence[str], processes: int, module: str = "plait") -> int:
    """Runs a module with these arguments in several processes until all have ended; returns their exit code.

    Each process reports its own errors. Raises TrainingError for a killed process.
    """
    for name in logging.root.manager.loggerDict:
        if name.startswith("torch.distributed.elastic"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # its messages are for operators of a cluster
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes,
        run_id=f"plait-{os.getpid()}",
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        local_addr="localhost",
        max_restarts=0,
        shutdown_timeout=SHUTDOWN_TIMEOUT,
    )
    try:
        elastic_launch(config, sys.executable)("-m", module, *arguments)
    except SignalException:
        return 130
    except ChildFailedError as error:
        causes = [
            each for each in error.failures.items() if each[1].exitcode not in (PEER_LOST_EXIT_CODE, -signal.SIGTERM)
        ]
        if not causes:
            raise TrainingError(
                "the training processes lost their connection",
                hint="the same command resumes from the last checkpoint; dmesg shows whether a process was killed",
            ) from None
        rank, failure = min(causes, key=lambda each: each[1].timestamp)
        if failure.exitcode < 0:
            raise killed_error(rank, failure) from None
        return failure.exitcode
    return 0


@contextmanager
def process_group(processes: int) -> Iterator[None]:
    """Context manager for communication between the processes: NCCL on GPUs, else Gloo."""
    if processes == 1:
        yield
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(gpu_index(int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()))
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def gpu_index(local_rank: int, num_gpus: int) -> int:
    """GPU of a process on this machine, one each. Raises SettingsError if there are too few."""
    if local_rank >= num_gpus:
        raise SettingsError(
            f"there are more processes here than the {num_gpus} graphics card{'s' * (num_gpus > 1)} of this machine",
            hint=f"write processes = {num_gpus} under [run], or hide the cards: CUDA_VISIBLE_DEVICES= plait train ...",
        )
    return local_rank


@contextmanager
def exit_on_peer_failure() -> Iterator[None]:
    """Ends this process silently if another process of the run is gone, which reports the reason itself."""
    try:
        yield
    except RuntimeError as error:
        if not any(message in str(error) for message in PEER_LOST_MESSAGES):
            raise
        time.sleep(REPORT_TIMEOUT)  # the launcher ends all others when the first one ends
        # Not sys.exit: torch's threads still wait for the lost process, and abort this one during cleanup.
        os._exit(PEER_LOST_EXIT_CODE)


def killed_error(rank: int, failure: ProcessFailure) -> TrainingError:
    name = signal.Signals(-failure.exitcode).name
    return TrainingError(
        f"process {rank} of the training was killed ({name})",
        hint="the same command resumes from the last checkpoint; if memory ran out (see dmesg), use fewer "
        "pictures a step or fewer processes",
    )


def die_with_launcher() -> None:
    """Makes Linux kill this process when its parent is gone, which after kill -9 cannot stop its children.

    On other systems the processes end at their next exchange of gradients, or must be killed manually.
    """
    on_death_of_parent(signal.SIGKILL)


NICENESS = 5  # of what trains beside a server: a third of a core beside one that is busy


def continue_without_parent() -> None:
    """Makes Linux continue this process when its parent is gone, which may have stopped it, and cannot undo that."""
    on_death_of_parent(signal.SIGCONT)


def on_death_of_parent(sent: signal.Signals) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, sent)
