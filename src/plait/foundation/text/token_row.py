"""Token rows: what a decoder language model is adapted with, as JSON lines.

    {"prompt": [1, 9690, ...], "answer": [4, 5345, ..., 2], "learned": [3, 4, 7], "weights": [0.5, 0.5, 1.0]}

`learned` are the places in the answer that carry loss; the grammar forces the others. Without weights all count alike.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter, ValidationError

from plait.core.errors import InputError
from plait.core.values.durable_files import create

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

RowT = TypeVar("RowT")


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


def read_token_rows(file: Path, num_tokens: int) -> tuple[TokenRow, ...]:
    """The rows of a file for a vocabulary of `num_tokens`. Raises InputError with the line at fault."""
    return read_rows(file, TokenRow, lambda row: token_row_fault(row, num_tokens))


def token_row_fault(row: TokenRow, num_tokens: int) -> str:
    """What is wrong with a row for a vocabulary of `num_tokens`; "" if nothing is."""
    if not row.prompt or not row.answer or not all(0 <= id < num_tokens for id in row.token_ids):
        return f"has no tokens, or others than those of the model ({num_tokens:,})"
    if not all(0 <= index < len(row.answer) for index in row.learned):
        return "learns a token that its answer does not have"
    if row.weights and (len(row.weights) != len(row.learned) or not all(0 < each <= 1 for each in row.weights)):
        return "has other weights than one above 0, up to 1, for each learned token"
    return ""


def write_token_rows(file: Path, rows: "Iterable[DataclassInstance]") -> str:
    """Writes rows of tokens of any method as JSON lines, durable on return; returns their sha256. Raises OSError."""
    content = "".join(f"{json.dumps(asdict(row), separators=(',', ':'))}\n" for row in rows).encode()
    create(file, content)
    return hashlib.sha256(content).hexdigest()


def read_rows(file: Path, row_type: type[RowT], fault: Callable[[RowT], str]) -> tuple[RowT, ...]:
    """The rows of a file, of a frozen dataclass; `fault` says what is wrong with one. Raises InputError."""
    adapter = TypeAdapter(row_type)
    rows: list[RowT] = []
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        try:
            row = adapter.validate_json(line)
        except ValidationError as error:
            raise InputError(f"{file}:{number} is no row of tokens: {error.errors()[0]['msg']}") from None
        if reason := fault(row):
            raise InputError(f"{file}:{number} {reason}")
        rows.append(row)
    return tuple(rows)
