"""Held-out pictures of the training styles."""

import random

SEED = 20261124
MORE_SEED = 20261126  # for the nouns of more.tsv
SHARE = 0.06
# Fluent (gradients) has the same outlines as Fluent flat: both are held out together, otherwise the outline would leak.
SHARED_OUTLINES = {"fluent": "fluent_flat"}
MIN_REMAINING_DESIGNS = 2  # designs of a noun that remain in training


def held_out(styles: dict[str, list[str]], seed: int) -> set[tuple[str, str]]:
    """Pairs of code point and style, SHARE of all; at most one design per noun is held out."""
    rng = random.Random(seed)
    wanted = round(SHARE * sum(map(len, styles.values())))
    pairs: set[tuple[str, str]] = set()
    for code in rng.sample(sorted(styles), len(styles)):
        designs = sorted({SHARED_OUTLINES.get(style, style) for style in styles[code]})
        if len(designs) > MIN_REMAINING_DESIGNS and len(pairs) < wanted:
            design = rng.choice(designs)
            pairs |= {(code, style) for style in styles[code] if SHARED_OUTLINES.get(style, style) == design}
    return pairs
