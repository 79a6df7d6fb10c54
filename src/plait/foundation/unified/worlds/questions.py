"""Questions about a scene with one right answer, which depends on every part of the question."""

import random
from collections.abc import Callable

from plait.foundation.unified.worlds.absent_nouns import absent_noun
from plait.foundation.unified.worlds.items import Item, Spans
from plait.foundation.unified.worlds.phrases import EXTREME, FURTHEST, noun_words
from plait.foundation.unified.worlds.relations import (
    RELATIONS,
    clear_comparisons,
    extreme_thing,
    furthest_thing,
    grid_cell,
    neighbours,
    things_with_noun,
    unique_things,
)
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.wording import (
    Lexicon,
    WordForms,
    bilingual_template,
    fill_template,
    noun_phrase,
    word_span,
)

HOW_MANY_THINGS = bilingual_template("how many things are there?", "有几个东西？")
HOW_MANY = bilingual_template("how many{0} are there?", "有几{1}{0}？")
IS_THERE = bilingual_template("is there{0}?", "有{0}吗？")
GROUND = bilingual_template("what colour is the ground?", "背景是什么颜色？")
COLOUR = bilingual_template("what colour is the{0}?", "{0}是什么颜色？")
WHERE = bilingual_template("where is the{0}?", "{0}在哪里？")
WHICH = bilingual_template("what is the{0} thing?", "{0}的东西是什么？")
BESIDE = {
    "left": bilingual_template("what is the first thing left of the{0}?", "{0}左边第一个东西是什么？"),
    "right": bilingual_template("what is the first thing right of the{0}?", "{0}右边第一个东西是什么？"),
    "above": bilingual_template("what is the first thing above the{0}?", "{0}上面第一个东西是什么？"),
    "below": bilingual_template("what is the first thing below the{0}?", "{0}下面第一个东西是什么？"),
}
IS_BESIDE = {
    "left": bilingual_template("is the{0} left of the{1}?", "{0}在{1}左边吗？"),
    "right": bilingual_template("is the{0} right of the{1}?", "{0}在{1}右边吗？"),
    "above": bilingual_template("is the{0} above the{1}?", "{0}在{1}上面吗？"),
    "below": bilingual_template("is the{0} below the{1}?", "{0}在{1}下面吗？"),
}
YES_NO = {"en": {True: "yes", False: "no"}, "zh": {True: "是", False: "否"}}
PLACES = {
    "en": ("top left", "top", "top right", "left", "middle", "right", "bottom left", "bottom", "bottom right"),
    "zh": ("左上", "上", "右上", "左", "中间", "右", "左下", "下", "右下"),
}

QuestionFactory = Callable[[Scene, Lexicon, random.Random], Item | None]


