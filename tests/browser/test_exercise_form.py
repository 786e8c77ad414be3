"""Exercises on a page: answers, hints, worked answers, what is remembered, progress."""

import json

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from test_pages_in_browser import WIDER, findings

from convlib import web
from convlib.exercises import networks, separable, stride, window
from convlib.exercises.checking import encode
from tools.browser import console, open_page, serve, wait_for_element

pytestmark = pytest.mark.browser

PAGE = "book/stride.html"
CHOICE = "book/separable.html"  # its first exercise is a choice
# Parts of forms to which a reader would have to scroll sideways.
BEYOND = """
    const parts = document.querySelectorAll("exercise-form :is(input, button, label, p, span)");
    return [...parts].filter(part => part.getBoundingClientRect().right > arguments[0]);
"""
PROGRESS = "#exercises > .exercise-progress"


@pytest.fixture
def page(browser, server):
    open_page(browser, server, PAGE)
    yield browser
    assert console(browser) == []


def find(browser, number, name="check"):
    """Return the form of an exercise, in the middle of the window."""
    selector = f'exercise-form[name="{name}"][number="{number}"]'
    form = browser.find_element(By.CSS_SELECTOR, selector)
    browser.execute_script("arguments[0].scrollIntoView({ block: 'center' })", form)
    return form


def fields(form):
    return form.find_elements(By.CSS_SELECTOR, "input")


def press(element, text):
    """Click a button; it must not be below the header of the page."""
    button = element.find_element(By.XPATH, f".//button[. = '{text}']")
    element.parent.execute_script("arguments[0].scrollIntoView({ block: 'center' })", button)
    button.click()


def said(form):
    return form.find_element(By.CSS_SELECTOR, "[role=status]").text.splitlines()


def answer(form, *texts):
    """Type an answer and press Enter; return what is said."""
    for field, text in zip(fields(form), texts, strict=True):
        field.clear()
        field.send_keys(text)
    fields(form)[-1].send_keys(Keys.ENTER)
    return said(form)


def choose(form, letter):
    """Choose by mouse; return what is said."""
    (field,) = (field for field in fields(form) if field.get_attribute("value") == letter)
    field.click()
    press(form, "Check")
    return said(form)


def count(browser):
    return browser.find_element(By.CSS_SELECTOR, PROGRESS).text


def in_the_list(browser):
    """Return the numbers in the list of chapters, by the text of the link."""
    links = browser.find_elements(By.CSS_SELECTOR, "nav.bd-links a:has(> .exercise-count)")
    counts = [link.find_element(By.CSS_SELECTOR, "[aria-hidden]").text for link in links]
    return {link.accessible_name: shown for link, shown in zip(links, counts, strict=True)}


def test_answers_get_the_sentences_of_python(page):
    first = find(page, 1)
    for text in ("3", "(3,)", " 4 ", "10/3", "7", "three", ""):
        assert answer(first, text)[0] == stride.EXERCISES[1].feedback(text)
    assert "cannot be read" in said(first)[0]


def test_a_hint_follows_two_wrong_answers_whose_sentences_do_not_contain_it(page):
    form, exercise = find(page, 2), stride.EXERCISES[2]
    assert answer(form, "two") == [exercise.feedback("two")]  # is no try
    assert answer(form, "0") == [exercise.feedback("0")]
    assert answer(form, "1") == [exercise.feedback("1"), f"Hint: {exercise.hint}"]
    assert answer(form, "9") == [exercise.feedback("9")]
    assert exercise.hint in exercise.feedback("9")
    assert answer(form, "2") == [exercise.feedback("2")]


def test_a_choice_shows_its_options_beside_the_buttons(browser, server):
    open_page(browser, server, CHOICE)
    form, exercise = find(browser, 1), separable.EXERCISES[1]
    assert [field.accessible_name for field in fields(form)] == [
        "a: depthwise, with channel multiplier 2",
        "b: depthwise-separable",
        "c: pointwise",
        "d: a normal (dense) layer",
    ]
    options = browser.find_element(By.CSS_SELECTOR, ".exercise-options")
    assert not options.is_displayed()
    press(form, "Check")
    assert said(form) == [exercise.feedback("")]
    assert choose(form, "c") == [exercise.feedback("c")]
    assert choose(form, "a") == [exercise.feedback("a")]


