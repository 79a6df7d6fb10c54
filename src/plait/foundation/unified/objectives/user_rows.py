"""The user's own rows as examples, tokenized as for any call of the task.

There is no scene behind them: the auxiliary losses know only their boxes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from plait.core.errors import InputError
from plait.core.task.derive import answer_grammar
from plait.core.values.call_context import call_context
from plait.core.values.json_value import InvalidValue
from plait.core.values.value_type import IMAGE, select_values
from plait.foundation.cards.instruction import BOX_FORMAT, ids_by_parameter, texts, wording_of
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.token_grammar import TokenGrammar
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.data.mixture import WeightedSource
from plait.foundation.data.resizing import letterbox_image
from plait.foundation.data.sources.bad_rows import left_out_lines
from plait.foundation.data.sources.row_checks import open_rows
from plait.foundation.data.sources.task_rows import LabelledRow, RowSource
from plait.foundation.unified.generation.answering import MAX_NEW_TOKENS
from plait.foundation.unified.generation.right_answers import sort_left_to_right
from plait.foundation.unified.objectives.batches import Sample
from plait.foundation.unified.objectives.box_supervision import add_grounding, example_boxes
from plait.foundation.unified.objectives.encoded_examples import TokenizedExample, task_declaration
from plait.foundation.unified.recipe import SourceConfig
from plait.types.image import Image


@dataclass(frozen=True, eq=False)
class UserRows:
    """Rows of one task; each is an image with one example."""

    rows: RowSource
    alphabet: Alphabet
    side: int

    @property
    def name(self) -> str:
        return self.rows.name

    @property
    def digest(self) -> str:
        return self.rows.digest

    @property
    def length(self) -> int:
        return self.rows.length

    def sample(self, index: int) -> Sample:
        """The row at an index.

        Raises InputError if the row cannot be used, or its answer exceeds the maximum length.
        """
        row = self.rows.sample(index)
        pictures = [
            letterbox_image(cast(Image, picture), self.side)
            for parameter in row.declaration.parameters
            for _, picture in select_values(
                parameter.value_type, row.example.inputs[parameter.name], lambda value_type: value_type.media == IMAGE
            )
        ]
        example = self.tokenize(row)
        return Sample(
            pictures[0] if pictures else None, (example,), boxes=example_boxes(example, self.alphabet.vocabulary)
        )

    def tokenize(self, row: LabelledRow) -> TokenizedExample:
        declaration, inputs = row.declaration, row.example.inputs
        context = call_context(declaration, inputs, by_name=True, box_format=BOX_FORMAT)
        values = {**inputs, "answer": row.example.answer}
        value_types = {parameter.name: parameter.value_type for parameter in declaration.parameters} | {
            "answer": declaration.answer
        }
        wording = wording_of(
            declaration, (text for name, value_type in value_types.items() for text in texts(value_type, values[name]))
        )
        pairs = ids_by_parameter(declaration, inputs, context, wording, self.alphabet.vocabulary)
        json_value = sort_left_to_right(declaration.answer.encode(row.example.answer, context))
        try:
            target = TokenGrammar(answer_grammar(declaration, context), self.alphabet).encode(json_value)
        except InvalidValue as error:
            raise InputError(f"{row.where}: the answer {error}", hint="correct it, or remove the row") from None
        if len(target) >= MAX_NEW_TOKENS:
            raise InputError(
                f"{row.where}: the answer takes {len(target):,} ids; the limit is {MAX_NEW_TOKENS - 1}",
                hint="shorten it, or remove the row",
            )
        source, no_things = tuple(id for id, _ in pairs), (None,)
        example = TokenizedExample(
            declaration.name, source, no_things * len(source), tuple(target), no_things * len(target)
        )
        text_positions = [
            position for position, (_, parameter) in enumerate(pairs) if parameter and value_types[parameter].is_text
        ]
        return add_grounding(example, text_positions, self.alphabet.vocabulary)


def user_sources(
    sources: Sequence[SourceConfig], folder: Path, vocabulary: Vocabulary, side: int
) -> tuple[WeightedSource[Sample], ...]:
    """Sources of a recipe; their paths are relative to `folder`. Raises InputError for a source that cannot be used."""
    alphabet = Alphabet(vocabulary)
    return tuple(
        WeightedSource(
            UserRows(
                open_rows(
                    folder / each.path, task_declaration(each.task), folder / each.images if each.images else None
                ),
                alphabet,
                side,
            ),
            each.weight,
        )
        for each in sources
    )


def bad_row_messages(parts: Sequence[WeightedSource[Sample]]) -> Iterator[str]:
    """Messages about skipped rows, to print before training."""
    for rows in (part.source.rows for part in parts if isinstance(part.source, UserRows)):
        yield from left_out_lines(rows.name, rows.bad_rows, rows.length + len(rows.bad_rows))
