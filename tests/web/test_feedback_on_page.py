"""Two quiet buttons below an answer: right or wrong, then a comment; nothing that people write runs as a script."""

import json
from collections.abc import Iterator

import httpx
import pytest

from plait.core.engine.chat import ChatEngine
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from plait.storage.database import current_database
from plait.storage.feedback_table import feedback_on
from plait.web.texts import PAGE_STRINGS
from tests.support.browser import FAINT, Browser
from tests.support.ledger_tasks import read_bill
from tests.support.running_server import serve_catalog
from tests.support.scripted_chat_model import ScriptedChatModel

BILL = {"number": "12", "issued": None, "lines": [{"what": "nails", "unit_price": "1.50"}]}


@pytest.fixture
def site() -> Iterator[str]:
    """A server whose model reads every bill alike."""
    transport = LocalTransport(only=ChatEngine(ScriptedChatModel(text=json.dumps(BILL))))
    with serve_catalog(Catalog((read_bill,)), transport) as server:
        yield server.url


def ask(browser: Browser, site: str, language: str = "en") -> str:
    """The id of an answer on the page."""
    browser.open(f"{site}/tasks/read_bill?lang={language}")
    browser.run("document.querySelector('#ask textarea').value = 'bill 12 of 13'")
    browser.click("#ask .run")
    browser.until("document.querySelector('#answer .verdict') && document.querySelector('.progress').hidden")
    return str(browser.run("document.querySelector('#answer .verdict').getAttribute('action').split(/[/?]/)[2]"))


def pressed(value: str) -> str:
    return f"document.querySelector('#answer button[value={value}][aria-pressed=true]')"


def said(id: str) -> list[tuple[bool | None, str]]:
    return [(row.is_right, row.comment) for row in feedback_on(current_database(), id)]


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_verdict_and_a_comment_are_kept_and_shown(browser: Browser, site: str, language: str) -> None:
    id = ask(browser, site, language)
    strings = PAGE_STRINGS["zh" if language == "zh" else "en"]
    browser.click("#answer button[value=wrong]")
    browser.until(pressed("wrong"))
    assert said(id) == [(False, "")] and strings.marked_wrong in browser.text("#answer")
    assert browser.run("document.activeElement.name") == "_comment"
    browser.type("the year is missing")
    browser.click("#answer .comment button")
    browser.until("document.querySelector('#answer [name=_comment]').value === 'the year is missing'")
    browser.until("document.activeElement.value === 'comment'")
    assert said(id)[1:] == [(None, "the year is missing")]
    browser.click("#answer button[value=right]")
    browser.until(pressed("right"))
    assert said(id)[2:] == [(True, "")] and strings.marked_right in browser.text("#answer")
    assert list(read_bill.examples) == [], "a verdict is no example"
    assert strings.use_as_example in browser.text("#answer")


@pytest.mark.browser
def test_the_keyboard_alone_rates_and_comments(browser: Browser, site: str) -> None:
    id = ask(browser, site)
    for _ in range(40):
        browser.key("Tab")
        if browser.run("document.activeElement.value") == "right":
            break
    browser.key("Enter")
    browser.until("document.activeElement.name === '_comment'")
    browser.type("well read")
    browser.key("Enter", ctrl=True)
    browser.until("document.activeElement.value === 'comment'")
    assert said(id) == [(True, ""), (None, "well read")]


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_buttons_fit_a_phone_and_can_be_read_in_the_dark(browser: Browser, site: str, language: str) -> None:
    ask(browser, site, language)
    browser.click("#answer button[value=right]")
    browser.until(pressed("right"))
    for width, dark in ((390, False), (390, True), (1180, True)):
        browser.dark(dark)
        browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=False)
        assert browser.run("document.documentElement.scrollWidth <= innerWidth"), width
        assert browser.run(FAINT.read_text()) == []
    assert browser.nameless() == []


# ── without JavaScript ──


