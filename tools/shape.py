"""Prints size and structure figures of the code: `python -m tools.shape`. With `--check`, exits with 1 beyond a limit.

Lines of a function are counted without its docstring. Small files are those under 40 lines; `__init__.py`, built-in
tasks, the verbs of the command line, migrations and starters are not counted, because they are small by design.
"""

import ast
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[1] / "src" / "plait"
SMALL = 40  # lines
LIMITS = {"small files": 40, "function median": 6, "function p95": 20, "function max": 45, "mutual imports": 0}


@dataclass(frozen=True)
class Function:
    place: str
    lines: int


def sources(root: Path) -> dict[str, str]:
    """The text of each file by its path below the package, without starters."""
    files = sorted(file for file in root.rglob("*.py") if "starters" not in file.parts)
    return {file.relative_to(root).as_posix(): file.read_text("utf-8") for file in files}


def functions(path: str, source: str) -> list[Function]:
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [Function(f"{path}:{node.lineno} {node.name}", _lines(node)) for node in nodes]


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    is_docstring = ast.get_docstring(node) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if is_docstring else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def small_files(texts: dict[str, str]) -> list[str]:
    exempt = ("tasks/", "cli/", "storage/migrations/")
    return [
        path
        for path, text in texts.items()
        if text.count("\n") < SMALL and not path.endswith("__init__.py") and not path.startswith(exempt)
    ]


def mutual_imports(texts: dict[str, str], package: str) -> list[str]:
    """Pairs of sub-packages that import each other, `data <-> training`, at every depth below the package."""
    edges: set[tuple[str, str]] = set()
    for path, text in texts.items():
        module = "plait." + path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.module:
                edges |= _package_edges(module, node.module, f"plait.{package}")
    return sorted(f"{one} <-> {other}" for one, other in edges if one < other and (other, one) in edges)


def _package_edges(importer: str, imported: str, package: str) -> set[tuple[str, str]]:
    """The sub-packages below `package` where the two modules part, importer first."""
    if not (importer.startswith(package + ".") and imported.startswith(package + ".")):
        return set()
    left, right = importer.split("."), imported.split(".")
    depth = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), None)
    if depth is None or depth >= len(left) - 1 or depth >= len(right):
        return set()
    return {(".".join(left[: depth + 1]), ".".join(right[: depth + 1]))}


def figures(texts: dict[str, str]) -> tuple[dict[str, float], dict[str, list[str]]]:
    """The figures by name, and for some figures the list of items behind it."""
    lengths = [each for path, text in texts.items() for each in functions(path, text)]
    lines = [each.lines for each in lengths]
    lists = {
        "small files": small_files(texts),
        "mutual imports": mutual_imports(texts, "foundation"),
        "function max": [f"{each.lines} {each.place}" for each in lengths if each.lines > LIMITS["function max"]],
    }
    return {
        "files": len(texts),
        "small files": len(lists["small files"]),
        "functions": len(lines),
        "function median": median(lines),
        "function p95": quantiles(lines, n=20)[-1],
        "function max": max(lines),
        "mutual imports": len(lists["mutual imports"]),
    }, lists


def main(arguments: list[str]) -> int:
    counts, lists = figures(sources(ROOT))
    beyond = [name for name, limit in LIMITS.items() if counts[name] > limit]
    for name, count in counts.items():
        print(f"{name:<16} {count:g}" + (f"  (at most {LIMITS[name]})" if name in LIMITS else ""))
        if name in beyond or "--list" in arguments:
            print(*(f"    {each}" for each in lists.get(name, [])), sep="\n")
    return 1 if beyond and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
