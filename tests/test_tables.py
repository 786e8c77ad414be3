"""Tables as text and as HTML."""

from html.parser import HTMLParser

from convlib.tables import html_table, text_table

ROWS = [("", "layer", "MACs"), ("a", "<&>", "7"), ("bcd", "", "1,234"), ("total", "", "1,241")]


def test_text_is_aligned_left_then_right_without_spaces_at_the_end():
    assert text_table(ROWS, left_columns=2).splitlines() == [
        "       layer   MACs",
        "a      <&>        7",
        "bcd           1,234",
        "total         1,241",
    ]
    assert text_table([("a", "b"), ("cc", "")], left_columns=2) == "a   b\ncc"
    assert text_table([("a", "b"), ("cc", "dd")], left_columns=0) == " a   b\ncc  dd"


def test_html_has_the_same_cells_and_escapes_them():
    cells, captions = [], []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag in ("td", "th"):
                cells.append([tag, dict(attrs).get("scope"), ""])
            self.tag = tag

        def handle_data(self, data):
            if self.tag in ("td", "th") and data.strip():
                cells[-1][2] += data
            if self.tag == "caption" and data.strip():
                captions.append(data)

    html = html_table(ROWS, "3 < 4", "some-class")
    assert "<td>&lt;&amp;&gt;</td>" in html
    assert "<caption>3 &lt; 4</caption>" in html
    Parser().feed(html)
    assert [text for _, _, text in cells] == [cell for row in ROWS for cell in row]
    assert captions == ["3 < 4"]
    scopes = {text: (tag, scope) for tag, scope, text in cells}
    assert scopes["layer"] == ("th", "col")
    assert scopes["bcd"] == ("th", "row")
    assert scopes["1,234"] == ("td", None)
