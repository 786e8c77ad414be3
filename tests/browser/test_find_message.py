"""The field on the errors page: it finds the row of a message and names its numbers."""

import re

import pytest
from taught import ROOT
from test_errors_page import INDEX, MESSAGES, pattern, provoked, section

from tools.browser import console, open_page

pytestmark = pytest.mark.browser

PAGE = "book/errors.html"
SCRIPT = (ROOT / "book" / "_static" / "find-message.js").read_text()
PASTE = """
    const field = document.getElementById("message");
    const answer = field.parentElement.querySelector(".answer");
    return arguments[0].map(message => {
        field.value = message;
        field.dispatchEvent(new Event("input"));
        return {
            links: [...answer.querySelectorAll("p:has(strong) > a:last-of-type")]
                .map(link => link.hash.slice(1)),
            marks: [...answer.querySelectorAll(".message mark")].map(mark => mark.textContent),
            meanings: [...answer.querySelectorAll("li")].map(item => item.textContent),
            text: answer.textContent,
        };
    });
"""


def paste(browser, *messages):
    """Paste messages into the field of the open page; return what it answers to each."""
    return browser.execute_script(PASTE, messages)


@pytest.fixture
def page(browser, server):
    open_page(browser, server, PAGE)
    yield browser
    assert console(browser) == []


def test_every_message_finds_its_rows_of_the_index(page):
    messages = [message for message, _ in provoked()]
    messages += [message for of_section in MESSAGES.values() for message in of_section]
    for message, answer in zip(messages, paste(page, *messages), strict=True):
        assert answer["links"] == [section(row) for row in INDEX if pattern(row).search(message)]
        assert " ".join(message.split()) in answer["text"]


def test_the_numbers_of_a_message_are_named(page):
    (answer,) = paste(
        page,
        "RuntimeError: Given groups=2, weight of size [8, 4, 3, 3], expected\n"
        "    input[1, 6, 9, 9] to have 8 channels, but got 6 channels instead",
    )
    assert answer["marks"] == ["2", "8", "4", "1, 6, 9, 9", "8", "6"]
    assert (
        answer["meanings"][4] == "8: channels that the weight reads: the third number times groups"
    )
    assert len(answer["meanings"]) == 6


def test_every_list_of_meanings_belongs_to_a_message_of_the_page(page):
    answers = paste(page, *(message for message, _ in provoked()))
    named = {tuple(item.partition(": ")[2] for item in answer["meanings"]) for answer in answers}
    assert len(named - {()}) == len(re.findall(r"^    \[/", SCRIPT, re.MULTILINE))


def test_a_message_about_another_device_finds_the_table_of_devices(page):
    (answer,) = paste(page, "RuntimeError: CUDA out of memory. Tried to allocate 20.00 MiB")
    assert "a smaller batch" in answer["text"]


def test_another_text_is_in_no_row_and_none_clears_the_answer(page):
    other, none = paste(page, "KeyError: 'image'", "  ")
    assert other["text"].startswith("No row of the index contains this message.")
    assert none["text"] == ""


def test_without_scripts_there_is_no_field_and_the_index_is_whole(browser, server):
    open_page(browser, server, PAGE, script=False)
    source = browser.page_source
    assert 'id="message"' not in source
    assert 'class="find-message"' in source
    assert source.count("not reproduced by us") == 1
