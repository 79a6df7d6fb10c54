"""tools/shape.py counts what it says it counts, and the code keeps within its limits."""

from tools.shape import LIMITS, ROOT, figures, functions, mutual_imports, small_files, sources

MUTUAL = {
    "foundation/__init__.py": "",
    "foundation/data/rows.py": "from plait.foundation.training.trainer import Trainer\n",
    "foundation/training/trainer.py": "from plait.foundation.data import rows\n",
}


def test_a_docstring_is_not_counted_as_lines_of_its_function() -> None:
    source = 'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n'
    assert [each.lines for each in functions("a.py", source)] == [2]


def test_nested_functions_count_too() -> None:
    assert len(functions("a.py", "def f():\n    def g(): ...\n    return g\n")) == 2


def test_verbs_tasks_and_package_files_may_be_small() -> None:
    texts = {
        "cli/run.py": "x",
        "tasks/ask.py": "x",
        "core/__init__.py": "x",
        "core/a.py": "x\n" * 39,
        "core/b.py": "x\n" * 40,
    }
    assert small_files(texts) == ["core/a.py"]


def test_packages_that_import_each_other_are_found() -> None:
    assert mutual_imports(MUTUAL, "foundation") == ["plait.foundation.data <-> plait.foundation.training"]


def test_imports_in_one_direction_are_allowed() -> None:
    assert mutual_imports({**MUTUAL, "foundation/training/trainer.py": ""}, "foundation") == []


def test_the_code_passes() -> None:
    counts, lists = figures(sources(ROOT))
    assert {name: count for name, count in counts.items() if count > LIMITS.get(name, float("inf"))} == {}, lists
