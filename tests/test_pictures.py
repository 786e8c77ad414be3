"""Committed pictures are those that the committed code draws, pixel by pixel."""

import base64
import json
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import yaml
from PIL import Image, ImageDraw

from tools import card
from tools.bench import figures
from tools.strict_nbval import picture_difference

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "book" / "_static"
COMMANDS = {
    "bench.png": "python -m tools.bench --report",
    "scaling.png": "python -m tools.bench --report",
    "card.png": "python -m tools.card",
    "conv2d.png": "python -m tools.card",
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Draw all pictures again, into another folder."""
    plt.switch_backend("agg")
    folder = tmp_path_factory.mktemp("pictures")
    figures.draw(json.loads((FOLDER / "bench.json").read_text()), folder)
    card.write(folder)
    return folder


def difference(one, other):
    return picture_difference(*(base64.b64encode(path.read_bytes()) for path in (one, other)))


def test_every_committed_picture_is_drawn_again(drawn):
    committed = {path.name for path in FOLDER.rglob("*.png")}
    assert committed == {path.name for path in drawn.iterdir()} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_committed_picture_is_the_one_drawn_again(drawn, name):
    message = difference(drawn / name, FOLDER / name)
    assert message is None, f"{message}; if that is meant: {COMMANDS[name]}"


@pytest.mark.parametrize("name", COMMANDS)
def test_one_changed_pixel_would_be_found(drawn, name, tmp_path):
    image = Image.open(drawn / name)
    ImageDraw.Draw(image).point((40, 40), fill=(90, 90, 90, 255))
    image.save(tmp_path / name, dpi=image.info["dpi"])
    assert "1 pixels differ" in difference(tmp_path / name, FOLDER / name)


@pytest.mark.parametrize("name", ["bench.png", "scaling.png"])
def test_the_pictures_of_the_benchmark_are_small_files(name):
    assert (FOLDER / name).stat().st_size < 160_000


def test_the_card_has_the_size_that_sites_ask_for_and_the_title_of_the_book():
    with Image.open(FOLDER / "card.png") as image:
        assert image.size == (1200, 630)
    written = " ".join(text.get_text() for text in card.draw_card().texts)
    assert written.startswith(yaml.safe_load((ROOT / "_config.yml").read_text())["title"])


def test_the_pictures_are_shown():
    readme = (ROOT / "README.md").read_text()
    assert "](book/_static/conv2d.png)" in readme
    assert "](book/_static/bench.png)" in readme
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    assert config["sphinx"]["config"]["ogp_image"] == "_static/card.png"
