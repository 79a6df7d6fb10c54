"""Parts of other packages: a toy package adds a value type, an engine, a verb and an app; a broken one is left out.

Both are real distributions on PYTHONPATH, used by real processes and a real server on loopback.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from plait.cli.starter import Starter
from plait.core.plugins import EXTENSION_POINTS
from tests.support.running_server import run_plait, serve_command

TOY_FILES = {
    "toy_engine/__init__.py": "",
    "toy_engine/config.py": """
from plait.core.engine.model_table import ModelTable


class Config(ModelTable):
    chats = False
    table_example = 'toy = "B-7"'
    toy: str

    def describe(self, name):
        return f"a toy that writes {self.toy}"


def matches(table):
    return "toy" in table
""",
    "toy_engine/engine.py": """
import json
from plait.core.engine.protocol import Finish, TextDelta


def engine(name, config):
    return ToyEngine(name, config.toy)


class ToyEngine:
    digest = "1"

    def __init__(self, name, code):
        self.name, self.code = name, code

    def can(self, declaration):
        return ""

    async def answer(self, request):
        letter, number = self.code.split("-")
        yield TextDelta(json.dumps({"letter": letter, "number": int(number)}))
        yield Finish()

    async def aclose(self): ...
""",
    "toy_app/__init__.py": """
from plait.core.app import App, AppRoute

app = App(
    "toy",
    {"en": "Toy shop", "zh": "玩具店"},
    tasks=("toy_app.tasks:find_code",),
    routes=(AppRoute("GET", "/apps/toy", "toy_app.routes:page"), AppRoute("POST", "/apps/toy", "toy_app.routes:post")),
    commands=("toy_app.commands:stock",),
    page="/apps/toy",
)
""",
    "toy_app/tasks.py": '''
from plait import task
from TOY_CODE import ToyCode


@task
def find_code(text: str) -> ToyCode:
    """Which code stands in {text}?"""
    ...
''',
    "toy_app/routes.py": """
from starlette.responses import JSONResponse, PlainTextResponse


async def page(request):
    return PlainTextResponse("a page of toys")


async def post(request):
    return JSONResponse({"toys": 3})
""",
    "toy_app/commands.py": '''
import click


@click.command()
@click.option("--of", default="all")
def stock(of):
    """Counts toys."""
    click.echo(f"3 toys of {of}")
''',
    "toy_store.py": """
class ToyStore:
    kept = []

    def __init__(self, declaration, author):
        self.declaration, self.author = declaration, author

    def __iter__(self):
        return reversed(self.kept)

    def nearest(self, inputs, count):
        return reversed(self.kept[-count:])

    def add(self, example, visibility="everyone"):
        self.kept.append(example)

    def remove(self, example):
        return example in self.kept and not self.kept.remove(example)

    def undo(self):
        return self.kept.pop() if self.kept else None

    earlier, earlier_count = (), 0
    of_all_authors = ()

    @property
    def count(self):
        return len(self.kept)

    @property
    def digest(self):
        return repr(self.kept)
""",
    "toy_verb.py": '''
import click


@click.command()
def toys():
    """Lists toys."""
    click.echo("a ball, a kite")
''',
}
TOY_ENTRY_POINTS = """
[plait.types]
toy_code = toy_code
[plait.engines]
toy_engine = toy_engine
[plait.verbs]
toys = toy_verb:toys
[plait.apps]
toy = toy_app:app
[plait.example_stores]
toy = toy_store:ToyStore
"""
BROKEN = "raise RuntimeError('spilled')\n"


def install(folder: Path, name: str, entry_points: str) -> None:
    """Metadata of a distribution, as pip writes it."""
    info = folder / f"{name}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(entry_points)


@pytest.fixture(scope="module")
def toys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toys")
    for path, text in Starter("type", "new_value").files("toy_code").items():
        (folder / path).parent.mkdir(exist_ok=True, parents=True)
        (folder / path).write_text(text, "utf-8")
    type_module = "toy_code.value" if (folder / "toy_code").is_dir() else "toy_code"
    for name, text in TOY_FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text.replace("TOY_CODE", type_module), "utf-8")
    install(folder, "plait_toys", TOY_ENTRY_POINTS)
    (folder / "plait.toml").write_text('[models.toy]\ntoy = "B-7"\n')
    return folder


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A distribution whose part of each kind fails on import."""
    folder = tmp_path_factory.mktemp("broken")
    (folder / "broken_part.py").write_text(BROKEN)
    (folder / "broken_package").mkdir()
    for name in ("__init__", "config", "engine"):
        (folder / "broken_package" / f"{name}.py").write_text(BROKEN if name != "__init__" else "")
    values = {"plait.types": "broken_part", "plait.engines": "broken_package"}
    groups = (f"[{each.group}]\nbroken = {values.get(each.group, 'broken_part:part')}\n" for each in EXTENSION_POINTS)
    install(folder, "plait_broken", "".join(groups))
    return folder


def environment(*folders: Path) -> dict[str, str]:
    return {"PYTHONPATH": ":".join([*map(str, folders), *[each for each in sys.path if each]]), "PLAIT_URL": "none"}


def python(code: str, *folders: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=folders[0],
        timeout=240,
        env={**environment(*folders), "PATH": "", "HOME": str(folders[0])},
    )


@pytest.fixture(scope="module")
def url(toys: Path) -> Iterator[str]:
    with serve_command("--port", "0", env=environment(toys), cwd=toys) as running:
        yield running.url


def test_a_toy_task_is_answered_in_python_by_the_toy_engine(toys: Path) -> None:
    process = python("from toy_app.tasks import find_code; print(find_code.using('toy')('the box B-7'))", toys)
    assert process.stdout == "B-7\n", process.stderr


