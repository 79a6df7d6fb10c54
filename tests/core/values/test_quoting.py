"""Values for display: what is long is cut, and says so."""

from plait.core.values.quoting import quote, shorten


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert shorten("four", 4) == "four" and shorten("four", 4, with_length=True) == "four"


def test_a_long_text_is_cut_behind_a_letter() -> None:
    assert shorten("the red mug", 8) == "the red…"
    assert shorten("x" * 1_234, 3, with_length=True) == "xxx… (1,234 characters)"


def test_a_refused_value_is_quoted_up_to_a_bound() -> None:
    assert quote(None) == "" and quote("a\ud800") == '"a\\ud800"'
    assert quote("x" * 100) == f'"{"x" * 79}… (102 characters)'
