import json
import re
import subprocess

import pytest
from dash import dcc, html
from fastapi import FastAPI
from starlette.testclient import TestClient

from web.bundles import Bundles, namespaces_of, needed, register
from web.static import YEAR, cache_policy

TAGS = """<script src="/wall/_dash-component-suites/dash/deps/react.js"></script>
<script src="/wall/assets/js/a/one.js?m=12.5"></script>
<script src="/wall/assets/js/b/three.js?m=12.5"></script>
<script src="/wall/assets/js/a/two.js?m=12.5"></script>
<link rel="stylesheet" href="/wall/assets/css/x.css?m=1">"""


@pytest.fixture
def assets(tmp_path):
    files = {"js/a/one.js": "one();", "js/a/two.js": "two()", "js/b/three.js": "三()", "css/x.css": "x{}"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def urls(packed):
    return re.findall(r'(?:src|href)="([^"]+)"', packed)


def test_each_folder_is_one_file_at_the_place_of_its_first(assets):
    others, *packed = urls(Bundles(assets).packed(TAGS))
    assert others.endswith("react.js")
    assert [re.sub(r"all\.[0-9a-f]{16}", "all", url) for url in packed] == [
        "/wall/assets/js/a/all.js", "/wall/assets/js/b/all.js", "/wall/assets/css/all.css"]  # fmt: skip


def test_the_files_follow_one_another_as_the_page_names_them(assets):
    bundles = Bundles(assets)
    url = urls(bundles.packed(TAGS))[1]
    content = bundles.content("js/a", url.rsplit("/", 1)[-1]).decode()
    assert content.index("one();") < content.index("two()")
    assert "三" not in content


SCRIPTS = {
    "one.js": '"use strict";\n(() => { globalThis.told = [typeof (function () { return this; })()]; missing.word; })()',
    "two.js": "// a last line without an end\n(() => { told.push(2); })() // so",
}


def test_a_script_that_fails_ends_no_other(assets):
    for name, text in SCRIPTS.items():
        (assets / "js/a" / name).write_text(text)
    bundles = Bundles(assets)
    content = bundles.content("js/a", urls(bundles.packed(TAGS))[1].rsplit("/", 1)[-1]).decode()
    script = assets / "all.js"
    script.write_text(
        f"globalThis.reportError = (error) => told.push(error.message);\n{content}\nconsole.log(JSON.stringify(told));"
    )
    ran = subprocess.run(["node", script], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == ["undefined", "missing is not defined", 2]


def test_another_content_has_another_address(assets):
    before = urls(Bundles(assets).packed(TAGS))
    (assets / "js/b/three.js").write_text("3()", encoding="utf-8")
    after = urls(Bundles(assets).packed(TAGS))
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, True, False, True]


def test_served_below_its_folder_for_good_and_nothing_else_is(assets):
    api, bundles = FastAPI(), Bundles(assets)
    register(api, bundles)
    client = TestClient(api)
    for url in urls(bundles.packed(TAGS.replace("/wall", "")))[1:]:
        answer = client.get(url)
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] in ("text/javascript", "text/css")
        assert cache_policy(url, b"") == YEAR
    for strange in ("/assets/js/a/all.0123456789abcdef.js", "/assets/js/all.js", "/assets/../app.py"):
        assert client.get(strange).status_code == 404


def test_only_the_libraries_of_the_pages_own_components_are_loaded():
    paths = "dash/deps/react dash/dcc/dcc dash/html/html dash_mantine_components/dmc dash/dash-renderer/build/r".split()
    tags = "".join(f'<script src="/wall/_dash-component-suites/{path}.js?x=1"></script>' for path in paths)
    kept = needed(tags + "<script>own()</script>", namespaces_of(html.Div([html.P("a"), "text"])))
    assert re.findall(r"suites/(?:dash/)?([\w-]+)/", kept) == ["deps", "html", "dash-renderer"]
    assert kept.endswith("<script>own()</script>")
    assert "dash/dcc/dcc" in needed(tags, namespaces_of(html.Div(html.P(dcc.Input(id="i")))))
