#!/usr/bin/env python3
"""Uses the web page of `iuf serve` in headless Chromium as a user would: an image is uploaded, the heatmap moved, a
threshold set, a product added, the server restarted. Fails when something does not do what it should, or when the
browser's console says anything. Skipped (exit code 77) where Chromium is absent or does not run.

usage: serve_browser.py PROGRAM [FOLDER_FOR_SCREENSHOTS]
"""
import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
import zlib

program = os.path.realpath(sys.argv[1])
shots = os.path.realpath(sys.argv[2]) if len(sys.argv) > 2 else None
browser = shutil.which("chromium") or shutil.which("chromium-browser")


def skip(reason):
    print("serve_browser: skipped, " + reason)
    sys.exit(77)


def expect(condition, what):
    if not condition:
        raise SystemExit("serve_browser: " + what)


class Page:
    """A tab, by Chromium's remote protocol: JSON messages through a web socket."""

    def __init__(self, port):
        targets = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=30))
        path = next(t for t in targets if t["type"] == "page")["webSocketDebuggerUrl"].split("/", 3)[3]
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(f"GET /{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: "
                            f"Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        self.input = self.socket.makefile("rb")
        while self.input.readline().strip():
            pass
        self.number, self.said = 0, []
        for domain in ("Page", "Runtime", "Log", "DOM"):
            self.call(domain + ".enable")

    def receive(self):
        text = b""
        while True:
            first, second = self.input.read(2)
            size = second & 127
            if size > 125:
                size = struct.unpack(">H" if size == 126 else ">Q", self.input.read(2 if size == 126 else 8))[0]
            text += self.input.read(size)
            if first & 128:
                return json.loads(text)

    def call(self, method, **parameters):
        self.number += 1
        data = json.dumps({"id": self.number, "method": method, "params": parameters}).encode()
        mask = os.urandom(4)
        size = struct.pack("B", 128 | len(data)) if len(data) < 126 else struct.pack(">BH", 254, len(data))
        if len(data) > 65535:
            size = struct.pack(">BQ", 255, len(data))
        self.socket.sendall(b"\x81" + size + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))
        while True:
            message = self.receive()
            if message.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.said.append(json.dumps(message["params"])[:600])
            if message.get("method") == "Runtime.consoleAPICalled":
                self.said.append(json.dumps(message["params"]["args"])[:600])
            if message.get("id") == self.number:
                expect("error" not in message, f"{method}: {message.get('error')}")
                return message["result"]

    def run(self, script):
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        expect("exceptionDetails" not in answer, f"{script}: {answer.get('exceptionDetails')}")
        return answer["result"].get("value")

    def wait(self, script, what):
        for _ in range(300):
            if self.run(script):
                return
            time.sleep(0.1)
        raise SystemExit(f"serve_browser: {what}: {self.run('document.body.innerText')}")

    def choose(self, selector, files):
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[os.path.abspath(f) for f in files])

    def open(self, address):
        self.call("Page.navigate", url=address)
        self.wait("typeof refresh == 'function' && document.readyState == 'complete'", "the page does not load")

    def shoot(self, name, width):
        if not shots:
            return
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        time.sleep(0.3)
        wide = self.run("document.documentElement.scrollWidth")
        expect(wide <= width, f"at {width} pixels the page is {wide} wide")
        picture = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        with open(os.path.join(shots, f"{name}-{width}.png"), "wb") as file:
            file.write(base64.b64decode(picture))


def command(*words):
    done = subprocess.run([program, *words], capture_output=True, text=True)
    expect(done.returncode == 0, f"{words}: {done.stderr}")


