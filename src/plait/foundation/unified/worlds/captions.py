"""What a picture shows, in one canonical form per language, and shorter texts that are also true of it."""

from plait.foundation.unified.worlds.items import Item, Words, said
from plait.foundation.unified.worlds.relations import Relation, named
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.wording import Voice, both, counted, filled, listed, one, sentence, word

CAPTION = both("{0} on{1} ground", "{1}背景上有{0}")
GROUND = both("{0} ground", "{0}背景")
RELATED = {
    "left": both("{0} left of{1}", "{0}在{1}左边"),
    "right": both("{0} right of{1}", "{0}在{1}右边"),
    "above": both("{0} above{1}", "{0}在{1}上面"),
    "below": both("{0} below{1}", "{0}在{1}下面"),
}


def described(scene: Scene, voice: Voice) -> Item:
    words = caption(scene, voice)
    everything = tuple(range(len(scene.things)))
    return Item("describe", voice.language, {}, said(words), str(len(everything)), everything)


def caption(scene: Scene, voice: Voice) -> Words:
    """Everything from left to right, equal nouns counted together, and the ground."""
    return filled(CAPTION[voice.language], shown(scene, voice), tinted(voice, scene.ground))


def shown(scene: Scene, voice: Voice) -> Words:
    return listed(voice, [all_of(scene, voice, noun) for noun in dict.fromkeys(thing.noun for thing in scene.things)])


def all_of(scene: Scene, voice: Voice, noun: int) -> Words:
    """A cat, or two cats where there are two: so that 一只猫 is never said of two."""
    names = named(scene, noun)
    return counted(voice, len(names), voice.nouns[noun], names)


def tinted(voice: Voice, colour: int) -> Words:
    """A blue; 蓝色. What the ground is."""
    name = voice.colours[colour]
    return word(voice, name.article) + word(voice, name.single) if name.article else word(voice, name.single)


def ground(scene: Scene, voice: Voice) -> Words:
    return filled(GROUND[voice.language], tinted(voice, scene.ground))


def single(scene: Scene, voice: Voice, thing: int) -> Words:
    """A cat; 一只猫."""
    noun = scene.things[thing].noun
    return one(voice, voice.nouns[noun], named(scene, noun))


def present(scene: Scene, voice: Voice, nouns: list[int]) -> Words:
    """A cat and a dog; 一只猫和一条狗."""
    return sentence(listed(voice, [all_of(scene, voice, noun) for noun in nouns]))


def related(scene: Scene, voice: Voice, subject: int, relation: Relation, reference: int) -> Words:
    """A cat left of a dog; 一只猫在一条狗左边."""
    template = RELATED[relation][voice.language]
    return filled(template, single(scene, voice, subject), single(scene, voice, reference))
