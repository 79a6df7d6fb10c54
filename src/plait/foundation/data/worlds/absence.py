"""Nouns that nothing in a scene could be called by, for what is false of it."""

import random
from functools import cache

import numpy as np

from plait.foundation.data.worlds.atlas import atlas
from plait.foundation.data.worlds.scene import Scene

# One may well be called by the other's name, so neither is said to be absent where the other is.
NEAR = (("egg", "fried egg"), ("phone", "telephone"), ("fish", "shark"))
TRIES = 20


def absent(scene: Scene, rng: random.Random) -> int:
    """Half of the time of the class of something in the scene, if there are others of it."""
    barred = confusable(scene)
    sibling = drawn(of_one_kind()[rng.choice(scene.things).noun], barred, rng) if rng.random() < 0.5 else None
    while sibling is None:
        sibling = drawn(often(), barred, rng)
    return sibling


def drawn(nouns: tuple[int, ...], barred: set[int], rng: random.Random) -> int | None:
    """One of the nouns that is not barred, None if TRIES found none: quicker than to sift them all."""
    for _ in range(TRIES if nouns else 0):
        noun = rng.choice(nouns)
        if noun not in barred:
            return noun
    return None


def confusable(scene: Scene) -> set[int]:
    """The nouns of the scene and those that could be meant by them."""
    barred = {thing.noun for thing in scene.things}
    return barred.union(*(near().get(noun, ()) for noun in barred))


@cache
def of_one_kind() -> tuple[tuple[int, ...], ...]:
    """For each noun the nouns of its class, as often as they are drawn."""
    nouns = atlas().nouns
    return tuple(tuple(other for other in often() if nouns[other].kind == noun.kind) for noun in nouns)


@cache
def often() -> tuple[int, ...]:
    """The nouns, each once for every picture of it that training may show.

    A noun that is as often said to be absent as it is shown is not known by itself to be absent: with each noun equally
    often, the words of a question alone told its answer with AUC 0.54.
    """
    of = atlas()
    shown = zip(of.styles, of.present & ~of.held_out, strict=True)
    return tuple(noun for style, nouns in shown if style.training for noun in np.flatnonzero(nouns).tolist())


@cache
def near() -> dict[int, tuple[int, ...]]:
    index = {noun.en: number for number, noun in enumerate(atlas().nouns)}
    pairs = [(index[one], index[other]) for one, other in NEAR if one in index and other in index]
    return {one: (other,) for pair in pairs for one, other in (pair, pair[::-1])}
