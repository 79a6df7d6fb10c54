"""Scalar types as users write them: exact decimals, zones, durations, addresses, labels, aliases."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from importlib.util import find_spec
from typing import Annotated, Any, Literal, NewType, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, EmailStr, Field, HttpUrl, NaiveDatetime, SecretStr, StringConstraints, constr

from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.patterns import regular_expression
from plait.core.task.signature import TypeResolver, UnsupportedType
from plait.core.values.call_context import NO_CONTEXT
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import ValueType
from plait.testing.gbnf_check import GbnfGrammar
from plait.types.formatted_text import EMAIL_FORM, duration_text, email_form
from plait.types.number import decimal_text, parse_decimal

Score = NewType("Score", int)


class Color(Enum):
    RED = "red"
    BLUE = "blue"


def resolve(annotation: object) -> ValueType:
    return TypeResolver().resolve(annotation)


def decode(annotation: object, json_value: Json) -> object:
    return resolve(annotation).decode(json_value, NO_CONTEXT)


def encode(annotation: object, value: object) -> Json:
    return resolve(annotation).encode(value, NO_CONTEXT)


def admits(annotation: object, text: str) -> bool:
    return GbnfGrammar(gbnf(resolve(annotation).grammar(NO_CONTEXT))).admits(text)


def test_a_decimal_keeps_its_digits_as_text_and_a_number_is_read_too() -> None:
    assert encode(Decimal, Decimal("14.50")) == "14.50"
    assert decode(Decimal, "14.50") == decode(Decimal, 14.5) == Decimal("14.50")
    assert str(decode(Decimal, "14.50")) == "14.50"
    assert decode(Decimal, 3) == 3
    for refused in ("NaN", "1_000", " 1", "1,5", "١", "", True, None, [1]):
        with pytest.raises(InvalidValue):
            decode(Decimal, cast(Json, refused))


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_every_finite_decimal_survives_its_text(value: Decimal) -> None:
    assert parse_decimal(decimal_text(value)) == value
    assert "E" not in decimal_text(value)


def test_places_and_digits_of_a_decimal_are_enforced_while_decoding() -> None:
    price = Annotated[Decimal, Field(ge=0, max_digits=5, decimal_places=2)]
    assert admits(price, '"999.99"') and admits(price, '"0"') and admits(price, '"14.5"')
    assert not admits(price, '"1000"') and not admits(price, '"1.005"') and not admits(price, '"-1"')
    whole = Annotated[Decimal, Field(gt=0, decimal_places=0, max_digits=2)]
    assert admits(whole, '"99"') and not admits(whole, '"0"') and not admits(whole, '"1.0"')


def test_an_aware_datetime_needs_its_zone_and_may_end_with_z() -> None:
    assert decode(AwareDatetime, "2026-03-14T09:30:00Z") == datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
    with pytest.raises(InvalidValue, match=r"needs a time zone: 2026-03-14T09:30:00Z"):
        decode(AwareDatetime, "2026-03-14T09:30:00")
    with pytest.raises(InvalidValue, match="should have no time zone"):
        decode(NaiveDatetime, "2026-03-14T09:30:00Z")
    zoned, plain = '"2026-03-14T09:30:00Z"', '"2026-03-14T09:30:00"'
    assert admits(AwareDatetime, zoned) and not admits(AwareDatetime, plain)
    assert admits(NaiveDatetime, plain) and not admits(NaiveDatetime, zoned)
    assert admits(datetime, plain) and admits(datetime, zoned)


@given(st.timedeltas(timedelta(days=-999_999), timedelta(days=999_999)))
def test_every_duration_survives_its_text_and_is_admitted(value: timedelta) -> None:
    assert decode(timedelta, duration_text(value)) == value
    assert admits(timedelta, f'"{duration_text(value)}"')


def test_a_duration_is_written_in_days_and_parts_of_a_day() -> None:
    assert duration_text(timedelta(days=400, hours=2)) == "P400DT2H"
    assert duration_text(timedelta(0)) == "P0D"
    assert duration_text(-timedelta(milliseconds=1500)) == "-PT1.5S"


def test_addresses_and_identifiers_are_values_of_their_classes() -> None:
    identifier = UUID("6f1b2c3d-0a4e-4f5b-8c6d-7e8f9a0b1c2d")
    assert decode(UUID, str(identifier)) == identifier
    assert isinstance(decode(HttpUrl, "https://example.org/a"), HttpUrl)
    assert admits(HttpUrl, '"https://a-b.example.org:8080/x?y=1#z"')
    assert not admits(HttpUrl, '"ftp://example.org"') and not admits(HttpUrl, '"https://xn--a.org"')
    with pytest.raises(InvalidValue, match=r"should be a text with a URL such as https://example\.org/page"):
        decode(HttpUrl, "example")


def test_an_email_address_names_the_package_that_is_missing() -> None:
    with pytest.raises(UnsupportedType, match="email-validator") as caught:
        email_form(lambda name: None)
    assert caught.value.hint == 'pip install "pydantic[email]"'
    assert email_form(lambda name: "here") is EMAIL_FORM
    assert GbnfGrammar(f"root ::= {EMAIL_FORM.pattern}").admits("ada.king@lovelace.org")
    if find_spec("email_validator"):
        assert decode(EmailStr, "ada@lovelace.org") == "ada@lovelace.org"


def test_constrained_strings_are_texts_and_secrets_are_refused_with_the_reason() -> None:
    for annotation in (constr(max_length=3), Annotated[str, StringConstraints(max_length=3)]):
        assert resolve(annotation) == resolve(Annotated[str, Field(max_length=3)])
    with pytest.raises(UnsupportedType, match=r"no value type supports SecretStr: .* in the open"):
        resolve(SecretStr)


def test_a_new_type_is_the_type_that_it_names() -> None:
    assert resolve(Score) == resolve(int)
    assert resolve(NewType("Price", cast(Any, Annotated[Decimal, Field(ge=0)]))) == resolve(
        Annotated[Decimal, Field(ge=0)]
    )


def test_a_literal_may_hold_enum_members_and_none() -> None:
    mixed = cast(Any, Literal[Color.RED, "green", None])
    assert [decode(mixed, each) for each in ("red", "green", None)] == [Color.RED, "green", None]
    assert encode(mixed, Color.RED) == "red" and encode(mixed, None) is None
    assert admits(mixed, "null") and admits(mixed, '"red"') and not admits(mixed, '"blue"')
    assert decode(Literal[None], None) is None


@pytest.mark.parametrize(
    ("pattern", "regex"), [('"a.b" [0-9]{2}', r"^(?:(?:a\.b)[0-9]{2})$"), ('("-" "x"?)?', "^(?:(?:-x?)?)$")]
)
def test_a_pattern_is_a_regular_expression_in_a_schema(pattern: str, regex: str) -> None:
    assert regular_expression(pattern) == regex


def test_what_is_no_pattern_is_refused() -> None:
    with pytest.raises(ValueError, match="not a pattern"):
        regular_expression("[0-9]+")
