"""Talking with a model in the page: a real browser, a real server, and a model whose words are known."""

from collections.abc import Iterator

import pytest

from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from tests.support.browser import Browser
from tests.support.running_server import needs_model, serve_catalog
from tests.support.scripted_transport import Script, serve_script

pytestmark = pytest.mark.browser
# A picture of that width, given to the page in one of three ways.
PICTURE = """(async (width, way) => {
  const canvas = new OffscreenCanvas(width, 40);
  canvas.getContext('2d').fillRect(0, 0, 20, 20);
  const told = new DataTransfer();
  told.items.add(new File([await canvas.convertToBlob({type: 'image/png'})], 'a.png', {type: 'image/png'}));
  const [field, chooser] = ['#message', '#composer input[type=file]'].map(each => document.querySelector(each));
  const usual = {bubbles: true, cancelable: true};
  if (way === 'pasted') field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: told, ...usual}));
  if (way === 'dropped') field.dispatchEvent(new DragEvent('drop', {dataTransfer: told, ...usual}));
  if (way === 'chosen') Object.assign(chooser, {files: told.files}).dispatchEvent(new Event('change', usual));
})"""


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def site(script: Script) -> Iterator[str]:
    with serve_script(script) as house:
        yield house.url


@pytest.fixture
def chat(browser: Browser, site: str) -> Browser:
    """The browser on the chat page, with nothing said yet."""
    browser.open(f"{site}/chat?lang=en", 1180, 800)
    return browser


def send_message(browser: Browser, text: str) -> None:
    browser.run("document.querySelector('#message').focus()")
    browser.type(text)
    browser.key("Enter")


def attach_picture(browser: Browser, width: int, way: str = "pasted", script: str = PICTURE) -> None:
    browser.run(f"{script}({width}, {way!r})")


def wait_for_answer(browser: Browser, count: int = 1, state: str = "done") -> str:
    """Waits for so many turns, the last of that state, and tells its answer."""
    browser.until(f"document.querySelectorAll('.turn').length === {count}")
    browser.until(f"document.querySelector('.turn:last-child').dataset.state === {state!r}")
    return browser.text(".turn:last-child .prose")


def questions_sent(script: Script) -> list[str]:
    """The last conversation that the model received, each message with its role."""
    return [f"{message.role}: {message.content}" for message in script.asked[-1].messages]


# ── an answer ──


def test_an_answer_is_streamed_in_place_with_model_and_duration(chat: Browser) -> None:
    send_message(chat, "hello, are you there?")
    chat.until("document.querySelector('.turn .prose')?.textContent.startsWith('You said')")
    assert chat.run("document.querySelector('.turn').dataset.state") == "growing"
    assert chat.run("!document.querySelector('.stop').hidden && document.querySelector('.send').hidden")
    assert wait_for_answer(chat) == "You said: hello, are you there? (answer 1)"
    facts = chat.text(".tail .facts")
    assert " s" in facts and "tokens/s" in facts and "scripted" in facts
    assert chat.text("#status") == "You said: hello, are you there? (answer 1)"
    assert chat.run("document.activeElement.id") == "message"


def test_model_output_is_formatted_and_never_interpreted_as_html(chat: Browser, site: str) -> None:
    send_message(chat, "format it")
    wait_for_answer(chat)
    of = "[...document.querySelectorAll('.turn .prose %s')].map(each => each.textContent)"
    assert chat.run(of % "strong") == ["three names"] and chat.run(of % "em") == ["grey"]
    assert chat.run(of % "ol > li > code") == ["ash"] and chat.run(of % "ol ul li") == ["or Pew"]
    assert chat.run(of % "pre code") == ['print("**Ash** <b>")']
    assert chat.run("document.querySelectorAll('.prose :is(script, img, a, b, iframe)').length") == 0
    assert "<script>alert(1)</script><img src=" in chat.text(".turn .prose")
    assert "[a link](http://example.com)" in chat.text(".turn .prose")
    assert [url for url in chat.asked_for if not url.startswith((site, "about:"))] == []


