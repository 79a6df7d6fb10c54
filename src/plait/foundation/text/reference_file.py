"""The log-probabilities that the model without adapters gives to answers: the reference of preference training.

They stay the same for a whole run, so they are computed once and kept in its folder, a line for each batch. A run that
is killed meanwhile goes on after the last whole line.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from plait.core.errors import CheckpointError
from plait.core.values.durable_files import append, create, make_folder
from plait.foundation.training.distributed import barrier, rank_and_world_size

Compute = Callable[[Sequence[int]], Float[Tensor, "n 2"]]


def reference_log_probs(
    file: Path, identity: str, batches: Sequence[tuple[int, ...]], compute: Compute
) -> Float[Tensor, "rows 2"]:
    """The log-probabilities of both answers of all rows, whose numbers `batches` has once each.

    Batches that the file has are not computed; one with another `identity` begins anew. Raises OSError, CheckpointError
    for a damaged file.
    """
    lines = whole_lines(file)
    if not lines or lines[0] != header(identity):
        lines = [header(identity)]
    barrier()  # every process has read the same lines; the first one writes
    is_first = rank_and_world_size()[0] == 0
    if is_first:
        make_folder(file.parent)
        create(file, b"".join(lines))  # without a line that was cut off
    for batch in batches[len(lines) - 1 :]:
        lines.append(f"{json.dumps(compute(batch).tolist())}\n".encode())
        if is_first:
            append(file, lines[-1])
    values = torch.empty(sum(map(len, batches)), 2)
    for batch, line in zip(batches, lines[1:], strict=True):
        values[list(batch)] = read_line(file, line, len(batch))
    return values


def read_line(file: Path, line: bytes, count: int) -> Float[Tensor, "n 2"]:
    try:
        return torch.tensor(json.loads(line), dtype=torch.float32).view(count, 2)
    except (ValueError, TypeError, RuntimeError):
        raise CheckpointError(
            f"{file} is damaged: {line[:60].decode(errors='replace')!r}", hint=f"rm {file} computes it again"
        ) from None


def header(identity: str) -> bytes:
    return f"{json.dumps(identity)}\n".encode()


def whole_lines(file: Path) -> list[bytes]:
    """The lines of a file that end with a line break."""

    def lines() -> Iterator[bytes]:
        with file.open("rb") as stream:
            yield from (line for line in stream if line.endswith(b"\n"))

    return list(lines()) if file.exists() else []
