"""Serve a folder on this machine as public hosts do."""

import functools
import gzip
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

KEPT = "max-age=600"  # as GitHub Pages says; here pages change, but not what they load
COMPRESSED = ("text/", "application/json", "application/xml", "image/svg+xml", "javascript")

compress = functools.cache(gzip.compress)


class CompressingHandler(SimpleHTTPRequestHandler):
    """Serve a folder as public hosts do: text compressed, 404.html for unknown paths.

    A connection is kept for several requests, and a browser may keep what pages load.
    """

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Send a file."""
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
        if status == 200 and path.suffix != ".html":
            self.send_header("Cache-Control", KEPT)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Log nothing."""


@contextmanager
def serve(folder):
    """Serve a folder; yields its address, without a slash at the end."""
    handler = functools.partial(CompressingHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
