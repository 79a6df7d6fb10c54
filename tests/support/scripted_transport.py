"""A model that chats from a script, and Plait served with it: what the page sees is real but for the words."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from plait.core.engine.chat import ChatEngine, Sampling
from plait.core.engine.protocol import Finish, TextDelta, Usage
from plait.core.errors import ContextTooLong, EngineBusy, PlaitError
from plait.core.grammar.ast import Grammar
from plait.core.prompting.prompt import Prompt
from plait.core.values.json_text import dumps
from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from tests.support.running_server import RunningServer, serve_catalog

FORMATTED = """Here are **three names** for a *grey* cat:

1. Ash, as in `ash`
2. Pewter

   - or Pew

```python
print("**Ash** <b>")
```

<script>alert(1)</script><img src="http://example.com/x.png" onerror="alert(2)">
[a link](http://example.com) ![a picture](http://example.com/y.png)"""
FAILURES: dict[str, PlaitError] = {
    "busy": EngineBusy("the queue of scripted is full", hint="ask again in a moment"),
    "long": ContextTooLong("the prompt has 9,412 tokens, scripted takes 8,192 here", hint="say less"),
}
COMMAND = {"Switch": {"device": "garage ceiling light", "on": True}}


@dataclass
class Script:
    """A ChatModel. The first word of what is asked says what happens; `asked` is all that reached the model.

    `pause` are the seconds between two pieces of a text.
    """

    name: str = "scripted"
    accepts: frozenset[str] = frozenset()
    digest: str = "0123456789abcdef"
    box_format: str = ""
    asked: list[Prompt] = field(default_factory=list[Prompt])
    failing: bool = True
    seeds: list[int | None] = field(default_factory=list[int | None])
    pause: float = 0.02

    async def chat(
        self, prompt: Prompt, grammar: Grammar | None, sampling: Sampling
    ) -> AsyncGenerator[TextDelta | Finish, None]:
        self.asked.append(prompt)
        self.seeds.append(sampling.seed)
        question = prompt.messages[-1].content
        first = question.partition(" ")[0]
        if first in FAILURES and self.failing:
            raise FAILURES[first]
        text = dumps(COMMAND) if grammar else self.said(question)
        for at in range(0, len(text), 4):
            await asyncio.sleep(self.pause)
            yield TextDelta(text[at : at + 4])
        yield Finish(Usage(12, len(text) // 4), "length" if first == "cut" else "stop")

    def said(self, question: str) -> str:
        match question.partition(" ")[0]:
            case "format":
                return FORMATTED
            case "forever":
                return "and on " * 10_000
            case _:
                return f"You said: {question} (answer {len(self.asked)})"

    async def aclose(self) -> None: ...


@contextmanager
def serve_script(
    script: Script, catalog: Catalog | None = None, rules: AccessPolicy | None = None
) -> Iterator[RunningServer]:
    """Plait over HTTP, where the script answers whatever is asked."""
    catalog = catalog or Catalog.built_in()
    with serve_catalog(catalog, LocalTransport(catalog=catalog, only=ChatEngine(script)), rules) as house:
        yield house
