"""Chromium without a window, driven through a pipe (the DevTools protocol), with nothing but the standard library.

Browser() starts one with a profile of its own in a temporary directory; open(path) loads a file and returns its Page.
"""
import base64
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import time


def find():
    """The program, or None."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        path = name and shutil.which(name)
        if path:
            return path
    return None


class Failed(Exception):
    """The browser said no, or nothing."""


class Browser:
    def __init__(self, timeout=60):
        self.timeout, self.events, self.count, self.rest = timeout, [], 0, b""
        self.profile = tempfile.mkdtemp(prefix="chromium-")
        to_read, self.to = os.pipe()
        self.come, from_write = os.pipe()
        words = [find(), "--headless=new", "--remote-debugging-pipe", "--user-data-dir=" + self.profile, "--no-first-run",
                 "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", "about:blank"]
        if os.geteuid() == 0:
            words.insert(1, "--no-sandbox")

        def give():  # descriptors 3 and 4 are the pipe's ends
            os.dup2(to_read, 30)
            os.dup2(from_write, 31)
            os.dup2(30, 3)
            os.dup2(31, 4)

        self.process = subprocess.Popen(words, preexec_fn=give, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)
        os.close(to_read)
        os.close(from_write)

    def _receive(self, until):
        while b"\0" not in self.rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.come], [], [], left)[0]:
                raise Failed("the browser does not answer")
            more = os.read(self.come, 1 << 20)
            if not more:
                raise Failed("the browser has ended")
            self.rest += more
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def send(self, method, session=None, **params):
        self.count += 1
        message = {"id": self.count, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + self.timeout
        while True:
            got = self._receive(until)
            if got.get("id") == message["id"]:
                if "error" in got:
                    raise Failed(method + ": " + got["error"]["message"])
                return got["result"]
            self.events.append(got)

    def wait(self, method, session):
        until = time.monotonic() + self.timeout
        while True:
            for i, e in enumerate(self.events):
                if e.get("method") == method and e.get("sessionId") == session:
                    del self.events[i]
                    return e["params"]
            self.events.append(self._receive(until))

    def open(self, path, width=1280, height=900, dark=False, scripts=True, phone=False):
        return Page(self, path, width, height, dark, scripts, phone)

    def close(self):
        try:
            self.send("Browser.close")
            self.process.wait(10)
        except (Failed, OSError, subprocess.TimeoutExpired):
            pass
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Page:
    def __init__(self, browser, path, width, height, dark, scripts, phone):
        self.b = browser
        self.target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.send("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(domain + ".enable")
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.send("Emulation.setEmulatedMedia", media="", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        if not scripts:
            self.send("Emulation.setScriptExecutionDisabled", value=True)
        self.url = pathlib.Path(path).resolve().as_uri()
        browser.events.clear()
        self.send("Page.navigate", url=self.url)
        browser.wait("Page.loadEventFired", self.session)

    def send(self, method, **params):
        return self.b.send(method, self.session, **params)

    def js(self, code):
        """The value of an expression, as plain data."""
        got = self.send("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in got:
            raise Failed(code + ": " + json.dumps(got["exceptionDetails"])[:500])
        return got["result"].get("value")

    def click(self, selector):
        """A click by the mouse's own events in the middle of an element."""
        box = self.js("(() => { const e = document.querySelector(%s); if (!e) return null; e.scrollIntoView({ block: 'center' });"
                      " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()" % json.dumps(selector))
        if not box:
            raise Failed("there is no " + selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def type(self, text):
        self.send("Input.insertText", text=text)

    def key(self, key, code=0):
        for kind in ("rawKeyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, code=key)

    def enter(self):
        self.send("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
        self.send("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter", windowsVirtualKeyCode=13)

    def requests(self):
        """What the page asked for besides itself."""
        self.js("1")
        return [e["params"]["request"]["url"] for e in self.b.events if e.get("method") == "Network.requestWillBeSent"
                and e.get("sessionId") == self.session and e["params"]["request"]["url"] not in (self.url, "data:,")]

    def problems(self):
        """Errors that scripts threw and the console shows."""
        self.js("1")
        out = []
        for e in self.b.events:
            if e.get("sessionId") != self.session:
                continue
            if e.get("method") == "Runtime.exceptionThrown":
                out.append(e["params"]["exceptionDetails"]["text"] + " " + str(e["params"]["exceptionDetails"].get("exception", {}).get("description")))
            if e.get("method") == "Log.entryAdded" and e["params"]["entry"]["level"] == "error":
                out.append(e["params"]["entry"]["text"])
        return out

    def screenshot(self, path, whole=False):
        shot = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))

    def pdf(self, path):
        got = self.send("Page.printToPDF", printBackground=False)
        pathlib.Path(path).write_bytes(base64.b64decode(got["data"]))

    def close(self):
        self.b.send("Target.closeTarget", targetId=self.target)
