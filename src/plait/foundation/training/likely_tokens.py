"""The tokens that a trainer finds likely, written for the process that compares them with a server (without torch)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from plait.core.errors import CheckpointError
from plait.core.values.durable_files import create

MIN_PROBABILITY = 0.1
MIN_POSITIONS = 500  # that are compared: of answers; if these have fewer, of prompts as well


@dataclass(frozen=True)
class LikelyToken:
    """The likeliest token at a position: the index of its row, the index in the answer, and log p in nats.

    A negative index lies in the prompt: -1 is its last token.
    """

    row: int
    position: int
    token_id: int
    log_prob: float


@dataclass(frozen=True)
class LikelyTokens:
    """The likely tokens of a file of rows, in order; `rows_sha256` identifies the file.

    `token_ids` are all ids of each row where the rows of the file are no token ids.
    """

    rows_sha256: str
    tokens: tuple[LikelyToken, ...]
    token_ids: tuple[tuple[int, ...], ...] = ()


def write_likely_tokens(
    file: Path, rows_sha256: str, tokens: Iterable[LikelyToken], token_ids: tuple[tuple[int, ...], ...] = ()
) -> None:
    """Writes the tokens, durable on return. Raises OSError."""
    create(file, to_json(asdict(LikelyTokens(rows_sha256, tuple(tokens), token_ids))))


def read_likely_tokens(file: Path) -> LikelyTokens:
    """Raises CheckpointError for a file that holds none."""
    try:
        return TypeAdapter(LikelyTokens).validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise CheckpointError(
            f"{file} has no log-probabilities of the trainer",
            details=tuple(str(error).splitlines()),
            hint="delete it; the same command computes it again",
        ) from None
