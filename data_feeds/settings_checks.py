"""What is wrong with a setting that is a list or a table. Pure; ``settings`` names where it was set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from data_feeds.model import Topic
from data_feeds.roads import CLASSES

BRIEFING_FORMATS = frozenset(("pdf", "xlsx", "pptx", "csv", "png"))
# What kafka-python may be told from outside: how to reach and prove, never how to fetch or group.
KAFKA_PASSTHROUGH = frozenset(
    "security_protocol ssl_check_hostname ssl_cafile ssl_certfile ssl_keyfile ssl_password ssl_ciphers "
    "sasl_mechanism sasl_plain_username sasl_plain_password sasl_kerberos_name sasl_kerberos_service_name "
    "sasl_kerberos_domain_name client_id request_timeout_ms api_version".split()
)
MOST_KMH = 200.0
LEAST_SHARE, MOST_SHARE = 0.05, 2.0
MOST_COST_S = 3_600.0
DRAWBACKS = ("stale", "other_station", "other_branch", "uncovers", "incapable", "unfit_type")


def problem(name: str, value: Any) -> str:
    """What is wrong with ``value`` of the setting ``name`` and what it may be; "" where nothing is."""
    check = _CHECKS.get(name)
    return check(value) if check else ""


def hours_of(key: str) -> range:
    """The hours that a key such as "7-8" or "19" names, the last one included. Raises ValueError."""
    first, _, last = key.partition("-")
    hours = range(int(first), int(last or first) + 1)
    if not (0 <= hours.start < hours.stop <= 24):
        raise ValueError(key)
    return hours


def _topics(names: Mapping[str, Any]) -> str:
    kinds = {topic.value for topic in Topic}
    for kind, name in names.items():
        if kind not in kinds:
            return f"no topic kind {kind!r}; kinds: {', '.join(sorted(kinds))}"
        if not isinstance(name, str) or not name:
            return f"the name of topic {kind} must be text, not {name!r}"
    return ""


def _kafka(values: Mapping[str, Any]) -> str:
    if unknown := sorted(set(values) - KAFKA_PASSTHROUGH):
        return f"{', '.join(unknown)} cannot be set; may be set: {', '.join(sorted(KAFKA_PASSTHROUGH))}"
    return ""


def _scenes(names: list[Any]) -> str:
    if _is_words(names) and names and len(set(names)) == len(names):
        return ""
    return f'must be a list of scenes, each named once, such as ["map"], not {names!r}'


def _detection_kinds(kinds: list[Any]) -> str:
    return "" if _is_words(kinds) else f"must be a list of text, not {kinds!r}"


def _briefings_formats(formats: list[Any]) -> str:
    if formats and _is_words(formats) and set(formats) <= BRIEFING_FORMATS:
        return ""
    return f"must be some of {', '.join(sorted(BRIEFING_FORMATS))}, not {formats!r}"


def _key_dates(periods: Mapping[str, Any]) -> str:
    for name, days in periods.items():
        is_pair = isinstance(days, list) and len(days) == 2 and all(type(day) is date for day in days)
        if not is_pair or days[0] > days[1]:
            return f"{name} must be [first day, last day], such as [2025-10-01, 2025-10-08]"
    return ""


def _road_speeds(speeds: Mapping[str, Any]) -> str:
    return _numbers(speeds, CLASSES, "class of street", 1.0, MOST_KMH, "km/h")


def _road_hours(shares: Mapping[str, Any]) -> str:
    taken: dict[int, str] = {}
    for key, values in shares.items():
        try:
            hours = hours_of(key)
        except ValueError:
            return f"{key!r} is no hours of a day, such as \"7-8\" (both included) or \"19\""
        for hour in hours:
            if hour in taken:
                return f"the hour {hour} is named twice, by {taken[hour]!r} and {key!r}"
            taken[hour] = key
        of_three = isinstance(values, list) and len(values) == 3
        if not of_three or not all(_is_number(share, LEAST_SHARE, MOST_SHARE) for share in values):
            return (f"{key!r} must be three shares between {LEAST_SHARE:g} and {MOST_SHARE:g}, of motorways and trunk "
                    f"roads, of primary and secondary ones, of others, not {values!r}")  # fmt: skip
    return ""


def _category_needs(needs: Mapping[str, Any]) -> str:
    for category, words in needs.items():
        if not isinstance(words, list) or not _is_words(words):
            return f"{category} must be a list of capability words (empty: nothing is needed), not {words!r}"
    return ""


def _dispatch_costs(costs: Mapping[str, Any]) -> str:
    return _numbers(costs, DRAWBACKS, "drawback", 0.0, MOST_COST_S, "seconds")


def _numbers(table: Mapping[str, Any], names: Collection[str], thing: str, least: float, most: float, unit: str) -> str:
    """Of known names, each with a number in ``unit``."""
    for name, value in table.items():
        if name not in names:
            return f"no {thing} is called {name!r}; there are {', '.join(names)}"
        if not _is_number(value, least, most):
            return f"{name} must be {unit} between {least:g} and {most:g}, not {value!r}"
    return ""


def _is_words(values: list[Any]) -> bool:
    return all(isinstance(value, str) and value for value in values)


def _is_number(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


_CHECKS: dict[str, Callable[[Any], str]] = {
    "topics": _topics, "kafka": _kafka, "scenes": _scenes, "detection_kinds": _detection_kinds,
    "briefings_formats": _briefings_formats, "key_dates": _key_dates, "road_speeds": _road_speeds,
    "road_hours": _road_hours, "category_needs": _category_needs, "dispatch_costs": _dispatch_costs,
}  # fmt: skip
