#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The report page in a headless Chromium: loads from a file without an error, charts exist, a click on a phase shows its events.

Usage: html_test.py --tool build/atcbench --out FOLDER     (pictures in both themes are left in FOLDER)
"""
import argparse
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


class Browser:
    """Chromium over its debugging pipe: messages end with a zero byte."""

    def __init__(self, profile):
        self.profile = profile
        to_read, self.to = os.pipe()
        self.back, to_write = os.pipe()

        def as_3_and_4():
            high = (os.dup(to_read), os.dup(to_write))
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
             f"--user-data-dir={profile}", "--window-size=1240,1700", "--hide-scrollbars", "--disable-background-networking"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=as_3_and_4, close_fds=False)
        os.close(to_read)
        os.close(to_write)
        self.buffer, self.number, self.events, self.session = b"", 0, [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def message(self):
        while b"\0" not in self.buffer:
            chunk = os.read(self.back, 1 << 20)
            if not chunk:
                raise RuntimeError("chromium ended")
            self.buffer += chunk
        text, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.to, json.dumps(request).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method):
        while not any(e.get("method") == method for e in self.events):
            self.events.append(self.message())

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def errors(self):
        return [e for e in self.events if e.get("method") == "Runtime.exceptionThrown"
                or (e.get("method") == "Log.entryAdded" and e["params"]["entry"]["level"] == "error")]

    def open(self, path):
        self.events.clear()
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.wait("Page.loadEventFired")

    def picture(self, path, theme):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True,
                         clip={"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1})["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self):
        self.process.kill()
        self.process.wait()


def click(browser, selector):
    """A real mouse click in the middle of the element."""
    box = browser.value(f"(() => {{ const e = document.querySelector('{selector}'); e.scrollIntoView({{block: 'center'}}); "
                        "const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()")
    for kind in ("mousePressed", "mouseReleased"):
        browser.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)


def check_page(browser, page, report, want):
    browser.open(page)
    want(not browser.errors(), f"errors while loading: {browser.errors()}")
    loaded = [e["params"]["request"]["url"] for e in browser.events if e.get("method") == "Network.requestWillBeSent"]
    want(all(url.startswith(("file:", "data:")) and url.endswith(".html") for url in loaded), f"loads other things: {loaded}")
    want(browser.value("document.querySelector('.badge').textContent") == report["verdict"].upper(), "verdict")
    want(browser.value("document.getElementById('command').textContent") == report["command"], "command")
    want(browser.value("document.querySelectorAll('#waterfall .row').length") == len(report["waterfall"]), "a row for each step")
    for chart in ("timelines", "commands", "itags", "histogram"):
        want(browser.value(f"document.querySelectorAll('#{chart} svg').length") == 1, f"chart {chart}")
    tracks = int(report["config"]["system.devices"]) + int(report["config"]["system.cpus"])
    want(browser.value("data.tracks.length") == tracks, "a track for each CPU and device")
    want(browser.value("document.querySelectorAll('#timelines rect.span').length") > tracks, "spans")
    want(browser.value("document.querySelectorAll('#histogram rect').length") > 0, "bars")
    want(browser.value("document.querySelectorAll('#config tr').length") == len(report["config"]), "every key")
    want(browser.value("document.querySelectorAll('#checks tr.fail').length") == sum(c["verdict"] == "fail" for c in report["checks"]), "failed checks")
    want(browser.value("document.documentElement.outerHTML.includes('NaN')") is False, "NaN in the page")
    if report["waterfall"]:
        want(browser.value("document.querySelectorAll('#phase tr.event').length") == 0, "no events before the click")
        step = len(report["waterfall"]) // 2
        click(browser, f"#waterfall .row[data-phase=\"{step}\"]")
        name = report["waterfall"][step]["event"]
        listed = browser.value("document.getElementById('phase').textContent")
        want(browser.value("document.querySelectorAll('#phase tr.event').length") > 0, "events after the click")
        base = name.removesuffix("_a").removesuffix("_t").removesuffix("_last").removesuffix("_first")
        want(base in listed, f"{base} among the events of its phase")
        want(browser.value("view[1] - view[0] < data.end"), "the timelines show the phase")
        click(browser, "#all")
        want(browser.value("view[1] - view[0] === data.end"), "the whole run again")
    colour = "getComputedStyle(document.body).backgroundColor"
    before = browser.value(colour)
    click(browser, "#theme")
    want(browser.value(colour) != before, "the theme changes")
    want(not browser.errors(), f"errors afterwards: {browser.errors()}")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    args = parser.parse_args()
    if not shutil.which("chromium"):
        print("html_test: chromium is missing: sim/tools/setup.sh installs it", file=sys.stderr)
        return 2
    failed = []
    runs = {"healthy": (["healthy"], 0), "hang": (["hang"], 0), "stale": (["healthy", "--set", "fault.keep_stale=1"], 1),
            "short": (["inv-stream", "--devices", "1", "--set", "load.iterations=2"], 0)}
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        try:
            for name, (run, status) in runs.items():
                folder = args.out / name
                result = subprocess.run([args.tool, "run", *run, "--out", folder], stdout=subprocess.DEVNULL, check=False)

                def want(holds, what, name=name):
                    if not holds:
                        failed.append(f"{name}: {what}")

                want(result.returncode == status, f"exit status {result.returncode}")
                report = json.loads((folder / "report.json").read_text())
                check_page(browser, folder / "report.html", report, want)
                if name == "stale":
                    want(browser.value("document.querySelectorAll('#timelines rect.stale').length") > 0, "the stale window")
                browser.open(folder / "report.html")
                for theme in ("light", "dark"):
                    browser.picture(args.out / f"{name}-{theme}.png", theme)
            # The page can be drawn again from the files.
            folder = args.out / "hang"
            subprocess.run([args.tool, "html", folder / "report.json", folder / "events.bin", "-o", args.out / "again.html"], check=True)
            if (args.out / "again.html").read_bytes() != (folder / "report.html").read_bytes():
                failed.append("html: another page than run wrote")
            # A page that is broken is noticed.
            broken = args.out / "broken.html"
            broken.write_text((folder / "report.html").read_text().replace("header(); waterfall()", "header(); waterfal()"))
            browser.open(broken)
            if not browser.errors():
                failed.append("a broken page was not noticed")
        finally:
            browser.close()
    print("\n".join(failed))
    print(f"{len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