def test_the_same_buttons_work_without_javascript(site: str) -> None:
    with httpx.Client(base_url=site, trust_env=False) as client:
        client.get("/tasks/read_bill")
        page = client.post("/tasks/read_bill", data={"text": "bill 12 of 13"}).text
        path = "/answers/" + page.partition('action="/answers/')[2].partition('"')[0]
        assert 'aria-pressed="true"' not in page and "_comment" not in page
        page = client.post(path, data={"_verdict": "wrong"}).text
        assert 'value="wrong" aria-pressed="true"' in page and "_comment" in page
        page = client.post(path, data={"_verdict": "comment", "_comment": "<b>no</b>"}).text
        assert "&lt;b&gt;no&lt;/b&gt;" in page and "<b>no</b>" not in page
        client.post(path, data={"_verdict": "right", "_comment": "<b>no</b>"})
        rows = feedback_on(current_database(), path.split("/")[2].partition("?")[0])
        assert [(row.is_right, row.comment) for row in rows] == [(False, ""), (None, "<b>no</b>"), (True, "")]
        assert {row.person for row in rows} == {f"session-{client.cookies['plait_session']}"}
        large = client.post(path, data={"_verdict": "comment", "_comment": "x" * 20_000})
        assert large.status_code == 413 and "20,000 characters" in large.text and len(said(rows[0].answer_id)) == 3
        bad = client.post(path, data={"_verdict": "comment", "_comment": "a\0b"})
        assert bad.status_code == 422 and "without the character NUL" in bad.text
        client.post(path, data={"_verdict": "comment", "_comment": "  "})
        assert len(said(rows[0].answer_id)) == 3
    with httpx.Client(base_url=site, trust_env=False) as another:
        assert 'aria-pressed="true"' not in another.get(path, headers={"accept": "text/html"}).text, "another session"


# ── what people write runs nowhere ──

TAGS = ("script", "img src=x onerror=", "svg onload=", "iframe srcdoc=", "body onload=", "details open ontoggle=")
FRAMES = ("<{}hit()>", '"><{}hit()>', "'><{}hit()//>", "</textarea><{}hit()>", "</script><{}hit()>", "--><{}hit()>")
TEXTS = (
    "{{hit()}}", "${hit()}", "javascript:hit()", "<script>hit()</script>", "</dd></dl><script>hit()</script>",
    "<ScRiPt>hit()</sCrIpT>", "<a href=javascript:hit()>x</a>", "&lt;script&gt;hit()&lt;/script&gt;",
)  # fmt: skip
PREFIXES = ("", "x ", "\u00e9", "\u4e2d", "0")
PAYLOADS = [f"{prefix}{text}" for prefix in PREFIXES for text in (*(f.format(t) for f in FRAMES for t in TAGS), *TEXTS)]


def answer_id(site: str) -> str:
    return httpx.post(f"{site}/v1/tasks/read_bill", json={"text": "bill 12 of 13"}, trust_env=False).json()["id"]


@pytest.mark.browser
def test_two_hundred_scripts_in_comments_and_names_run_nowhere(browser: Browser, site: str) -> None:
    id, texts = answer_id(site), PAYLOADS[:200]
    assert len(set(texts)) == 200
    with httpx.Client(base_url=site, trust_env=False) as client:
        for text in texts:
            response = client.post("/v1/feedback", json={"answer": id, "comment": text, "user": text})
            assert response.status_code == 200, text
    browser.open(f"{site}/answers/{id}/why?lang=en")
    browser.run("window.hits = 0; window.hit = () => { window.hits += 1 }")
    shown = browser.run("[...document.querySelectorAll('.why li')].map(each => each.textContent)")
    assert shown == [f"{text}: {text}" for text in texts], "shown as they were written"
    counted = "document.querySelectorAll('main :is(script, img, svg, iframe, a[href^=javascript])').length"
    attributes = "[...document.querySelectorAll('main *')].flatMap(each => each.getAttributeNames())"
    assert browser.run(counted) == 0 and browser.run(f"{attributes}.filter(name => name.startsWith('on'))") == []
    assert browser.run("window.hits") == 0 and browser.complaints == []
    browser.run("document.querySelector('.why').innerHTML += '<svg></svg>'")
    assert browser.run(counted) == 1, "the control: markup would be counted"


@pytest.mark.browser
def test_a_comment_of_ones_own_comes_back_as_text(browser: Browser, site: str) -> None:
    for text in ("</textarea><script>document.title='hit'</script>", "<img src=x onerror=document.title='hit'>"):
        ask(browser, site)
        browser.click("#answer button[value=wrong]")
        browser.until("document.activeElement.name === '_comment'")
        browser.run(f"document.activeElement.value = {json.dumps(text)}")
        browser.click("#answer .comment button")
        browser.until("document.activeElement.value === 'comment'")
        assert browser.run("document.querySelector('#answer [name=_comment]').value") == text
        assert browser.run("document.title") != "hit"


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_of_an_origin_fits_a_phone_and_is_reached_by_its_link(
    browser: Browser, site: str, language: str
) -> None:
    ask(browser, site, language)
    browser.click("#answer a[href*='/why']")
    browser.until("document.querySelector('.why dl')")
    for width, dark in ((390, False), (390, True), (1180, True)):
        browser.dark(dark)
        browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=False)
        assert browser.run("document.documentElement.scrollWidth <= innerWidth"), width
        assert browser.run(FAINT.read_text()) == []
    assert browser.nameless() == []
