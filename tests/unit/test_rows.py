"""Rows of the queue: kept while nothing changes, and never for longer."""

from datetime import UTC, datetime

import msgspec

from analytics import documents
from analytics.response import Targets
from data_feeds.incidents import PlacedIncident
from data_feeds.model import Incident
from web.rows import IncidentRows

TARGETS = Targets(60.0, 180.0, 300.0)
T0 = datetime(2026, 11, 21, 10, tzinfo=UTC)


def placed(name="I-1", **fields):
    return PlacedIncident.of(Incident(name, 1, call_received=T0, units=["P-1", "P-2"], **fields))


def test_a_row_is_that_of_the_incident_as_it_is_now():
    names = {"P-1": "One", "P-2": "Two"}
    rows = IncidentRows(TARGETS, lambda ids: [names[i] for i in ids])
    one = placed(category="theft")
    first = rows(one)
    assert msgspec.json.decode(first) == documents.incident_row(one, TARGETS, ["One", "Two"])
    assert rows(one) is first
    names["P-2"] = "Zwei"
    assert msgspec.json.decode(rows(one))["units"] == ["One", "Zwei"]
    other = placed(category="fire", place_class="CENTRE")
    assert msgspec.json.decode(rows(other)) == documents.incident_row(other, TARGETS, ["One", "Zwei"])


def test_rows_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("web.rows.MAX_OPEN", 10)
    rows = IncidentRows(TARGETS, list)
    for n in range(100):
        rows(placed(f"I-{n}"))
        assert len(rows) <= 10
