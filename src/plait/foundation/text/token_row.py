"""Token rows: what a decoder language model is adapted with, as JSON lines.

    {"prompt": [1, 9690, ...], "answer": [4, 5345, ..., 2], "learned": [3, 4, 7], "weights": [0.5, 0.5, 1.0]}

`learned` are the places in the answer that carry loss; the grammar forces the others. Without weights all count alike.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from plait.core.errors import InputError
from plait.core.values.durable_files import create


@dataclass(frozen=True)
class TokenRow:
    """Prompt and answer of one example as token ids. `learned` are indices into the answer, ascending.

    `weights` are the shares that the learned tokens have in the loss; () is 1 for each.
    """

    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    learned: tuple[int, ...]
    weights: tuple[float, ...] = ()

    @property
    def token_ids(self) -> tuple[int, ...]:
        return self.prompt + self.answer

    @property
    def predicting(self) -> tuple[int, ...]:
        """Indices of the tokens whose hidden state predicts a learned one: those before."""
        return tuple(len(self.prompt) + index - 1 for index in self.learned)

    @property
    def targets(self) -> tuple[int, ...]:
        return tuple(self.answer[index] for index in self.learned)

    @property
    def target_weights(self) -> tuple[float, ...]:
        return self.weights or (1.0,) * len(self.learned)


def write_token_rows(file: Path, rows: Iterable[TokenRow]) -> str:
    """Writes the rows, durable on return; returns their sha256. Raises OSError."""
    content = "".join(f"{json.dumps(asdict(row), separators=(',', ':'))}\n" for row in rows).encode()
    create(file, content)
    return hashlib.sha256(content).hexdigest()


def read_token_rows(file: Path, num_tokens: int) -> tuple[TokenRow, ...]:
    """The rows of a file for a vocabulary of `num_tokens`. Raises InputError with the line at fault."""
    adapter = TypeAdapter(TokenRow)
    rows: list[TokenRow] = []
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        try:
            row = adapter.validate_json(line)
        except ValidationError as error:
            raise InputError(f"{file}:{number} is no row of tokens: {error.errors()[0]['msg']}") from None
        if not row.prompt or not row.answer or not all(0 <= id < num_tokens for id in row.token_ids):
            raise InputError(f"{file}:{number} has no tokens, or others than those of the model ({num_tokens:,})")
        if not all(0 <= index < len(row.answer) for index in row.learned):
            raise InputError(f"{file}:{number} learns a token that its answer does not have")
        if row.weights and (len(row.weights) != len(row.learned) or not all(0 < each <= 1 for each in row.weights)):
            raise InputError(f"{file}:{number} has other weights than one above 0, up to 1, for each learned token")
        rows.append(row)
    return tuple(rows)
