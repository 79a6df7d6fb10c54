"""Model output is shown as text with light formatting and is never interpreted as HTML."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.browser import Browser
from tests.support.scripted_transport import Script, serve_script

pytestmark = pytest.mark.browser
MADE = {"P", "STRONG", "EM", "CODE", "PRE", "UL", "OL", "LI", "HR", "DIV", "SPAN", "BUTTON"}
PIECES = (
    "**",
    "*",
    "`",
    "```",
    "```js\n",
    "~~~",
    "- ",
    "  - ",
    "1. ",
    "7) ",
    "# ",
    "---",
    "\n",
    "\n\n",
    " ",
    "\t",
    "a",
    "Zo",
)
HOSTILE = (
    "<b>",
    "<script>alert(1)</script>",
    "<img src=x onerror=y>",
    "&lt;",
    "</pre>",
    "[a](javascript:b)",
    "é",
    "好",
)
texts = st.lists(st.sampled_from(PIECES + HOSTILE), max_size=25).map("".join)
usual = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def page(the_browser: Browser) -> Iterator[Browser]:
    """The chat page, where `shown(texts)` is a place that was shown one text after the other."""
    with serve_script(Script()) as house:
        the_browser.fresh()
        the_browser.open(f"{house.url}/chat?lang=en")
        the_browser.run("""import('/static/prose.js').then(({ show }) => {
          globalThis.shown = (texts) => {
            const place = document.createElement('div');
            for (const text of texts) show(place, text);
            return place;
          };
        })""")
        yield the_browser


def render(page: Browser, *texts: str, of: str = "place.innerHTML") -> Any:
    return page.run(f"((place) => {of})(shown({json.dumps(texts)}))")


@usual
@given(texts)
def test_a_text_produces_only_formatting_elements(page: Browser, text: str) -> None:
    tags = render(page, text, of="[...place.querySelectorAll('*')].map(each => each.tagName)")
    assert set(tags) <= MADE
    letters = "[...place.querySelectorAll('button')].forEach(each => each.remove()) || place.textContent"
    letters_shown = render(page, text, of=letters)
    assert sorted(filter(str.isalpha, letters_shown)) == sorted(filter(str.isalpha, text)), (
        "no letter is lost, none is added"
    )


@usual
@given(texts, st.integers(1, 7))
def test_incremental_rendering_ends_like_rendering_at_once(page: Browser, text: str, step: int) -> None:
    grown = [text[:end] for end in range(0, len(text), step)]
    assert render(page, *grown, text) == render(page, text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\ntwo\n\nthree", '<p class="paragraph">one\ntwo</p><p class="paragraph">three</p>'),
        ("## Title ##", '<p class="heading">Title</p>'),
        ("3. c\n4. d", '<ol><li value="3">c</li><li value="4">d</li></ol>'),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("**a `b` c**", '<p class="paragraph"><strong>a <code>b</code> c</strong></p>'),
        ("2 * 3 * 4 and a*b*c", '<p class="paragraph">2 * 3 * 4 and a*b*c</p>'),
        ("`**a**`", '<p class="paragraph"><code>**a**</code></p>'),
        ("a\n---\nb", '<p class="paragraph">a</p><hr><p class="paragraph">b</p>'),
        ("<b>&amp;", '<p class="paragraph">&lt;b&gt;&amp;amp;</p>'),
    ],
)
def test_common_markdown_is_formatted(page: Browser, text: str, html: str) -> None:
    assert render(page, text) == html


def test_code_is_shown_verbatim_complete_or_not(page: Browser) -> None:
    code = "place.querySelector('pre').textContent"
    assert render(page, "```py\nif a:\n    **b**\n\n```\nafter", of=code) == "if a:\n    **b**\n"
    assert render(page, "```py\nif a:\n    b", of=code) == "if a:\n    b"


def test_a_long_answer_is_rendered_quickly(page: Browser) -> None:
    """A frame of a growing answer of 4,000 tokens; nothing in the forms may go back and forth."""
    for bad in ("**a " * 4_000, "*a " * 5_000, "`" * 16_001 + "a", "- " * 8_000, "[" * 16_000, "1. a\n" * 3_000):
        rendering = (
            f"((start) => {{ shown([{json.dumps(bad)}]); return performance.now() - start }})(performance.now())"
        )
        took = [page.run(rendering) for _ in range(3)]
        assert min(took) < 500, (bad[:10], took)
