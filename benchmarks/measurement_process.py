"""A process that makes measurements on request: names go in, seconds come out, a line each."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class MeasurementProcess:
    """A process that calls `serve`; it lives until `close`. `environment` is added to that of this process."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**os.environ, **environment},
        )

    def seconds(self, name: str) -> float:
        """Seconds of one measurement, by the clock of the process."""
        assert self.process.stdin is not None and self.process.stdout is not None
        print(name, file=self.process.stdin, flush=True)
        while line := self.process.stdout.readline():
            if line.startswith("took "):
                return float(line.split()[1])
        sys.exit(f"the process ended during the measurement {name}; its error stands above")

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def serve(measurements: Mapping[str, Callable[[], float]]) -> None:
    """The side of the process: reads names of measurements and writes their seconds until the input ends."""
    for line in sys.stdin:
        print(f"took {measurements[line.strip()]()}", flush=True)
