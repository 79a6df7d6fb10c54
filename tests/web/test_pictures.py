"""Pictures in the page: chosen, shown, sent, answered with boxes drawn on them; a real browser, a real server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from plait.service.catalog import Catalog
from tests.support.browser import CHROMIUM, FAINT, Browser
from tests.support.mugs import TASKS
from tests.support.page_reading import Page
from tests.support.running_server import serve_catalog
from tests.support.shelf import MUG, PNG, SVG, encode_picture, rotated_photo, shelf

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
]
SHOWN = "document.querySelector('form figure:not([hidden]) > img')?.naturalWidth"
RED = "8-16-24-40"  # the red mug's box, as the page ties it to its line
FIELDS = "[...document.querySelectorAll('.corners input')].map(input => input.value)"


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serve_catalog(Catalog.from_tasks(TASKS)) as server:
        yield server.url


@pytest.fixture
def shelf_png(tmp_path: Path) -> Path:
    path = tmp_path / "shelf.png"
    path.write_bytes(PNG)
    return path


def click(browser: Browser, selector: str) -> None:
    browser.run(f"document.querySelector({selector!r}).click()")


def wait_for_answer(browser: Browser) -> None:
    click(browser, ".run")
    browser.until("document.querySelector('#answer .facts')")


def corners(browser: Browser, selector: str = "#answer rect") -> list[float]:
    """Where a rectangle really lies in its picture, in the picture's own pixels."""
    numbers: list[float] = browser.run(
        f"""(() => {{
          const rect = document.querySelector({selector!r});
          const image = rect.closest('figure').querySelector('img');
          const [seen, on] = [rect.getBoundingClientRect(), image.getBoundingClientRect()];
          const scale = image.naturalWidth / on.width;
          const found = [seen.left - on.left, seen.top - on.top, seen.right - on.left, seen.bottom - on.top];
          return found.map(corner => corner * scale);
        }})()"""
    )
    return numbers


# ── asking ──


def test_a_chosen_picture_is_previewed_and_the_answer_drawn_on_it(browser: Browser, site: str, shelf_png: Path) -> None:
    browser.open(f"{site}/tasks/find")
    assert browser.run("document.querySelector('form figure').hidden")
    browser.choose_file(".chooser", shelf_png)
    browser.until(f"{SHOWN} === 64")
    browser.run("document.querySelector('#in-phrase').value = 'the red mug'")
    wait_for_answer(browser)
    browser.until("document.querySelector('#answer figure img').naturalWidth === 64")
    assert corners(browser) == pytest.approx(MUG, abs=1)
    assert "left 8, top 16, right 24, bottom 40" in browser.run("document.querySelector('#answer .boxed').textContent")
    assert len(browser.run("document.querySelector('#answer').innerHTML")) < len(Path(shelf_png).read_bytes()) * 40


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_boxes_on_a_rotated_photo_follow_its_orientation(
    browser: Browser, site: str, tmp_path: Path, orientation: int
) -> None:
    (tmp_path / "photo.jpg").write_bytes(rotated_photo(orientation, quality=95))
    browser.open(f"{site}/tasks/find")
    browser.choose_file(".chooser", tmp_path / "photo.jpg")
    browser.until(f"{SHOWN} === 64")
    browser.run("document.querySelector('#in-phrase').value = 'red'")
    wait_for_answer(browser)
    browser.until("document.querySelector('#answer figure img').naturalWidth === 64")
    assert corners(browser) == pytest.approx(MUG, abs=2)


def test_all_boxes_are_drawn_with_names_and_highlighted_with_their_lines(
    browser: Browser, site: str, shelf_png: Path
) -> None:
    browser.open(f"{site}/tasks/mugs")
    browser.choose_file(".chooser", shelf_png)
    wait_for_answer(browser)
    names = "[...document.querySelectorAll('#answer figure text')].map(text => text.textContent)"
    assert browser.run(names) == ["red mug", "blue mug"]
    lit = "[...document.querySelectorAll('#answer g.lit')].map(box => box.dataset.box)"
    assert browser.run(lit) == []
    browser.run(f"document.querySelector('a[data-box=\"{RED}\"]').focus()")
    assert browser.run(lit) == [RED]
    browser.run("document.activeElement.blur()")
    assert browser.run(lit) == []
    browser.run(
        "document.querySelector('tbody tr:last-child td').dispatchEvent(new Event('pointerover', {bubbles: true}))"
    )
    assert browser.run(lit) == ["40-16-56-40"]


