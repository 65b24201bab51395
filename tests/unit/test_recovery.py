"""What a wall's browser asks while its server may be gone."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from web import recovery
from web.guard import Guard

ROOT = Path(__file__).parents[2]


@pytest.fixture
def client():
    api = FastAPI()
    hashes = recovery.register(api)
    api.get("/other.gif")(lambda: "no")
    return TestClient(Guard(api, False, hashes), base_url="http://127.0.0.1:8050", client=("127.0.0.1", 5000))


def test_a_page_of_another_origin_may_ask_for_the_one_pixel_and_for_nothing_else(client):
    answer = client.get("/alive.gif")
    assert answer.content.startswith(b"GIF89a")
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    for other in ("/other.gif", "/recover", "/recover-worker.js", "/alive.gif/x"):
        assert client.get(other).headers["cross-origin-resource-policy"] == "same-origin"


def test_a_stranger_is_refused_the_pixel_too(client):
    assert client.get("/alive.gif", headers={"host": "elsewhere.example"}).status_code == 403


def test_the_waiting_page_is_the_kiosks_own_file_and_its_script_may_run(client):
    answer = client.get("/recover")
    assert answer.text == (ROOT / "deploy/kiosk/start.html").read_text(encoding="utf-8")
    script = re.search(r"<script>(.*?)</script>", answer.text, re.S)[1]
    word = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{word}'" in answer.headers["content-security-policy"]


def test_the_waiting_page_needs_nothing_else(client):
    page = client.get("/recover").text
    assert not re.findall(r"""(?:src|href)=["']|url\(|@import""", page)
    for words in ("正在等待", "Waiting for the wall"):
        assert words in page


def test_another_waiting_page_makes_another_worker(client, monkeypatch, tmp_path):
    first = client.get("/recover-worker.js").text
    assert re.search(r'KEPT = "recover-[0-9a-f]{12}"', first)
    other = tmp_path / "start.html"
    other.write_text("<script>1</script>")
    monkeypatch.setattr(recovery, "PAGE", other)
    api = FastAPI()
    recovery.register(api)
    assert TestClient(api).get("/recover-worker.js").text != first
