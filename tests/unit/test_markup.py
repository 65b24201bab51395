"""The panels as plain HTML say what they said as components, and what is hostile in them stays text."""

from html.parser import HTMLParser

import dash_leaflet as dl
import pytest
from dash import html
from hypothesis import given
from hypothesis import strategies as st

from components import ids, layout, markup

TEXTS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\r"), max_size=30)


class Read(HTMLParser):
    """Elements as (tag, attributes, depth) and the text, in their order."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.elements, self.words, self.depth = [], [], 0
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), self.depth))
        self.depth += 1

    def handle_endtag(self, tag):
        self.depth -= 1

    def handle_data(self, data):
        self.words.append(data)


def elements(component):
    return [component, *(one for one in component._traverse() if hasattr(one, "_type"))]


@given(TEXTS, TEXTS)
def test_words_stay_words(text, said):
    read = Read(markup.text_of(html.P([html.B(text, title=said)], className="<p>")))
    assert [tag for tag, _, _ in read.elements] == ["p", "b"]
    assert read.elements[0][1] == {"class": "<p>"}
    assert read.elements[1][1] == {"title": said}
    assert "".join(read.words) == text


def test_what_is_true_stands_alone_and_what_is_false_is_left_out():
    part = html.Button("×", disabled=True, hidden=False, tabIndex=0, **{"data-t": "close", "aria-pressed": "false"})
    assert markup.text_of(part) == '<button aria-pressed="false" data-t="close" disabled tabindex="0">×</button>'


def test_what_html_cannot_say_is_an_error():
    with pytest.raises(ValueError, match="Div: style"):
        markup.text_of(html.Div(style={"color": "red"}))


def test_every_panel_is_lifted_and_the_map_is_not():
    whole = layout.build(title_zh="一张图", title_en="One Map")
    shell = layout.build(title_zh="一张图", title_en="One Map")
    read = Read(markup.lifted(shell))
    kept = elements(shell)
    ids_of = [getattr(one, "id", None) for one in kept]
    assert {ids.WALL, ids.MAP, ids.STARTED, ids.TEXTS, ids.LEFT, ids.RIGHT, ids.BELOW, ids.HEADER} <= set(ids_of)
    lifted = [(tag, attrs) for tag, attrs, _ in read.elements if tag != "template"]
    assert len(lifted) + len(kept) == len(elements(whole))
    named = {attrs["id"] for _, attrs in lifted if "id" in attrs}
    assert named | {one for one in ids_of if one} == {one.id for one in elements(whole) if getattr(one, "id", None)}


def test_each_template_has_one_place():
    shell = layout.build(title_zh="一张图", title_en="One Map")
    read = Read(markup.lifted(shell))
    templates = [attrs["data-lifted"] for tag, attrs, depth in read.elements if tag == "template" and depth == 0]
    places = [one.to_plotly_json()["props"].get("data-lift") for one in elements(shell)]
    assert templates == [place for place in places if place is not None]
    assert len(set(templates)) == len(templates) >= 4


def test_a_map_among_html_stays_a_component():
    page = html.Div([html.Main([dl.Map(id="map"), html.P("a"), html.Div([html.P("b")])])])
    expected = '<template data-lifted="0">a</template><template data-lifted="1"><p>b</p></template>'
    assert markup.lifted(page) == expected
    assert [one._type for one in elements(page)] == ["Div", "Main", "MapContainer", "P", "Div"]


def test_what_a_callback_names_stays_a_component():
    page = html.Div([html.Section([html.Div([html.B("a")]), html.P([html.I("b", id="named")])])])
    assert markup.lifted(page, {"named"}) == '<template data-lifted="0"><b>a</b></template>'
    assert [one._type for one in elements(page)] == ["Div", "Section", "Div", "P", "I"]


def test_panels_with_callbacks_say_their_ids(monkeypatch):
    assert layout.called() == frozenset()
    panel = next(module for module in layout.modules() if module.PANEL.name == "search")
    monkeypatch.setattr(panel, "register", lambda app: None, raising=False)
    assert ids.SEARCH in layout.called()
    shell = layout.build(title_zh="一张图", title_en="One Map")
    markup.lifted(shell, layout.called())
    assert ids.SEARCH in {getattr(one, "id", None) for one in elements(shell)}