def test_a_picture_is_asked_about_again_without_choosing_it_again(browser: Browser, site: str, shelf_png: Path) -> None:
    browser.open(f"{site}/tasks/find")
    browser.choose_file(".chooser", shelf_png)
    for phrase, left in (("red", "8, 16"), ("blue", "40, 16")):
        browser.run(f"document.querySelector('#in-phrase').value = '{phrase}'")
        wait_for_answer(browser)
        browser.until(f"document.querySelector('#answer .boxed')?.textContent.startsWith('{left}')")


def test_a_form_is_answered_without_javascript_and_keeps_its_picture(
    browser: Browser, site: str, shelf_png: Path
) -> None:
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(f"{site}/tasks/find")
    browser.choose_file(".chooser", shelf_png)
    browser.run("document.querySelector('#in-phrase').value = 'the red mug'")
    click(browser, ".run")
    browser.until("document.querySelector('#answer .facts')")
    assert corners(browser) == pytest.approx(MUG, abs=1)
    assert browser.run(f"{SHOWN} === 64"), "what was sent is shown again"
    browser.run("document.querySelector('#in-phrase').value = 'the blue mug'; window.old = true")
    click(browser, ".run")
    browser.until("!window.old && document.querySelector('#answer .facts')")
    assert corners(browser) == pytest.approx((40, 16, 56, 40), abs=1)


def test_an_invalid_picture_is_refused_at_its_field(browser: Browser, site: str, tmp_path: Path) -> None:
    (tmp_path / "shelf.svg").write_bytes(SVG)
    browser.open(f"{site}/tasks/mugs")
    browser.choose_file(".chooser", tmp_path / "shelf.svg")
    click(browser, ".run")
    browser.until("document.querySelector('#in-picture-problem').textContent")
    assert "is an SVG drawing" in browser.run("document.querySelector('#in-picture-problem').textContent")
    assert browser.run("document.querySelector('.chooser').getAttribute('aria-invalid')") == "true"
    assert f"shelf.svg, {len(SVG)} bytes" in browser.run("document.querySelector('#answer').textContent")


def test_a_picture_that_is_too_large_is_refused_before_it_is_sent(browser: Browser, site: str, tmp_path: Path) -> None:
    with (tmp_path / "large.png").open("wb") as file:
        file.write(PNG)
        file.truncate(20 * 2**20 + 1)
    browser.open(f"{site}/tasks/mugs")
    browser.choose_file(".chooser", tmp_path / "large.png")
    browser.until("document.querySelector('#in-picture-problem').textContent")
    assert browser.run("document.querySelector('#in-picture-problem').textContent") == (
        "large.png has more than the 20 MiB limit: make it smaller"
    )
    assert browser.run("document.querySelector('.chooser').files.length") == 0


def test_a_file_for_a_text_input_is_refused_in_the_page(site: str) -> None:
    response = httpx.post(
        f"{site}/tasks/find",
        files={"picture": ("shelf.png", PNG), "phrase": ("notes.txt", b"red")},
        headers={"accept": "text/event-stream"},
        trust_env=False,
    )
    assert (
        response.status_code == 200
        and "event: error" in response.text
        and "phrase: does not accept a file" in response.text
    )


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_a_picture_is_pasted_or_dropped(browser: Browser, site: str, how: str) -> None:
    browser.open(f"{site}/tasks/mugs")
    browser.run(
        f"""(async () => {{
          const canvas = new OffscreenCanvas(70, 40);
          canvas.getContext('2d').fillRect(0, 0, 20, 20);
          const told = new DataTransfer();
          told.items.add(new File([await canvas.convertToBlob({{type: 'image/png'}})], 'a.png', {{type: 'image/png'}}));
          const field = document.querySelector('[data-field=picture]');
          field.dispatchEvent('{how}' === 'paste'
            ? new ClipboardEvent('paste', {{clipboardData: told, bubbles: true, cancelable: true}})
            : new DragEvent('drop', {{dataTransfer: told, bubbles: true, cancelable: true}}));
        }})()"""
    )
    browser.until(f"{SHOWN} === 70")
    assert browser.run("document.querySelector('.chooser').files[0].name") == "a.png"


