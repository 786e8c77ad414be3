"""Print the built book as one PDF with bookmarks and links.

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

from tools.browser import ROOT, open_page, serve, start_browser, table_of_contents

A4 = {"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": True, "generateTaggedPDF": False}
SIDES = ("marginTop", "marginBottom", "marginLeft", "marginRight")

# Opens folded elements, and adds an invisible link to each possible link target: the browser
# stores the position of a target only if a link on the same page leads to it.
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


def print_page(browser, margin):
    """Print the open page as a PDF of A4 pages, with a margin in inches."""
    options = {**A4, **dict.fromkeys(SIDES, margin)}
    data = browser.execute_cdp_cmd("Page.printToPDF", options)["data"]
    return PdfReader(io.BytesIO(base64.b64decode(data)))


def extract_links(page, path):
    """Remove the links of a printed page; yield rectangle and address of each."""
    for reference in page.pop("/Annots", ()):
        note = reference.get_object()
        left, bottom, right, top = (float(number) for number in note["/Rect"])
        if right - left > 2:  # else it is an invisible one
            destination = note.get("/Dest")
            yield (
                (left, bottom, right, top),
                path + destination.replace("/", "#", 1) if destination else note["/A"]["/URI"],
            )


def make_pdf(browser, server, target):
    """Print the pages of a served book into one file."""
    writer = PdfWriter()
    found_links = []  # for each link: page number, rectangle, address
    destinations = {}  # for each page of the book, and each target on it: page number, position
    for caption, pages in table_of_contents():
        part = None
        for path in pages:
            open_page(browser, server, path)
            title = browser.execute_async_script(PREPARE)
            document = print_page(browser, 0.6)
            first = len(writer.pages)
            destinations[path] = first, Fit.fit()
            for name, place in document.named_destinations.items():
                number = first + document.get_destination_page_number(place)
                destinations[path + name.replace("/", "#", 1)] = (
                    number,
                    Fit.xyz(place.left, place.top),
                )
            for number, page in enumerate(document.pages, first):
                found_links += [(number, *link) for link in extract_links(page, path)]
                writer.add_page(page)
            if caption and not part:
                part = writer.add_outline_item(title=caption, page_number=first)
            writer.add_outline_item(title=title, page_number=first, parent=part)

    for number, where, address in found_links:
        destination = unquote(address.removeprefix(f"{server}/"))
        page, fit = (
            destinations.get(destination)
            or destinations.get(urldefrag(destination).url)
            or (None, None)
        )
        if page is not None:
            writer.add_annotation(number, Link(rect=where, target_page_index=page, fit=fit))
        elif not address.startswith(server):  # files beside the pages are not in the PDF
            writer.add_annotation(number, Link(rect=where, url=address))

    browser.get("about:blank")
    browser.execute_script(NUMBERS, len(writer.pages))
    for page, number in zip(writer.pages, print_page(browser, 0).pages, strict=True):
        page.merge_page(number)
        page.compress_content_streams()
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    writer.add_metadata({"/Title": config["title"], "/Author": config["author"]})
    writer.compress_identical_objects()
    writer.write(target)


if __name__ == "__main__":
    folder, target = (Path(word) for word in sys.argv[1:])
    with serve(folder) as server, start_browser() as browser:
        make_pdf(browser, server, target)
    print(f"{target}: {len(PdfReader(target).pages)} pages, {target.stat().st_size / 1e6:.1f} MB")
