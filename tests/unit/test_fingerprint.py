"""The word by which open pages learn that another one would be served now."""

from dash import html

from web.fingerprint import fingerprint

PAGE = html.Div([html.Span("a")], id="x")


def test_the_same_page_has_the_same_word_and_any_other_another(tmp_path):
    (tmp_path / "js").mkdir()
    (tmp_path / "js/a.js").write_text("1")
    first = fingerprint(tmp_path, PAGE, b"ground")
    assert first == fingerprint(tmp_path, html.Div([html.Span("a")], id="x"), b"ground")
    seen = {first, fingerprint(tmp_path, html.Div([html.Span("b")], id="x"), b"ground"), fingerprint(tmp_path, PAGE)}
    (tmp_path / "js/a.js").write_text("2")
    seen.add(fingerprint(tmp_path, PAGE, b"ground"))
    (tmp_path / "js/a.js").rename(tmp_path / "js/b.js")
    seen.add(fingerprint(tmp_path, PAGE, b"ground"))
    assert len(seen) == 5


def test_parts_do_not_run_into_each_other(tmp_path):
    assert fingerprint(tmp_path, PAGE, b"ab", b"c") != fingerprint(tmp_path, PAGE, b"a", b"bc")


def test_fonts_count_by_name_and_size(tmp_path):
    font = tmp_path / "a.woff2"
    font.write_bytes(b"12")
    before = fingerprint(tmp_path, PAGE)
    font.write_bytes(b"123")
    assert fingerprint(tmp_path, PAGE) != before
