"""Settings of models on OpenAI-compatible servers in plait.toml."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from plait.core.config import Secret, WholeNumber
from plait.core.engine.model_table import ModelTable
from plait.core.values.strict import validator_error

Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]
BoxFormatName = Literal["", "pixels", "per-mille", "unit"]


def check_url(url: str) -> str:
    """The url without a trailing slash. Errors never show credentials (the part before an @)."""
    try:
        parts = urlsplit(url)
        fitting = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        parts, fitting = None, False
    if parts and parts.username is not None:
        raise validator_error("contains a user name or a password", 'remove it, and write key = "env:NAME"')
    if not (parts and fitting) or parts.query or parts.fragment or not url.isascii() or not url.isprintable():
        raise validator_error(f"is {url!r}, which is not a URL", 'write url = "http://127.0.0.1:8000/v1"')
    return url.rstrip("/")


def check_key(key: str) -> str:
    """The API key; errors never show it."""
    if not all("!" <= character <= "~" for character in key):
        raise validator_error("is not a valid key: use printable ASCII without spaces", 'write key = "env:NAME"')
    return key


class Config(ModelTable):
    """A model on an OpenAI-compatible server with the base address `url`.

    `name` is the model's name on the server; "" means its only model. `boxes` is the format in which the model writes
    boxes; "" means unknown. `pictures`: whether it reads images. `context` is in tokens; None if unknown here.
    `prompt_price` and `answer_price` are for a million tokens, in whatever currency; `plait route` reckons with them.
    """

    table_example: ClassVar[str] = 'url = "http://127.0.0.1:8000/v1"'

    url: Annotated[str, AfterValidator(check_url)]
    name: str = ""
    key: Annotated[Secret, AfterValidator(check_key), Field(repr=False)] = ""
    boxes: BoxFormatName = ""
    pictures: bool = True
    context: WholeNumber | None = None
    prompt_price: Price = 0.0
    answer_price: Price = 0.0

    @property
    def prices(self) -> tuple[float, float]:
        return self.prompt_price, self.answer_price

    @property
    def accepts(self) -> frozenset[str]:
        return frozenset({"image"}) if self.pictures else frozenset()

    @property
    def context_length(self) -> int | None:
        return self.context

    def describe(self, name: str) -> str:
        return f"{self.name} on {self.url}" if self.name else self.url


def matches(table: Mapping[str, Any]) -> bool:
    return "url" in table
