"""The user's own rows as examples: read and written as any task is, without a scene behind them.

Of what the auxiliary losses know of a world they know the boxes of these.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from plait.core.errors import InputError
from plait.core.task.derive import answer_grammar
from plait.core.task.signature import beside_inputs
from plait.core.values.value_type import Json, WireError, held
from plait.foundation.cards.instruction import FRAME, ids_by_slot, texts, wording_of
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.token_grammar import TokenGrammar
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.data.mixture import Part
from plait.foundation.data.resizing import squared
from plait.foundation.data.sources.bad_rows import SHOWN
from plait.foundation.data.sources.row_checks import opened
from plait.foundation.data.sources.task_rows import Labelled, Rows
from plait.foundation.unified.generation.answering import LENGTH
from plait.foundation.unified.objectives.batches import Shown
from plait.foundation.unified.objectives.box_supervision import boxes_told, pointed
from plait.foundation.unified.objectives.encoded_examples import Example, declared
from plait.foundation.unified.recipe import Source
from plait.types.image.image import Image


@dataclass(frozen=True, eq=False)
class Own:
    """Rows of one task; each is a picture with one example."""

    rows: Rows
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

    def sample(self, place: int) -> Shown:
        """Raises InputError where the row turns out to be none, or its answer is longer than any that is written."""
        labelled = self.rows.sample(place)
        pictures = [
            squared(cast(Image, picture), self.side)
            for slot in labelled.declaration.slots
            for _, picture in held("image", slot.kind, labelled.example.inputs[slot.name])
        ]
        example = self.example(labelled)
        return Shown(pictures[0] if pictures else None, (example,), boxes=boxes_told(example, self.alphabet.symbols))

    def example(self, labelled: Labelled) -> Example:
        declaration, inputs = labelled.declaration, labelled.example.inputs
        beside = beside_inputs(declaration.targets, inputs, named=True, frame=FRAME)
        values = {**inputs, "answer": labelled.example.answer}
        kinds = {slot.name: slot.kind for slot in declaration.slots} | {"answer": declaration.answer}
        wording = wording_of(declaration, (text for name, kind in kinds.items() for text in texts(kind, values[name])))
        pairs = ids_by_slot(declaration, inputs, beside, wording, self.alphabet.symbols)
        wire = from_left_to_right(declaration.answer.encode(labelled.example.answer, beside))
        try:
            target = TokenGrammar(answer_grammar(declaration, beside), self.alphabet).written(wire)
        except WireError as fault:
            raise InputError(f"{labelled.where}: the answer {fault}", way_out="mend it, or take the row out") from None
        if len(target) >= LENGTH:
            raise InputError(
                f"{labelled.where}: the answer takes {len(target):,} ids, and {LENGTH - 1} are the most",
                way_out="shorten it, or take the row out",
            )
        source, nothing = tuple(id for id, _ in pairs), (None,)
        plain = Example(declaration.name, source, nothing * len(source), tuple(target), nothing * len(target))
        words = [place for place, (_, slot) in enumerate(pairs) if slot and kinds[slot].name == "text"]
        return pointed(plain, words, self.alphabet.symbols)


def from_left_to_right(wire: Json) -> Json:
    """A list of things with boxes in the order in which the worlds write them: one order is learned sooner."""
    if not isinstance(wire, list) or not all(isinstance(each, dict) for each in wire):
        return wire
    return sorted(wire, key=middle)


def middle(item: Json) -> tuple[float, float]:
    """Twice the middle of an item's first box, across and down; the beginning for one without."""
    assert isinstance(item, dict)
    boxes = (each for each in item.values() if isinstance(each, list) and len(each) == 4)
    x0, y0, x1, y1 = next(boxes, (0, 0, 0, 0))  # type: ignore[misc]
    return x0 + x1, y0 + y1  # type: ignore[operator, return-value]


def own_parts(sources: Sequence[Source], folder: Path, vocabulary: Vocabulary, side: int) -> tuple[Part[Shown], ...]:
    """The sources of a recipe whose paths are meant from a folder. Raises InputError for one that cannot be used."""
    alphabet = Alphabet(vocabulary)
    return tuple(
        Part(
            Own(
                opened(folder / each.path, declared(each.task), folder / each.images if each.images else None),
                alphabet,
                side,
            ),
            each.weight,
        )
        for each in sources
    )


def bad_rows(parts: Sequence[Part[Shown]]) -> Iterator[str]:
    """What is to be said of rows that were left out, before anything is learned."""
    for rows in (part.source.rows for part in parts if isinstance(part.source, Own)):
        if rows.bad:
            yield f"{rows.name}: {len(rows.bad):,} of {rows.length + len(rows.bad):,} rows are left out"
            yield from (f"  {row}" for row in rows.bad[:SHOWN])
