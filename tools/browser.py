"""Selenium browser, for the browser tests and the PDF.

``python -m tools.browser`` prints how many requests and bytes each page of the built book in
``_build/html`` needs, with compression.
"""

import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import yaml
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from tools.serving import serve

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
SECONDS = 300  # that a script may take, as axe does on a slow machine; selenium's default is 30
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


def table_of_contents():
    """Yield the parts of the book from _toc.yml: caption, and pages in order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    yield None, [f"{toc['root']}.html"]
    for part in toc["parts"]:
        yield part["caption"], [f"{chapter['file']}.html" for chapter in part["chapters"]]


def program_version(program):
    """Return the major version of a program; None if it is not installed."""
    if not (path := shutil.which(program)):
        return None
    output = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"(\d+)\.\d", output)
    return number and number[1]


def find_browser():
    """Return the paths of a browser and of a driver of the same version, which it needs."""
    drivers = ["chromedriver", f"{os.environ.get('CHROMEWEBDRIVER', '')}/chromedriver"]
    versions = {program: program_version(program) for program in (*BROWSERS, *drivers)}
    for browser in BROWSERS:
        for driver in drivers:
            if versions[browser] and versions[browser] == versions[driver]:
                return shutil.which(browser), shutil.which(driver)
    raise RuntimeError(
        MISSING.format({name: number for name, number in versions.items() if number})
    )


@contextmanager
def start_browser():
    """Start a headless browser that makes no requests except for the pages."""
    browser, driver = find_browser()
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in FLAGS:
        options.add_argument(flag)
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # Windows has no such function
        options.add_argument("--no-sandbox")  # the sandbox does not start for root
    options.set_capability("goog:loggingPrefs", {"browser": "WARNING"})
    session = webdriver.Chrome(options=options, service=Service(driver))
    session.set_script_timeout(SECONDS)
    try:
        yield session
    finally:
        session.quit()


def open_page(browser, server, path, *, dark=False, width=1200, reduced_motion=False, script=True):
    """Open a page as a first-time reader with these system settings sees it."""
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
    browser.get("about:blank")
    console(browser)  # what the page before said, also as it was left
    browser.get(f"{server}/{path}")


def wait_for_element(browser, name):
    """Wait until a custom element is defined: the scripts of a notebook import after loading."""
    browser.execute_async_script(
        "const [name, done] = arguments; customElements.whenDefined(name).then(() => done());", name
    )


def console(browser):
    """Return the errors and warnings of the console since the last call."""
    return [entry["message"] for entry in browser.get_log("browser")]


def loaded_resources(browser):
    """Return what the open page has loaded, itself first: address, status, bytes transferred."""
    return browser.execute_script("""
        return ["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
            .map(entry => [entry.name, entry.responseStatus, entry.transferSize]);
    """)


def page_weight(browser, server, path):
    """Return the numbers of requests and of bytes of a page, with an empty cache."""
    browser.execute_cdp_cmd("Network.clearBrowserCache", {})
    open_page(browser, server, path)
    sizes = [size for _, _, size in loaded_resources(browser)]
    return len(sizes), sum(sizes)


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "_build" / "html")
    print(f"{'page':24}{'requests':>10}{'kB':>8}")
    with serve(folder) as server, start_browser() as browser:
        for page in [page for _, pages in table_of_contents() for page in pages] + ["search.html"]:
            requests, size = page_weight(browser, server, page)
            print(f"{page:24}{requests:10}{size / 1000:8.0f}")