def test_instead_of_writing_a_function_the_reader_predicts_an_array(page):
    form, exercise = find(page, 6), stride.EXERCISES[6].form
    assert exercise.code.splitlines()[0] in form.find_element(By.CSS_SELECTOR, "pre").text
    names = [field.accessible_name for field in fields(form)]
    assert names == [f"row {row}, column {column}" for row in (0, 1) for column in (0, 1)]
    assert answer(form, "12", "20", "52", "60") == [exercise.feedback("[[12, 20], [52, 60]]")]
    assert answer(form, "6", "8", "16", "") == [exercise.feedback("")]
    assert answer(form, "6", "8", " 16", "18.0") == [exercise.feedback(exercise.right)]


def test_a_question_inside_the_text_has_the_same_form(page):
    form, exercise = find(page, 1, "question"), stride.QUESTIONS[1]
    assert answer(form, "56") == ["Not 56: you moved one column, not two."]
    press(form, "Show the answer")
    assert said(form) == [f"The answer is 60: {exercise.because}"]
    assert answer(form, "60") == [exercise.feedback(60)]
    assert count(page) == ""  # it is none of the exercises


def test_the_design_of_a_network_is_asked_as_a_question_with_many_answers(browser, server):
    open_page(browser, server, "book/networks.html")
    form, exercise = find(browser, 4), networks.EXERCISES[4].form
    assert form.find_element(By.CSS_SELECTOR, "p code").text.startswith("Conv2d(3, 32, 3, ")
    for text in ("1, 2, 4", "(3, 3, 3)", "(2, 2, 2)", "(1, 2, 3)", "1", "(1, 2, 0)"):
        assert answer(form, text)[0] == exercise.feedback(text)
    press(form, "Show the worked answer")
    assert said(form)[0].startswith("An answer is (1, 2, 4): ")


def test_the_worked_answer_is_the_folded_cell_below(page):
    form = find(page, 5)
    folded = page.find_element(By.XPATH, "//details[contains(., 'torch.flatten(result)')]")
    assert not folded.get_property("open")
    press(form, "Show the worked answer")
    assert folded.get_property("open")
    assert said(form) == [f"The answer is 1352: {stride.EXERCISES[5].because}"]
    assert count(page) == ""  # looking is not answering


def test_answers_are_remembered_until_they_are_to_be_forgotten(page):
    answer(find(page, 1), "4")
    answer(find(page, 2), "0")
    answer(find(page, 2), "1")
    answer(find(page, 4), "(4, 4)")
    answer(find(page, 6), "6", "8", "16", "18")
    before = [said(find(page, number)) for number in (1, 2, 4, 6)]
    page.refresh()
    assert [said(find(page, number)) for number in (1, 2, 4, 6)] == before
    assert [field.get_property("value") for field in fields(find(page, 1))] == ["4"]
    assert [field.get_property("value") for field in fields(find(page, 4))] == ["(4, 4)"]
    assert [field.get_property("value") for field in fields(find(page, 6))] == [
        *("6", "8", "16", "18")
    ]
    hint = f"Hint: {stride.EXERCISES[2].hint}"
    assert answer(find(page, 2), "3") == [stride.EXERCISES[2].feedback("3"), hint]

    press(page.find_element(By.CSS_SELECTOR, PROGRESS), "Forget my answers")
    for reload in (False, True):
        if reload:
            page.refresh()
        for number in (1, 2, 4, 6):
            assert said(find(page, number)) == []
        assert fields(find(page, 1))[0].get_property("value") == ""
        assert not any(field.get_property("value") for field in fields(find(page, 6)))
        assert count(page) == ""
    assert answer(find(page, 2), "3") == [stride.EXERCISES[2].feedback("3")]  # the first try


def test_forgetting_leaves_other_chapters_alone(browser, server):
    open_page(browser, server, "book/window.html")
    answer(find(browser, 1), "2")
    browser.get(f"{server}/{PAGE}")
    answer(find(browser, 1), "3")
    press(browser.find_element(By.CSS_SELECTOR, PROGRESS), "Forget my answers")
    browser.get(f"{server}/book/window.html")
    assert said(find(browser, 1)) == [window.EXERCISES[1].feedback(2)]


def test_a_check_elsewhere_keeps_what_is_typed_here(page):
    fields(find(page, 3))[0].send_keys("2 and a ha")
    answer(find(page, 4), "nine")
    answer(find(page, 1), "3")
    assert fields(find(page, 3))[0].get_property("value") == "2 and a ha"
    assert said(find(page, 4)) == [stride.EXERCISES[4].feedback("nine")]


