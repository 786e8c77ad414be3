"""A real browser and a server of one folder, both on this machine: for tests and for the PDF.

``python -m tools.browser`` prints what each page of the book, as it stands in ``_build/html``,
loads from a server that compresses.
"""

import functools
import gzip
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import yaml
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).parents[1]
BROWSERS = (
    "chromium",
    "google-chrome",
    "chromium-browser",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = """No browser and driver of one version were found, only: {}.
Debian: apt install chromium chromium-driver.
Elsewhere: Google Chrome, and on the PATH the chromedriver of its version."""
FLAGS = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1200,900",
]
COMPRESSED = ("text/", "application/json", "application/xml", "image/svg+xml", "javascript")

compress = functools.cache(gzip.compress)


def contents():
    """Read the book's parts off _toc.yml: their captions, and their pages in order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    yield None, [f"{toc['root']}.html"]
    for part in toc["parts"]:
        yield part["caption"], [f"{chapter['file']}.html" for chapter in part["chapters"]]


def version(program):
    """Ask a program for the first number of its version; None if it is not there."""
    if not (path := shutil.which(program)):
        return None
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"(\d+)\.\d", said)
    return number and number[1]


def find():
    """Find a browser, and a driver of its version: others refuse to work together."""
    drivers = ["chromedriver", f"{os.environ.get('CHROMEWEBDRIVER', '')}/chromedriver"]
    found = {program: version(program) for program in (*BROWSERS, *drivers)}
    for browser in BROWSERS:
        for driver in drivers:
            if found[browser] and found[browser] == found[driver]:
                return shutil.which(browser), shutil.which(driver)
    raise RuntimeError(MISSING.format({name: said for name, said in found.items() if said}))


@contextmanager
def started():
    """Start a browser without a window; it asks nobody but the pages for anything."""
    browser, driver = find()
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in FLAGS:
        options.add_argument(flag)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # which refuses to start for root
    options.set_capability("goog:loggingPrefs", {"browser": "WARNING"})
    session = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield session
    finally:
        session.quit()


class Compressing(SimpleHTTPRequestHandler):
    """Serve a folder as public hosts do: text compressed, 404.html where nothing is."""

    def do_GET(self):
        """Answer with a file."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        status = 200 if path.is_file() else 404
        path = path if status == 200 else Path(self.directory) / "404.html"
        body = path.read_bytes() if path.is_file() else b""
        kind = self.guess_type(path)
        self.send_response(status)
        if any(word in kind for word in COMPRESSED):
            body = compress(body)
            self.send_header("Content-Encoding", "gzip")
            kind += "; charset=utf-8"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Say nothing."""


@contextmanager
def served(folder):
    """Serve a folder; gives its address, without a slash at the end."""
    handler = functools.partial(Compressing, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def open_page(browser, server, path, *, dark=False, width=1200, reduced_motion=False, script=True):
    """Open a page as a reader meets it for the first time, with the settings of their system."""
    features = {
        "prefers-color-scheme": "dark" if dark else "light",
        "prefers-reduced-motion": "reduce" if reduced_motion else "no-preference",
    }
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    commands = {
        "Emulation.setDeviceMetricsOverride": screen,
        "Emulation.setEmulatedMedia": {
            "features": [{"name": name, "value": value} for name, value in features.items()]
        },
        "Emulation.setScriptExecutionDisabled": {"value": not script},
        "Storage.clearDataForOrigin": {"origin": server, "storageTypes": "local_storage"},
    }
    for command, arguments in commands.items():
        browser.execute_cdp_cmd(command, arguments)
    console(browser)
    browser.get(f"{server}/{path}")


def console(browser):
    """Read the errors and warnings of the console since it was last read."""
    return [entry["message"] for entry in browser.get_log("browser")]


def loaded(browser):
    """List what the open page has loaded, itself first: address, status, bytes on the wire."""
    return browser.execute_script("""
        return ["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
            .map(entry => [entry.name, entry.responseStatus, entry.transferSize]);
    """)


def weigh(browser, server, path):
    """Count the requests of a page and the bytes that they bring, with nothing kept from before."""
    browser.execute_cdp_cmd("Network.clearBrowserCache", {})
    open_page(browser, server, path)
    sizes = [size for _, _, size in loaded(browser)]
    return len(sizes), sum(sizes)


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "_build" / "html")
    print(f"{'page':24}{'requests':>10}{'kB':>8}")
    with served(folder) as server, started() as browser:
        for page in [page for _, pages in contents() for page in pages] + ["search.html"]:
            requests, size = weigh(browser, server, page)
            print(f"{page:24}{requests:10}{size / 1000:8.0f}")
