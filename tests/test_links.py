"""The check of public addresses, on a server of this machine; and the newest requirements."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import nbformat
import pytest

from tools import links, newest

ROOT = Path(__file__).parents[1]


class Answers(BaseHTTPRequestHandler):
    """Answer with the status that the path names."""

    asked: list[str] = []  # noqa: RUF012

    def do_GET(self):
        """Send no more than the status."""
        self.asked.append(self.path)
        self.send_response(int(self.path[1:4]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        """Log nothing."""


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[a](https://a.org/b), see", ["https://a.org/b"]),
        ("(https://a.org/b_(c)).", ["https://a.org/b_(c)"]),
        ("https://a.org/b#part. And", ["https://a.org/b"]),
        ("`https://a.org`", ["https://a.org"]),
        ("https://example.com/a https://docs.example.org http://127.0.0.1:8000", []),
        ("http://localhost:8888/lab and a/b.html", []),
    ],
)
def test_addresses_are_found_in_sentences(text, found):
    assert links.addresses(text) == found


@pytest.mark.parametrize(
    ("status", "reason"),
    [(200, None), (403, None), (429, None), (404, "404 Not Found"), (500, "500 Internal")],
)
def test_an_address_that_does_not_answer_has_a_reason(server, status, reason):
    said = links.failure(f"{server}/{status}")
    assert said is None if reason is None else said.startswith(reason)


def test_a_server_that_is_not_there_has_a_reason():
    assert "refused" in links.failure("http://127.0.0.1:9/", tries=1).lower()


def test_the_pages_of_a_link_that_fails_are_named(server, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(links, "addresses", lambda text: text.split())
    cells = [
        nbformat.v4.new_markdown_cell(f"{server}/200 {server}/404"),
        nbformat.v4.new_code_cell(f"{server}/500"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    (tmp_path / "b.md").write_text(f"{server}/404")
    assert links.main([tmp_path / "a.ipynb", tmp_path / "b.md"]) == 1
    assert capsys.readouterr().out == (
        f"{server}/404: 404 Not Found (a.ipynb, b.md)\n1 of 2 addresses do not answer\n"
    )
    (tmp_path / "b.md").write_text(f"{server}/200")
    assert links.main([tmp_path / "b.md"]) == 0


def test_the_links_of_every_page_are_checked():
    pages = links.pages()
    assert len(pages) > 20
    assert len({address for path in pages for address in links.addresses(links.text_of(path))}) > 50


def test_the_newest_requirements_have_no_version_except_what_must_stay():
    names = newest.newest((ROOT / "requirements.txt").read_text())
    assert {"numpy", "torch", "pytest"} <= set(names)
    assert [name for name in names if "=" in name] == ["jupyter-book==1.0.4.post1"]
