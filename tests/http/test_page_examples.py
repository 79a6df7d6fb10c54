"""Inputs to try on a page: those that the author chose, for tasks that have no held-out rows."""

import re
from collections.abc import Iterator

import httpx
import pytest

from plait.core.prompting.examples import Examples
from plait.http.page_examples import count_inputs, inputs_in_language
from plait.service.catalog import Catalog
from plait.tasks.sort_message import sort_message
from plait.types.image import Image
from tests.support.running_server import serve_catalog

PICTURE_TASKS = [each.declaration for each in Catalog.built_in() if not Examples(each.declaration).held_out_files]


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serve_catalog(Catalog.all_installed()) as server:
        yield server.url


def test_every_built_in_task_has_inputs_to_try() -> None:
    for each in Catalog.built_in():
        assert count_inputs(Examples(each.declaration))


@pytest.mark.parametrize("declared", PICTURE_TASKS, ids=lambda declared: declared.name)
def test_the_inputs_of_a_picture_task_are_in_both_languages(declared: object) -> None:
    examples = Examples(declared)  # type: ignore[arg-type]
    for language in ("en", "zh"):
        found = list(inputs_in_language(examples, language))
        assert len(found) >= 3
        assert all(isinstance(inputs["picture"], Image) for inputs in found if "picture" in inputs)


def test_a_page_is_filled_in_with_a_picture(site: str) -> None:
    html = httpx.get(f"{site}/tasks/locate?example=1&lang=en").text
    assert re.search(r'name="picture" value="data:image/webp;[^"]{500}', html)
    assert "Try an example" in httpx.get(f"{site}/tasks/detect?lang=en").text
    assert "no photographs" in html and "不认识照片" in httpx.get(f"{site}/tasks/locate?lang=zh").text
    assert "no photographs" not in httpx.get(f"{site}/tasks/sort_message?lang=en").text


def test_held_out_rows_are_tried_where_the_author_chose_none() -> None:
    examples = Examples(sort_message.declaration)
    assert count_inputs(examples) == examples.unshown_count > 100
