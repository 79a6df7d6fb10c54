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
from plait.foundation.unified.search.ranking import Rows, Wanted, ranked, scores
from plait.foundation.unified.search.reranking import agreement, asked
from plait.foundation.unified.suite.baseline_training import scenes as of_training
from plait.foundation.unified.weights.model_lookup import trained
from plait.foundation.unified.worlds import sampling
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.captions import caption, related
from plait.foundation.unified.worlds.items import Language, said
from plait.foundation.unified.worlds.palette import GROUNDS, shade
from plait.foundation.unified.worlds.relations import compared
from plait.foundation.unified.worlds.rendering import drawn
from plait.foundation.unified.worlds.scene import SIDE, Scene, Thing
from plait.foundation.unified.worlds.wording import LANGUAGES, voice

PICTURES, QUERIES = 1_000, 150
AT = (1, 5, 10)
BINS = 8  # of each of red, green and blue
LEARNED_FROM = 2_000
Floats = NDArray[np.float64]
Facts = frozenset[object]


@dataclass(frozen=True)
class Query:
    """`right` tells of each picture whether it is to be found; `nouns` and `scene` are for the histogram."""

    right: NDArray[np.bool_]
    words: str = ""
    nouns: tuple[int, ...] = ()
    scene: Scene | None = None


Order = Callable[[Query], Rows]


@click.command(help=__doc__)
@click.option("--model", default="plait-nano", show_default=True)
@click.option("--limit", default=QUERIES, show_default=True)
def main(model: str, limit: int) -> None:
    torch.set_num_threads(1)
    known = trained(model)
    embedder, answerer = Embedder(known, vocabulary()), Answerer(known, vocabulary())
    figures = {split: measured(embedder, answerer, split, limit) for split in ("seen", "style")}
    report("image_search", {"model": model, "pictures": PICTURES, **figures})


def measured(embedder: Embedder, answerer: Answerer, split: sampling.Split, limit: int) -> dict[str, object]:
    rng = random.Random(f"image search {split}")
    gallery = [sampling.scene(rng, split) for _ in range(PICTURES)]
    both_ways = [each for scene in gallery if comparisons(scene) for each in (scene, mirrored(scene))][: 2 * limit]
    asked_of = {
        **{f"noun, {language}": (gallery, nouns(gallery, language, limit)) for language in LANGUAGES},
        **{f"caption, {language}": (gallery, captions(gallery, language, limit)) for language in LANGUAGES},
        **{f"relation, {language}": (both_ways, relations(both_ways, language, rng)) for language in LANGUAGES},
        "picture": (gallery, restagings(gallery, limit, rng)),
    }
    return {name: told(Searched(embedder, answerer, of), queries) for name, (of, queries) in asked_of.items()}


# What is searched for


def nouns(gallery: Sequence[Scene], language: Language, limit: int) -> list[Query]:
    said_of = [Query(shows(gallery, noun), named(noun, language), (noun,)) for noun in range(len(atlas().nouns))]
    return [query for query in said_of if query.right.any()][:limit]


def shows(gallery: Sequence[Scene], noun: int) -> NDArray[np.bool_]:
    return np.array([any(thing.noun == noun for thing in scene.things) for scene in gallery])


def named(noun: int, language: Language) -> str:
    name = voice(language).nouns[noun]
    return f"{name.article}{voice(language).blank}{name.single}"


def captions(gallery: Sequence[Scene], language: Language, limit: int) -> list[Query]:
    texts = np.array([said(caption(scene, voice(language))) for scene in gallery])
    pairs = zip(texts.tolist(), gallery, strict=True)
    return [Query(texts == text, text, things(scene)) for text, scene in pairs][:limit]


def things(scene: Scene) -> tuple[int, ...]:
    return tuple(dict.fromkeys(thing.noun for thing in scene.things))


def relations(gallery: Sequence[Scene], language: Language, rng: random.Random) -> list[Query]:
    facts = [comparisons(scene) for scene in gallery]
    return [relation(scene, facts, language, rng) for scene in gallery[::2]]


def relation(scene: Scene, facts: Sequence[Facts], language: Language, rng: random.Random) -> Query:
    subject, side, of, _ = rng.choice([each for each in compared(scene) if each[1] in ("left", "right")])
    fact = (scene.things[subject].noun, side, scene.things[of].noun)
    words = said(related(scene, voice(language), subject, side, of))
    return Query(np.array([fact in each for each in facts]), words, (fact[0], fact[2]))


def comparisons(scene: Scene) -> Facts:
    """Which noun lies left or right of which other."""
    found = [each for each in compared(scene) if each[1] in ("left", "right")]
    return frozenset((scene.things[subject].noun, side, scene.things[of].noun) for subject, side, of, _ in found)


def mirrored(scene: Scene) -> Scene:
    turned = [replace(thing, box=(SIDE - thing.box[2], thing.box[1], SIDE - thing.box[0], thing.box[3]))
              for thing in scene.things]  # fmt: skip
    return replace(scene, things=tuple(sorted(turned, key=lambda thing: thing.centre)))


def restagings(gallery: Sequence[Scene], limit: int, rng: random.Random) -> list[Query]:
    shown = [frozenset(things(scene)) for scene in gallery]
    queries = (
        Query(np.array([each == of for each in shown]), nouns=tuple(of), scene=restaged(scene, rng))
        for scene, of in zip(gallery, shown, strict=True)
    )
    return [query for _, query in zip(range(limit), (each for each in queries if each.scene), strict=False)]


