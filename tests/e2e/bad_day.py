"""A scripted bad day: hostile texts, long names, forty incidents, calls for help, units that never reported."""

from __future__ import annotations

from data_feeds.model import Detection, DroneTelemetry, Roster, Status
from tests.e2e.scripted_wall import PLACE, ScriptedWall, ago, incident, place, unit

HTML = "<img src=x onerror=globalThis.__broken=1>"
SCRIPT = "<script>globalThis.__broken=1</script>"
LONG = "第三突击大队快速反应与联合指挥机动编组" * 4
LONG_EN = "Rapid response and joint command mobile formation number "
# nothing is said afterwards, and no test is about that
SETTINGS = {"map_center": list(PLACE), "map_zoom": 14.0, "feed_stale_s": 3600.0, "feed_lost_s": 7200.0,
            "offline_after_s": 1200.0,
            "title_zh": f"一张图 {HTML}", "title_en": f"One Map {HTML}"}


def happen(wall: ScriptedWall) -> None:
    """Say all of it and wait until viewers know."""
    for k in range(20):
        wall.say(*unit(f"U{k:02d}", 150 * (k % 5) - 300, 150 * (k // 5) - 300, callsign=f"P-{k:02d}"))
    wall.say(*unit("X1", 700, 0, callsign=HTML, status=HTML, unit_type=HTML))
    wall.say(*unit("X2", 700, 400, callsign=(LONG + LONG_EN)[:128], unit_type="assault_vehicle"))
    wall.say(*unit("X3", 700, -400, callsign="SOS-3", sos=True, status="on_scene"))
    wall.say(Roster("X4", "NEVER-4", "car", "police", "S1", "B1"), Status("X4", "available", "", ago(10)))
    wall.say(*unit("X5", 900, -400, callsign="OLD-5", age_s=3600.0))
    for k in range(36):
        kind, severity = ("other", "centre", "key_spot")[k % 3], ("low", "medium", "high", "critical")[k % 4]
        wall.say(incident(f"A-{k:03d}", 40 * k - 700, 300 - 25 * k, 7.0 * k, place_class=kind, severity=severity))
    wall.say(
        incident("B-HTML", 0, 50, 400, category=HTML, place=SCRIPT, units=["X1", HTML], branch=HTML),
        incident("B-LONG", 50, 0, 410, category=LONG[:64], place=LONG[:128], units=["X2", "U01", "U02"],
                 branch=LONG[:64]),
        incident("B-NOTARGET", 100, 0, 20, place_class=""),
        incident("B-ARRIVED", 150, 0, 200, on_scene=ago(140), units=["U03"], place_class="other"),
    )  # fmt: skip
    lat, lon = place(-500, 500)
    wall.say(DroneTelemetry("D1", lat, lon, ago(1), callsign=HTML, mission=SCRIPT, height_m=80.0, battery=12.0,
                            gimbal_pitch=-40.0, gimbal_yaw=90.0, fov_deg=60.0, stream_url="javascript:alert(1)"),
             DroneTelemetry("D2", lat, lon - 0.01, ago(1800), callsign="U-LOST", height_m=60.0),
             Detection("E1", "D1", HTML, ago(2), place=HTML, incident_id=HTML[:64]))  # fmt: skip
    wall.taken()
