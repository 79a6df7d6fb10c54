"""A trained model as a solver: asked in the tasks' own words, held to the tasks' own grammars."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast

from plait.core.grammar.ast import Grammar
from plait.core.task.derive import answer_grammar
from plait.core.values.value_type import Beside, Json
from plait.foundation.cards.instruction import FRAME
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.generation.answering import Answered, Answerer, Question
from plait.foundation.unified.generation.image_decoding import USUAL, Manner
from plait.foundation.unified.generation.painter import Commission, Hole, Painter
from plait.foundation.unified.holes import patched
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.model.unified_model import Unified
from plait.foundation.unified.objectives.encoded_examples import declared, example
from plait.foundation.unified.suite.solver import Said
from plait.foundation.unified.weights.model_lookup import trained
from plait.foundation.unified.worlds.items import Answer, Item
from plait.foundation.unified.worlds.painting_items import hole_of
from plait.foundation.unified.worlds.rendering import drawn
from plait.foundation.unified.worlds.scene import SIDE, Corners, Scene
from plait.foundation.unified.worlds.task_items import PAINTED
from plait.types.box.frames import BINS


class Trained:
    """Asks for as many answers at once as it is given; pictures are painted in one manner."""

    def __init__(self, name: str, model: Unified, manner: Manner = USUAL) -> None:
        self.name = name
        self.answerer = Answerer(model, vocabulary())
        self.painter, self.manner = Painter(self.answerer, image_tokenizer()), manner

    def answers(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> Sequence[Said]:
        if items[0].task in PAINTED:
            return self.pictures(items, scenes)
        questions = [self.question(*each) for each in zip(items, scenes, strict=True)]
        found = self.answerer.answers(questions)
        return [Said(answer_of(item, each), each.leaning) for item, each in zip(items, found, strict=True)]

    def pictures(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> list[Said]:
        """Painted in the usual manner; the seed of each is its place."""
        pairs = enumerate(zip(items, scenes, strict=True))
        asked = [self.commission(item, scene, seed) for seed, (item, scene) in pairs]
        found = self.painter.pictures(asked, self.manner)
        return [
            Said(patched(each.hole.canvas, each.hole.corners, picture) if each.hole else picture)
            for each, picture in zip(asked, found, strict=True)
        ]

    def commission(self, item: Item, scene: Scene | None, seed: int) -> Commission:
        source = example(item, self.answerer.vocabulary).source
        if scene is None:
            return Commission(source, None, seed)
        size = self.answerer.model.size
        return Commission(source, Hole(drawn(scene, size.side), drawn(scene, size.canvas), hole_of(item)), seed)

    def question(self, item: Item, scene: Scene | None) -> Question:
        picture = None if scene is None else drawn(scene, self.answerer.model.size.side)
        return Question(example(item, self.answerer.vocabulary).source, picture, grammar_of(item.task))


@cache
def grammar_of(task: str) -> Grammar:
    return answer_grammar(declared(task), Beside(frame=FRAME))


def answer_of(item: Item, found: Answered) -> Answer | None:
    """The answer as the world has it: boxes in pixels of its canvas. None where it was cut short."""
    wire = found.wire
    if not found.whole:
        return None
    match item.task:
        case "locate":
            return corners(wire)
        case "detect":
            rows = cast("list[Mapping[str, Json]]", wire)
            return tuple((corners(row["where"]), str(row["what"])) for row in rows)
        case _:
            return cast("str | bool", wire)


def corners(bins: Json) -> Corners:
    x0, y0, x1, y1 = (round(cast(int, bin) / (BINS - 1) * SIDE) for bin in cast("list[Json]", bins))
    return x0, y0, max(x0 + 1, x1), max(y0 + 1, y1)


def solver(name: str) -> Trained:
    """A trained model by what a person calls it. Raises NoModel."""
    path = Path(name)
    return Trained(path.name if path.is_dir() else path.stem, trained(name, also=("majority", "blind", "nearest")))