def test_progress_is_shown_above_the_exercises_and_in_the_list_of_chapters(page, server):
    assert (count(page), in_the_list(page)) == ("", {})
    answer(find(page, 1), "4")
    assert count(page).startswith("0 of 6 right.")
    assert in_the_list(page) == {"2. Stride , 0 of 6 exercises right": "0/6"}
    answer(find(page, 1), "3")
    answer(find(page, 4), "(4, 4)")
    answer(find(page, 3), "three")
    assert count(page).startswith("2 of 6 right.")
    for other in (PAGE, "book/intro.html", "book/reference.html", "book/padding.html"):
        page.get(f"{server}/{other}")
        assert in_the_list(page) == {"2. Stride , 2 of 6 exercises right": "2/6"}


def test_a_chapter_is_found_in_the_list_by_the_name_of_its_page(browser, server):
    names = {"window", "stride", "padding", "dilation", "groups", "separable", "networks"}
    names |= {"tiles", "transposed", "gradients", "columns", "errors"}
    stored = {"total": 9, "answers": {"check 1": {"entries": ["3"], "right": True, "wrong": 0}}}
    open_page(browser, server, PAGE)
    for name in names:
        arguments = f"convlib.exercises.{name}", json.dumps(stored)
        browser.execute_script("localStorage.setItem(arguments[0], arguments[1])", *arguments)
    browser.refresh()
    assert list(in_the_list(browser).values()) == len(names) * ["1/9"]


def test_what_is_stored_by_others_is_no_answer(page):
    for text in ("", "null", "7", "[1]", "{", '{"answers": 3}', '{"total": "x"}'):
        page.execute_script("localStorage.setItem('convlib.exercises.stride', arguments[0])", text)
        page.refresh()
        assert answer(find(page, 1), "3") == [stride.EXERCISES[1].feedback("3")]


def test_without_storage_answers_are_kept_while_the_page_is_open(browser, server):
    script = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
    command = "Page.addScriptToEvaluateOnNewDocument"
    added = browser.execute_cdp_cmd(command, {"source": script})
    try:
        open_page(browser, server, PAGE)
        assert answer(find(browser, 2), "0") == [stride.EXERCISES[2].feedback("0")]
        assert len(answer(find(browser, 2), "1")) == 2
        assert answer(find(browser, 1), "3") == [stride.EXERCISES[1].feedback("3")]
        assert count(browser).startswith("1 of 6 right.")
        press(browser.find_element(By.CSS_SELECTOR, PROGRESS), "Forget my answers")
        assert said(find(browser, 1)) == []
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    console(browser)  # the theme complains


def test_all_works_by_keyboard_in_the_order_of_the_page(browser, server):
    open_page(browser, server, CHOICE)
    page = browser
    page.execute_script("arguments[0].focus()", fields(find(page, 1))[0])
    active = page.switch_to.active_element
    active.send_keys(Keys.SPACE)
    active.send_keys(Keys.ARROW_DOWN)
    page.switch_to.active_element.send_keys(Keys.TAB)
    assert page.switch_to.active_element.text == "Check"
    page.switch_to.active_element.send_keys(Keys.ENTER)
    assert said(find(page, 1)) == [separable.EXERCISES[1].feedback("b")]
    page.switch_to.active_element.send_keys(Keys.TAB)
    assert page.switch_to.active_element.text == "Show the worked answer"
    page.switch_to.active_element.send_keys(Keys.SPACE)
    assert said(find(page, 1))[0].startswith("The answer is a: ")


def test_a_screen_reader_is_told_what_to_type_and_what_was_said(page):
    form = find(page, 1)
    inner = form.find_element(By.CSS_SELECTOR, "form")
    assert (inner.aria_role, inner.accessible_name) == ("form", "Exercise 1")
    (field,) = fields(form)
    assert field.accessible_name == "Your answer"
    described = page.find_element(By.ID, field.get_attribute("aria-describedby"))
    assert described.text == "a number, for example 12"
    status = form.find_element(By.CSS_SELECTOR, ".feedback")
    assert status.aria_role == "status"  # a polite live region, there before its text
    assert find(page, 1, "question").find_element(By.TAG_NAME, "form").accessible_name == (
        "Question 1"
    )
    identifiers = [each.get_attribute("id") for each in page.find_elements(By.CSS_SELECTOR, "[id]")]
    assert len(identifiers) == len(set(identifiers))


