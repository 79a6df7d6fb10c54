"""The nouns that larger models learn besides: they leave the others as they are, and keep the same promises."""

import hashlib
import re

import numpy as np

from plait.foundation.unified.worlds.atlas import FOLDER, atlas

# Of nouns.json, which names the nouns, their boxes, colours and held-out pairs. The weights that ship know these.
FIRST = "dc39ccbf68f4e55eb131c593f29a2f66d085e9e5dd04239fadacd493b466edc5"
COUNT = 622
WIDE = atlas(wide=True)


def training() -> np.ndarray:
    return np.array([style.training for style in WIDE.styles])


def test_the_nouns_of_shipped_weights_are_unchanged() -> None:
    assert hashlib.sha256((FOLDER / "nouns.json").read_bytes()).hexdigest() == FIRST
    first = len(atlas().nouns)
    assert first == 159 and len(WIDE.nouns) == COUNT
    assert WIDE.nouns[:first] == atlas().nouns and WIDE.styles == atlas().styles
    for name in ("sprites", "present", "held_out", "colour", "boxes", "faint"):
        assert (getattr(WIDE, name)[:, :first] == getattr(atlas(), name)).all()


def test_every_new_noun_is_drawn_in_three_training_styles_and_nearly_all_in_the_test_style() -> None:
    new = WIDE.present[:, len(atlas().nouns) :]
    assert (new[training()].sum(0) >= 3).all()
    assert (~new[~training()]).sum() == 2


def test_a_new_sprite_is_visible_exactly_where_it_is_listed() -> None:
    visible = (WIDE.sprites[..., 3] > 128).sum((2, 3)) > 100
    assert (visible == WIDE.present).all()


def test_names_are_plain_and_distinct_in_both_languages() -> None:
    nouns = WIDE.nouns
    assert len({noun.code for noun in nouns}) == len(nouns)
    for names in ([noun.en for noun in nouns], [noun.plural for noun in nouns], [noun.zh for noun in nouns]):
        assert len(set(names)) == len(nouns)
    plurals = {noun.plural: noun for noun in nouns}
    assert all(plurals.get(noun.en, noun) is noun for noun in nouns)
    assert all(re.fullmatch(r"[a-z]+([ -][a-z]+){0,3}", noun.en) for noun in nouns)
    assert all(re.fullmatch(r"X?[\u4e00-\u9fff]{1,5}", noun.zh) and len(noun.measure) == 1 for noun in nouns)


def test_articles_follow_pronunciation() -> None:
    articles = {noun.en: noun.article for noun in WIDE.nouns}
    assert {articles[name] for name in ("unicorn", "herb", "yo-yo", "hut")} == {"a"}
    assert {articles[name] for name in ("hourglass", "x-ray", "oak tree", "ice cube")} == {"an"}


def test_a_category_has_several_nouns_and_is_not_a_noun() -> None:
    kinds = [noun.noun_class for noun in WIDE.nouns]
    assert all(kinds.count(kind) >= 5 for kind in kinds)
    assert not {kind.en for kind in kinds} & {noun.en for noun in WIDE.nouns}
    assert not {kind.zh for kind in kinds} & {noun.zh for noun in WIDE.nouns}


def test_some_new_pictures_are_held_out_and_never_a_noun_in_all_styles() -> None:
    new = slice(len(atlas().nouns), None)
    present, held_out = WIDE.present[:, new], WIDE.held_out[:, new]
    assert not (held_out & ~present).any() and not held_out[~training()].any()
    assert 0.05 <= held_out.sum() / present[training()].sum() <= 0.07
    assert ((present & ~held_out)[training()].sum(0) >= 2).all()
