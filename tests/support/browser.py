"""Chromium, spoken to over a pipe in its own protocol (Chrome DevTools Protocol): no package needed, no port open."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FAINT = Path(__file__).parent / "faint.js"  # what on a page can hardly be read
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
    "--force-prefers-reduced-motion",
)  # fmt: skip
USED = (
    "button link textbox searchbox combobox listbox checkbox radio switch spinbutton slider DisclosureTriangle".split()
)


NAVIGATED = ("Inspected target navigated or closed", "Cannot find context", "Execution context was destroyed")


class PageLeft(AssertionError):
    """The page was left while an expression was evaluated on it."""


class Browser:
    """One page of a browser of its own."""

    def __init__(self) -> None:
        assert CHROMIUM is not None
        self.folder = tempfile.mkdtemp(prefix="plait-chromium-")
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()

        def wired() -> None:
            # The browser reads commands on 3 and writes answers on 4; first aside, lest one close the other.
            for source, target in ((os.dup(to_read), 3), (os.dup(to_write), 4)):
                os.dup2(source, target)

        self.process = subprocess.Popen(
            [CHROMIUM, *FLAGS, f"--user-data-dir={self.folder}", "about:blank"],
            preexec_fn=wired,
            close_fds=False,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._count, self._rest, self.session = 0, b"", ""
        self.complaints: list[str] = []
        self.asked_for: list[str] = []  # addresses
        (target,) = [each for each in self.ask("Target.getTargets")["targetInfos"] if each["type"] == "page"][:1]
        attached = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.ask("Emulation.setFocusEmulationEnabled", enabled=True)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._to)
        os.close(self._from)
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        message_id = self.tell(method, **params)
        while True:
            reply = self._next()
            if reply.get("id") == message_id:
                message = reply.get("error", {}).get("message", "")
                if message.startswith(NAVIGATED):
                    raise PageLeft(message)
                assert "error" not in reply, reply
                return reply["result"]

    def tell(self, method: str, **params: Any) -> int:
        """Sends a command without waiting; its number."""
        self._count += 1
        request: dict[str, Any] = {"id": self._count, "method": method, "params": params}
        if self.session:
            request["sessionId"] = self.session
        os.write(self._to, json.dumps(request).encode() + b"\0")
        return self._count

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            read = os.read(self._from, 2**16)
            assert read, "the browser has gone"
            self._rest += read
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(message["params"]["exceptionDetails"].get("exception", message["params"])))
        if message.get("method") == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
            self.complaints.append(message["params"]["entry"]["text"])
        if message.get("method") == "Network.requestWillBeSent":
            self.asked_for.append(message["params"]["request"]["url"])
        if message.get("method") == "Fetch.requestPaused":
            self.tell("Fetch.continueRequest", requestId=message["params"]["requestId"])
        if message.get("method") == "Fetch.authRequired":
            answer = {"response": "CancelAuth"}
            self.tell("Fetch.continueWithAuth", requestId=message["params"]["requestId"], authChallengeResponse=answer)
        return message

    def fresh(self) -> None:
        """Resets the browser: light colours, JavaScript enabled, no cookies or storage."""
        # After the page's own, which keeps what it has when it is left.
        self.run("location.origin === 'null' || void addEventListener('pagehide', () => sessionStorage.clear())")
        self.ask("Page.navigate", url="about:blank")
        self.ask("Network.clearBrowserCookies")
        self.ask("Network.setExtraHTTPHeaders", headers={})
        self.ask("Fetch.disable")
        self.ask("Emulation.setScriptExecutionDisabled", value=False)
        self.dark(False)
        self.complaints.clear()
        self.asked_for.clear()

    def open(self, url: str, width: int = 1180, height: int = 900) -> None:
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression; promises are awaited."""
        reply = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in reply, reply["exceptionDetails"]
        return reply["result"].get("value")

    def until(self, condition: str, within: float = 30.0) -> None:
        end = time.monotonic() + within
        while not self.holds(condition):
            assert time.monotonic() < end, f"never: {condition}\n{self.complaints}"
            time.sleep(0.02)

    def holds(self, condition: str) -> bool:
        """Whether a condition holds; not yet while one page gives way to the next."""
        try:
            return bool(self.run(f"Boolean({condition})"))
        except PageLeft:
            return False

    def without_password(self) -> None:
        """Whoever is asked for a password presses Cancel."""
        self.ask("Fetch.enable", handleAuthRequests=True)

    def dark(self, on: bool = True) -> None:
        feature = {"name": "prefers-color-scheme", "value": "dark" if on else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[feature])

    def click(self, selector: str) -> None:
        self.until(f"document.querySelector({selector!r})")
        self.run(f"document.querySelector({selector!r}).click()")

    def choose_file(self, selector: str, file: Path) -> None:
        root = self.ask("DOM.getDocument")["root"]["nodeId"]
        node = self.ask("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.ask("DOM.setFileInputFiles", nodeId=node, files=[str(file)])

    def save_downloads(self, folder: Path) -> None:
        self.ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))

    def text(self, selector: str) -> str:
        """The visible text of an element."""
        return self.run(f"document.querySelector({selector!r})?.innerText ?? ''")

    def key(self, key: str, *, ctrl: bool = False, shift: bool = False) -> None:
        codes = {"Enter": 13, "Escape": 27, "Tab": 9}
        modifiers = 2 * ctrl + 8 * shift
        event = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key], "modifiers": modifiers}
        text = {"text": "\r"} if key == "Enter" else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **event, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **event)

    def type(self, text: str) -> None:
        self.ask("Input.insertText", text=text)

    def nameless(self) -> list[str]:
        """Controls of the page that have no accessible name, by the accessibility tree of the browser."""
        nodes = self.ask("Accessibility.getFullAXTree")["nodes"]
        roles = [(node.get("role", {}).get("value"), node) for node in nodes if not node["ignored"]]
        return [role for role, node in roles if role in USED and not node.get("name", {}).get("value", "").strip()]

    def shot(self, file: Path, *, whole: bool = True) -> None:
        reply = self.ask("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(reply["data"]))
