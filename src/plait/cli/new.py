"""`plait new task NAME`, `plait new type NAME`: start a task or a value type of your own, with a test that passes."""

import ast
import os
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click

from plait.cli.program_name import as_called
from plait.cli.starter import Starter, check_name, hyphenate, write_files
from plait.core import plugins
from plait.core.deprecation import warn_renamed
from plait.core.errors import InputError, Problem

TASK_STARTER = Starter("task", "new_task")
TYPE_STARTER = Starter("type", "new_value")
TEST_PACKAGES = ("pytest", "hypothesis", "jsonschema")  # that the tests of both starters need
FOLDER_OPTION = click.option(
    "--folder", type=click.Path(path_type=Path), default=Path(), help="Target folder; created if missing.  [.]"
)


@click.group()
def new() -> None:
    """Create a task or a value type from working starter files: `plait new task opinion_of`."""


@new.command(short_help="NAME.py with examples, held-out rows and a test")
@click.argument("name")
@FOLDER_OPTION
def task(name: str, folder: Path) -> None:
    """A task: NAME.py, two examples, a few held-out rows, and a test that passes.

    Existing files are never overwritten: if one exists, nothing is written.
    """
    check_name(name, TASK_STARTER)
    texts = TASK_STARTER.files(name)
    write_files(folder, texts)
    print_written(list(texts), folder)
    file = shell_quote(folder / f"{name}.py")
    click.echo("\nIt works as it is:")
    print_steps(
        (f'plait run {file} --review "It came late, but it is good."', "call it"),
        (f"plait serve {file}", "endpoint, page and OpenAPI"),
        (f"plait evaluate {file}", "score on the held-out rows, beside baselines"),
        *test_commands(folder / f"test_{name}.py"),
    )
    click.echo(f"\nNext, adapt it: types and wording in {file}, examples in seeds/, rows to evaluate in held_out/.")


@new.command("type", short_help="a package with a value type and a test")
@click.argument("name")
@FOLDER_OPTION
def new_type(name: str, folder: Path) -> None:
    """A value type: the file NAME.py in an installable folder plait-NAME, with its conformance test, which passes.

    Existing files are never overwritten: if one exists, nothing is written.
    """
    check_name(name, TYPE_STARTER)
    check_package_name(name)
    texts = TYPE_STARTER.files(name)
    # The folder's name differs from the module's: otherwise Python, run in the parent folder, imports the folder as an
    # empty package.
    home = folder / f"plait-{hyphenate(name)}"
    write_files(home, texts)
    click.echo(f"{home}/ holds a working value type: codes such as B-1203.")
    print_steps(
        (f"pip install --no-deps --no-build-isolation -e {as_pip_path(home)}", "Plait finds it by its entry point"),
        *test_commands(home),
    )
    click.echo("\nNext, adapt it. Replace these methods, in this order:")
    print_steps(
        *((f"{home / f'{name}.py'}:{line}", title) for line, title in methods_to_fill_in(texts[Path(f"{name}.py")]))
    )


@new.command("modality", hidden=True, deprecated=True)
@click.argument("name")
@FOLDER_OPTION
@click.pass_context
def modality(context: click.Context, name: str, folder: Path) -> None:
    """The old name of `plait new type`; removed in the next version."""
    warn_renamed("plait new modality", "plait new type", stacklevel=2)
    context.invoke(new_type, name=name, folder=folder)


def check_package_name(name: str) -> None:
    """Raises InputError if the name cannot be that of a package: it must be unused, in ASCII letters."""
    built_in_names = [plugin.name for plugin in plugins.built_in(plugins.TYPES)]
    reason = "is the name of a built-in value type" if name in built_in_names else ""
    if not name.isascii() or not name[0].isalpha() or not name[-1].isalnum():
        reason = "is not a package name: use ASCII letters, digits and _, a letter first and no _ last"
    elif not reason and (spec := find_spec(name)) is not None and spec.origin is not None:
        reason = "is the name of an installed package"
    if reason:
        raise InputError(
            "a type cannot have this name",
            problems=(Problem("NAME", reason, f'"{name}"'),),
            hint=f"plait new type my_{name.strip('_') if name.isascii() else 'value'}",
        )


def print_written(paths: list[Path], folder: Path) -> None:
    click.echo(f"Written: {', '.join(str(folder / path) for path in paths)}")


def print_steps(*lines: tuple[str, str]) -> None:
    """Prints commands or files, each with its purpose, in two columns."""
    width = max(len(step) for step, _ in lines)
    for step, purpose in lines:
        click.echo(as_called(f"  {step:<{width}}   {purpose}"))


def test_commands(path: Path) -> list[tuple[str, str]]:
    """The command that runs the tests, preceded by one that installs missing test packages."""
    missing = [name for name in TEST_PACKAGES if find_spec(name) is None]
    install = [(f"pip install {' '.join(missing)}", "installs what the test needs")] if missing else []
    return [*install, (f"pytest {shell_quote(path)}", "runs the test, which passes")]


def methods_to_fill_in(text: str) -> Iterator[tuple[int, str]]:
    """Yields line number and title of each function with a numbered docstring, in file order."""
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.FunctionDef)
            and (title := (ast.get_docstring(node) or "").partition("\n")[0])[:1].isdigit()
        ):
            yield node.lineno, f"{node.name}: {title.partition(' ')[2]}"


def shell_quote(path: Path) -> str:
    return shlex.quote(str(path))


def as_pip_path(folder: Path) -> str:
    """The folder in a form that pip does not mistake for a package name."""
    return shell_quote(folder) if os.sep in str(folder) else f"./{shell_quote(folder)}"
