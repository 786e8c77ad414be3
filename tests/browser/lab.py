"""JupyterLab in the browser: a server on a folder of notebooks, and what a user does and sees."""

import os
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from urllib.error import URLError
from urllib.request import urlopen

from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from convlib import web
from tools.browser import open_page

SECONDS = 180  # that anything may take at most
# Folders of the server by their variables, so that no setting of the user counts.
FOLDERS = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
}
# What a user sees of each cell: JupyterLab renders only those on the screen, unless told to.
VISIBLE = """
const style = document.createElement("style");
style.textContent = ".jp-Notebook * { content-visibility: visible !important; }";
document.head.append(style);
const text = (cell, selector) =>
  [...cell.querySelectorAll(selector)].map((element) => element.innerText).join("\\n").trim();
const seen = [...document.querySelectorAll(".jp-Notebook .jp-Cell")].map((cell) => ({
  code: text(cell, ".jp-CodeCell .jp-Cell-inputWrapper :is(.cm-content, .jp-InputPlaceholder)"),
  markdown: text(cell, ".myst"),
  output: text(cell, ".jp-Cell-outputWrapper"),
  formulas: cell.querySelectorAll(".katex").length,
  warnings: [...cell.querySelectorAll(".myst :is([class*=text-yellow-], [class*=text-red-])")]
    .map((element) => element.parentElement.innerText),
  errors: text(cell, "[data-mime-type$=stderr], [data-mime-type$='.error']"),
}));
style.remove();
return seen;
"""
IDLE = "document.querySelector('.jp-Notebook-ExecutionIndicator').dataset.status === 'idle'"


def free_port():
    """Return a port that no server uses."""
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


@contextmanager
def serve_notebooks(notebooks, folder, python=sys.executable):
    """Start JupyterLab on a folder of notebooks; yields its address.

    Its settings, and its log, are written to another folder. With `python`, it is that of
    another environment.
    """
    address = f"http://127.0.0.1:{(port := free_port())}"
    environment = {name: value for name, value in os.environ.items() if name not in web.OFF}
    if python != sys.executable:
        environment.pop("PYTHONPATH", None)
    environment |= {name: str(folder / path) for name, path in FOLDERS.items()}
    command = [python, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    command += [f"--ServerApp.root_dir={notebooks}", "--IdentityProvider.token="]
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            for _ in range(10 * SECONDS):
                assert server.poll() is None, (folder / "log.txt").read_text()
                try:
                    urlopen(f"{address}/api/status")
                    break
                except URLError:
                    time.sleep(0.1)
            yield address
        finally:
            server.terminate()
            server.wait(SECONDS)


class Notebook:
    """A notebook that is open in JupyterLab."""

    def __init__(self, browser, address, name, cells):
        self.browser = browser
        open_page(browser, address, f"lab/tree/{name}?reset")
        self.wait(f"""
            const cells = [...document.querySelectorAll(".jp-Notebook .jp-Cell")];
            const text = cells.map((cell) => cell.textContent).join();
            const unchanged = text === globalThis.textBefore;
            globalThis.textBefore = text;
            return unchanged && cells.length === {cells}
              && cells.every((cell) => !cell.matches(".jp-MarkdownCell:not(:has(.myst *))"))
              && {IDLE};
        """)

    def wait(self, script):
        """Wait until a script returns a true value."""
        WebDriverWait(self.browser, SECONDS).until(lambda browser: browser.execute_script(script))

    def cells(self):
        """Return what is visible of each cell."""
        return self.browser.execute_script(VISIBLE)

    def execution_counts(self):
        """Return the counts before the cells whose code is not folded."""
        return self.browser.execute_script(
            "return [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
            ".map((prompt) => prompt.textContent).filter((text) => text)"
        )

    def command(self, menu, command):
        """Choose a command in a menu."""
        label = f"//*[contains(@class, 'lm-MenuBar-itemLabel') and text()='{menu}']"
        self.browser.find_element(By.XPATH, label).click()
        item = f".lm-Menu-item[data-command='{command}']"
        WebDriverWait(self.browser, SECONDS).until(
            lambda browser: browser.find_element(By.CSS_SELECTOR, item)
        ).click()

    def run_all(self):
        """Run all cells, and wait for the last one."""
        self.browser.execute_script("""
            globalThis.busy = false;
            const indicator = document.querySelector(".jp-Notebook-ExecutionIndicator");
            new MutationObserver(() => { globalThis.busy ||= indicator.dataset.status === "busy"; })
              .observe(indicator, { attributes: true });
        """)
        self.command("Run", "runmenu:run-all")
        self.wait(
            "return globalThis.busy && ![...document.querySelectorAll('.jp-InputPrompt')]"
            ".some((prompt) => prompt.textContent.includes('*'))"
            f" && {IDLE}"
        )

    def find(self, selector):
        """Return an element of the notebook, in the middle of the window."""
        element = self.browser.find_element(By.CSS_SELECTOR, f".jp-Notebook {selector}")
        self.browser.execute_script("arguments[0].scrollIntoView({ block: 'center' })", element)
        return element

    def save(self):
        """Save the notebook, as Ctrl+S does."""
        self.command("File", "docmanager:save")
        self.wait("return !document.querySelector('.lm-TabBar-tab.jp-mod-dirty')")
