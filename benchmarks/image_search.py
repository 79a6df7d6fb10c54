"""How well pictures are found by words and by a picture, beside a histogram of colours and beside chance.

    python -m benchmarks.image_search

Scenes as training draws them, and scenes in a style that it never shows. recall@k is the share of queries with a right
picture among the first k, as the field counts it (Flickr30k, COCO). What is searched for:

    noun      "a cat", 一只猫: right is each picture with a cat
    caption   all that a picture shows, and its ground: right are pictures that the same is said of
    relation  "a cat left of a dog", with the mirror image of each picture beside it: right is where it is so
    picture   the same things in other styles, at other places, on another ground: right are pictures of these things

The histogram is Swain and Ballard's (1991): how much of two pictures' colours is the same. It knows no words; for them
it is given the mean histogram of training scenes that show what is named.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import cast

import click
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.measure import report
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.generation.answering import Answerer, Pixels
from plait.foundation.unified.model.layers import norm
from plait.foundation.unified.search.embedding import Embedder, Embeddings
from plait.foundation.unified.search.ranking import Rows, SearchQuery, rank_rows, scores
from plait.foundation.unified.search.reranking import question_ids, yes_log_probs
from plait.foundation.unified.suite.baseline_training import training_scenes as of_training
from plait.foundation.unified.weights.model_lookup import load_model
from plait.foundation.unified.worlds import sampling
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.captions import caption, relation_caption
from plait.foundation.unified.worlds.items import Language, spans_text
from plait.foundation.unified.worlds.palette import GROUNDS, random_shade
from plait.foundation.unified.worlds.relations import clear_comparisons
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, Scene, Thing
from plait.foundation.unified.worlds.wording import LANGUAGES, lexicon_for

PICTURES, QUERIES = 1_000, 150
CUTOFFS = (1, 5, 10)
BINS = 8  # per colour channel
TRAINING_SCENES = 2_000
Floats = NDArray[np.float64]
Relations = frozenset[object]


@dataclass(frozen=True)
class Query:
    """A query. `right` marks each picture as relevant or not; `nouns` and `scene` are for the histogram."""

    relevant: NDArray[np.bool_]
    text: str = ""
    nouns: tuple[int, ...] = ()
    scene: Scene | None = None


Ranker = Callable[[Query], Rows]


@click.command(help=__doc__)
@click.option("--model", default="plait-nano", show_default=True)
@click.option("--limit", default=QUERIES, show_default=True)
def main(model: str, limit: int) -> None:
    torch.set_num_threads(1)
    unified_model = load_model(model)
    embedder, answerer = Embedder(unified_model, vocabulary()), Answerer(unified_model, vocabulary())
    figures = {split: evaluate(embedder, answerer, split, limit) for split in ("seen", "style")}
    report("image_search", {"model": model, "pictures": PICTURES, **figures})


def evaluate(embedder: Embedder, answerer: Answerer, split: sampling.Split, limit: int) -> dict[str, object]:
    rng = random.Random(f"image search {split}")
    gallery = [sampling.sample_scene(rng, split) for _ in range(PICTURES)]
    both_ways = [each for scene in gallery if horizontal_relations(scene) for each in (scene, mirror(scene))][
        : 2 * limit
    ]
    asked_of = {
        **{f"noun, {language}": (gallery, noun_queries(gallery, language, limit)) for language in LANGUAGES},
        **{f"caption, {language}": (gallery, caption_queries(gallery, language, limit)) for language in LANGUAGES},
        **{f"relation, {language}": (both_ways, relation_queries(both_ways, language, rng)) for language in LANGUAGES},
        "picture": (gallery, image_queries(gallery, limit, rng)),
    }
    return {
        name: recall_by_ranker(SceneGallery(embedder, answerer, relevant), queries)
        for name, (relevant, queries) in asked_of.items()
    }


# Queries


def noun_queries(gallery: Sequence[Scene], language: Language, limit: int) -> list[Query]:
    scene_names = [
        Query(scenes_with(gallery, noun), noun_phrase(noun, language), (noun,)) for noun in range(len(atlas().nouns))
    ]
    return [query for query in scene_names if query.relevant.any()][:limit]


def scenes_with(gallery: Sequence[Scene], noun: int) -> NDArray[np.bool_]:
    return np.array([any(thing.noun == noun for thing in scene.things) for scene in gallery])


def noun_phrase(noun: int, language: Language) -> str:
    name = lexicon_for(language).nouns[noun]
    return f"{name.article}{lexicon_for(language).space}{name.singular}"


def caption_queries(gallery: Sequence[Scene], language: Language, limit: int) -> list[Query]:
    texts = np.array([spans_text(caption(scene, lexicon_for(language))) for scene in gallery])
    pairs = zip(texts.tolist(), gallery, strict=True)
    return [Query(texts == text, text, scene_nouns(scene)) for text, scene in pairs][:limit]


def scene_nouns(scene: Scene) -> tuple[int, ...]:
    return tuple(dict.fromkeys(thing.noun for thing in scene.things))


def relation_queries(gallery: Sequence[Scene], language: Language, rng: random.Random) -> list[Query]:
    facts = [horizontal_relations(scene) for scene in gallery]
    return [relation_query(scene, facts, language, rng) for scene in gallery[::2]]


def relation_query(scene: Scene, relation_sets: Sequence[Relations], language: Language, rng: random.Random) -> Query:
    subject, side, reference, _ = rng.choice(
        [each for each in clear_comparisons(scene) if each[1] in ("left", "right")]
    )
    fact = (scene.things[subject].noun, side, scene.things[reference].noun)
    text = spans_text(relation_caption(scene, lexicon_for(language), subject, side, reference))
    return Query(np.array([fact in each for each in relation_sets]), text, (fact[0], fact[2]))


def horizontal_relations(scene: Scene) -> Relations:
    """Pairs of nouns with their left or right relation."""
    comparisons = [each for each in clear_comparisons(scene) if each[1] in ("left", "right")]
    return frozenset(
        (scene.things[subject].noun, side, scene.things[reference].noun) for subject, side, reference, _ in comparisons
    )


def mirror(scene: Scene) -> Scene:
    mirrored = [replace(thing, box=(CANVAS_SIDE - thing.box[2], thing.box[1], CANVAS_SIDE - thing.box[0], thing.box[3]))
              for thing in scene.things]  # fmt: skip
    return replace(scene, things=tuple(sorted(mirrored, key=lambda thing: thing.centre)))


def image_queries(gallery: Sequence[Scene], limit: int, rng: random.Random) -> list[Query]:
    noun_sets = [frozenset(scene_nouns(scene)) for scene in gallery]
    queries = (
        Query(np.array([each == nouns for each in noun_sets]), nouns=tuple(nouns), scene=restage(scene, rng))
        for scene, nouns in zip(gallery, noun_sets, strict=True)
    )
    return [query for _, query in zip(range(limit), (each for each in queries if each.scene), strict=False)]


def restage(scene: Scene, rng: random.Random) -> Scene | None:
    """The same nouns in other training styles, at other places, on another ground; None if that is impossible."""
    things: list[Thing] = []
    for thing in scene.things:
        styles = [s for s, noun in sampling.sprite_pool("seen", False) if noun == thing.noun and s != thing.style]
        style = rng.choice(styles) if styles else None
        box = None if style is None else sampling.random_box(rng, atlas().proportions(style, thing.noun), things)
        if style is None or box is None:
            return None
        things.append(Thing(thing.noun, style, box, rng.random() < 0.5, atlas().colour_of(style, thing.noun)))
    faint = atlas().faint
    grounds = [g for g in GROUNDS if g != scene.ground and not any(faint[t.style, t.noun, g] for t in things)]
    ground = rng.choice(grounds) if grounds else None
    ordered = tuple(sorted(things, key=lambda thing: thing.centre))
    return None if ground is None else Scene(ordered, ground, random_shade(ground, rng))


# Search methods


class SceneGallery:
    """A gallery with one picture per row, and its rankings for a query."""

    def __init__(self, embedder: Embedder, answerer: Answerer, gallery: Sequence[Scene]) -> None:
        self.embedder, self.answerer = embedder, answerer
        self.side = embedder.model.size.side
        self.images = [render_scene(scene, self.side) for scene in gallery]
        self.embeddings = self.embed(gallery)
        self.histograms = np.stack([histogram(scene) for scene in gallery])
        self.rng = np.random.default_rng(1)

    def embed(self, scenes: Sequence[Scene]) -> Embeddings:
        batches = [scenes[start : start + 32] for start in range(0, len(scenes), 32)]
        return np.concatenate(
            [self.embedder.embeddings([render_scene(each, self.side) for each in batch]) for batch in batches]
        )

    def search_target(self, query: Query) -> SearchQuery:
        return SearchQuery(query.text, None if query.scene is None else self.embed([query.scene]))

    def by_plait(self, query: Query) -> Rows:
        return np.array(
            [
                each.row
                for each in rank_rows(
                    self.embeddings, self.search_target(query), self.agreement_scorer(query), max(CUTOFFS)
                )
            ]
        )

    def agreement_scorer(self, query: Query) -> Callable[[Rows], Floats]:
        source = question_ids(query.text, vocabulary())
        return lambda rows: yes_log_probs(self.answerer, source, [self.images[row] for row in rows])

    def without_reranking(self, query: Query) -> Rows:
        return np.argsort(-scores(self.embeddings, self.search_target(query)), kind="stable")

    def by_features(self, query: Query) -> Rows:
        """Ranks by cosine of the encoder's features, pooled over all cells and centred at the gallery's mean."""
        features = np.concatenate(
            [self.features, self.pooled_features([render_scene(cast(Scene, query.scene), self.side)])]
        )
        features = features - self.features.mean(0)
        features /= np.linalg.norm(features, axis=1, keepdims=True)
        return np.argsort(-(features[:-1] @ features[-1]), kind="stable")

    @cached_property
    def features(self) -> Floats:
        return self.pooled_features(self.images)

    @torch.inference_mode()
    def pooled_features(self, images: Sequence[Pixels]) -> Floats:
        pixels = torch.from_numpy(np.stack(images))
        pooled = [norm(self.embedder.model.encode_image(batch).hidden_states).mean(1) for batch in pixels.split(32)]
        return torch.cat(pooled).double().numpy()

    def by_colours(self, query: Query) -> Rows:
        target = histogram(query.scene) if query.scene else np.mean([prototype(noun) for noun in query.nouns], axis=0)
        return np.argsort(-np.minimum(self.histograms, target).sum(1), kind="stable")

    def at_random(self, query: Query) -> Rows:
        return self.rng.permutation(len(self.images))


def histogram(scene: Scene) -> Floats:
    return colour_histogram(render_scene(scene))


def colour_histogram(pixels: NDArray[np.uint8]) -> Floats:
    red, green, blue = np.moveaxis(pixels.astype(int) * BINS // 256, -1, 0)
    return np.bincount((red * BINS**2 + green * BINS + blue).ravel(), minlength=BINS**3) / red.size


@cache
def prototype(noun: int) -> Floats:
    return np.mean(
        [histogram(scene) for scene in of_training()[:TRAINING_SCENES] if noun in scene_nouns(scene)], axis=0
    )


def recall_by_ranker(scene_gallery: SceneGallery, queries: Sequence[Query]) -> dict[str, object]:
    orders: dict[str, Ranker] = {"plait": scene_gallery.by_plait}
    if queries[0].text:
        orders["without a second look"] = scene_gallery.without_reranking
    else:
        orders["mean of cells"] = scene_gallery.by_features
    orders |= {"colour histogram": scene_gallery.by_colours, "random": scene_gallery.at_random}
    return {"queries": len(queries), **{name: recall(order, queries) for name, order in orders.items()}}


def recall(ranker: Ranker, queries: Sequence[Query]) -> dict[str, float]:
    hits = np.stack([query.relevant[ranker(query)[: max(CUTOFFS)]] for query in queries])
    num_relevant = np.array([min(query.relevant.sum(), max(CUTOFFS)) for query in queries])
    figures = {f"recall@{k}": round(float(hits[:, :k].any(1).mean()), 3) for k in CUTOFFS}
    return {**figures, "of all right ones, in the first 10": round(float((hits.sum(1) / num_relevant).mean()), 3)}


if __name__ == "__main__":
    main()