def ask_item(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item:
    """A question of a random form by weight, among the forms that the scene allows."""
    while True:
        item = rng.choices(FACTORIES, WEIGHTS)[0](scene, lexicon, rng)
        if item is not None:
            return item


def question_item(lexicon: Lexicon, spans: Spans, answer: str, kind: str, target: tuple[int, ...] = ()) -> Item:
    return Item("ask", lexicon.language, {"question": spans}, answer, kind, target)


def how_many_things(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item:
    count = len(scene.things)
    return question_item(
        lexicon, fill_template(HOW_MANY_THINGS[lexicon.language]), str(count), "count", tuple(range(count))
    )


def how_many(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item:
    """Count of a noun. Each count in the scene, and zero, is asked equally often."""
    counts: dict[int, list[int]] = {}
    for noun in {thing.noun for thing in scene.things}:
        counts.setdefault(len(things_with_noun(scene, noun)), []).append(noun)
    number = rng.choice((0, *counts))
    noun = rng.choice(counts[number]) if number else absent_noun(scene, rng)
    return count_item(lexicon, lexicon.nouns[noun], things_with_noun(scene, noun), "count of a noun")


def how_many_of_a_class(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item | None:
    """Count of a class, if the scene has one; as often of an absent class."""
    noun_classes = [lexicon.noun_classes[thing.noun] for thing in scene.things]
    present = list(dict.fromkeys(noun_class for noun_class in noun_classes if noun_class is not None))
    if not present:
        return None
    is_present = rng.random() < 0.5
    noun_class = rng.choice(
        present if is_present else [noun_class for noun_class in lexicon.classes if noun_class not in present]
    )
    names = tuple(i for i, each in enumerate(noun_classes) if each == noun_class)
    return count_item(lexicon, noun_class, names, "count of a class")


def count_item(lexicon: Lexicon, forms: WordForms, names: tuple[int, ...], kind: str) -> Item:
    measure = word_span(lexicon, forms.measure)
    spans = fill_template(HOW_MANY[lexicon.language], word_span(lexicon, forms.plural, names), measure)
    return question_item(lexicon, spans, str(len(names)), kind, names)


def exists(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item:
    """Existence of a noun. Half of the answers are yes."""
    is_present = rng.random() < 0.5
    noun = rng.choice(scene.things).noun if is_present else absent_noun(scene, rng)
    names = things_with_noun(scene, noun)
    if lexicon.language == "en":
        spans = fill_template(IS_THERE["en"], noun_phrase(lexicon, lexicon.nouns[noun], names))
    else:
        spans = fill_template(IS_THERE["zh"], word_span(lexicon, lexicon.nouns[noun].singular, names))
    return question_item(lexicon, spans, YES_NO[lexicon.language][is_present], "exists", names)


def ground_colour(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item:
    return question_item(
        lexicon, fill_template(GROUND[lexicon.language]), lexicon.colours[scene.ground].singular, "ground colour"
    )


def noun_colour(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item | None:
    targets = [i for i in unique_things(scene) if scene.things[i].colour is not None]
    if not targets:
        return None
    target = rng.choice(targets)
    colour = scene.things[target].colour
    assert colour is not None
    spans = fill_template(COLOUR[lexicon.language], noun_words(scene, lexicon, scene.things[target].noun))
    return question_item(lexicon, spans, lexicon.colours[colour].singular, "colour", (target,))


def noun_location(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item | None:
    targets = [(i, cell) for i in unique_things(scene) if (cell := grid_cell(scene.things[i])) is not None]
    if not targets:
        return None
    target, cell = rng.choice(targets)
    spans = fill_template(WHERE[lexicon.language], noun_words(scene, lexicon, scene.things[target].noun))
    return question_item(lexicon, spans, PLACES[lexicon.language][cell], "where", (target,))


def extreme_noun(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item | None:
    """Form "what is the leftmost thing", "... the largest thing"."""
    if rng.random() < 0.6:
        side = rng.choice(RELATIONS)
        target, texts = furthest_thing(scene, side), FURTHEST[side]
    else:
        largest = rng.random() < 0.5
        target, texts = extreme_thing(scene, largest), EXTREME[largest]
    if target is None:
        return None
    adjective = word_span(lexicon, texts[lexicon.language], (target,))
    return question_item(
        lexicon,
        fill_template(WHICH[lexicon.language], adjective),
        noun_name(scene, lexicon, target),
        "which",
        (target,),
    )


def what_is_beside(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item | None:
    """Form "what is the first thing left of the cat", if another reference would give another noun."""
    candidates = neighbours(scene) if len(unique_things(scene)) == len(scene.things) else []
    if not candidates:
        return None
    target, side, reference = rng.choice(candidates)
    spans = fill_template(BESIDE[side][lexicon.language], noun_words(scene, lexicon, scene.things[reference].noun))
    return question_item(lexicon, spans, noun_name(scene, lexicon, target), "what is beside", (target,))


def whether_beside(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item | None:
    """Form "is the cat left of the dog", if the answer is different for a third thing. Half of the answers are yes."""
    comparisons = clear_comparisons(scene)
    if not comparisons:
        return None
    subject, side, reference, third = rng.choice(comparisons)
    if rng.random() < 0.5:
        yes, asked_side, asked_reference = True, side, reference
    else:
        yes, asked_side, asked_reference = False, side, third
    subject_words, reference_words = (
        noun_words(scene, lexicon, scene.things[i].noun) for i in (subject, asked_reference)
    )
    spans = fill_template(IS_BESIDE[asked_side][lexicon.language], subject_words, reference_words)
    return question_item(lexicon, spans, YES_NO[lexicon.language][yes], "relation", (subject, asked_reference))


def noun_name(scene: Scene, lexicon: Lexicon, thing: int) -> str:
    return lexicon.nouns[scene.things[thing].noun].singular


FACTORIES: tuple[QuestionFactory, ...] = (
    how_many_things,
    how_many,
    how_many_of_a_class,
    exists,
    ground_colour,
    noun_colour,
    noun_location,
    extreme_noun,
    what_is_beside,
    whether_beside,
)
WEIGHTS = (9, 10, 7, 18, 9, 7, 10, 10, 25, 14)
