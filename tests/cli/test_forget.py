"""A person is forgotten on request: a list first, then rows, files and examples; the models that learned are named."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

import plait
from plait import Image
from plait.core.calls.scope import use_transport
from plait.core.calls.transport import transport
from plait.core.prompting.project import project_folder, project_key
from plait.foundation.cards.adapter import AdapterHeader
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from plait.service.models.model_version import TaughtExample, VersionManifest
from plait.service.models.registry import current_registry
from plait.storage.database import current_database
from plait.storage.feedback_table import feedback_on
from plait.storage.fsck import check
from plait.storage.person_rows import person_rows
from tests.support.ledger_tasks import name_colour, read_bill, shorten
from tests.support.running_server import Shell, serve_catalog
from tests.support.shelf import encode_picture, shelf
from tests.support.stored_versions import new_version, write_small_adapter

PNG = encode_picture(shelf().resize((400, 300)), "PNG")
SECRET = "bill 4711 of a secret meeting"


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


@pytest.fixture
def ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[str]]]:
    """The ids of recorded answers by person, of a server without keys."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plait.toml").write_text("[recording]\nall = true\n")
    local = LocalTransport()
    asked: dict[str, list[str]] = {"anna": [], "ben": []}
    catalog = Catalog((read_bill, shorten, name_colour))
    with use_transport(local), serve_catalog(catalog, local) as server:
        with httpx.Client(base_url=server.url, trust_env=False) as client:
            for person, texts in (("anna", [SECRET, "bill 12"]), ("ben", ["bill 13"])):
                for text in texts:
                    body = {"text": text}
                    asked[person].append(client.post(f"/v1/tasks/read_bill?user={person}", json=body).json()["id"])
            files = {"picture": ("a.png", PNG, "image/png")}
            asked["anna"].append(client.post("/v1/tasks/name_colour?user=anna", files=files).json()["id"])
        assert local.recorder.flush()
        plait.feedback(asked["anna"][0], right=True, user="anna")
        plait.feedback(asked["anna"][0], right=False, comment="no", user="ben")
        plait.feedback(asked["ben"][0], score=0.5, user="anna")
        plait.feedback(asked["ben"][0], right=True, user="ben")
        read_bill.correct(asked["anna"][0])
        read_bill.correct(asked["ben"][0])
        yield asked


def teach(tmp_path: Path, *ids: int | str) -> None:
    """A version of the registry that learned from these examples or answers, and is the one that answers."""
    declaration, name = read_bill.declaration, "smollm2/read_bill"
    manifest = VersionManifest({}, "c" * 64, tuple(TaughtExample(str(id), "d" * 64) for id in ids))
    project = project_key(project_folder(declaration))
    new = replace(
        new_version(), project=project, name=name, task="read_bill", fingerprint=declaration.fingerprint,
        manifest=manifest, run="0123456789ab",
    )  # fmt: skip
    header = AdapterHeader("llama", 1, 2.0, new.base_sha256, new.task, new.fingerprint)
    registry = current_registry()
    version = registry.add_version(new, write_small_adapter(tmp_path / "adapter.gguf", header=header))
    registry.set_alias(project, name, {version.number: 100})


def test_the_list_comes_first_and_deletes_nothing(ids: dict[str, list[str]], shell: Shell) -> None:
    before = person_rows(current_database(), "anna")
    result = shell("forget", "anna")
    assert (result.code, result.out) == (0, "to be deleted: 3 answers, 3 rows of feedback, 1 examples\n")
    assert "nothing is deleted yet: plait forget anna --yes" in result.err
    assert person_rows(current_database(), "anna") == before


def test_everything_of_a_person_is_deleted_and_nothing_of_another(ids: dict[str, list[str]], shell: Shell) -> None:
    database = current_database()
    assert shell("forget", "anna", "--yes").out == "deleted: 3 answers, 3 rows of feedback, 1 examples\n"
    assert person_rows(database, "anna").is_empty and feedback_on(database, ids["anna"][0]) == []
    assert list(database.files.digests()) == [], "the picture is gone"
    kept = person_rows(database, "ben")
    assert (kept.answers, kept.feedback, len(kept.example_ids)) == (1, 1, 1)
    assert [example.inputs["text"] for example in read_bill.examples] == ["bill 13"]
    content = b"".join(path.read_bytes() for path in database.data.glob("plait.db*"))
    assert SECRET.encode() not in content and b"bill 13" in content, "also in the pages of the file"
    assert check(database) == []
    assert shell("forget", "anna").code == 2


def test_data_sets_adapters_and_aliases_that_learned_are_named(
    ids: dict[str, list[str]], shell: Shell, tmp_path: Path
) -> None:
    (mine,) = person_rows(current_database(), "anna").example_ids
    (other,) = person_rows(current_database(), "ben").example_ids
    teach(tmp_path, other)
    teach(tmp_path, mine, other)
    line = (
        "  smollm2/read_bill@2: 1 of the 2 examples of its data set cccccccccccc, run 0123456789ab, "
        "named by the alias smollm2/read_bill (2)"
    )
    assert shell("forget", "anna").out.splitlines()[1:] == [line]
    result = shell("forget", "anna", "--yes")
    assert result.out.splitlines()[1:] == [line] and "plait adapt TASK --from-base trains without them" in result.err


def test_a_model_that_learned_from_a_recorded_answer_is_named(
    ids: dict[str, list[str]], shell: Shell, tmp_path: Path
) -> None:
    teach(tmp_path, ids["anna"][1])
    assert "smollm2/read_bill@1: 1 of the 1 examples" in shell("forget", "anna").out
    assert "smollm2/read_bill@1" not in shell("forget", "ben").out


def test_a_picture_that_another_answer_needs_stays(ids: dict[str, list[str]], shell: Shell, tmp_path: Path) -> None:
    id = name_colour.detailed(Image(PNG)).id
    assert transport().recorder.flush()  # type: ignore[attr-defined]
    assert shell("forget", "anna", "--yes").code == 0
    assert len(list(current_database().files.digests())) == 1 and check(current_database()) == [] and id


@pytest.mark.parametrize(
    ("person", "message"),
    [
        ("", "forget needs a person"),
        ("nobody", "nothing is kept of 'nobody'"),
        ("a\x1b[31m", "without control characters"),
        ("x" * 10_240, "up to 200 characters"),
        ("'; DROP TABLE answers; --", "nothing is kept of"),
        ("%", "nothing is kept of '%'"),
    ],
)
def test_a_name_that_is_none_or_unknown_is_refused(
    ids: dict[str, list[str]], shell: Shell, person: str, message: str
) -> None:
    result = shell("forget", "--yes", "--", person)
    assert result.code == 2 and message in result.err and "\x1b" not in result.err and len(result.err) < 1_000
    assert person_rows(current_database(), "anna").answers == 3


def test_without_a_database_nothing_is_kept_of_anybody(shell: Shell) -> None:
    assert shell("forget", "anna").code == 2