def test_the_test_detects_a_request_to_another_host(browser: Browser, site: str) -> None:
    """The negative control of the test above: the policy stops the request, and a complaint fails any test."""
    browser.open(f"{site}/chat")
    browser.run(
        "document.querySelector('#turns').append(Object.assign(new Image(), {src: 'http://example.com/x.png'}))"
    )
    browser.until("document.querySelector('#turns img').complete")
    assert any("Content Security Policy" in each for each in browser.complaints)
    browser.complaints.clear()


def test_the_whole_conversation_is_sent_with_its_instruction(chat: Browser, script: Script) -> None:
    chat.click(".chat-head summary")
    chat.run("document.querySelector('#system').focus()")
    chat.type("Be brief.")
    send_message(chat, "one")
    wait_for_answer(chat)
    send_message(chat, "two")
    assert wait_for_answer(chat, 2) == "You said: two (answer 2)"
    assert questions_sent(script) == [
        "system: Be brief.",
        "user: one",
        "assistant: You said: one (answer 1)",
        "user: two",
    ]


def test_a_truncated_answer_is_marked(chat: Browser) -> None:
    send_message(chat, "cut me short")
    wait_for_answer(chat, state="cut")
    assert "answer_tokens" in chat.text(".turn .note")


# ── stop, regenerate, edit, copy, reload ──


def test_stop_keeps_the_partial_answer_and_stops_the_model(chat: Browser, script: Script) -> None:
    send_message(chat, "forever")
    chat.until("document.querySelector('.turn .prose')?.textContent.length > 20")
    chat.key("Escape")
    text = wait_for_answer(chat, state="stopped")
    assert text.startswith("and on and on") and len(text) < 5_000
    assert "Stopped here." in chat.text(".turn")
    send_message(chat, "and now?")
    assert wait_for_answer(chat, 2).startswith("You said: and now?")
    assert questions_sent(script)[1].startswith("assistant: and on")


def test_the_last_answer_can_be_regenerated(chat: Browser, script: Script) -> None:
    send_message(chat, "once more")
    assert wait_for_answer(chat).endswith("(answer 1)")
    chat.click(".again")
    chat.until("document.querySelector('.turn .prose').textContent.endsWith('(answer 2)')")
    assert wait_for_answer(chat).endswith("(answer 2)")
    assert questions_sent(script) == ["user: once more"]


def test_the_last_message_can_be_edited_and_only_the_last(chat: Browser, script: Script) -> None:
    for count, text in enumerate(("first", "secnd"), 1):
        send_message(chat, text)
        wait_for_answer(chat, count)
    assert chat.run("[...document.querySelectorAll('.edit')].map(each => each.hidden)") == [True, False]
    chat.click(".turn:last-child .edit")
    chat.run("document.activeElement.value = ''")
    chat.type("second")
    chat.key("Enter")
    chat.until("document.querySelector('.turn:last-child .prose').textContent === 'You said: second (answer 3)'")
    wait_for_answer(chat, 2)
    assert chat.text(".turn:last-child .question .text") == "second"
    assert questions_sent(script)[-1] == "user: second" and len(script.asked[-1].messages) == 3


def test_a_cancelled_edit_changes_nothing(chat: Browser, script: Script) -> None:
    send_message(chat, "as it was")
    wait_for_answer(chat)
    chat.click(".edit")
    chat.type(" not")
    chat.key("Escape")
    assert chat.text(".question .text") == "as it was" and len(script.asked) == 1
    assert chat.run("document.activeElement.className") == "quiet edit"