def restaged(scene: Scene, rng: random.Random) -> Scene | None:
    """The same nouns in other styles of training, elsewhere, on another ground; None where that cannot be."""
    placed: list[Thing] = []
    for thing in scene.things:
        styles = [s for s, noun in sampling.identities("seen", False) if noun == thing.noun and s != thing.style]
        style = rng.choice(styles) if styles else None
        box = None if style is None else sampling.place(rng, atlas().proportions(style, thing.noun), placed)
        if style is None or box is None:
            return None
        placed.append(Thing(thing.noun, style, box, rng.random() < 0.5, atlas().colour_of(style, thing.noun)))
    faint = atlas().faint
    grounds = [g for g in GROUNDS if g != scene.ground and not any(faint[t.style, t.noun, g] for t in placed)]
    ground = rng.choice(grounds) if grounds else None
    ordered = tuple(sorted(placed, key=lambda thing: thing.centre))
    return None if ground is None else Scene(ordered, ground, shade(ground, rng))


# Who searches


class Searched:
    """A gallery, each row of it a picture, and the orders that it is put into for a query."""

    def __init__(self, embedder: Embedder, answerer: Answerer, gallery: Sequence[Scene]) -> None:
        self.embedder, self.answerer = embedder, answerer
        self.side = embedder.model.size.side
        self.squares = [drawn(scene, self.side) for scene in gallery]
        self.embeddings = self.embedded(gallery)
        self.histograms = np.stack([histogram(scene) for scene in gallery])
        self.rng = np.random.default_rng(1)

    def embedded(self, scenes: Sequence[Scene]) -> Embeddings:
        parts = [scenes[first : first + 32] for first in range(0, len(scenes), 32)]
        return np.concatenate([self.embedder.embeddings([drawn(each, self.side) for each in part]) for part in parts])

    def wanted(self, query: Query) -> Wanted:
        return Wanted(query.words, None if query.scene is None else self.embedded([query.scene]))

    def plait(self, query: Query) -> Rows:
        return np.array([each.row for each in ranked(self.embeddings, self.wanted(query), self.agree(query), max(AT))])

    def agree(self, query: Query) -> Callable[[Rows], Floats]:
        source = asked(query.words, vocabulary())
        return lambda rows: agreement(self.answerer, source, [self.squares[row] for row in rows])

    def without_second_look(self, query: Query) -> Rows:
        return np.argsort(-scores(self.embeddings, self.wanted(query)), kind="stable")

    def by_features(self, query: Query) -> Rows:
        """By the cosine of what the encoder says of all cells together, from the gallery's mean."""
        of = np.concatenate([self.features, self.pooled([drawn(cast(Scene, query.scene), self.side)])])
        of = of - self.features.mean(0)
        of /= np.linalg.norm(of, axis=1, keepdims=True)
        return np.argsort(-(of[:-1] @ of[-1]), kind="stable")

    @cached_property
    def features(self) -> Floats:
        return self.pooled(self.squares)

    @torch.inference_mode()
    def pooled(self, squares: Sequence[Pixels]) -> Floats:
        pixels = torch.from_numpy(np.stack(squares))
        parts = [norm(self.embedder.model.see(part).tokens).mean(1) for part in pixels.split(32)]
        return torch.cat(parts).double().numpy()

    def by_colours(self, query: Query) -> Rows:
        wanted = histogram(query.scene) if query.scene else np.mean([prototype(noun) for noun in query.nouns], axis=0)
        return np.argsort(-np.minimum(self.histograms, wanted).sum(1), kind="stable")

    def at_random(self, query: Query) -> Rows:
        return self.rng.permutation(len(self.squares))


def histogram(scene: Scene) -> Floats:
    return counted(drawn(scene))


def counted(pixels: NDArray[np.uint8]) -> Floats:
    red, green, blue = np.moveaxis(pixels.astype(int) * BINS // 256, -1, 0)
    return np.bincount((red * BINS**2 + green * BINS + blue).ravel(), minlength=BINS**3) / red.size


@cache
def prototype(noun: int) -> Floats:
    return np.mean([histogram(scene) for scene in of_training()[:LEARNED_FROM] if noun in things(scene)], axis=0)


def told(searched: Searched, queries: Sequence[Query]) -> dict[str, object]:
    orders: dict[str, Order] = {"plait": searched.plait}
    if queries[0].words:
        orders["without a second look"] = searched.without_second_look
    else:
        orders["mean of cells"] = searched.by_features
    orders |= {"colour histogram": searched.by_colours, "random": searched.at_random}
    return {"queries": len(queries), **{name: recall(order, queries) for name, order in orders.items()}}


def recall(order: Order, queries: Sequence[Query]) -> dict[str, float]:
    hits = np.stack([query.right[order(query)[: max(AT)]] for query in queries])
    of = np.array([min(query.right.sum(), max(AT)) for query in queries])
    told = {f"recall@{k}": round(float(hits[:, :k].any(1).mean()), 3) for k in AT}
    return {**told, "of all right ones, in the first 10": round(float((hits.sum(1) / of).mean()), 3)}


if __name__ == "__main__":
    main()