def fill(browser):
    """Bring forms into every state."""
    answer(find(browser, 1), "3")
    answer(find(browser, 2), "0")
    answer(find(browser, 2), "1")
    answer(find(browser, 3), "two")
    answer(find(browser, 4), "(4, 4)")
    answer(find(browser, 6), "6", "8", "16", "18")
    press(find(browser, 5), "Show the worked answer")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_forms_in_every_state_are_accessible(browser, server, dark):
    open_page(browser, server, PAGE, dark=dark)
    fill(browser)
    assert findings(browser) == []
    assert console(browser) == []


def test_forms_fit_a_narrow_page(browser, server):
    open_page(browser, server, PAGE, width=400)
    fill(browser)
    assert browser.execute_script(WIDER, 400) == []
    assert browser.execute_script(BEYOND, 400) == []


def test_the_form_takes_the_place_of_the_cell_except_on_paper(page):
    form = find(page, 1)
    cell = form.find_element(By.XPATH, "ancestor::div[contains(@class, 'cell ')]")
    code = cell.find_element(By.CSS_SELECTOR, ".cell_input")
    sentence = form.find_element(By.CSS_SELECTOR, "p")
    inner = form.find_element(By.CSS_SELECTOR, "form")
    shown = [code, sentence]
    for media, expected in (("screen", False), ("print", True)):
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})
        assert [each.is_displayed() for each in shown] == [expected] * 2
        assert inner.is_displayed() != expected
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_without_scripts_the_cell_and_a_sentence_are_shown(browser, server):
    open_page(browser, server, PAGE, script=False)
    text = browser.find_element(By.CSS_SELECTOR, "#exercises").text
    assert "check(1, None)" in text
    assert "Replace None by your answer, then run." in text


def of_separable(number):
    """Return the element that a notebook stores for an exercise."""
    exercise = separable.EXERCISES[number]
    attributes = {"chapter": "separable", "name": "check", "number": str(number), "total": "6"}
    attributes |= {"kind": exercise.kind, "data": encode(exercise)}
    return web.element("exercise-form", attributes, "<p>Run it.</p>")


@pytest.fixture
def notebook(browser, tmp_path):
    """Open a page with the cells, and the habits, of JupyterLab."""
    options = "".join(f'<li><code>"{letter}"</code> option {letter}</li>' for letter in "abcd")
    cells = [
        f"<p>Which?</p><ul>{options}</ul>",
        of_separable(1),
        '<div class="jp-Placeholder-content" onclick="this.remove()">...</div>',
        of_separable(2),
    ]
    body = "".join(f'<div class="jp-Cell">{cell}</div>' for cell in cells)
    text = (
        '<!doctype html><link rel="icon" href="data:,"><body onkeydown="event.preventDefault()" '
        "onbeforeinput=\"if (event.inputType === 'insertLineBreak') event.preventDefault()\">"
        f"{body}{web.scripts()}"
    )
    (tmp_path / "page.html").write_text(text)
    with serve(tmp_path) as address:
        open_page(browser, address, "page.html")
        wait_for_element(browser, "exercise-form")
        yield browser
        assert console(browser) == []


def test_in_a_notebook_the_options_and_the_folded_answer_are_in_other_cells(notebook):
    form = find(notebook, 1)
    assert fields(form)[1].accessible_name == "b: option b"
    press(form, "Show the worked answer")
    assert not notebook.find_elements(By.CSS_SELECTOR, ".jp-Placeholder-content")


def test_in_a_notebook_the_first_exercise_shows_progress(notebook):
    assert choose(find(notebook, 1), "b") == [separable.EXERCISES[1].feedback("b")]
    line = find(notebook, 1).find_element(By.CSS_SELECTOR, ".exercise-progress")
    assert line.text.startswith("0 of 6 right.")
    press(line, "Forget my answers")
    assert not any(field.get_property("checked") for field in fields(find(notebook, 1)))


def test_in_a_notebook_keys_in_a_form_are_no_commands(notebook):
    assert answer(find(notebook, 2), "4") == [separable.EXERCISES[2].feedback("4")]
    first, second, *_ = fields(find(notebook, 1))
    first.click()
    first.send_keys(Keys.ARROW_DOWN)
    assert second.get_property("checked")
    form = find(notebook, 1).find_element(By.CSS_SELECTOR, "form")
    assert form.get_attribute("data-lm-suppress-shortcuts") == "true"
