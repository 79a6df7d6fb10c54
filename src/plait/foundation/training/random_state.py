"""Random generator states of a process, as a value for a checkpoint."""

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

PythonRngState = tuple[int, tuple[int, ...], float | None]


@dataclass(frozen=True)
class NumpyRngState:
    """State of numpy's global generator, a Mersenne Twister: 624 words, the position, a cached normal number."""

    key: tuple[int, ...]
    position: int
    has_gauss: int
    gauss: float


@dataclass(frozen=True)
class RngState:
    """States of all random generators of a process; torch's in hexadecimal, `cuda` with one per device."""

    python: PythonRngState
    numpy: NumpyRngState
    torch: str
    cuda: tuple[str, ...] = ()

    @staticmethod
    def capture() -> "RngState":
        state: Any = np.random.get_state(legacy=False)
        return RngState(
            random.getstate(),
            NumpyRngState(
                tuple(map(int, state["state"]["key"])), state["state"]["pos"], state["has_gauss"], state["gauss"]
            ),
            to_hex(torch.get_rng_state()),
            tuple(map(to_hex, torch.cuda.get_rng_state_all())) if torch.cuda.is_available() else (),
        )

    def restore(self) -> None:
        """Sets the generators of this process. States of devices that no longer exist are ignored."""
        random.setstate(self.python)
        numpy_state = self.numpy
        np.random.set_state(
            (
                "MT19937",
                np.array(numpy_state.key, np.uint32),
                numpy_state.position,
                numpy_state.has_gauss,
                numpy_state.gauss,
            )
        )
        torch.set_rng_state(from_hex(self.torch))
        if torch.cuda.is_available():
            for device, state in zip(range(torch.cuda.device_count()), self.cuda, strict=False):
                torch.cuda.set_rng_state(from_hex(state), device)


def to_hex(state: torch.Tensor) -> str:
    return bytes(state.tolist()).hex()


def from_hex(text: str) -> torch.Tensor:
    return torch.tensor(list(bytes.fromhex(text)), dtype=torch.uint8)
