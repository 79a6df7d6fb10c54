"""Preferences as JSON lines: two answers to one prompt as token ids, the first better; or one marked right or wrong.

{"chosen": {"prompt": [1, 9690], "answer": [4, 5345, 2], "learned": [1]},
 "rejected": {"prompt": [1, 9690], "answer": [4, 811, 2], "learned": [1]}}    (on one line)
    {"row": {"prompt": [1, 9690], "answer": [4, 5345, 2], "learned": [1]}, "is_right": false}
"""

from dataclasses import dataclass, replace
from pathlib import Path

from plait.foundation.text.prefix_tree import num_shared
from plait.foundation.text.token_row import TokenRow, read_rows, token_row_fault


@dataclass(frozen=True)
class PreferenceRow:
    """Two answers to the same prompt. The model is to find the chosen one likelier than the rejected one."""

    chosen: TokenRow
    rejected: TokenRow

    @property
    def token_ids(self) -> tuple[int, ...]:
        """All tokens to compute, the prompt once."""
        return self.chosen.token_ids + self.rejected.answer

    @property
    def answers(self) -> tuple[TokenRow, TokenRow]:
        """Both answers, without loss in what they begin alike with: there the log-probabilities cancel."""
        shared = num_shared(self.chosen.answer, self.rejected.answer)
        return without_beginning(self.chosen, shared), without_beginning(self.rejected, shared)


@dataclass(frozen=True)
class MarkedRow:
    """An answer that is marked right or wrong."""

    row: TokenRow
    is_right: bool

    @property
    def token_ids(self) -> tuple[int, ...]:
        return self.row.token_ids


def without_beginning(row: TokenRow, count: int) -> TokenRow:
    """The row, whose first `count` tokens of the answer carry no loss; without weights."""
    return replace(row, learned=tuple(index for index in row.learned if index >= count), weights=())


def read_preference_rows(file: Path, num_tokens: int) -> tuple[PreferenceRow, ...]:
    """The rows of a file for a vocabulary of `num_tokens`. Raises InputError with the line at fault."""

    def fault(row: PreferenceRow) -> str:
        if row.chosen.prompt != row.rejected.prompt:
            return "has two prompts"
        if row.chosen.answer == row.rejected.answer:
            return "rejects the very answer that it chooses"
        return token_row_fault(row.chosen, num_tokens) or token_row_fault(row.rejected, num_tokens)

    return read_rows(file, PreferenceRow, fault)


def read_marked_rows(file: Path, num_tokens: int) -> tuple[MarkedRow, ...]:
    """The rows of a file for a vocabulary of `num_tokens`. Raises InputError with the line at fault."""
    return read_rows(file, MarkedRow, lambda row: token_row_fault(row.row, num_tokens))
