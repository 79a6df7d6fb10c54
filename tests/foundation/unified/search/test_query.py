"""Parsing of search words in both languages: which names they contain, and which texts contain none."""

from plait.foundation.unified.search.query import name_columns
from plait.foundation.unified.worlds.atlas import atlas


def query_nouns(words: str) -> list[set[str]]:
    """The nouns of a query by their English names; a category stands for all its members."""
    return [{column_name(column) for column in columns} for columns in name_columns().find(words)]


def column_name(column: int) -> str:
    return (
        atlas().nouns[column].en if column < name_columns().num_nouns else f"colour {column - name_columns().num_nouns}"
    )


def test_all_names_of_an_object_give_the_same_query() -> None:
    assert query_nouns("a cat") == query_nouns("Two CATS!") == query_nouns("一只猫") == [{"cat"}]


def test_a_repeated_name_counts_once() -> None:
    assert query_nouns("a cat left of a dog, and another cat") == [{"cat"}, {"dog"}]


def test_a_longer_name_is_not_matched_as_a_shorter_one() -> None:
    assert query_nouns("a hot dog") == [{"hot dog"}]
    assert query_nouns("一个西红柿") == [{"tomato"}]
    assert query_nouns("一只熊猫") == [{"panda"}]


def test_a_part_of_a_word_is_not_a_name() -> None:
    assert query_nouns("a catapult, by carpool") == []


def test_a_category_matches_any_of_its_members() -> None:
    (animals,) = query_nouns("an animal")
    assert {"cat", "whale"} < animals and "car" not in animals


def test_a_colour_has_a_name_in_both_languages() -> None:
    assert name_columns().find("a blue ground") == name_columns().find("蓝色背景") != ()


def test_words_without_a_name_give_an_empty_query() -> None:
    assert query_nouns("liberté") == query_nouns("") == query_nouns("(.*)") == []
