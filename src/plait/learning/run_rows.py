"""The token rows of a run: of what is learned, of what server and trainer are compared on, and of held-out pairs."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass

from plait.core.engine.chat import ChatModel
from plait.core.errors import InputError
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.core.task.printed_call import task_address
from plait.foundation.text.adapt_request import GrpoConfig, MethodConfig
from plait.foundation.text.answer_samples import PromptRow
from plait.foundation.text.token_row import TokenRow
from plait.learning.held_out import Split, sample_rows
from plait.learning.learned_rows import LearnedPair, LearnedRow, learned_pairs, learned_rows
from plait.learning.preferences import LearnedItem
from plait.learning.token_rows import RowTokenizer, token_row
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.service.engines.llamacpp.row_tokenizer import LlamaRowTokenizer

MAX_ROW_TOKENS = 4_096
PARITY_EXAMPLES = 64


@dataclass(frozen=True)
class RowSources:
    """What rows are made from. Examples of `parity` that cannot be a row are left out."""

    learned: Sequence[Example | LearnedItem]
    parity: Sequence[Example] = ()
    held_out: Sequence[LearnedItem] = ()


@dataclass(frozen=True)
class TaskPart:
    """What a plan has of one task: what rows are made from, and the examples that teach."""

    declaration: Declaration
    sources: RowSources
    taught: tuple[Example, ...] = ()


@dataclass(frozen=True)
class TaskExample:
    """An example with its task."""

    declaration: Declaration
    example: Example


@dataclass(frozen=True)
class RunRows:
    """The rows of a run. What is learned has its source beside each row, and the rows of parity are made from
    `parity_examples`.
    """

    learned: Sequence[LearnedPair]
    parity_rows: Sequence[TokenRow]
    parity_examples: tuple[TaskExample, ...]
    held_out: Sequence[LearnedRow]


def parity_candidates(split: Split) -> Sequence[Example]:
    """Held-out examples, and learned ones if these are few."""
    held_out = [row.example for row in sample_rows(split.held_out, PARITY_EXAMPLES)]
    return [*held_out, *split.examples[: PARITY_EXAMPLES - len(held_out)]]


async def encode_rows(engine: LlamaCpp, parts: Sequence[TaskPart]) -> RunRows:
    """The rows of all tasks for the model of an engine, which is closed then.

    Raises InputError for an example that cannot be a row, and if nothing can be learned.
    """
    tokenizer, limit = LlamaRowTokenizer(engine), min(engine.context, MAX_ROW_TOKENS)
    learned, held_out = list[LearnedPair](), list[LearnedRow]()
    parity = list[tuple[TaskExample, TokenRow]]()
    try:
        for part in parts:
            declaration, sources = part.declaration, part.sources
            learned += await learned_pairs(declaration, sources.learned, engine, tokenizer, limit)
            held_out += await learned_rows(declaration, sources.held_out, engine, tokenizer, limit)
            encoded = encodable(declaration, sources.parity, engine, tokenizer, limit)
            parity += [(TaskExample(declaration, example), row) async for example, row in encoded]
    finally:
        await engine.aclose()
    if not learned:
        raise InputError(
            f"the grammar of {parts[0].declaration.name} forces all of its answers, so there is nothing to learn",
            hint=f"plait show {task_address(parts[0].declaration)} prints the grammar",
        )
    return RunRows(learned, [row for _, row in parity], tuple(example for example, _ in parity), held_out)


async def encodable(
    declaration: Declaration,
    examples: Iterable[Example],
    model: ChatModel,
    tokenizer: RowTokenizer,
    limit: int,
) -> AsyncIterator[tuple[Example, TokenRow]]:
    """The examples with their rows, without those that cannot be one: a held-out answer may quote what is not there."""
    for example in examples:
        try:
            row = await token_row(declaration, example, model, tokenizer)
        except InputError:
            continue
        if len(row.token_ids) <= limit:
            yield example, row


def planned_row(config: MethodConfig, row: LearnedRow) -> LearnedRow | PromptRow:
    """The row as the method learns it: by sampled answers, its own is not."""
    if isinstance(config, GrpoConfig) and isinstance(row, TokenRow):
        return PromptRow(row.prompt, row.answer, config.group)
    return row
