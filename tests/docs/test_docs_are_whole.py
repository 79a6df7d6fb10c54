"""What a user can set, ask or meet has its place in the docs; what docs show is checked by `make check`."""

import inspect
from dataclasses import fields
from pathlib import Path

from plait.cli import VERBS
from plait.core import errors
from plait.core.config import GgufFile, Server, Settings
from plait.core.errors import PlaitError
from plait.core.task.options import OPTION_NAMES
from plait.service.catalog import Catalog

ROOT = Path(__file__).parent.parent.parent


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_every_setting_is_told() -> None:
    told = page("docs/settings.md")
    assert [field.name for field in fields(Settings) if f"`{field.name}`" not in told and field.name != "models"] == []
    for model in (GgufFile, Server):
        assert [field.name for field in fields(model) if f"{field.name} =" not in told] == []


def test_every_error_stands_in_the_tree_that_opens_its_file() -> None:
    classes = [name for name, each in vars(errors).items() if inspect.isclass(each) and issubclass(each, PlaitError)]
    tree = errors.__doc__ or ""
    assert [name for name in classes if name not in tree] == []


def test_every_verb_option_and_built_in_task_is_told() -> None:
    calling = page("docs/calling.md")
    assert [verb for verb in VERBS if f"{verb} " not in calling] == []
    assert [name for name in OPTION_NAMES if f"{name}" not in calling] == []
    assert [
        task.declaration.name for task in Catalog.built_in() if f"docs/data/{task.declaration.name}.md" not in listed()
    ] == []


def listed() -> list[str]:
    return [str(file.relative_to(ROOT)) for file in (ROOT / "docs" / "data").glob("*.md")]


def test_links_between_pages_lead_somewhere() -> None:
    import re

    broken: list[str] = []
    for file in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", file.read_text("utf-8")):
            if not (file.parent / target).exists():
                broken.append(f"{file.relative_to(ROOT)}: {target}")
    assert broken == []
