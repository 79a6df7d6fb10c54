"""Whether words and pictures have met: measured now and then on fresh scenes, by what the model thinks likely.

These show binding long before greedy answers do (research/prototype-nano.md, 6).
"""

import random
from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.training.step_metrics import Signs
from plait.foundation.unified.metrics.auc import auc
from plait.foundation.unified.model.layers import Ragged
from plait.foundation.unified.model.unified_model import Unified
from plait.foundation.unified.objectives.batches import Shown, batch
from plait.foundation.unified.objectives.encoded_examples import example, located
from plait.foundation.unified.objectives.losses import Tags
from plait.foundation.unified.worlds.items import Item
from plait.foundation.unified.worlds.sampling import scene
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.task_items import item
from plait.foundation.unified.worlds.wording import LANGUAGES

ITEMS = 64  # of each sort: standard error .06, 0.4 s on one core
Asked = list[tuple[Scene, Item]]


@torch.no_grad()
def signs(model: Unified, vocabulary: Vocabulary, tags: Tags, seed: int) -> Signs:
    rng = random.Random(f"signs {seed}")
    located_ = drawn("locate", rng, lambda scene, item: len(scene.things) > 1 and item.kind == "noun")
    return Signs(
        noun_spread(model, vocabulary, tags, drawn("describe_region", rng)),
        *rank(model, vocabulary, located_),
        area(model, vocabulary, drawn("matches", rng), vocabulary.true, vocabulary.false),
        area_of_exists(model, vocabulary, drawn("ask", rng, lambda _, item: item.kind == "exists")),
    )


def drawn(task: str, rng: random.Random, fits: Callable[[Scene, Item], bool] = lambda scene, item: True) -> Asked:
    found: Asked = []
    while len(found) < ITEMS:
        about = scene(rng)
        asked = item(task, about, rng.choice(LANGUAGES), rng)
        if asked is not None and fits(about, asked):
            found.append((about, asked))
    return found


def begun(model: Unified, vocabulary: Vocabulary, asked: Asked, target: Int[Tensor, "n l"] | None = None) -> Tensor:
    """Log-probabilities of each id of the right answers, or of `target`."""
    shown = [Shown(None, (example(each, vocabulary),), about) for about, each in asked]
    read = batch(shown, vocabulary, model.size.grid).to(model.start.device)
    _, memory = model.read(model.see(read.pictures), read.which, read.source, read.words)
    target, written = (
        (read.target, read.written) if target is None else (target, torch.ones_like(target, dtype=torch.bool))
    )
    features, _ = model.write(memory, target, written)
    return Ragged(written).padded(model.logits(features).log_softmax(-1))


def noun_spread(model: Unified, vocabulary: Vocabulary, tags: Tags, asked: Asked) -> float:
    """Standard deviation of a noun's first logit over pictures, after the article or measure word; mean over words."""
    english = [each for each in asked if each[1].language == "en"]
    logits = begun(model, vocabulary, english)[:, 1]
    return float(logits[:, tags.ids].std(0).mean())


def rank(model: Unified, vocabulary: Vocabulary, asked: Asked) -> tuple[float, float]:
    """How often the named thing's box is likelier than that of the next thing, and the chance of that."""
    device = model.start.device

    def likelihood(things: list[int]) -> Float[Tensor, " n"]:
        boxes = [located(about.things[thing].box, vocabulary) for (about, _), thing in zip(asked, things, strict=True)]
        target = torch.tensor(boxes, device=device)
        return begun(model, vocabulary, asked, target).gather(-1, target[..., None]).sum((1, 2))

    named = [each.target[0] for _, each in asked]
    others = [(thing + 1) % len(about.things) for (about, _), thing in zip(asked, named, strict=True)]
    return float((likelihood(named) > likelihood(others)).float().mean()), 0.5


def area(model: Unified, vocabulary: Vocabulary, asked: Asked, yes: int, no: int) -> float:
    first = begun(model, vocabulary, asked)[:, 0]
    return auc((first[:, yes] - first[:, no]).tolist(), [each.answer is True for _, each in asked])


def area_of_exists(model: Unified, vocabulary: Vocabulary, asked: Asked) -> float:
    first = begun(model, vocabulary, asked)[:, 0]
    yes, no = ([vocabulary.encode(word)[0] for word in words] for words in (("yes", "是"), ("no", "否")))
    margin = first[:, yes].logsumexp(-1) - first[:, no].logsumexp(-1)
    return auc(margin.tolist(), [each.answer in ("yes", "是") for _, each in asked])
