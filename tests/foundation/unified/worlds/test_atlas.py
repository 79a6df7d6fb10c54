"""The atlas that ships: what its names, sprites, colours and held-out pairs promise, and what a broken file says."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from plait.core.errors import SettingsError
from plait.foundation.unified.worlds.atlas import FOLDER, Atlas, atlas, read_atlas
from plait.foundation.unified.worlds.palette import BLUE, COLOURS, GREEN, GREY, ORANGE, PURPLE, RED, WHITE, YELLOW


def sprite_index(of: Atlas, style: str, noun: str) -> tuple[int, int]:
    return [each.name for each in of.styles].index(style), [each.en for each in of.nouns].index(noun)


def training(of: Atlas) -> np.ndarray:
    return np.array([style.training for style in of.styles])


def test_every_noun_is_drawn_in_two_training_styles_and_in_the_test_style() -> None:
    rows = training(atlas())
    assert rows.sum() == 6 and (~rows).sum() == 1
    assert (atlas().present[rows].sum(0) >= 2).all()
    assert atlas().present[~rows].all()


def test_a_sprite_is_visible_exactly_where_it_is_listed() -> None:
    visible = (atlas().sprites[..., 3] > 128).sum((2, 3)) > 100
    assert (visible == atlas().present).all()


def test_names_are_plain_and_distinct_in_both_languages() -> None:
    nouns = atlas().nouns
    for names in ([noun.en for noun in nouns], [noun.plural for noun in nouns], [noun.zh for noun in nouns]):
        assert len(set(names)) == len(nouns)
    assert all(re.fullmatch(r"[a-z]+( [a-z]+)?", noun.en) for noun in nouns)
    assert all(re.fullmatch(r"[\u4e00-\u9fff]{1,5}", noun.zh) and len(noun.measure) == 1 for noun in nouns)


def test_english_articles_are_correct() -> None:
    words = "elephant owl octopus apple avocado eggplant egg ambulance airplane accordion anchor umbrella envelope"
    assert {noun.en for noun in atlas().nouns if noun.article == "an"} == {*words.split(), "ice cream"}
    assert {noun.article for noun in atlas().nouns} == {"a", "an"}


def test_a_category_has_several_nouns_and_is_not_a_noun() -> None:
    kinds = [noun.noun_class for noun in atlas().nouns]
    assert 8 <= len(set(kinds)) <= 12 and all(kinds.count(kind) >= 5 for kind in kinds)
    assert not {kind.en for kind in kinds} & {noun.en for noun in atlas().nouns}
    assert not {kind.zh for kind in kinds} & {noun.zh for noun in atlas().nouns}


@pytest.mark.parametrize(
    ("style", "noun", "colour"),
    [
        ("noto", "tomato", RED),
        ("twemoji", "tomato", RED),
        ("noto_v1", "frog", GREEN),
        ("twemoji", "frog", GREEN),
        ("fluent_flat", "lemon", YELLOW),
        ("noto", "tangerine", ORANGE),
        ("fluent_flat", "whale", BLUE),
        ("twemoji", "eggplant", PURPLE),
        ("twemoji", "rooster", WHITE),
    ],
)
def test_a_plain_sprite_has_the_expected_colour_name(style: str, noun: str, colour: int) -> None:
    assert atlas().colour_of(*sprite_index(atlas(), style, noun)) == colour


@pytest.mark.parametrize("noun", ["watermelon", "sunflower", "lollipop", "corn cob"])
def test_a_multicoloured_sprite_has_no_colour_name(noun: str) -> None:
    assert atlas().colour_of(*sprite_index(atlas(), "noto", noun)) is None


def test_every_colour_occurs_in_several_sprites_of_the_training_styles() -> None:
    colours = atlas().colour[training(atlas())]
    assert all((colours == index).sum() >= 5 for index in range(len(COLOURS)))


def test_six_percent_of_the_training_pairs_are_held_out_and_every_noun_keeps_two_styles() -> None:
    rows = training(atlas())
    assert not (atlas().held_out & ~atlas().present).any()
    assert not atlas().held_out[~rows].any()
    assert 0.05 <= atlas().held_out[rows].sum() / atlas().present[rows].sum() <= 0.07
    assert ((atlas().present & ~atlas().held_out)[rows].sum(0) >= 2).all()


def test_a_sprite_held_out_in_fluent_is_held_out_in_its_twin_style() -> None:
    names = [style.name for style in atlas().styles]
    flat, shaded = (atlas().held_out[names.index(style)] for style in ("fluent_flat", "fluent"))
    assert flat.any() and (flat == shaded).all()


def test_a_box_is_the_tight_bounding_box_of_the_visible_pixels() -> None:
    for style, noun in zip(*np.nonzero(atlas().present), strict=True):
        left, top, right, bottom = atlas().tight_box(style, noun)
        alpha = atlas().sprites[style, noun, ..., 3]
        assert alpha[top:bottom, left:right].astype(int).sum() >= 0.98 * alpha.astype(int).sum()
        inside = alpha[top:bottom, left:right] >= 26
        assert inside[0].any() and inside[-1].any() and inside[:, 0].any() and inside[:, -1].any()
        assert max(atlas().proportions(style, noun)) == 1


@pytest.mark.parametrize(("noun", "ground"), [("elephant", GREY), ("tangerine", ORANGE), ("rooster", WHITE)])
def test_a_sprite_has_low_contrast_on_a_background_of_its_colour(noun: str, ground: int) -> None:
    faint = atlas().faint[sprite_index(atlas(), "twemoji", noun)]
    assert faint[ground] and not faint[BLUE]


def test_every_sprite_has_enough_usable_backgrounds() -> None:
    faint = atlas().faint
    assert 0.01 < faint[atlas().present].mean() < 0.04
    assert (faint.sum(-1) <= 2).all()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "atlas"))


def test_an_unchanged_copy_equals_the_original(copy: Path) -> None:
    assert (read_atlas(copy).sprites == atlas().sprites).all()


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.99])
def test_a_truncated_sheet_is_named(copy: Path, share: float) -> None:
    sheet = copy / "noto.webp"
    sheet.write_bytes(sheet.read_bytes()[: int(share * sheet.stat().st_size)])
    with pytest.raises(SettingsError, match=r"noto\.webp of the atlas cannot be read") as raised:
        read_atlas(copy)
    assert "recipes/data/atlas.py" in raised.value.hint


@pytest.mark.parametrize("name", ["twemoji.webp", "nouns.json", "styles.json"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(SettingsError, match=re.escape(name)):
        read_atlas(copy)


def test_a_truncated_list_is_named(copy: Path) -> None:
    (copy / "nouns.json").write_bytes((copy / "nouns.json").read_bytes()[:5000])
    with pytest.raises(SettingsError, match=r"nouns\.json"):
        read_atlas(copy)


def test_a_sheet_of_another_size_is_named(copy: Path) -> None:
    Image.new("RGBA", (1024, 64)).save(copy / "noto.webp")
    with pytest.raises(SettingsError, match=r"noto\.webp of the atlas cannot be read: 1024x64 pixels, not 1024x640"):
        read_atlas(copy)
