"""How a wall's browser gets over an outage: a page that waits, what it asks, and the worker that keeps it at hand."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from fastapi import FastAPI, Response

PAGE = Path(__file__).parents[1] / "deploy/kiosk/start.html"
ALIVE = "/alive.gif"
# one transparent pixel: the one thing that a page of another origin, or a local file, may ask for
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
READ = ["GET", "HEAD"]

# first of all on the wall's page: what would mend it may be the very script that does not come
MEND = """<script>
(() => {
  let lost = false;
  addEventListener("error", ({ target }) => {
    if (lost || (target.tagName !== "SCRIPT" && target.rel !== "stylesheet")) return;
    lost = true;
    const again = () => fetch("alive.gif", { cache: "no-store" }).then((answer) => answer.ok && location.reload());
    setInterval(() => again().catch(() => {}), 5000 + 5000 * Math.random());
  }, true);
})();
</script>"""

WORKER = """// Kept by the browser of a kiosk: while the server is gone, its address shows the page that waits for it.
"use strict";
const KEPT = "recover-%s", PAGE = new URL("recover", self.location), PATIENCE_MS = 20000;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(KEPT).then((kept) => kept.add(new Request(PAGE, { cache: "reload" }))));
});
self.addEventListener("activate", (event) => {
  const forget = async () => {
    for (const name of await caches.keys()) if (name !== KEPT && name.startsWith("recover-")) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(forget());
});
self.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") event.respondWith(answer(event.request));
});

async function answer(request) {
  const waiting = () => caches.match(PAGE);
  try {
    const given = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    // a proxy that lives without its wall
    return given.status >= 502 && given.status <= 504 ? (await waiting()) ?? given : given;
  } catch (error) {
    return (await waiting()) ?? Promise.reject(error);
  }
}
"""


def inline_hashes(page: str) -> list[str]:
    """What a content policy has to name so that the page's own scripts run."""
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts]


def register(api: FastAPI) -> list[str]:
    """Add the addresses to ``api``; returns the hashes of the scripts here for the content policy."""
    page = PAGE.read_text(encoding="utf-8")
    worker = WORKER % hashlib.sha256(page.encode()).hexdigest()[:12]

    @api.api_route(ALIVE, methods=READ, include_in_schema=False)
    async def alive() -> Response:
        return Response(PIXEL, media_type="image/gif", headers={"cache-control": "no-store"})

    @api.api_route("/recover", methods=READ, include_in_schema=False)
    async def recover() -> Response:
        return Response(page, media_type="text/html; charset=utf-8")

    @api.api_route("/recover-worker.js", methods=READ, include_in_schema=False)
    async def recover_worker() -> Response:
        return Response(worker, media_type="text/javascript", headers={"cache-control": "no-cache"})

    return inline_hashes(page + MEND)
