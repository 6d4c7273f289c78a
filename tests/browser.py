#   browser.py - Chromium without a window, driven by its DevTools protocol
import base64
import json
import shutil
import subprocess
import tempfile

import harness
from websocket import WebSocket

FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --disable-dev-shm-usage --disable-extensions --remote-debugging-port=0
    --window-size=1200,900""".split()


class Browser:
    """One page of a Chromium of its own, with an empty profile."""

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="zooid-browser-")
        try:
            self.process = harness.Process([harness.program("chromium"), *FLAGS, "--user-data-dir=" + self.profile, "about:blank"],
                                           env={"HOME": self.profile, "LANGUAGE": "en", "XDG_CONFIG_HOME": self.profile, "TMPDIR": self.profile})
            port = int(self.process.wait_line(r"DevTools listening on ws://127\.0\.0\.1:(\d+)/", 60).group(1))
            _, _, targets = harness.Http(port).request("GET", "/json/list")
            path = next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page").partition(f":{port}")[2]
            self.socket = WebSocket(port, path)
            self.number = 0
            self.events = []
            for domain in ("Page", "Runtime", "Log"):
                self.call(domain + ".enable")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        process = getattr(self, "process", None)
        if process:
            if process.child.poll() is None:
                process.child.terminate()       # Its helpers end with it, and let go of the profile
                try:
                    process.child.wait(20)
                except subprocess.TimeoutExpired:
                    pass
            process.__exit__()
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, seconds=harness.DEADLINE, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        clock = harness.Clock(seconds)
        while True:
            message = json.loads(self.socket.receive(clock.left(method)))
            if message.get("id") == self.number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'", "the page")

    def evaluate(self, expression, seconds=harness.DEADLINE):
        result = self.call("Runtime.evaluate", seconds, expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait(self, condition, what, seconds=harness.DEADLINE):
        """Until an expression holds. The page itself looks, whenever it paints a frame; nothing is asked twice from here."""
        script = f"""new Promise ((done, fail) => {{
            const end = performance.now () + {int(seconds * 1000)};
            const look = () => {{
                let value;
                try {{ value = ({condition}); }} catch (error) {{ value = null; }}
                if (value) done (value);
                else if (performance.now () > end) fail (new Error ('late'));
                else requestAnimationFrame (look);
            }};
            look ();
        }})"""
        try:
            return self.evaluate(script, seconds + 5)
        except AssertionError as error:
            raise AssertionError(f"{what} did not come: {error}\n{self.evaluate('document.body.innerText')}\n{self.complaints()}") from error

    def complaints(self):
        """What the console, the security policy and exceptions have said."""
        texts = []
        for event in self.events:
            if event.get("method") == "Runtime.exceptionThrown":
                texts.append(json.dumps(event["params"]["exceptionDetails"]))
            elif event.get("method") == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
                texts.append(event["params"]["entry"]["text"] + " " + event["params"]["entry"].get("url", ""))
        return texts

    def fill(self, selector, value):
        """As somebody who types: focus, then the text as input events."""
        self.wait(f"document.querySelector ({json.dumps(selector)})", selector)
        self.evaluate(f"document.querySelector ({json.dumps(selector)}).focus ()")
        self.call("Input.insertText", text=value)

    def click(self, selector):
        self.wait(f"document.querySelector ({json.dumps(selector)})", selector)
        self.evaluate(f"document.querySelector ({json.dumps(selector)}).click ()")

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
