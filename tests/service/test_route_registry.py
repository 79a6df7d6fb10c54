"""Routes are kept, removed and rolled back, with a history, in both databases."""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from plait.core.errors import InputError, ModelNotFound, SettingsError
from plait.service.models.model_route import ModelRoute, RouteContent, RouteStep, steps_text
from plait.service.models.route_registry import RouteRegistry, current_routes
from plait.storage.database import current_database
from plait.storage.schema import writing
from tests.support.postgresql import postgresql, postgresql_address
from tests.support.routes import FIGURES

__all__ = ["postgresql", "postgresql_address"]

STEPS = (RouteStep("small", 0.72, "small@a", "c" * 8), RouteStep("large", None, "large@b"))
ROUTE = ModelRoute(
    "mail-1", "mail-route", "sort_mail", "f" * 12, RouteContent(STEPS, FIGURES, "mail.py:mail", "plait route mail")
)


@pytest.fixture(params=["sqlite", "postgresql"])
def routes(request: pytest.FixtureRequest) -> Iterator[RouteRegistry]:
    if request.param == "postgresql":
        request.getfixturevalue("postgresql")
    yield RouteRegistry(current_database())


def with_threshold(threshold: float) -> ModelRoute:
    steps = (replace(STEPS[0], threshold=threshold), STEPS[1])
    return replace(ROUTE, content=replace(ROUTE.content, steps=steps))


def test_a_kept_route_is_read_as_it_was_and_by_its_own_project_alone(routes: RouteRegistry) -> None:
    assert routes.route("mail-1", "mail-route") is None and routes.routes() == [] and routes.history("", "x") == []
    routes.keep(ROUTE, "first")
    assert routes.route("mail-1", "mail-route") == ROUTE and routes.routes() == [ROUTE]
    assert routes.route("mail-2", "mail-route") is None and routes.routes("mail-2") == []
    assert routes.routes("mail-1", "sort_mail") == [ROUTE] and routes.routes(task="other") == []
    assert str(ROUTE.content) == steps_text(STEPS) == "small ≥ 0.72, else large"


def test_a_change_replaces_the_route_and_a_rollback_returns_to_the_one_before(routes: RouteRegistry) -> None:
    routes.keep(ROUTE)
    routes.keep(with_threshold(0.5), "cheaper")
    assert routes.route("mail-1", "mail-route") == with_threshold(0.5)
    assert routes.rollback("mail-1", "mail-route") == ROUTE == routes.route("mail-1", "mail-route")
    assert routes.rollback("mail-1", "mail-route") == with_threshold(0.5)
    assert [each.reason for each in routes.history("mail-1", "mail-route")] == ["rollback", "rollback", "cheaper", ""]


def test_a_removed_route_is_gone_until_it_is_rolled_back(routes: RouteRegistry) -> None:
    routes.keep(ROUTE)
    assert routes.remove("mail-1", "mail-route") == ROUTE
    assert routes.route("mail-1", "mail-route") is None and routes.routes() == []
    with pytest.raises(ModelNotFound, match="no route is called 'mail-route'"):
        routes.remove("mail-1", "mail-route")
    assert routes.rollback("mail-1", "mail-route") == ROUTE
    assert [each.route for each in routes.history("mail-1", "mail-route")] == [ROUTE, None, ROUTE]


def test_the_rollback_of_the_first_change_leaves_no_route(routes: RouteRegistry) -> None:
    with pytest.raises(ModelNotFound):
        routes.rollback("mail-1", "mail-route")
    routes.keep(ROUTE)
    assert routes.rollback("mail-1", "mail-route") is None and routes.routes() == []


def test_the_change_of_another_process_is_seen(routes: RouteRegistry) -> None:
    routes.keep(ROUTE)
    assert routes.route("mail-1", "mail-route") == ROUTE
    RouteRegistry(current_database()).keep(with_threshold(0.3))
    assert routes.route("mail-1", "mail-route") == with_threshold(0.3)


def test_an_unknown_name_is_answered_with_the_nearest_one(routes: RouteRegistry) -> None:
    routes.keep(ROUTE)
    with pytest.raises(ModelNotFound) as caught:
        routes.remove("mail-1", "mail-rout")
    assert caught.value.hint == "did you mean mail-route?"


@pytest.mark.parametrize("name", ["", "a/b", "a@1", "a b", "-a", "x" * 101])
def test_a_name_that_could_mean_a_version_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="cannot be the name of a route"):
        current_routes().keep(replace(ROUTE, name=name))
    assert not os.path.exists(current_database().file)


def test_a_route_of_another_version_of_plait_is_named_with_the_command() -> None:
    routes = current_routes()
    routes.keep(ROUTE)
    with writing(current_database()) as connection:
        connection.execute(text("UPDATE routes SET content = '{\"steps\": 1}'"))
    with pytest.raises(SettingsError) as caught:
        routes.route("mail-1", "mail-route")
    assert routes.routes() == []
    assert "another version of Plait" in caught.value.message and caught.value.hint == "plait route sort_mail"
