"""Checks the names of the code: `python -m tools.names` prints violations and exits with 1 (part of `make check`).

1. A name that tools/names.toml replaced does not come back in the packages where it stood.
2. A public class has a name of its own in the package.
3. Functions, methods, classes and modules are not named by a bare participle (`told`, `drawn`): it names neither the
   result nor the action.
"""

import ast
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULE_LINE = 0  # line number used for the name of a module
Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Rules:
    """The rules of tools/names.toml: old module → new module, and old name → new name by module pattern."""

    modules: dict[str, str]
    names: dict[str, dict[str, str]]
    participles: frozenset[str]
    shared_classes: frozenset[str]
    exempt_modules: tuple[str, ...]

    @classmethod
    def read(cls, file: Path) -> "Rules":
        table = tomllib.loads(file.read_text("utf-8"))
        return cls(
            modules=table["modules"],
            names=table["names"],
            participles=frozenset(table["participles"]),
            shared_classes=frozenset(table["shared_classes"]),
            exempt_modules=tuple(table["exempt_modules"]),
        )

    def is_exempt(self, module: str) -> bool:
        return any(fnmatchcase(module, pattern) for pattern in self.exempt_modules)


@dataclass(frozen=True)
class Name:
    """A name that a module defines: `AnswerDraft.feed`, a method of the module `core.engine.validation`."""

    module: str
    qualified: str
    line: int
    is_class: bool = False

    @property
    def bare(self) -> str:
        return self.qualified.rpartition(".")[2]


def names_in(source: str, module: str) -> Iterator[Name]:
    """Classes, functions and methods of a module, nested ones too, and the module's own name."""
    yield Name(module, module.rpartition(".")[2], MODULE_LINE)
    yield from _definitions(ast.parse(source), module, "")


def _definitions(node: ast.AST, module: str, prefix: str) -> Iterator[Name]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            qualified = f"{prefix}{child.name}"
            yield Name(module, qualified, child.lineno, isinstance(child, ast.ClassDef))
            yield from _definitions(child, module, f"{qualified}.")
        else:
            yield from _definitions(child, module, prefix)


def package_names(package: Path) -> list[Name]:
    """All names below a package, without starters, which contain placeholders for user code."""
    names: list[Name] = []
    for file in sorted(package.rglob("*.py")):
        relative = file.relative_to(package)
        if "starters" in relative.parts:
            continue
        module = ".".join(relative.with_suffix("").parts).removesuffix("__init__").rstrip(".")
        names.extend(names_in(file.read_text("utf-8"), module or package.name))
    return names


def complaints(names: list[Name], rules: Rules) -> Iterator[str]:
    yield from _reintroduced_names(names, rules)
    yield from _duplicate_classes(names, rules)
    yield from _participle_names(names, rules)


def _reintroduced_names(names: list[Name], rules: Rules) -> Iterator[str]:
    for name in names:
        if name.line == MODULE_LINE and name.module in rules.modules:
            yield f"module plait.{name.module} is now called plait.{rules.modules[name.module]}"
        for pattern, renames in rules.names.items():
            if name.line != MODULE_LINE and name.qualified in renames and fnmatchcase(name.module, pattern):
                yield f"{_place(name)} {name.qualified} is now called {renames[name.qualified]}"


def _duplicate_classes(names: list[Name], rules: Rules) -> Iterator[str]:
    modules: dict[str, list[Name]] = defaultdict(list)
    for name in names:
        if (
            name.is_class
            and "." not in name.qualified
            and not name.bare.startswith("_")
            and not rules.is_exempt(name.module)
        ):
            modules[name.bare].append(name)
    for bare, places in modules.items():
        if len({place.module for place in places}) > 1 and bare not in rules.shared_classes:
            yield f"class {bare} stands in several modules: {', '.join(_place(place) for place in places)}"


def _participle_names(names: list[Name], rules: Rules) -> Iterator[str]:
    for name in names:
        if name.bare.lower().strip("_") in rules.participles and not rules.is_exempt(name.module):
            yield f"{_place(name)} {name.bare!r} is a bare participle: name what is returned, or what is done"


def _place(name: Name) -> str:
    return f"plait.{name.module}:{name.line}"


def main() -> int:
    problems = list(complaints(package_names(ROOT / "src" / "plait"), Rules.read(ROOT / "tools" / "names.toml")))
    print("\n".join(problems) or "names: nothing to complain about")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
