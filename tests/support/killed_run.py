"""Runs that adapt a model in a process of their own and are killed at a chosen place."""

import os
import warnings
from collections.abc import Callable
from typing import Any

import torch

from plait.foundation.text.adapt_request import AdaptRequest
from plait.foundation.text.adapt_run import adapt
from plait.foundation.text.answer_samples import Sampler, no_sampler


def run_and_kill(request: AdaptRequest, owner: Any, name: str, *, calls: int, sampler: Sampler = no_sampler) -> bool:
    """Whether a process that adapts a decoder is killed when it is about to call `owner.name` for that time."""
    return work_and_kill(lambda: adapt(request, sampler=sampler), owner, name, calls=calls)


def work_and_kill(work: Callable[[], object], owner: Any, name: str, *, calls: int) -> bool:
    """Whether a process that does this work is killed when it is about to call `owner.name` for that time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork, where there are threads
        child = os.fork()
    if not child:
        call, count = getattr(owner, name), 0

        def counted(*arguments: Any) -> Any:
            nonlocal count
            count += 1
            if count == calls:
                os._exit(9)
            return call(*arguments)

        setattr(owner, name, counted)
        torch.set_num_threads(1)
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
