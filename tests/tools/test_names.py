"""tools/names.py finds the names that it is there to find, and the code has none of them."""

from pathlib import Path

import pytest

from tools.names import ROOT, Rules, complaints, package_names

RULES = Rules(
    modules={"core.door": "core.calls.transport"},
    names={"core.*": {"SoFar": "PartialAnswer", "AnswerDraft.take": "feed"}},
    participles=frozenset({"told", "drawn"}),
    shared_classes=frozenset({"Config"}),
    exempt_modules=("tasks.*",),
)


def complaints_about(folder: Path, **sources: str) -> list[str]:
    """Complaints about a package of these modules; `core__engine` is core/engine.py."""
    for module, source in sources.items():
        file = folder.joinpath(*module.split("__")).with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, "utf-8")
    return list(complaints(package_names(folder), RULES))


def test_a_replaced_class_is_refused_in_its_module(tmp_path: Path) -> None:
    assert complaints_about(tmp_path, core__engine="class SoFar: ...") == [
        "plait.core.engine:1 SoFar is now called PartialAnswer"
    ]


def test_the_old_name_is_allowed_in_other_packages(tmp_path: Path) -> None:
    assert complaints_about(tmp_path, web__pages="class SoFar: ...") == []


def test_a_replaced_method_is_refused(tmp_path: Path) -> None:
    source = "class AnswerDraft:\n    def take(self): ...\n    def feed(self): ...\n"
    assert complaints_about(tmp_path, core__engine=source) == [
        "plait.core.engine:2 AnswerDraft.take is now called feed"
    ]


def test_a_replaced_module_is_refused(tmp_path: Path) -> None:
    assert complaints_about(tmp_path, core__door="") == [
        "module plait.core.door is now called plait.core.calls.transport"
    ]


def test_a_class_name_is_unique_among_modules(tmp_path: Path) -> None:
    [complaint] = complaints_about(tmp_path, a="class Plan: ...", b="\n\nclass Plan: ...")
    assert complaint == "class Plan stands in several modules: plait.a:1, plait.b:3"


@pytest.mark.parametrize("name", ["Config", "_Private"])
def test_contract_names_and_private_classes_may_repeat(tmp_path: Path, name: str) -> None:
    assert complaints_about(tmp_path, a=f"class {name}: ...", b=f"class {name}: ...") == []


def test_built_in_tasks_may_share_their_result_classes(tmp_path: Path) -> None:
    assert complaints_about(tmp_path, tasks__a="class Line: ...", b="class Line: ...") == []


@pytest.mark.parametrize(
    "source",
    [
        "def told(): ...",
        "class A:\n    async def drawn(self): ...",
        "def f():\n    def _told(): ...",
        "class Drawn: ...",
    ],
)
def test_a_bare_participle_is_refused_at_any_depth(tmp_path: Path, source: str) -> None:
    [complaint] = complaints_about(tmp_path, a=source)
    assert "is a bare participle" in complaint


def test_a_module_named_by_a_participle_is_refused(tmp_path: Path) -> None:
    [complaint] = complaints_about(tmp_path, web__told="")
    assert complaint.startswith("plait.web.told:0 'told' is a bare participle")


def test_participles_within_longer_names_are_allowed(tmp_path: Path) -> None:
    assert complaints_about(tmp_path, a="def drawn_boxes(): ...\ntold = 1\n") == []


def test_the_code_passes() -> None:
    assert list(complaints(package_names(ROOT / "src" / "plait"), Rules.read(ROOT / "tools" / "names.toml"))) == []
