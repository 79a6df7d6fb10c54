"""Answers written beforehand, for tests of what is built on tasks."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from plait.core.engine.answer_encoding import said
from plait.core.engine.protocol import Ask, End, Piece
from plait.core.task.declaration import Declaration


@dataclass(frozen=True)
class ScriptedEngine:
    """Answers each task of the script with its value; an exception there is raised."""

    script: Mapping[str, Any]
    name: str = "scripted"
    digest: str = ""

    def can(self, declaration: Declaration) -> str:
        return "" if declaration.name in self.script else f"the script has no answer for {declaration.name}"

    async def answer(self, ask: Ask) -> AsyncIterator[Piece | End]:
        value = self.script[ask.declaration.name]
        if isinstance(value, BaseException):
            raise value
        yield Piece(said(value, ask, self.name))
        yield End()

    async def aclose(self) -> None: ...
