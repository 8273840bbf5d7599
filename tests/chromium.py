"""chromium.py: a headless Chromium, driven by the DevTools protocol over its pipe.

In: the program's name; a page's file. Out: what the page says, does and looks like; what it asked of the network.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


class Browser:
    """One browser with one page. Use it in `with`."""

    def __init__(self, program="chromium"):
        self.profile = tempfile.mkdtemp(prefix="chromium.")
        to_browser, self.writing = os.pipe()
        self.reading, from_browser = os.pipe()
        # The browser reads descriptor 3 and writes 4, whatever the pipes got.
        to_browser = fcntl.fcntl(to_browser, fcntl.F_DUPFD_CLOEXEC, 10)
        from_browser = fcntl.fcntl(from_browser, fcntl.F_DUPFD_CLOEXEC, 10)
        self.writing = fcntl.fcntl(self.writing, fcntl.F_DUPFD_CLOEXEC, 10)
        self.reading = fcntl.fcntl(self.reading, fcntl.F_DUPFD_CLOEXEC, 10)

        def descriptors():
            os.dup2(to_browser, 3)
            os.dup2(from_browser, 4)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
             "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-sync",
             "--force-color-profile=srgb", "--hide-scrollbars", "--remote-debugging-pipe",
             "--user-data-dir=" + self.profile, "about:blank"],
            preexec_fn=descriptors, pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.left = b""
        self.number = 0
        self.session = None
        self.events = []
        self.scripted = True
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM", "Accessibility"):
            self.call(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        try:
            self.session = None
            self.call("Browser.close")
        except (OSError, EOFError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def receive(self, seconds):
        """The next message; None where none came in time."""
        until = time.monotonic() + seconds
        while b"\0" not in self.left:
            ready, _, _ = select.select([self.reading], [], [], max(0, until - time.monotonic()))
            if not ready:
                return None
            part = os.read(self.reading, 1 << 20)
            if not part:
                raise EOFError("the browser is gone")
            self.left += part
        message, self.left = self.left.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.writing, data):]
        while True:
            answer = self.receive(60)
            if answer is None:
                raise TimeoutError(method)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(method + ": " + answer["error"]["message"])
                return answer["result"]
            self.events.append(answer)

    def open(self, path, fragment=""):
        """Loads a file, and returns how many seconds that took."""
        self.events.clear()
        self.call("Page.navigate", url="about:blank")  # else another fragment of the same page would load nothing
        while not self.loaded():
            self.wait()
        self.events.clear()
        began = time.monotonic()
        self.call("Page.navigate", url="file://" + os.path.abspath(path) + fragment)
        while not self.loaded():
            self.wait()
        if self.scripted:
            self.settle()
        return time.monotonic() - began

    def loaded(self):
        return any(event.get("method") == "Page.loadEventFired" for event in self.events)

    def wait(self):
        event = self.receive(60)
        if event is None:
            raise TimeoutError("no event")
        self.events.append(event)

    def settle(self):
        """Two frames: what was asked for is drawn."""
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30))))")

    def run(self, script):
        """The value of an expression of JavaScript."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]) + "\n" + script)
        return answer["result"].get("value")

    def key(self, name, modifiers=0):
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40,
                 "Home": 36, "End": 35, "/": 191, " ": 32}
        text = {"Enter": "\r"}.get(name, name if len(name) == 1 else "")
        common = {"key": name, "code": name, "windowsVirtualKeyCode": codes.get(name, 0), "modifiers": modifiers}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text):
        self.call("Input.insertText", text=text)
        self.settle()

    def mouse(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def screen(self, width, height=900, theme="light", media="", motion="reduce"):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": theme}, {"name": "prefers-reduced-motion", "value": motion}])
        self.settle()

    def script(self, enabled):
        self.scripted = enabled
        self.call("Emulation.setScriptExecutionDisabled", value=not enabled)

    def picture(self, path, whole=False):
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(answer["data"]))

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])

    def complaints(self):
        """What the console and the log say, and every request but the page itself."""
        self.settle()
        found = []
        for event in self.events:
            parameters = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                details = parameters["exceptionDetails"]
                found.append("exception: " + details.get("exception", {}).get("description", details["text"]))
            elif event["method"] == "Runtime.consoleAPICalled":
                found.append("console: " + json.dumps(parameters["args"]))
            elif event["method"] == "Log.entryAdded":
                found.append("log: " + parameters["entry"]["text"])
            elif event["method"] == "Network.requestWillBeSent" and parameters.get("type") != "Document":
                if not parameters["request"]["url"].startswith("data:"):
                    found.append("request: " + parameters["request"]["url"])
        return found
