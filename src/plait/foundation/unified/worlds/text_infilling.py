"""Sentences with gaps that the rest of the text determines: repeated facts, implied facts and grammar.

No picture is needed. Symbols with a capital letter in a pattern are placeholders for random values. A word is hidden
only if the remaining text still implies it: a repeated noun, a direction by its converse, a sum by its parts.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plait.foundation.unified.worlds.items import GroundedText, Item, Language
from plait.foundation.unified.worlds.relations import OPPOSITE, RELATIONS, Relation
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.wording import Lexicon

GAP_MARK = "___"
HIDDEN_SHARE = 0.3  # share of the words
FACT_BY_SYMBOL = {
    **{"A": "noun", "B": "other noun", "K": "class", "L": "other class", "C": "colour"},
    **dict.fromkeys("RS", "relation"),
    **dict.fromkeys("MNT", "number"),
}
# How often the remaining text must state a fact, default once. The class of a noun need not be stated.
MIN_REMAINING = {"number": 2, "class": 0, "other class": 0}
KINDS = ("number", "relation", "class", "noun", "colour", "grammar")  # those that need most of the text first
PATTERNS: Mapping[tuple[Language, int], tuple[str, ...]] = {
    ("en", 1): (
        "aA A on aC C ground . the ground is C , the thing is aA A",
        "is there aA A ? yes , there is aA A",
        "is the ground C ? yes , the ground is C",
        "the A is on aC C ground . the C ground has aA A on it",
    ),
    ("zh", 1): (
        "C 背景 上 有 一 mA A 。 背景 是 C ， 东西 是 A",
        "有 A 吗 ？ 有 ， 有 一 mA A",
        "背景 是 C 吗 ？ 是 ， 背景 是 C",
        "A 在 C 背景 上 。 C 背景 上 有 一 mA A",
    ),
    ("en", 2): (
        "aA A and aB B . the A is R the B",
        "the A is R the B . the B is S the A",
        "what is R the B ? the A is R the B",
        "is the A R the B ? yes , the B is S the A",
        "M pA and N pB : T things",
        "aA A and aB B on aC C ground . the C ground has aB B and aA A on it",
        "aA A is aK K . aB B is aL L",
    ),
    ("zh", 2): (
        "一 mA A 和 一 mB B 。 A 在 B R",
        "A 在 B R 。 B 在 A S",
        "B R 是 什么 ？ A 在 B R",
        "A 在 B R 吗 ？ 是 ， B 在 A S",
        "M mA A 和 N mB B ： 一共 T 个 东西",
        "C 背景 上 有 一 mA A 和 一 mB B 。 B 和 A 在 C 背景 上",
        "A 是 一 mK K 。 B 是 一 mL L",
    ),
}
SIDE_WORDS: Mapping[Language, Mapping[Relation, str]] = {
    "en": {"left": "left of", "right": "right of", "above": "above", "below": "below"},
    "zh": {"left": "左边", "right": "右边", "above": "上面", "below": "下面"},
}
PUNCTUATION = frozenset(".,:?。，：？")


@dataclass(frozen=True)
class PatternToken:
    """A word with its leading space. `fact` is the fact it states, "" if only grammar determines it. Punctuation is
    never hidden.
    """

    text: str
    fact: str
    is_punctuation: bool


def restore_text_item(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item:
    nouns = list(dict.fromkeys(thing.noun for thing in scene.things))
    rng.shuffle(nouns)
    values = sample_values(lexicon, nouns[0], nouns[-1], scene.ground, rng)
    patterns = PATTERNS[lexicon.language, min(2, len(nouns))]
    if "L" not in values:
        patterns = tuple(pattern for pattern in patterns if "L" not in pattern.split())
    tokens = fill_pattern(rng.choice(patterns), lexicon, values)
    hidden = choose_hidden(tokens, rng)
    text = "".join(token.text for token in tokens)
    gapped = "".join(with_gap_marks(tokens, hidden))
    return Item("restore_text", lexicon.language, {"text": (GroundedText(gapped),)}, text, hardest_kind(tokens, hidden))


def sample_values(lexicon: Lexicon, one: int, other: int, ground: int, rng: random.Random) -> dict[str, str]:
    """Random values of the placeholders. Sides and numbers are random too, since the text is not about a picture."""
    a, b, colour = lexicon.nouns[one], lexicon.nouns[other], lexicon.colours[ground]
    side = rng.choice(RELATIONS)
    first, second = rng.randint(1, 3), rng.randint(1, 3)
    values = {
        "A": a.singular, "aA": a.article, "mA": a.measure, "pA": a.singular if first == 1 else a.plural,
        "B": b.singular, "aB": b.article, "mB": b.measure, "pB": b.singular if second == 1 else b.plural,
        "C": colour.singular, "aC": colour.article,
        "R": SIDE_WORDS[lexicon.language][side], "S": SIDE_WORDS[lexicon.language][OPPOSITE[side]],
        "M": lexicon.numbers[first], "N": lexicon.numbers[second], "T": lexicon.numbers[first + second],
    }  # fmt: skip
    noun_class, other_class = lexicon.noun_classes[one], lexicon.noun_classes[other]
    if noun_class is None or other_class is None:
        return values
    classes = {"K": noun_class.singular, "aK": noun_class.article, "mK": noun_class.measure}
    return values | classes | {"L": other_class.singular, "aL": other_class.article, "mL": other_class.measure}


def fill_pattern(pattern: str, lexicon: Lexicon, values: Mapping[str, str]) -> list[PatternToken]:
    tokens: list[PatternToken] = []
    for word in pattern.split():
        space = lexicon.space if tokens and word not in PUNCTUATION else ""
        tokens.append(PatternToken(space + values.get(word, word), FACT_BY_SYMBOL.get(word, ""), word in PUNCTUATION))
    return tokens


def choose_hidden(tokens: list[PatternToken], rng: random.Random) -> set[int]:
    """Indices of the tokens to hide: about HIDDEN_SHARE of the words, each still implied by the rest."""
    fact_counts: dict[str, int] = {}
    for token in tokens:
        fact_counts[token.fact] = fact_counts.get(token.fact, 0) + 1
    word_positions = [at for at, token in enumerate(tokens) if not token.is_punctuation]
    num_hidden = max(1, round(HIDDEN_SHARE * len(word_positions)))
    hidden: set[int] = set()
    for at in rng.sample(word_positions, len(word_positions)):
        fact = tokens[at].fact
        if not fact or fact_counts[fact] > MIN_REMAINING.get(fact, 1):
            hidden.add(at)
            fact_counts[fact] -= 1
        if len(hidden) == num_hidden:
            break
    return hidden


def with_gap_marks(tokens: list[PatternToken], hidden: set[int]) -> Iterator[str]:
    """The text, with each run of hidden tokens replaced by one mark."""
    for at, token in enumerate(tokens):
        if at not in hidden:
            yield token.text
        elif at - 1 not in hidden:
            yield " " + GAP_MARK if token.text.startswith(" ") else GAP_MARK


def hardest_kind(tokens: list[PatternToken], hidden: set[int]) -> str:
    """The first of KINDS among the hidden tokens."""
    facts = {tokens[at].fact.removeprefix("other ") for at in hidden}
    return next(kind for kind in KINDS if kind in facts or kind == "grammar")