def test_examples_are_stored_in_the_toy_store(toys: Path) -> None:
    code = (
        "from toy_app.tasks import find_code, ToyCode\nexamples = find_code.examples\n"
        "examples.add(ToyCode('B', 7), text='the box B-7')\nprint(*[each.answer for each in examples])\n"
        "print(next(iter(examples.nearest({'text': 'x'}, 1))).answer, examples.undo().answer, list(examples))"
    )
    process = python(code, toys)
    assert process.stdout == "B-7\nB-7 B-7 []\n", process.stdout + process.stderr


def test_the_toys_are_available_on_the_command_line(toys: Path) -> None:
    def output(*arguments: str) -> str:
        result = run_plait(*arguments, env=environment(toys), cwd=toys)
        assert result.code == 0, result.err
        return result.out

    listing = output("--help")
    assert "  toy       Toy shop" in listing and "  toys      From the package plait_toys." in listing
    assert output("toys") == "a ball, a kite\n"
    assert output("toy", "stock", "--of", "wood") == "3 toys of wood\n"
    assert "find_code" in output("run", "--help")
    answer = output("run", "find_code", "--text", "the box B-7", "--model", "toy", "--json")
    assert json.loads(answer) == {"letter": "B", "number": 7}
    assert "a toy that writes B-7" in output("models")
    assert "app toy from the package plait_toys" in output("doctor", "--quick", "--json")


def test_the_toys_are_served_behind_the_same_security(url: str) -> None:
    answer = httpx.post(f"{url}/v1/tasks/find_code?model=toy", json={"text": "the box B-7"})
    assert answer.json()["answer"] == {"letter": "B", "number": 7}, answer.text
    assert httpx.get(f"{url}/apps/toy").text == "a page of toys"
    assert httpx.post(f"{url}/apps/toy").json() == {"toys": 3}
    assert httpx.get(f"{url}/apps/toy", headers={"host": "evil.example"}).status_code == 403
    assert httpx.post(f"{url}/apps/toy", headers={"origin": "http://evil.example"}).status_code == 403


def test_the_home_page_links_the_page_of_the_app_in_both_languages(url: str) -> None:
    for language, title in (("en", "Toy shop"), ("zh", "玩具店")):
        page = httpx.get(f"{url}/?lang={language}", headers={"accept": "text/html"}).text
        assert f'<a href="/apps/toy">{title}</a>' in page and "find_code" in page
    form = httpx.post(f"{url}/tasks/find_code?model=toy", data={"text": "B-7"}, headers={"accept": "text/html"})
    assert form.status_code == 200 and "B" in form.text and "7" in form.text


def test_finding_apps_imports_no_web_framework(toys: Path) -> None:
    code = (
        "import sys\nfrom plait.core.app import installed_apps\nassert installed_apps()[0].app.name == 'toy'\n"
        "print([name for name in ('starlette', 'uvicorn', 'click', 'torch') if name in sys.modules])"
    )
    process = python(code, toys)
    assert process.stdout == "[]\n", process.stdout + process.stderr


def test_a_broken_plug_in_of_each_kind_is_named_and_affects_no_other(toys: Path, broken: Path) -> None:
    env = environment(toys, broken)
    result = run_plait("doctor", "--quick", "--json", env=env, cwd=toys)
    findings = json.loads(result.out)["findings"]
    for point in EXTENSION_POINTS:
        (finding,) = [
            each for each in findings if f"not loaded: the {point.name} broken of plait_broken" in each["what"]
        ]
        assert finding["mark"] == "warn" and "RuntimeError: spilled" in finding["what"]
        assert finding["hint"].startswith("pip install --upgrade plait_broken")
    process = python("from toy_app.tasks import find_code; print(find_code.using('toy')('the box B-7'))", toys, broken)
    assert process.stdout == "B-7\n" and "plait_broken" in process.stderr, process.stderr
    assert run_plait("toy", "stock", env=env, cwd=toys).out == "3 toys of all\n"
    with serve_command("--port", "0", env=env, cwd=toys) as running:
        assert httpx.get(f"{running.url}/apps/toy").text == "a page of toys"


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["broken"], "command"),
        (["evaluate", "--suite", "broken"], "suite"),
        (["models"], "engine"),
    ],
)
def test_a_broken_plug_in_that_is_required_is_an_error_with_its_distribution(
    broken: Path, tmp_path: Path, arguments: list[str], kind: str
) -> None:
    (tmp_path / "plait.toml").write_text('[models.m]\nengine = "broken"\n' if kind == "engine" else "")
    result = run_plait(*arguments, env=environment(broken), cwd=tmp_path)
    assert result.code == 2 and f"the {kind} broken of plait_broken" in result.err, result.err
    assert "RuntimeError: spilled" in result.err and "pip install --upgrade plait_broken" in result.err


def test_the_engine_key_selects_the_engine_and_an_unknown_one_is_named(toys: Path, tmp_path: Path) -> None:
    (tmp_path / "plait.toml").write_text('[models.m]\ntoy = "B-7"\nurl = "http://m/v1"\nengine = "toy_engine"\n')
    result = run_plait("models", env=environment(toys), cwd=tmp_path)
    assert result.code == 2 and "models.m.url is an unknown key" in result.err
    (tmp_path / "plait.toml").write_text('[models.m]\nengine = "toy_engin"\n')
    result = run_plait("models", env=environment(toys), cwd=tmp_path)
    assert result.code == 2 and "did you mean toy_engine?" in result.err
