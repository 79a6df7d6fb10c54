"""Reference pages list exactly what exists: settings, errors, commands, options, tasks, pages; their links resolve."""

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

from plait.cli import verbs
from plait.core import errors, plugins
from plait.core.config import FILE_ONLY_SETTINGS, Settings
from plait.core.errors import PlaitError
from plait.core.task.options import OPTION_NAMES
from plait.service.catalog import Catalog

ROOT = Path(__file__).parent.parent.parent
PAGES = (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def table_after(text: str, header: str) -> list[list[str]]:
    """The cells of a Markdown table, from the line that begins with `header`."""
    lines = text[text.index(header) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]


def in_code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_settings_table_lists_exactly_the_settings_and_variables() -> None:
    rows = table_after(page("docs/settings.md"), "| plait.toml |")
    names_listed = [name for row in rows for name in in_code(row[0])]
    assert sorted(names_listed) == sorted(field.name for field in fields(Settings) if field.name != "models")
    variables = [f"PLAIT_{name.upper()}" for name in names_listed if name not in FILE_ONLY_SETTINGS]
    assert [name for row in rows for name in in_code(row[1])] == variables


@pytest.mark.parametrize(
    ("table", "engine"), [("mine", "llamacpp"), ("trained", "unified"), ("gpu-box", "openai")], ids=str
)
def test_the_example_of_each_model_table_sets_exactly_its_keys(table: str, engine: str) -> None:
    _, _, below = page("docs/settings.md").partition(f"[models.{table}]\n")
    keys = re.findall(r"^(\w+) = ", re.split(r"\n\n|```", below)[0], re.MULTILINE)
    assert sorted(keys) == sorted(plugins.load(plugins.ENGINES, engine).Config.model_fields)


def documented_parents(tree: str) -> dict[str, str]:
    """Each class of the tree in a docstring, and the class that it is drawn under."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for line in tree.splitlines():
        if node := re.match(r"^([│ ]*(?:[├└]── )?)([A-Z]\w*)", line):
            depth = len(node[1]) // 4
            above = [*above[:depth], node[2]]
            parents[node[2]] = above[depth - 1] if depth else ""
    return parents


def test_the_tree_of_errors_equals_the_class_hierarchy() -> None:
    (tree,) = [part for part in (errors.__doc__ or "").split("\n\n") if part.startswith("PlaitError\n")]
    classes = [each for each in vars(errors).values() if inspect.isclass(each) and issubclass(each, PlaitError)]
    parents = {each.__name__: "" if each is PlaitError else each.__bases__[0].__name__ for each in classes}
    assert documented_parents(tree) == parents


def test_the_page_on_calling_lists_each_verb_and_shows_each_option() -> None:
    calling = page("docs/calling.md")
    commands = calling.partition("\nCommands:\n")[2].partition("\n$ ")[0]
    assert re.findall(r"^  ([a-z]\w*) ", commands, re.MULTILINE) == sorted(verbs())
    in_python = calling.partition("Options are set with")[2].partition("\n\n")[0]
    assert {name for code in in_code(in_python) for name in re.findall(r"(\w+)=", code)} >= set(OPTION_NAMES)


def test_each_built_in_task_has_a_page_about_its_data() -> None:
    for task in Catalog.built_in():
        name = task.declaration.name
        assert f"`{name}`" in page(f"docs/data/{name}.md").splitlines()[0]


def test_each_page_of_the_docs_is_listed_on_their_first_page() -> None:
    docs = ROOT / "docs"
    pages_listed = {(docs / target).resolve() for target, _ in LINK.findall(page("docs/README.md"))}
    assert [
        str(each.relative_to(docs)) for each in docs.rglob("*.md") if each not in {*pages_listed, docs / "README.md"}
    ] == []


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("file", PAGES, ids=lambda each: str(each.relative_to(ROOT)))
def test_links_lead_to_a_file_and_to_a_heading_in_it(file: Path) -> None:
    for target, anchor in LINK.findall(file.read_text("utf-8")):
        linked = file.parent / target if target else file
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked.read_text("utf-8")), f"{target}#{anchor}"


def architecture_stops() -> dict[str, list[tuple[str, str]]]:
    """The paths in ARCHITECTURE.md: names and files of their stops, by heading."""
    paths = page("ARCHITECTURE.md").partition("\n## Three paths")[2].split("\n### ")[1:]
    stops = re.compile(r"^\| \d+ \| `(\w+)` \| \[[^]]+\]\(([^)]+)\) \|", re.MULTILINE)
    return {path.partition("\n")[0]: stops.findall(path) for path in paths}


@pytest.mark.parametrize("path", architecture_stops())
def test_each_step_of_a_path_is_defined_in_its_file(path: str) -> None:
    stops = architecture_stops()[path]
    assert 8 <= len(stops) <= 12
    for name, file in stops:
        assert re.search(rf"^(async def|def|class) {name}\b", page(file), re.MULTILINE), f"{name} in {file}"


def test_the_packages_of_the_architecture_are_those_of_the_source() -> None:
    packages_listed = [name for row in table_after(page("ARCHITECTURE.md"), "| package |") for name in in_code(row[0])]
    folders = {file.parent.name for file in (ROOT / "src" / "plait").glob("*/__init__.py")}
    assert set(packages_listed) == folders


def test_the_checks_notice_missing_entries() -> None:
    assert documented_parents("A\n├── B  x\n│   └── C  x\n└── D  x") == {"A": "", "B": "A", "C": "B", "D": "A"}
    assert table_after("| a | b |\n| --- | --- |\n| `x`, `y` | 1 |\n\nz", "| a |") == [["`x`, `y`", "1"]]
    assert anchors("# One, two\n## A `b`\n") == {"one-two", "a-b"}