def serve():
    server = subprocess.Popen([program, "serve", "run", "--port", "0"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    return server, server.stdout.readline().strip()


def start_browser(folder):
    process = subprocess.Popen(
        [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--hide-scrollbars",
         "--disable-extensions", "--disable-sync", "--disable-background-networking", "--disable-component-update",
         "--no-proxy-server", "--remote-debugging-port=0", "--user-data-dir=" + folder, "--window-size=1400,900",
         "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        try:
            with open(os.path.join(folder, "DevToolsActivePort")) as file:
                return process, int(file.readline())
        except (OSError, ValueError):
            if process.poll() is not None:
                break
            time.sleep(0.1)
    process.kill()
    skip("Chromium is installed but does not run here")


def write_mask(name, side):
    """The upper half is ignored: a gray PNG of side x side."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + (b"\xff" if y < side // 2 else b"\0") * side for y in range(side))
    with open(name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def use(page, address):
    defects = [os.path.join(folder, name) for folder, _, names in os.walk("data/gear/test") for name in names
               if "good" not in folder]
    shutil.copy(sorted(defects)[0], "<b>odd<i>.png")
    page.open(address)
    page.choose("#files", ["data/gear/test/good/000.png", "<b>odd<i>.png"])
    page.wait("$('history').tBodies[0].rows.length == 2", "two images are not in the history")
    page.wait("$('file').textContent == '<b>odd<i>.png' && !$('heatmap').hidden", "the image is not shown")
    expect(page.run("document.querySelectorAll('b b, td:last-child b').length") == 0, "a name is read as markup")
    expect(page.run("$('verdict').textContent") in ("ok", "defect", "unknown"), "there is no verdict")
    page.wait("$('heatmap').complete && $('heatmap').naturalWidth > 0", "the heatmap cannot be decoded")
    page.run("$('opacity').value = 20; $('opacity').dispatchEvent(new Event('input'))")
    expect(page.run("getComputedStyle($('heatmap')).opacity") == "0.2", "the slider does not change the heatmap")
    page.run("$('opacity').value = 70; $('opacity').dispatchEvent(new Event('input'))")
    page.run("$('history').tBodies[0].rows[1].click()")
    page.wait("$('file').textContent == '000.png'", "a row of the history is not shown")
    page.wait("$('objects').tBodies[0].rows.length == 2", "the objects are not shown")
    page.run("(form => { form.querySelector('input').value = 20; form.requestSubmit(); })"
             "($('objects').tBodies[0].rows[0].querySelector('form'))")
    page.wait("$('objects').tBodies[0].rows[0].innerText.includes('Undo')", "the threshold is not set")
    good = sorted(os.listdir("data/capsule/train/good"))
    page.run("$('name').value = 'capsule'")
    page.choose("#good", [os.path.join("data/capsule/train/good", name) for name in good])
    write_mask("mask.png", 128)
    page.choose("#mask", ["mask.png"])
    page.run("$('add').requestSubmit()")
    page.wait("$('jobs').innerText.includes('done')", "the product is not learned")
    page.wait("$('objects').tBodies[0].rows.length == 3", "the new product is not shown")
    expect(page.run("$('hours').tBodies[0].rows.length") >= 1, "no hour is counted")
    expect(page.run("$('problem').hidden"), "a problem: " + str(page.run("$('problem').textContent")))
    page.run("$('history').tBodies[0].rows[0].click()")
    page.wait("$('file').textContent == '<b>odd<i>.png' && !$('heatmap').hidden", "the image is not shown again")
    for width in (1400, 420):
        page.shoot("page", width)


def main():
    if not browser:
        skip("Chromium is not installed (apt-get install chromium)")
    doctor = subprocess.run([program, "doctor"], capture_output=True, text=True).stdout
    if "server    none" in doctor:
        skip("this build has no server")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.chdir(folder)
        command("synth", "data", "--quiet", "--size", "128", "--train", "6", "--test-good", "2", "--per-defect", "1",
                "--objects", "biscuit,capsule,gear")
        command("train", "data", "--steps", "biscuit; gear", "--out", "run", "--method", "gaussian", "--quiet",
                "--image-size", "64", "--grid", "4")
        server, address = serve()
        chromium, port = start_browser(os.path.join(folder, "profile"))
        try:
            page = Page(port)
            use(page, address)
            page.call("Page.navigate", url="about:blank")
            server.terminate()
            expect(server.wait(30) == 0, "the server does not end")
            server, address = serve()
            page.open(address)
            page.wait("$('history').tBodies[0].rows.length == 2", "the history does not outlive the server")
            page.run("$('history').tBodies[0].rows[0].click()")
            page.wait("$('file').textContent == '<b>odd<i>.png'", "an earlier verdict is not shown")
            info = json.loads(subprocess.run([program, "info", "run", "--json"], capture_output=True).stdout)
            ignored = {o["name"]: o.get("ignored", 0) for o in info["objects"]}
            expect(ignored == {"biscuit": 0, "gear": 0, "capsule": 0.5}, f"the mask is not used: {ignored}")
            expect(not page.said, "the browser's console is not silent: " + "\n".join(page.said))
        finally:
            chromium.kill()
            server.kill()
            chromium.wait()
    print("serve_browser: upload, verdict, heatmap, threshold, a product and the history after a restart work")


main()
