"""Answers written beforehand, for tests of what is built on tasks."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from plait.core.engine.answer_encoding import encode_answer
from plait.core.engine.protocol import Finish, TaskRequest, TextDelta
from plait.core.task.declaration import Declaration


@dataclass(frozen=True)
class ScriptedEngine:
    """Answers each task of the script with its value; an exception there is raised."""

    script: Mapping[str, Any]
    name: str = "scripted"
    digest: str = ""

    def can(self, declaration: Declaration) -> str:
        return "" if declaration.name in self.script else f"the script has no answer for {declaration.name}"

    async def answer(self, request: TaskRequest) -> AsyncIterator[TextDelta | Finish]:
        value = self.script[request.declaration.name]
        if isinstance(value, BaseException):
            raise value
        yield TextDelta(encode_answer(value, request, self.name))
        yield Finish()

    async def aclose(self) -> None: ...
