"""Heat, today and the 24-hour line in the browser: what was said is what is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from data_feeds.model import Incident
from tests.e2e.scripted_wall import PLACE, ago, incident, scripted_wall, unit

COUNT = 40


def test_what_was_said_is_what_is_counted(open_wall):
    with scripted_wall(map_center=list(PLACE), map_zoom=14.0, time_zone="UTC") as wall:
        told = {"closed": ago(1)}  # nobody sees them open
        wall.say(*(incident(f"H{n}", 30 * n, 0, 30 + n, category="fraud" if n % 4 == 0 else "theft", **told)
                   for n in range(COUNT)))  # fmt: skip
        wall.say(Incident("H-nowhere", 1, category="theft", call_received=ago(20), **told))
        wall.say(incident("H-drill", 0, 0, 20, exercise=True))
        wall.say(*unit("U1", 0, 0))
        wall.taken()
        shown = open_wall(wall.url, lang="en", heat="day")
        shown.drawn()
        total = f"{COUNT + 1} in all · 1 without position"
        shown.until(lambda: shown.text(".heat-note"), "the legend", lambda said: said.startswith(total))
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if datetime.now(UTC) - midnight > timedelta(minutes=5):
            today = shown.until(lambda: wall.json("/api/snapshot")["panels"]["today"], "all of them today",
                                lambda told: told["count"] == COUNT + 1)  # fmt: skip
            assert (today["yesterday"], today["why"], today["not_counted"]["exercise"]) == (None, "reach", 1)
        assert shown.text(".heat-said") == "Heat: incidents, last 24 h"
        assert shown.text(".heat-total") == f"{COUNT + 1} in all"
        shown.page.click("#layers-open")
        shown.page.select_option("#heat-category", "fraud")
        frauds = f"{COUNT // 4} in all"
        shown.until(lambda: shown.text(".heat-note"), "one category", lambda said: said.startswith(frauds))
        assert "heat_category=fraud" in shown.page.url
        shown.page.reload()
        shown.drawn()
        shown.until(lambda: shown.text(".heat-note"), "the choice kept", lambda said: said.startswith(frauds))
        shown.page.click("#layers-open")
        shown.page.click('[data-switch="heat"]')
        shown.until(lambda: shown.page.url, "the choice in the address", lambda url: "heat=off" in url)
        shown.page.reload()
        shown.drawn()
        shown.until(lambda: shown.text(".layers-off"), "the layers' line", lambda said: "1" in said)
        assert "heat=off" in shown.page.url
        assert not shown.page.locator("#heat-legend").is_visible()
        assert shown.page.locator('[data-switch="heat"]').get_attribute("aria-checked") == "false"
