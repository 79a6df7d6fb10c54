"""Apps: an app is one product, made of tasks, routes, commands and a page; found through plait.core.plugins.APPS.

    app = App(
        "shop",
        {"en": "Shop desk", "zh": "店铺"},
        tasks=("plait_shop.tasks:sort_order",),
        routes=(AppRoute("GET", "/apps/shop", "plait_shop.routes:page"),),
        commands=("plait_shop.commands:restock",),       # plait shop restock
        page="/apps/shop",
    )

All parts are dotted names, so that finding apps imports no web framework. A part that fails on import is left out with
a warning.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from plait.core import plugins
from plait.core.plugins import APPS, LoadAttempt, Plugin, attempt_load


@dataclass(frozen=True)
class AppRoute:
    """A route of an app.

    `handler` is "module:function": an async function from a Starlette request to a response.
    """

    method: str
    path: str
    handler: str

    def __post_init__(self) -> None:
        if not self.path.startswith("/") or not self.method.isupper():
            raise ValueError(f'a route is ("GET", "/path", "module:function"), not {self}')


@dataclass(frozen=True)
class App:
    """An app. `title` is by language ("en", "zh"); `page` is the path that the home page links, "" for none."""

    name: str
    title: Mapping[str, str]
    tasks: tuple[str, ...] = ()
    routes: tuple[AppRoute, ...] = ()
    commands: tuple[str, ...] = ()
    page: str = ""

    def title_in(self, language: str) -> str:
        return self.title.get(language) or next(iter(self.title.values()), self.name)


@dataclass(frozen=True)
class InstalledApp:
    """An app with its source."""

    app: App
    plugin: Plugin

    def attempts(self, names: Iterable[str]) -> Iterator[LoadAttempt]:
        """The parts of the app by dotted name. A part that cannot be imported is logged and carries its error."""
        return (attempt_load(replace(self.plugin, target=name)) for name in names)

    def parts(self, names: Iterable[str]) -> Iterator[Any]:
        """The parts that can be imported."""
        return (attempt.part for attempt in self.attempts(names) if not attempt.error)


def installed_apps() -> tuple[InstalledApp, ...]:
    """The built-in apps, then those of other packages that can be imported."""
    return apps_among((*plugins.built_in(APPS), *plugins.external(APPS)))


@cache
def apps_among(found: tuple[Plugin, ...]) -> tuple[InstalledApp, ...]:
    attempts = map(attempt_load, found)
    return tuple(InstalledApp(each.part, each.plugin) for each in attempts if isinstance(each.part, App))
