"""Which pictures of the training styles training never sees."""

import random

SEED = 20261124
MORE_SEED = 20261126  # of the nouns of more.tsv
SHARE = 0.06
# Fluent in colour gradients has the same outlines as Fluent flat: the two are held out together, or the test is none.
SAME = {"fluent": "fluent_flat"}
LEFT = 2  # hands at least that still show the noun


def held_out(styles: dict[str, list[str]], seed: int) -> set[tuple[str, str]]:
    """Pairs of code and style, SHARE of all; a noun is held out in one hand at most."""
    rng = random.Random(seed)
    wanted = round(SHARE * sum(map(len, styles.values())))
    held: set[tuple[str, str]] = set()
    for code in rng.sample(sorted(styles), len(styles)):
        hands = sorted({SAME.get(style, style) for style in styles[code]})
        if len(hands) > LEFT and len(held) < wanted:
            hand = rng.choice(hands)
            held |= {(code, style) for style in styles[code] if SAME.get(style, style) == hand}
    return held
