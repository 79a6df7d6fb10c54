"""Solver with a trained model, which uses the tasks' own instructions and grammars."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast

from plait.core.grammar.ast import Grammar
from plait.core.task.derive import answer_grammar
from plait.core.values.call_context import CallContext
from plait.core.values.json_value import Json
from plait.foundation.cards.instruction import BOX_FORMAT
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.generation.answering import Answerer, AnswerRequest, GeneratedAnswer
from plait.foundation.unified.generation.image_decoding import DEFAULT_SAMPLING, PaintSampling
from plait.foundation.unified.generation.painter import Hole, Painter, PaintRequest
from plait.foundation.unified.holes import with_patched_hole
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.encoded_examples import task_declaration, tokenize_item
from plait.foundation.unified.suite.solver import Prediction
from plait.foundation.unified.weights.model_lookup import load_model
from plait.foundation.unified.worlds.items import Answer, Item
from plait.foundation.unified.worlds.painting_items import hole_fractions
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, PixelBox, Scene
from plait.foundation.unified.worlds.task_items import IMAGE_TASKS
from plait.types.box.box_formats import BINS


class TrainedSolver:
    """Answers each call in one batch; pictures are generated with `sampling`."""

    def __init__(self, name: str, model: UnifiedModel, sampling: PaintSampling = DEFAULT_SAMPLING) -> None:
        self.name = name
        self.answerer = Answerer(model, vocabulary())
        self.painter, self.sampling = Painter(self.answerer, image_tokenizer()), sampling

    def answers(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> Sequence[Prediction]:
        if items[0].task in IMAGE_TASKS:
            return self.paint(items, scenes)
        questions = [self.answer_request(*each) for each in zip(items, scenes, strict=True)]
        outputs = self.answerer.answers(questions)
        return [
            Prediction(answer_from_output(item, each), each.true_logit_margin)
            for item, each in zip(items, outputs, strict=True)
        ]

    def paint(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> list[Prediction]:
        """Generates pictures; the seed of each is its position in the call."""
        pairs = enumerate(zip(items, scenes, strict=True))
        requests = [self.paint_request(item, scene, seed) for seed, (item, scene) in pairs]
        pictures = self.painter.paint(requests, self.sampling)
        return [
            Prediction(with_patched_hole(each.hole.canvas, each.hole.box, picture) if each.hole else picture)
            for each, picture in zip(requests, pictures, strict=True)
        ]

    def paint_request(self, item: Item, scene: Scene | None, seed: int) -> PaintRequest:
        source = tokenize_item(item, self.answerer.vocabulary).input_ids
        if scene is None:
            return PaintRequest(source, None, seed)
        size = self.answerer.model.size
        return PaintRequest(
            source, Hole(render_scene(scene, size.side), render_scene(scene, size.canvas), hole_fractions(item)), seed
        )

    def answer_request(self, item: Item, scene: Scene | None) -> AnswerRequest:
        picture = None if scene is None else render_scene(scene, self.answerer.model.size.side)
        return AnswerRequest(tokenize_item(item, self.answerer.vocabulary).input_ids, picture, task_grammar(item.task))


@cache
def task_grammar(task: str) -> Grammar:
    return answer_grammar(task_declaration(task), CallContext(box_format=BOX_FORMAT))


def answer_from_output(item: Item, output: GeneratedAnswer) -> Answer | None:
    """The answer in the format of the worlds, with boxes in pixels of the canvas; None if it was cut."""
    json_value = output.json_value
    if not output.is_complete:
        return None
    match item.task:
        case "locate":
            return box_from_bins(json_value)
        case "detect":
            rows = cast("list[Mapping[str, Json]]", json_value)
            return tuple((box_from_bins(row["where"]), str(row["what"])) for row in rows)
        case _:
            return cast("str | bool", json_value)


def box_from_bins(bins: Json) -> PixelBox:
    x0, y0, x1, y1 = (round(cast(int, bin) / (BINS - 1) * CANVAS_SIDE) for bin in cast("list[Json]", bins))
    return x0, y0, max(x0 + 1, x1), max(y0 + 1, y1)


def trained_solver(name: str) -> TrainedSolver:
    """Loads a trained model by name. Raises ModelNotFound."""
    path = Path(name)
    return TrainedSolver(
        path.name if path.is_dir() else path.stem, load_model(name, other_names=("majority", "blind", "nearest"))
    )
