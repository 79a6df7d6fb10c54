"""Ctrl-C lets a step end; a second one ends at once."""

import os
import signal
import time

import pytest

from plait.foundation.training import interrupt as module
from plait.foundation.training.interrupt import Interrupt


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_ctrl_c_that_arrives_twice_counts_once(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Interrupt() as interrupt:
        assert not interrupt.stop_requested
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        assert interrupt.stop_requested
    assert signal.getsignal(number) is before


def test_a_second_ctrl_c_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SAME_PRESS_SECONDS", 0.01)
    with pytest.raises(KeyboardInterrupt), Interrupt():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)
