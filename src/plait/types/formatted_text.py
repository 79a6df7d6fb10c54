"""Values that are written as a text of a fixed form: UUID, duration, URL, e-mail address, IP address."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from ipaddress import IPv4Address
from typing import Any
from uuid import UUID

from plait.core.grammar import ast as g
from plait.core.task.signature import TypeResolver, UnsupportedType
from plait.core.values.call_context import CallContext
from plait.core.values.constraints import Constraints
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.pydantic_validation import validate
from plait.core.values.value_type import ValueType

# Host names of an answer: no two hyphens in a row, so that none looks like Punycode, and no number at the end, so that
# none looks like an IP address. The bounds are low, because a token automaton has a state for each character: 1 s.
HOST = '([a-z0-9]{1,12} [.-]){0,4} [a-z0-9]{1,12} "." [a-z]{2,12}'
PATH = '(":" [1-9] [0-9]{0,3})? ("/" [a-zA-Z0-9._~/?#&=%+,:;@!$()*-]{0,80})?'
OCTET = '([0-9] | [1-9] [0-9] | "1" [0-9]{2} | "2" [0-4] [0-9] | "25" [0-5])'
COUNT = '("0" | [1-9] [0-9]{0,3})'
SECONDS = f'{COUNT} ("." [0-9]{{1,6}})? "S"'
CLOCK = f'"T" ({COUNT} "H" ({COUNT} "M")? ({SECONDS})? | {COUNT} "M" ({SECONDS})? | {SECONDS})'
DURATION = f'"-"? "P" ([0-9]{{1,6}} "D" ({CLOCK})? | {CLOCK})'


@dataclass(frozen=True)
class TextForm:
    """A form of text. `limit` says what an answer cannot be although the type allows it; "" for nothing."""

    name: str
    pattern: str
    sample: str
    limit: str = ""
    check: str = ""


UUID_FORM = TextForm(
    "UUID", '[0-9a-f]{8} ("-" [0-9a-f]{4}){3} "-" [0-9a-f]{12}', "6f1b2c3d-0a4e-4f5b-8c6d-7e8f9a0b1c2d"
)
EMAIL_FORM = TextForm(
    "e-mail address",
    f'([a-zA-Z0-9]{{1,12}} [._+-]){{0,3}} [a-zA-Z0-9]{{1,12}} "@" {HOST}',
    "ada@lovelace.org",
    "an address of ASCII letters, digits and . _ + -",
    "is an address that email-validator accepts",
)
FORMS: dict[object, TextForm] = {
    UUID: UUID_FORM,
    timedelta: TextForm("duration", DURATION, "P1DT2H30M", "less than 1,000,000 days"),
    IPv4Address: TextForm("IPv4 address", f'{OCTET} ("." {OCTET}){{3}}', "192.168.0.1"),
}


@dataclass(frozen=True)
class FormattedTextType(ValueType):
    """A value of `annotation`, which pydantic reads from its text and writes back. `rules` are checked afterwards."""

    is_scalar = True
    is_numeric = True
    is_atomic = True

    annotation: Any
    form: TextForm
    rules: tuple[str, ...] = ()
    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        form = text_form(annotation)
        if form is None:
            return None
        bounds = {"at least": constraints.ge, "more than": constraints.gt, "at most": constraints.le}
        bounds |= {"less than": constraints.lt}
        rules = tuple(f"is {words} {bound}" for words, bound in bounds.items() if bound is not None)
        return cls(annotation, form, (form.check, *rules) if form.check else rules, constraints.description)

    @property
    def python_class(self) -> type:
        return str if self.form is EMAIL_FORM else self.annotation

    def encode(self, value: object, context: CallContext) -> Json:
        if not isinstance(value, self.python_class):
            raise InvalidValue(self.message, repr(value))
        return duration_text(value) if isinstance(value, timedelta) else str(value)

    def decode(self, json_value: Json, context: CallContext) -> object:
        if not isinstance(json_value, str):
            raise InvalidValue(self.message, json_value)
        try:
            return validate(self.annotation, json_value)
        except InvalidValue as error:
            raise InvalidValue(f"{self.message}: {error.faults[0].message}", json_value) from None

    @property
    def message(self) -> str:
        return f"should be a text with a {self.form.name} such as {self.form.sample}"

    def grammar(self, context: CallContext) -> g.Grammar:
        return g.Pattern(self.form.pattern, f"a {self.form.name} such as {self.form.sample}")

    def residual_checks(self) -> tuple[str, ...]:
        return self.rules

    def answer_limits(self) -> tuple[str, ...]:
        return (f"is {self.form.limit}",) if self.form.limit else ()

    def schema(self) -> dict[str, Json]:
        formats: dict[str, Json] = {"UUID": "uuid", "e-mail address": "email", "IPv4 address": "ipv4", "URL": "uri"}
        return {"type": "string", "format": formats.get(self.form.name, self.form.name)}

    def describe(self) -> str:
        return f"{self.form.name} such as {self.form.sample}"

    def read_form(self, fields: FormFields, name: str) -> Json:
        return fields.get_one(name).strip()

    def to_fields(self, json_value: Json, name: str) -> Texts:
        return {name: [str(json_value)]}

    def display_name(self) -> str:
        return self.form.name

    def placeholder(self) -> Json:
        return self.form.sample


def duration_text(value: timedelta) -> str:
    """The duration in ISO 8601, days and parts of a day: pydantic would write 400 days as P1Y35D."""
    size = abs(value)
    minutes, seconds = divmod(size.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{size.microseconds:06}".rstrip("0") if size.microseconds else ""
    counts = ((hours, "H", ""), (minutes, "M", ""), (seconds, "S", fraction))
    clock = "".join(f"{count}{more}{unit}" for count, unit, more in counts if count or more)
    days = f"{size.days}D" if size.days or not clock else ""
    return f"{'-' * (value < timedelta())}P{days}{'T' * bool(clock)}{clock}"


def text_form(annotation: object) -> TextForm | None:
    """The form of an annotation, None for any other type. Types of pydantic are known by name, none is imported."""
    if not isinstance(annotation, type):
        return None
    if annotation.__module__ == "pydantic.networks":
        if annotation.__name__ == "EmailStr":
            return email_form()
        if any(each.__name__ == "_BaseUrl" for each in annotation.__mro__):
            return url_form(annotation)
    return FORMS.get(annotation)


def email_form(find: Callable[[str], object] = find_spec) -> TextForm:
    """The form of EmailStr. Raises UnsupportedType without the package that pydantic checks addresses with."""
    if find("email_validator") is None:
        raise UnsupportedType("EmailStr needs the package email-validator", 'pip install "pydantic[email]"')
    return EMAIL_FORM


def url_form(annotation: Any) -> TextForm:
    schemes = annotation._constraints.allowed_schemes or ["http", "https"]
    pattern = f'({" | ".join(f"{chr(34)}{each}{chr(34)}" for each in schemes)}) "://" {HOST} {PATH}'
    limit = f"an address under {' or '.join(schemes)} with a host name, in ASCII, with at most 80 characters behind it"
    return TextForm("URL", pattern, f"{schemes[-1]}://example.org/page", limit)
