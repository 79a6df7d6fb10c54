"""Seeds and nearest examples of the task `shout` (tests/core/prompting/conftest.py), in the current folder."""

from pathlib import Path

from plait.core.config import settings
from plait.core.prompting.project import project_folder, project_key
from plait.core.task.declaration import Declaration
from plait.core.task.task import Task


def write_seeds(*rows: str) -> Path:
    file = Path("seeds/shout.jsonl")
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(rows), "utf-8")
    return file


def nearest_answers(shout: Task[..., str], text: str, count: int) -> list[object]:
    return [example.answer for example in shout.examples.nearest({"text": text, "times": 1}, count)]


def examples_file(declaration: Declaration) -> Path:
    """Where earlier versions kept the examples for everyone; what lies there is imported."""
    folder = settings().data / "examples" / project_key(project_folder(declaration))
    return folder / f"{declaration.name}-{declaration.fingerprint}.jsonl"
