"""Names in somebody's words: which, in both languages, and what is none."""

from plait.foundation.unified.search.query import name_columns
from plait.foundation.unified.worlds.atlas import atlas


def meant(words: str) -> list[set[str]]:
    """What is named, by its English name; classes are all that is of them."""
    return [{called(column) for column in columns} for columns in name_columns().find(words)]


def called(column: int) -> str:
    return (
        atlas().nouns[column].en if column < name_columns().num_nouns else f"colour {column - name_columns().num_nouns}"
    )


def test_all_names_of_an_object_give_the_same_query() -> None:
    assert meant("a cat") == meant("Two CATS!") == meant("一只猫") == [{"cat"}]


def test_a_repeated_name_counts_once() -> None:
    assert meant("a cat left of a dog, and another cat") == [{"cat"}, {"dog"}]


def test_a_longer_name_is_not_matched_as_a_shorter_one() -> None:
    assert meant("a hot dog") == [{"hot dog"}]
    assert meant("一个西红柿") == [{"tomato"}]
    assert meant("一只熊猫") == [{"panda"}]


def test_a_part_of_a_word_is_not_a_name() -> None:
    assert meant("a catapult, by carpool") == []


def test_a_category_matches_any_of_its_members() -> None:
    (animals,) = meant("an animal")
    assert {"cat", "whale"} < animals and "car" not in animals


def test_a_colour_has_a_name_in_both_languages() -> None:
    assert name_columns().find("a blue ground") == name_columns().find("蓝色背景") != ()


def test_words_without_a_name_give_an_empty_query() -> None:
    assert meant("liberté") == meant("") == meant("(.*)") == []
