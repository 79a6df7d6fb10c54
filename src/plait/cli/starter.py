"""Writes the starter files of a new task or type: complete working files with the name replaced, all or none."""

import ast
import builtins
import keyword
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from plait.core.errors import InputError, Problem, SettingsError
from plait.core.values.quoting import quote

STARTERS = Path(str(files("plait.cli"))) / "starters"


@dataclass(frozen=True)
class Starter:
    """The folder `starters/TEMPLATE` (`task` or `type`). The new name replaces `placeholder` in its files."""

    template: str
    placeholder: str

    def files(self, name: str) -> dict[Path, str]:
        """Maps paths, relative to the target folder, to file contents, both with the new name."""
        here = STARTERS / self.template
        return {
            Path(self.substitute(str(file.relative_to(here)), name)): self.substitute(file.read_text("utf-8"), name)
            for file in sorted(here.rglob("*"), key=lambda file: (len(file.parts), file))
            if file.is_file() and file.suffix != ".pyc"
        }

    def substitute(self, text: str, name: str) -> str:
        for spelling in (str, camel_case, hyphenate):
            text = text.replace(spelling(self.placeholder), spelling(name))
        return text

    def code_name(self, name: str) -> str:
        """The name as it appears in code: of a function for a task, of a class for a value type."""
        return name if self.template == "task" else camel_case(name)

    def used_names(self) -> set[str]:
        """Names that the files use themselves; a new name among these would be ambiguous."""
        return {name for text in self.files(self.placeholder).values() for name in names_in(text)}


def camel_case(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def hyphenate(name: str) -> str:
    return name.replace("_", "-")


def names_in(text: str) -> Iterator[str]:
    """Yields the names in a Python file; nothing for other files."""
    with suppress(SyntaxError):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Name):
                yield node.id
            elif isinstance(node, ast.alias):
                yield from (node.name, node.asname or "")


def check_name(name: str, starter: Starter) -> None:
    """Raises InputError, with the nearest usable name, if the name is not usable."""
    if reason := name_problem(name, starter):
        problem = Problem("NAME", reason, quote(name))
        raise InputError(
            f"a {starter.template} cannot have this name",
            problems=(problem,),
            hint=f"plait new {starter.template} {suggested_name(name, starter)}",
        )


def name_problem(name: str, starter: Starter) -> str:
    """The reason why a name is not usable; "" if it is."""
    if not name.isidentifier():
        return "is not a Python name: use letters, digits and _, not a digit first"
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        return "is a Python keyword"
    if hasattr(builtins, name) or name in sys.stdlib_module_names:
        return "is the name of a Python built-in or standard module"
    if starter.code_name(name) in starter.used_names() - {starter.code_name(starter.placeholder)}:
        return "is used for something else in the starter files"
    return ""


def suggested_name(name: str, starter: Starter) -> str:
    identifier = re.sub(r"\W+", "_", name).strip("_") or starter.placeholder
    for candidate in (identifier, f"{starter.template}_{identifier}", f"my_{identifier}"):
        if not name_problem(candidate, starter):
            return candidate
    return starter.placeholder


def write_files(folder: Path, texts: Mapping[Path, str]) -> None:
    """Writes all files or none, and never overwrites an existing file. Raises SettingsError."""
    existing = [folder / path for path in texts if (folder / path).exists()]
    if existing:
        raise SettingsError(
            f"{existing[0]} already exists",
            details=tuple(map(str, existing[1:])),
            hint="choose another name, or another folder: --folder DIR",
        )
    created: list[Path] = []
    try:
        for path, text in texts.items():
            created += make_folders((folder / path).parent)
            with (folder / path).open("x", encoding="utf-8") as file:
                created.append(folder / path)
                file.write(text)
    except BaseException as error:
        remove_created(created)
        if not isinstance(error, OSError):
            raise
        raise SettingsError(
            f"{folder} cannot be written to: {error.strerror}",
            hint="choose a writable folder: --folder DIR",
        ) from None


def make_folders(folder: Path) -> list[Path]:
    """Creates the folder and its parents. Returns the new ones, the outermost first."""
    new = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return new[::-1]


def remove_created(paths: list[Path]) -> None:
    for path in reversed(paths):
        path.rmdir() if path.is_dir() else path.unlink()
