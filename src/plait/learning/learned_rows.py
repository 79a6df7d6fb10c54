"""What a run learns as token rows: examples, pairs of answers, or marked answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from plait.core.engine.chat import ChatModel
from plait.core.errors import InputError
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.foundation.text.preference_row import MarkedRow, PreferenceRow
from plait.foundation.text.token_row import TokenRow
from plait.learning.preferences import LearnedExample, LearnedItem, MarkedAnswer
from plait.learning.token_rows import RowTokenizer, check_length, token_row, token_rows

LearnedRow = TokenRow | PreferenceRow | MarkedRow
LearnedPair = tuple[Example | LearnedItem, LearnedRow]


async def learned_rows(
    declaration: Declaration,
    items: Sequence[Example | LearnedItem],
    model: ChatModel,
    tokenizer: RowTokenizer,
    max_tokens: int,
) -> list[LearnedRow]:
    """The rows of all items, preferences first; those whose whole answer the grammar forces have no loss, and are left
    out.

    Raises InputError for an answer that the grammar does not admit, and for a row with more than `max_tokens`. Recorded
    answers that cannot be rows are left out: nobody can mend them.
    """
    return [row for _, row in await learned_pairs(declaration, items, model, tokenizer, max_tokens)]


async def learned_pairs(
    declaration: Declaration,
    items: Sequence[Example | LearnedItem],
    model: ChatModel,
    tokenizer: RowTokenizer,
    max_tokens: int,
) -> list[LearnedPair]:
    """The same rows, each with what it is made from."""
    encoder = RowEncoder(declaration, model, tokenizer, max_tokens)
    pairs: list[LearnedPair] = []
    for item in items:
        if not isinstance(item, Example):
            try:
                pairs.append((item, await encoder.row(item)))
            except InputError:
                if not item.is_recorded:
                    raise
    examples = [item for item in items if isinstance(item, Example)]
    rows = token_rows(declaration, examples, model, tokenizer, max_tokens=max_tokens)
    pairs += zip(examples, [row async for row in rows], strict=True)
    return [(item, row) for item, row in pairs if has_loss(row)]


@dataclass(frozen=True)
class RowEncoder:
    """Makes the rows of preferences. Raises InputError, which says where the row stands."""

    declaration: Declaration
    model: ChatModel
    tokenizer: RowTokenizer
    max_tokens: int

    async def row(self, item: LearnedItem) -> LearnedRow:
        first = await self.encode(item.example, item.where)
        if isinstance(item, LearnedExample):
            return first
        if isinstance(item, MarkedAnswer):
            return MarkedRow(first, item.is_right)
        return PreferenceRow(first, await self.encode(item.rejected, f"{item.where}, the rejected answer"))

    async def encode(self, example: Example, where: str) -> TokenRow:
        try:
            row = await token_row(self.declaration, example, self.model, self.tokenizer)
        except InputError as error:
            raise InputError(f"{where}: {error.message}", problems=error.problems, hint=error.hint) from None
        check_length(self.declaration, row, where, self.max_tokens)
        return row


def has_loss(row: LearnedRow) -> bool:
    """Whether anything is learned of a row: two values may have one text, and the grammar may force an answer."""
    if isinstance(row, PreferenceRow):
        return row.chosen.answer != row.rejected.answer
    return bool(row.row.learned if isinstance(row, MarkedRow) else row.learned)
