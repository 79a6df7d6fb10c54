"""Canonical captions of a scene in each language, and shorter texts that are also true of it."""

from plait.foundation.unified.worlds.items import Item, Spans, spans_text
from plait.foundation.unified.worlds.relations import Relation, things_with_noun
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.wording import (
    Lexicon,
    bilingual_template,
    count_phrase,
    fill_template,
    list_phrase,
    noun_phrase,
    without_leading_space,
    word_span,
)

CAPTION_TEMPLATES = bilingual_template("{0} on{1} ground", "{1}背景上有{0}")
GROUND_TEMPLATES = bilingual_template("{0} ground", "{0}背景")
RELATION_TEMPLATES = {
    "left": bilingual_template("{0} left of{1}", "{0}在{1}左边"),
    "right": bilingual_template("{0} right of{1}", "{0}在{1}右边"),
    "above": bilingual_template("{0} above{1}", "{0}在{1}上面"),
    "below": bilingual_template("{0} below{1}", "{0}在{1}下面"),
}


def describe_item(scene: Scene, lexicon: Lexicon) -> Item:
    spans = caption(scene, lexicon)
    all_things = tuple(range(len(scene.things)))
    return Item("describe", lexicon.language, {}, spans_text(spans), str(len(all_things)), all_things)


def caption(scene: Scene, lexicon: Lexicon) -> Spans:
    """All things from left to right, equal nouns counted together, and the background."""
    return fill_template(
        CAPTION_TEMPLATES[lexicon.language], things_caption(scene, lexicon), colour_words(lexicon, scene.ground)
    )


def things_caption(scene: Scene, lexicon: Lexicon) -> Spans:
    return list_phrase(
        lexicon,
        [counted_noun_caption(scene, lexicon, noun) for noun in dict.fromkeys(thing.noun for thing in scene.things)],
    )


def counted_noun_caption(scene: Scene, lexicon: Lexicon, noun: int) -> Spans:
    """A cat; two cats if the scene has two, so that "a cat" (一只猫) never describes two."""
    names = things_with_noun(scene, noun)
    return count_phrase(lexicon, len(names), lexicon.nouns[noun], names)


def colour_words(lexicon: Lexicon, colour: int) -> Spans:
    """A blue; 蓝色: the words for the colour of the background."""
    name = lexicon.colours[colour]
    return (
        word_span(lexicon, name.article) + word_span(lexicon, name.singular)
        if name.article
        else word_span(lexicon, name.singular)
    )


def ground_caption(scene: Scene, lexicon: Lexicon) -> Spans:
    return fill_template(GROUND_TEMPLATES[lexicon.language], colour_words(lexicon, scene.ground))


def thing_caption(scene: Scene, lexicon: Lexicon, thing: int) -> Spans:
    """A cat; 一只猫."""
    noun = scene.things[thing].noun
    return noun_phrase(lexicon, lexicon.nouns[noun], things_with_noun(scene, noun))


def nouns_caption(scene: Scene, lexicon: Lexicon, nouns: list[int]) -> Spans:
    """A cat and a dog; 一只猫和一条狗."""
    return without_leading_space(list_phrase(lexicon, [counted_noun_caption(scene, lexicon, noun) for noun in nouns]))


def relation_caption(scene: Scene, lexicon: Lexicon, subject: int, relation: Relation, reference: int) -> Spans:
    """A cat left of a dog; 一只猫在一条狗左边."""
    template = RELATION_TEMPLATES[relation][lexicon.language]
    return fill_template(template, thing_caption(scene, lexicon, subject), thing_caption(scene, lexicon, reference))
