"""The engines of this process by model: made when a call needs one, ended when it is retired and nobody uses it."""

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from plait.core.engine.protocol import Engine, Loadable
from plait.service.models.discovery import Model


class EnginePool:
    """Engines by model. All methods are called by one event loop, or before there is one."""

    def __init__(self) -> None:
        self.engines: dict[Model, Engine] = {}
        self.users: Counter[int] = Counter()  # running answers, by id of the engine
        self.retired: dict[int, Engine] = {}  # engines that end with their last answer
        self.tasks: set[asyncio.Task[None]] = set()
        self.pid = os.getpid()
        self.parent_engines: list[Engine] = []

    def engine(self, model: Model) -> Engine:
        if self.pid != os.getpid():
            # A forked child starts its own. The parent's stay referenced: collected here, they would end over there.
            self.parent_engines += [*self.engines.values(), *self.retired.values()]
            self.engines, self.retired, self.users, self.tasks = {}, {}, Counter(), set()
            self.pid = os.getpid()
        if model not in self.engines:
            self.engines[model] = model.engine()
        return self.engines[model]

    def model_of(self, engine: Engine) -> Model | None:
        """The model of an engine of this pool; None for another one, such as a function."""
        return next((model for model, known in self.engines.items() if known is engine), None)

    @contextmanager
    def using(self, engine: Engine) -> Iterator[None]:
        """An answer of the engine: it is not ended meanwhile, even if it is retired."""
        self.users[id(engine)] += 1
        try:
            yield
        finally:
            self.users[id(engine)] -= 1
            if not self.users[id(engine)]:
                del self.users[id(engine)]
                self.end_retired(engine)

    def is_loaded(self, model: Model) -> bool:
        """Whether the model answers without loading first."""
        engine = self.engines.get(model)
        return engine is not None and (not isinstance(engine, Loadable) or engine.is_loaded)

    def load(self, model: Model) -> None:
        """Begins to load a model beside the running answers. A fault is logged; the next call tries again.

        Outside of the event loop, where a page or a command only looks which model answers, nothing is loaded.
        """
        engine = self.engine(model)
        if has_loop() and isinstance(engine, Loadable) and not engine.is_loaded:
            self.start(self.load_engine(model, engine))

    async def load_engine(self, model: Model, engine: Loadable) -> None:
        try:
            await engine.load()
        except Exception as error:
            logging.getLogger("plait").warning("%s cannot be loaded: %s", model.name, error)

    def retire(self, model: Model) -> None:
        """Ends the engine of a model as soon as no answer uses it. A later call of the model starts a new one."""
        engine = self.engines.pop(model, None)
        if engine is not None:
            self.retired[id(engine)] = engine
            if not self.users[id(engine)]:
                self.end_retired(engine)

    def end_retired(self, engine: Engine) -> None:
        if has_loop() and self.retired.pop(id(engine), None) is not None:
            self.start(engine.aclose())

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def aclose(self) -> None:
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for engine in (*self.engines.values(), *self.retired.values()):
            await engine.aclose()
        self.engines.clear()
        self.retired.clear()


def has_loop() -> bool:
    """Whether this is the thread of a running event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
