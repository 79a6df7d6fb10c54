"""TOML files: typed values, and errors that name file and line, quote the value and give a hint."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from plait.core.errors import SettingsError, error_text
from plait.core.toml_file import TomlTable, read_toml_file
from plait.core.values.strict import validator_error

STRICT = {"extra": "forbid", "strict": True, "allow_inf_nan": False}


def check_even(number: int) -> int:
    if number % 2:
        raise validator_error(f"is {number}, which is odd", f"write {number + 1}")
    return number


@dataclass(frozen=True)
class Step:
    name: str
    rate: float = 1.0
    __pydantic_config__ = STRICT


class Engine(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    path: Path
    threads: Annotated[int, Field(ge=1), AfterValidator(check_even)] | None = None
    precision: Literal["fp32", "int8"] = "fp32"
    key: Annotated[str, Field(repr=False, min_length=4)] = "none"


@dataclass(frozen=True)
class Everything:
    title: str = ""
    keys: tuple[str, ...] = field(default=(), repr=False)
    shares: Mapping[str, float] = field(default_factory=dict[str, float])
    step: tuple[Step, ...] = ()
    engines: Mapping[str, Engine] = field(default_factory=dict[str, Engine])
    __pydantic_config__ = STRICT


TEXT = """\
title = "all"
keys = ["secret-1"]

[shares]
a = 0.5

[[step]]
name = "first"
[[step]]
name = "second"
rate = 2

[engines.mine]
path = "m.gguf"
threads = 2
key = "secret"
"""


def table(folder: Path, text: str) -> TomlTable:
    (folder / "my.toml").write_text(text)
    return read_toml_file(folder / "my.toml", "my.toml")


def test_a_file_is_read_into_dataclasses_and_models(tmp_path: Path) -> None:
    file = table(tmp_path, TEXT)
    everything = file.parse(Everything)
    assert everything.step == (Step("first"), Step("second", 2.0)) and everything.keys == ("secret-1",)
    assert everything.engines["mine"] == file.table("engines").table("mine").parse(Engine)
    assert everything.engines["mine"].path == Path("m.gguf")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("title", "titel", "my.toml:1: titel is an unknown key\n  → did you mean title?"),
        ('"all"', "1", "my.toml:1: title is 1: it should be a valid string\n  → write a text in quotes"),
        ("0.5", '"x"', 'my.toml:5: shares.a is "x": it should be a valid number\n  → write a number'),
        ("rate = 2", "rate = nan", "my.toml:11: step.2.rate is NaN: it should be a finite number\n  → write a number"),
        ('name = "second"', "", "my.toml:9: step.2.name is missing\n  → write name = ..."),
        ("rate = 2", "raet = 2", "my.toml:11: step.2.raet is an unknown key\n  → did you mean rate?"),
        ("threads = 2", "threads = 0", "my.toml:15: engines.mine.threads is 0: it should be greater than or equal to"),
        ("threads = 2", "threads = 3", "my.toml:15: engines.mine.threads is 3, which is odd\n  → write 4"),
        ("threads = 2", "thread = 2", "my.toml:15: engines.mine.thread is an unknown key\n  → did you mean"),
        (
            "threads = 2",
            'precision = "int4"',
            "my.toml:15: engines.mine.precision is \"int4\": it should be 'fp32' or 'int8'\n  → did you mean int8?",
        ),
        ('path = "m.gguf"', "path = true", "my.toml:14: engines.mine.path is true: it"),
        ("[shares]\na = 0.5", "shares = 3", "my.toml:4: shares is 3: it should be"),
        ("title = ", "title = = ", "my.toml is not TOML: "),
    ],
)
def test_a_mistake_names_its_line_quotes_the_value_and_gives_a_hint(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in TEXT
    with pytest.raises(SettingsError) as caught:
        table(tmp_path, TEXT.replace(before, after, 1)).parse(Everything)
    assert error_text(caught.value).startswith(f"SettingsError: {message}") and caught.value.hint


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [('["secret-1"]', '"secret-1"', "2: keys"), ('["secret-1"]', '["secret-1", 1]', "2: keys.2"),
     ('"secret"', '"sec"', "16: engines.mine.key"), ('"secret"', '["secret"]', "16: engines.mine.key")],
)  # fmt: skip
def test_a_secret_is_never_quoted(tmp_path: Path, before: str, after: str, place: str) -> None:
    with pytest.raises(SettingsError) as caught:
        table(tmp_path, TEXT.replace(before, after, 1)).parse(Everything)
    text = error_text(caught.value)
    assert f"my.toml:{place} is not accepted: it should " in text and "secret-1" not in text and '"sec' not in text


def test_the_other_mistakes_are_details(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        table(tmp_path, "title = 1\nkeys = 2\n[shares]\na = true\n").parse(Everything)
    assert caught.value.message == "my.toml:1: title is 1: it should be a valid string"
    assert [line.partition(" is ")[0] for line in caught.value.details] == ["my.toml:2: keys", "my.toml:4: shares.a"]


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read: No such file") as caught:
        read_toml_file(tmp_path / "none.toml", hint="name a recipe")
    assert caught.value.hint == "name a recipe"
    (tmp_path / "latin.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"latin\.toml is not TOML"):
        read_toml_file(tmp_path / "latin.toml")


def test_a_large_value_is_quoted_shortened(tmp_path: Path) -> None:
    values: Any = ", ".join(["1"] * 200)
    with pytest.raises(SettingsError) as caught:
        table(tmp_path, f"title = [{values}]").parse(Everything)
    assert "… (401 characters)" in caught.value.message and len(caught.value.message) < 200


def test_a_file_may_begin_with_a_mark(tmp_path: Path) -> None:
    file = tmp_path / "plait.toml"
    file.write_bytes(b"\xef\xbb\xbfport = 9000\n")
    assert read_toml_file(file).values == {"port": 9000}
