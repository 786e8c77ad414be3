"""Print the built book: each page by the browser, joined into one PDF with bookmarks and links.

``python -m tools.pdf _build/html _build/conv2d.pdf``
"""

import base64
import io
import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag

import yaml
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import Fit

from tools.browser import ROOT, contents, open_page, served, started

A4 = {"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": True, "generateTaggedPDF": False}
SIDES = ("marginTop", "marginBottom", "marginLeft", "marginRight")

# Opens what is folded. And lays a link to itself, too small to see, at all that can be linked
# to: the browser writes down where a name is only if something on the same page leads there.
PREPARE = """
    for (const folded of document.querySelectorAll("details")) folded.open = true;
    for (const moving of document.getAnimations()) moving.finish();
    for (const target of document.querySelectorAll("article [id]:not(svg *, math *)")) {
        const link = document.createElement("a");
        link.href = "#" + target.id;
        link.style = "position: absolute; width: 1px; height: 1px";
        target.prepend(link);
    }
    const title = document.querySelector("article h1").cloneNode(true);
    for (const link of title.querySelectorAll("a")) link.remove();
    document.fonts.ready.then(() => arguments[0](title.textContent.trim()));
"""
NUMBERS = """
    document.body.style = "margin: 0; font: 9pt sans-serif; text-align: center; color: #555";
    for (let number = 1; number <= arguments[0]; number++) {
        const page = document.createElement("div");
        page.style = "padding-top: 11.15in; break-after: page";
        page.textContent = number;
        document.body.append(page);
    }
"""


def printed(browser, margin):
    """Print the open page on A4, with a margin in inches."""
    how = {**A4, **dict.fromkeys(SIDES, margin)}
    data = browser.execute_cdp_cmd("Page.printToPDF", how)["data"]
    return PdfReader(io.BytesIO(base64.b64decode(data)))


def links(page, path):
    """Take the links off a printed page: where each is, and where it leads."""
    for reference in page.pop("/Annots", ()):
        note = reference.get_object()
        left, bottom, right, top = (float(number) for number in note["/Rect"])
        if right - left > 2:  # or it is one of those that were laid
            inside = note.get("/Dest")
            yield (
                (left, bottom, right, top),
                path + inside.replace("/", "#", 1) if inside else note["/A"]["/URI"],
            )


def make_pdf(browser, server, target):
    """Print the book that a server shows into a file."""
    writer = PdfWriter()
    found = []  # of each link: number of its page, where on it, address
    places = {}  # of each page of the book, and of each name on it: number of the page, where
    for caption, pages in contents():
        part = None
        for path in pages:
            open_page(browser, server, path)
            title = browser.execute_async_script(PREPARE)
            document = printed(browser, 0.6)
            first = len(writer.pages)
            places[path] = first, Fit.fit()
            for name, place in document.named_destinations.items():
                number = first + document.get_destination_page_number(place)
                places[path + name.replace("/", "#", 1)] = number, Fit.xyz(place.left, place.top)
            for number, page in enumerate(document.pages, first):
                found += [(number, *link) for link in links(page, path)]
                writer.add_page(page)
            if caption and not part:
                part = writer.add_outline_item(title=caption, page_number=first)
            writer.add_outline_item(title=title, page_number=first, parent=part)

    for number, where, address in found:
        inside = unquote(address.removeprefix(f"{server}/"))
        page, fit = places.get(inside) or places.get(urldefrag(inside).url) or (None, None)
        if page is not None:
            writer.add_annotation(number, Link(rect=where, target_page_index=page, fit=fit))
        elif not address.startswith(server):  # files beside the pages are not in the PDF
            writer.add_annotation(number, Link(rect=where, url=address))

    browser.get("about:blank")
    browser.execute_script(NUMBERS, len(writer.pages))
    for page, number in zip(writer.pages, printed(browser, 0).pages, strict=True):
        page.merge_page(number)
        page.compress_content_streams()
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    writer.add_metadata({"/Title": config["title"], "/Author": config["author"]})
    writer.compress_identical_objects()
    writer.write(target)


if __name__ == "__main__":
    folder, target = (Path(word) for word in sys.argv[1:])
    with served(folder) as server, started() as browser:
        make_pdf(browser, server, target)
    print(f"{target}: {len(PdfReader(target).pages)} pages, {target.stat().st_size / 1e6:.1f} MB")
