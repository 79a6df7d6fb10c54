"""Probes of the binding between words and images, measured at intervals on fresh scenes from probabilities.

They show binding long before greedy answers do.
"""

import random
from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.unified.metrics.auc import auc
from plait.foundation.unified.model.layers import SequencePacking
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batches import Sample, collate
from plait.foundation.unified.objectives.encoded_examples import location_ids, tokenize_item
from plait.foundation.unified.objectives.losses import TagLoss
from plait.foundation.unified.worlds.items import Item
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.task_items import make_item
from plait.foundation.unified.worlds.wording import LANGUAGES

RANK_CHANCE = 0.5  # of two boxes
PROBE_ITEMS = 64  # of each kind: standard error .06, 0.4 s on one core
SceneItems = list[tuple[Scene, Item]]


@torch.no_grad()
def measure_probes(model: UnifiedModel, vocabulary: Vocabulary, tag_loss: TagLoss, seed: int) -> dict[str, float]:
    """Measures the binding between words and images, on fresh scenes that follow from the seed.

    `noun_spread` is the standard deviation of a noun's logit over the images, the mean of all nouns. `rank` is how
    often the box of the named thing is likelier than that of another thing in the image; chance is RANK_CHANCE.
    `matches_auc` and `exists_auc` are areas under the ROC curve of yes over no.
    """
    rng = random.Random(f"signs {seed}")
    locate_items = sample_items("locate", rng, lambda scene, item: len(scene.things) > 1 and item.kind == "noun")
    return {
        "noun_spread": noun_spread(model, vocabulary, tag_loss, sample_items("describe_region", rng)),
        "rank": rank_accuracy(model, vocabulary, locate_items),
        "matches_auc": yes_no_auc(model, vocabulary, sample_items("matches", rng), vocabulary.true, vocabulary.false),
        "exists_auc": exists_auc(model, vocabulary, sample_items("ask", rng, lambda _, item: item.kind == "exists")),
    }


def sample_items(
    task: str, rng: random.Random, accepts: Callable[[Scene, Item], bool] = lambda scene, item: True
) -> SceneItems:
    scene_items: SceneItems = []
    while len(scene_items) < PROBE_ITEMS:
        scene = sample_scene(rng)
        item = make_item(task, scene, rng.choice(LANGUAGES), rng)
        if item is not None and accepts(scene, item):
            scene_items.append((scene, item))
    return scene_items


def answer_log_probs(
    model: UnifiedModel, vocabulary: Vocabulary, scene_items: SceneItems, target: Int[Tensor, "n l"] | None = None
) -> Tensor:
    """Log-probabilities of each id of the right answers, or of `target`."""
    samples = [Sample(None, (tokenize_item(each, vocabulary),), scene) for scene, each in scene_items]
    batch = collate(samples, vocabulary, model.size.grid).to(model.start.device)
    _, memory = model.encode_text(
        model.encode_image(batch.pictures), batch.image_index, batch.input_ids, batch.attention_mask
    )
    target, target_mask = (
        (batch.target_ids, batch.target_mask) if target is None else (target, torch.ones_like(target, dtype=torch.bool))
    )
    features, _ = model.decode(memory, target, target_mask)
    return SequencePacking(target_mask).pad(model.logits(features).log_softmax(-1))


def noun_spread(model: UnifiedModel, vocabulary: Vocabulary, tag_loss: TagLoss, scene_items: SceneItems) -> float:
    """Standard deviation of a noun's first logit over images, after the article or measure word; mean over words."""
    english = [each for each in scene_items if each[1].language == "en"]
    logits = answer_log_probs(model, vocabulary, english)[:, 1]
    return float(logits[:, tag_loss.ids].std(0).mean())


def rank_accuracy(model: UnifiedModel, vocabulary: Vocabulary, scene_items: SceneItems) -> float:
    """Share of items in which the named thing's box is likelier than that of the next thing."""
    device = model.start.device

    def likelihood(things: list[int]) -> Float[Tensor, " n"]:
        boxes = [
            location_ids(scene.things[thing].box, vocabulary)
            for (scene, _), thing in zip(scene_items, things, strict=True)
        ]
        target = torch.tensor(boxes, device=device)
        return answer_log_probs(model, vocabulary, scene_items, target).gather(-1, target[..., None]).sum((1, 2))

    target_things = [each.target[0] for _, each in scene_items]
    next_things = [
        (thing + 1) % len(scene.things) for (scene, _), thing in zip(scene_items, target_things, strict=True)
    ]
    return float((likelihood(target_things) > likelihood(next_things)).float().mean())


def yes_no_auc(model: UnifiedModel, vocabulary: Vocabulary, scene_items: SceneItems, yes: int, no: int) -> float:
    log_probs = answer_log_probs(model, vocabulary, scene_items)[:, 0]
    return auc((log_probs[:, yes] - log_probs[:, no]).tolist(), [each.answer is True for _, each in scene_items])


def exists_auc(model: UnifiedModel, vocabulary: Vocabulary, scene_items: SceneItems) -> float:
    log_probs = answer_log_probs(model, vocabulary, scene_items)[:, 0]
    yes, no = ([vocabulary.encode(word)[0] for word in word_pair] for word_pair in (("yes", "是"), ("no", "否")))
    margin = log_probs[:, yes].logsumexp(-1) - log_probs[:, no].logsumexp(-1)
    return auc(margin.tolist(), [each.answer in ("yes", "是") for _, each in scene_items])