def test_an_answer_and_its_code_are_copied_as_written(chat: Browser, site: str) -> None:
    chat.ask("Browser.grantPermissions", origin=site, permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    send_message(chat, "format it")
    wait_for_answer(chat)
    chat.click(".copy-answer")
    chat.until("document.querySelector('.copy-answer').textContent === 'Copied'")
    assert "are **three names** for" in chat.run("navigator.clipboard.readText()")
    chat.click(".prose .copy")
    chat.until("document.querySelector('.prose .copy').textContent === 'Copied'")
    assert chat.run("navigator.clipboard.readText()") == 'print("**Ash** <b>")'


def test_a_conversation_and_a_draft_survive_a_reload(chat: Browser, site: str, script: Script) -> None:
    send_message(chat, "remember me")
    wait_for_answer(chat)
    chat.type("half a thou")
    chat.open(f"{site}/chat?lang=zh", 1180, 800)
    assert chat.text(".turn .prose") == "You said: remember me (answer 1)"
    assert chat.run("document.querySelector('#message').value") == "half a thou"
    chat.run("document.querySelector('#message').value = ''")
    send_message(chat, "still there?")
    wait_for_answer(chat, 2)
    assert [message.content for message in script.asked[-1].messages][::2] == ["remember me", "still there?"]


def test_leaving_the_page_during_an_answer_keeps_the_partial_answer(chat: Browser, site: str) -> None:
    send_message(chat, "forever")
    chat.until("document.querySelector('.turn .prose')?.textContent.length > 20")
    chat.open(f"{site}/chat?lang=en")
    assert wait_for_answer(chat, state="stopped").startswith("and on")


def test_a_new_conversation_starts_empty(chat: Browser, site: str, script: Script) -> None:
    send_message(chat, "forget this")
    wait_for_answer(chat)
    chat.click(".new")
    assert chat.run("document.querySelectorAll('.turn').length") == 0
    assert "forget this" not in chat.run("JSON.stringify({...sessionStorage, ...localStorage})")
    send_message(chat, "anew")
    wait_for_answer(chat)
    assert questions_sent(script) == ["user: anew"]


# ── what goes wrong ──


def test_a_busy_server_is_reported_in_place_and_can_be_retried(chat: Browser, script: Script) -> None:
    send_message(chat, "busy now")
    wait_for_answer(chat, state="failed")
    error = chat.text(".turn .error")
    assert "EngineBusy: the queue of scripted is full" in error and "→ ask again in a moment" in error
    assert "in 2 s" in error, "Retry-After in words"
    script.failing = False
    chat.click(".retry")
    assert wait_for_answer(chat).startswith("You said: busy now")
    assert not chat.text(".turn .error")
    chat.complaints.clear()  # the 503 itself


def test_a_refused_message_stays_and_can_be_edited(chat: Browser, script: Script) -> None:
    send_message(chat, "long story")
    wait_for_answer(chat, state="failed")
    error = chat.text(".turn .error")
    assert "ContextTooLong: the prompt has 9,412 tokens" in error and "→ say less" in error
    assert chat.run("document.querySelector('.retry').hidden"), "the same would fail again"
    chat.click(".edit")
    assert chat.run("document.activeElement.value") == "long story"
    chat.key("Escape")
    send_message(chat, "short one")
    assert wait_for_answer(chat, 2).startswith("You said: short one")
    assert questions_sent(script) == ["user: short one"], "what was refused is not told again"
    chat.complaints.clear()


def test_nothing_is_lost_if_the_server_is_unreachable(browser: Browser, script: Script) -> None:
    with serve_script(script) as house:
        browser.open(f"{house.url}/chat?lang=en")
    send_message(browser, "anybody there?")
    wait_for_answer(browser, state="failed")
    assert "plait up" in browser.text(".turn .error")
    assert browser.text(".question .text") == "anybody there?"
    assert browser.run("!document.querySelector('.retry').hidden")
    browser.complaints.clear()


def test_a_required_key_is_reported(browser: Browser, script: Script) -> None:
    key = "a-key-of-sixteen-or-more"
    with serve_script(script, rules=AccessPolicy.from_settings("127.0.0.1", (), (key,))) as house:
        browser.ask("Network.setExtraHTTPHeaders", headers={"Authorization": f"Bearer {key}"})
        browser.open(f"{house.url}/chat?lang=en")
        send_message(browser, "let me in")
        assert wait_for_answer(browser).startswith("You said")
        browser.ask("Network.setExtraHTTPHeaders", headers={"Authorization": "Bearer wrong"})
        browser.without_password()
        send_message(browser, "and now")
        wait_for_answer(browser, 2, state="failed")
        assert "this server requires a key" in browser.text(".turn:last-child .error")
    browser.complaints.clear()


# ── pictures ──


def test_a_vision_model_gets_pictures(browser: Browser) -> None:
    script = Script(accepts=frozenset({"image"}))
    with serve_script(script) as house:
        browser.open(f"{house.url}/chat?lang=en")
        attach_picture(browser, 60)
        browser.until("document.querySelector('#composer .pictures img')?.complete")
        attach_picture(browser, 3_000)
        browser.until("document.querySelectorAll('#composer .pictures img').length === 2")
        send_message(browser, "what is it?")
        wait_for_answer(browser)
    small, large = script.asked[0].messages[0].images
    assert (small.media_type, large.media_type) == ("image/png", "image/jpeg"), "what is too large is made smaller"
    assert browser.run("document.querySelectorAll('.question .pictures img').length") == 2
    assert browser.run("document.querySelectorAll('#composer .pictures img').length") == 0


@pytest.mark.parametrize("way", ["chosen", "pasted", "dropped"])
def test_a_picture_is_chosen_pasted_or_dropped(browser: Browser, way: str) -> None:
    with serve_script(Script(accepts=frozenset({"image"}))) as house:
        browser.open(f"{house.url}/chat?lang=en")
        attach_picture(browser, 60, way)
        browser.until("document.querySelector('#composer .pictures img')?.naturalWidth === 60")
        assert browser.run("document.querySelector('#composer .pictures img').alt") == "Picture 1"


def test_a_picture_can_be_removed(browser: Browser) -> None:
    script = Script(accepts=frozenset({"image"}))
    with serve_script(script) as house:
        browser.open(f"{house.url}/chat?lang=en")
        attach_picture(browser, 60)
        browser.until("document.querySelector('#composer .drop')")
        assert browser.run("document.querySelector('#composer .drop').ariaLabel") == "Remove picture 1"
        browser.click("#composer .drop")
        send_message(browser, "nothing to see")
        wait_for_answer(browser)
    assert script.asked[0].messages[0].images == ()


def test_for_a_text_only_model_the_page_explains_why_pictures_are_refused(chat: Browser) -> None:
    assert chat.run("document.querySelector('#composer input[type=file]').disabled")
    assert "scripted cannot read pictures" in chat.text("#composer")
    attach_picture(chat, 60)
    assert chat.text("#composer > .problem") == "scripted cannot read pictures"
    assert chat.run("document.querySelectorAll('#composer .pictures img').length") == 0


def test_an_invalid_picture_is_reported_at_the_field(browser: Browser) -> None:
    with serve_script(Script(accepts=frozenset({"image"}))) as house:
        browser.open(f"{house.url}/chat?lang=en")
        attach_picture(
            browser, 60, script=PICTURE.replace("await canvas.convertToBlob({type: 'image/png'})", "'no picture'")
        )
        browser.until("document.querySelector('#composer > .problem').textContent")
        assert "cannot read a.png" in browser.text("#composer > .problem")


# ── without ──


def test_without_javascript_the_page_points_to_the_terminal(browser: Browser, site: str) -> None:
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(f"{site}/chat?lang=en")
    assert "plait chat" in browser.text("main") and "Write a message" not in browser.text("main")


@needs_model
@pytest.mark.model
def test_the_embedded_model_chats(browser: Browser) -> None:
    catalog = Catalog.built_in()
    with serve_catalog(catalog, LocalTransport(catalog=catalog)) as house:
        browser.open(f"{house.url}/chat?lang=en")
        send_message(browser, "Say hello in one short sentence.")
        browser.until("document.querySelector('.turn')?.dataset.state === 'done'", 60)
        assert len(browser.text(".turn .prose")) > 3
        assert "smollm2" in browser.text(".tail .facts") and "tokens/s" in browser.text(".tail .facts")