# ── drawing a box ──


def mouse(browser: Browser, kind: str, x: float, y: float) -> None:
    pressed = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
    browser.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, buttons=1, **pressed)


def test_a_box_is_drawn_with_the_mouse(browser: Browser, site: str, shelf_png: Path) -> None:
    browser.open(f"{site}/tasks/cut")
    browser.choose_file(".chooser", shelf_png)
    browser.until("document.querySelector('svg.drawable')")
    left, top, scale = browser.run(
        "(() => { const on = document.querySelector('svg.drawable').getBoundingClientRect();"
        " return [on.left, on.top, on.width / 64]; })()"
    )
    x0, y0, x1, y1 = MUG
    mouse(browser, "mousePressed", left + x1 * scale, top + y0 * scale)
    mouse(browser, "mouseMoved", left + 30 * scale, top + 30 * scale)
    mouse(browser, "mouseMoved", left + x0 * scale, top + y1 * scale)
    mouse(browser, "mouseReleased", left + x0 * scale, top + y1 * scale)
    assert browser.run(FIELDS) == [str(corner) for corner in MUG]
    assert corners(browser, "svg.drawable rect") == pytest.approx(MUG, abs=1)
    wait_for_answer(browser)
    browser.until("document.querySelector('#answer figure img').naturalWidth === 16")


def test_a_box_is_drawn_with_the_keyboard(browser: Browser, site: str, shelf_png: Path) -> None:
    browser.open(f"{site}/tasks/cut")
    browser.choose_file(".chooser", shelf_png)
    browser.until("document.querySelector('svg.drawable')")
    browser.run("document.querySelector('svg.drawable').focus()")

    def press(key: str, shift: bool = False) -> None:
        parameters: dict[str, Any] = {"key": key, "code": key, "modifiers": 8 if shift else 0}
        browser.ask("Input.dispatchKeyEvent", type="keyDown", **parameters)
        browser.ask("Input.dispatchKeyEvent", type="keyUp", **parameters)

    press("ArrowRight")
    assert browser.run(FIELDS) == ["21", "16", "43", "32"], "it begins in the middle"
    press("ArrowLeft")
    press("ArrowDown", shift=True)
    assert browser.run(FIELDS) == ["20", "16", "42", "33"]
    for _ in range(30):
        press("ArrowLeft")
    assert browser.run(FIELDS) == ["0", "16", "22", "33"], "it does not leave the picture"


def test_four_numbers_are_a_box_without_any_script(browser: Browser, site: str, shelf_png: Path) -> None:
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(f"{site}/tasks/cut")
    browser.choose_file(".chooser", shelf_png)
    browser.run(f"document.querySelectorAll('.corners input').forEach((field, at) => field.value = {list(MUG)}[at])")
    click(browser, ".run")
    browser.until("document.querySelector('#answer .facts')")
    assert browser.run("document.querySelector('#answer figure img').naturalWidth") == 16
    assert browser.run(FIELDS) == [str(corner) for corner in MUG]


# ── looks ──


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1180])
def test_picture_pages_fit_their_screen_and_are_readable(
    browser: Browser, site: str, tmp_path: Path, width: int, dark: bool, language: str
) -> None:
    (tmp_path / "wide.png").write_bytes(encode_picture(shelf((1600, 900))))
    browser.dark(dark)
    browser.open(f"{site}/tasks/mugs?lang={language}", width)
    browser.choose_file(".chooser", tmp_path / "wide.png")
    wait_for_answer(browser)
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(FAINT.read_text()) == []


def test_a_form_without_pictures_has_no_multipart_encoding_and_no_picture_script(site: str) -> None:
    html = httpx.get(f"{site}/tasks/mugs", trust_env=False).text
    assert 'enctype="multipart/form-data"' in html and "pictures.js" in html
    with serve_catalog(Catalog.built_in()) as server:
        html = httpx.get(f"{server.url}/tasks/home_command", trust_env=False).text
    assert "enctype" not in Page(html).all("form")[0].attributes and "pictures.js" not in html
