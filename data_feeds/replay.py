"""Recorded files onto the wall at a chosen speed, by way of a mapping file: see docs/replay.md.

    python -m data_feeds.replay --mapping mappings/sf_taxis.toml points.parquet --speed 60 --to embedded
"""

from __future__ import annotations

import argparse
import logging
import math
import shlex
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from data_feeds import settings as wall_settings
from data_feeds.clock import Clock, SystemClock
from data_feeds.commands import UsageError, exit_code, log_plainly, wall_server
from data_feeds.mapping import Mapping, lacks
from data_feeds.mapping_file import MappingError, load
from data_feeds.model import Topic
from data_feeds.pacing import Player, Target
from data_feeds.progress import Display, Reporting, display
from data_feeds.queue_feed import FeedClosed, QueueFeed
from data_feeds.reading import LOGGED_PER_CAUSE, ReadError, Report
from data_feeds.settings import Settings, SettingsError
from data_feeds.targets import KafkaTarget, QueueTarget
from data_feeds.timeline import Timeline, Window
from data_feeds.timeline import load as load_timeline
from data_feeds.whereabouts import extent_of, view_of

log = logging.getLogger("wallboard.replay")

MIN_SPEED, MAX_SPEED = 0.01, 100_000.0
OPEN_WAIT_S = 120.0


@dataclass(frozen=True)
class Recording:
    """Loaded files, ready to be played."""

    mappings: tuple[Mapping, ...]
    timeline: Timeline
    report: Report

    @property
    def source(self) -> str:
        return " + ".join(dict.fromkeys(m.source for m in self.mappings))[:128]

    @property
    def wall(self) -> dict[str, Any]:
        """What the mappings suggest to the wall, the first to name a setting wins; and where the recording plays."""
        told = {name: value for mapping in reversed(self.mappings) for name, value in mapping.wall.items()}
        if "map_center" not in told and (extent := extent_of(self.timeline.sources)):
            middle, zoom = view_of(extent)
            return {"map_center": middle, "map_zoom": zoom, **told}
        return told


def jobs_of(groups: Sequence[Sequence[str]], files: Sequence[str]) -> list[tuple[Path, list[Path]]]:
    """``--mapping`` groups and loose files → (mapping file, data files) each. Raises UsageError."""
    jobs = [(Path(group[0]), [Path(name) for name in group[1:]]) for group in groups]
    if files and len(jobs) != 1:
        raise UsageError(f"{files[0]}: with several mappings, name the files right after theirs")
    if files:
        jobs[0][1].extend(Path(name) for name in files)
    for mapping, paths in jobs:
        if not paths:
            raise UsageError(f"--mapping {mapping}: name at least one file after it")
        if mapping.suffix != ".toml":
            raise UsageError(f"--mapping {mapping}: the first name must be the mapping, a .toml file")
    return jobs


def moment_us(text: str | None, option: str, mapping: Mapping) -> int | None:
    """An ISO time as Unix microseconds; without an offset it is in the mapping's zone. Raises UsageError."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: must be an ISO time such as 2008-05-30T08:00Z") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=mapping.zone)
    return round(moment.timestamp() * 1e6)


def record(wanted: argparse.Namespace, say: Callable[[str], None]) -> Recording:
    """Load what the command line names. Raises UsageError, MappingError, ReadError."""
    jobs = [(load(mapping), paths) for mapping, paths in jobs_of(wanted.mapping, wanted.files)]
    first = jobs[0][0]
    window = Window(moment_us(wanted.begin, "--from", first), moment_us(wanted.until, "--until", first))
    if window.from_us is not None and window.until_us is not None and window.from_us >= window.until_us:
        raise UsageError("--from must lie before --until")
    report = Report(limit=wanted.max_logged)
    timeline = load_timeline(jobs, window, report)
    for line in report.take_fresh():
        say(line)
    return Recording(tuple(mapping for mapping, _ in jobs), timeline, report)


def dry_run(recording: Recording, shown: Display) -> list[str]:
    """Map everything, send nothing; returns the report."""
    counts: Counter[Topic] = Counter()
    moving = Reporting(shown, recording.report.take_fresh)
    for walked, events in recording.timeline.play():
        counts.update(event.topic for event in events)
        moving.advance(walked, events[-1].at_us if events else 0)
    shown.close()
    return summary(recording, counts)


def summary(recording: Recording, counts: Counter[Topic]) -> list[str]:
    """What was read, sent and left out, in lines."""
    report, timeline = recording.report, recording.timeline
    span = [datetime.fromtimestamp(us / 1e6, recording.mappings[0].zone).isoformat(sep=" ", timespec="seconds")
            for us in (timeline.start_us, timeline.end_us)]  # fmt: skip
    lines = [f"source: {recording.source}", f"from {span[0]} to {span[1]}",
             f"{report.rows:,} rows read, {report.total_refused:,} left out"]  # fmt: skip
    lines += [f"{count:,} messages: {topic.value}" for topic, count in counts.most_common()]
    lines += report.summary()
    return [*lines, f"the source lacks: {', '.join(lacks(recording.mappings)) or 'nothing'}"]


def embedded_settings(base: Settings, wall: dict[str, Any]) -> Settings:
    """``base`` following the replay's clock, with the mapping's suggestions where nobody chose otherwise."""
    defaults = Settings()
    free = {name: value for name, value in wall.items() if getattr(base, name) == getattr(defaults, name)}
    return wall_settings.changed(base, {**free, "clock": "replay"}, "the mapping's [wall]")


def hint(wall: dict[str, Any]) -> str:
    """The environment in which a wall suits this recording."""
    words = [f"WALLBOARD_{name.upper()}={shlex.quote(str(value))}" for name, value in wall.items()]
    return " ".join(["WALLBOARD_FEED=kafka", "WALLBOARD_CLOCK=replay", *words])


def run(recording: Recording, target: Target, wanted: argparse.Namespace, clock: Clock, stop: threading.Event) -> None:
    """Play until the end, or for ever with --loop, or until ``stop``; tells its progress on standard error."""
    shown = display(len(recording.timeline), sys.stderr, clock)
    moving = Reporting(shown, recording.report.take_fresh)
    player = Player(recording.timeline, target, clock, stop.wait, moving, wanted.speed, recording.source,
                    lacks(recording.mappings))  # fmt: skip
    try:
        done = player.play()
        while done and wanted.loop:
            shown.say("replay: begins again")
            shown.restart()
            done = player.play(again=True)
    finally:
        shown.close()
        for line in recording.report.take_fresh() + summary(recording, player.sent):
            shown.say(line)
        if player.stalls:
            shown.say(f"replay: slower than --speed {wanted.speed:g}: the clock waited {player.stalls} times")


def run_kafka(recording: Recording, wanted: argparse.Namespace) -> None:
    """Play to the broker of the settings. Raises RuntimeError of kafka_client and kafka_writer."""
    # asked for here, so that a dry run and the embedded wall need no Kafka client
    from data_feeds.kafka_writer import KafkaWriter

    settings = wall_settings.load()
    print(f"replay: to Kafka at {settings.kafka_bootstrap_servers}; start walls with: {hint(recording.wall)}",
          file=sys.stderr)  # fmt: skip
    with KafkaWriter(settings) as writer:
        run(recording, KafkaTarget(writer), wanted, SystemClock(), threading.Event())


def run_embedded(recording: Recording, wanted: argparse.Namespace) -> None:
    """Serve the wall from this process, fed by the replay on a thread."""
    settings = embedded_settings(wall_settings.load(), recording.wall)
    serve = wall_server()
    clock, stop = SystemClock(), threading.Event()
    feed = QueueFeed(settings.topic_of(), clock)

    def feed_the_wall() -> None:
        try:
            if feed.wait_open(OPEN_WAIT_S):
                run(recording, QueueTarget(feed, settings, clock), wanted, clock, stop)
        except FeedClosed:
            pass  # the wall was stopped
        except Exception:
            log.exception("the replay ended early; the wall keeps what it has")

    thread = threading.Thread(target=feed_the_wall, name="replay", daemon=True)
    thread.start()
    try:
        serve(settings, feed=feed)
    finally:
        stop.set()
        feed.close()
        thread.join(5.0)


def files_parser(prog: str, description: str | None) -> argparse.ArgumentParser:
    """A command line that names mappings and their files, for ``jobs_of``."""
    made = argparse.ArgumentParser(prog=prog, description=description,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    made.add_argument("--mapping", action="append", nargs="+", required=True, metavar=("M.toml", "FILE"),
                      help="a mapping and the CSV(.gz) or Parquet files it is for; may be given again")  # fmt: skip
    made.add_argument("files", nargs="*", metavar="FILE", help="more files for the only mapping")
    return made


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = files_parser("python -m data_feeds.replay", __doc__)
    made.add_argument("--to", choices=("kafka", "embedded"), help="a broker, or the wall started in this process")
    made.add_argument("--speed", type=speed, default=1.0, help="times real time; 0: as fast as possible (default 1)")
    made.add_argument("--from", dest="begin", metavar="TIME", help="ISO time at which to begin")
    made.add_argument("--until", metavar="TIME", help="ISO time before which to end")
    made.add_argument("--loop", action="store_true", help="begin again at the end")
    made.add_argument("--dry-run", action="store_true", help="map everything, send nothing, print a report")
    made.add_argument("--max-logged", type=int, default=LOGGED_PER_CAUSE, metavar="N",
                      help=f"rows to name for each cause of leaving out (default {LOGGED_PER_CAUSE})")  # fmt: skip
    return made


def speed(text: str) -> float:
    """The value of --speed. Raises argparse.ArgumentTypeError."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (value == 0 or MIN_SPEED <= value <= MAX_SPEED):
        raise argparse.ArgumentTypeError(f"{text}: must be 0, or between {MIN_SPEED:g} and {MAX_SPEED:g}")
    return value


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns the exit code: 0 done, 1 the broker failed, 2 a mistake in what was asked for."""
    made = parser()
    wanted = made.parse_intermixed_args(argv)
    if not wanted.to and not wanted.dry_run:
        made.error("--to kafka or --to embedded says where the records go (--dry-run sends none)")
    log_plainly()

    def work() -> None:
        recording = record(wanted, lambda line: print(line, file=sys.stderr))
        if wanted.dry_run:
            print("\n".join(dry_run(recording, display(len(recording.timeline), sys.stderr, SystemClock()))))
        elif wanted.to == "kafka":
            run_kafka(recording, wanted)
        else:
            run_embedded(recording, wanted)

    return exit_code("replay", work, MappingError, ReadError, SettingsError, UsageError)


if __name__ == "__main__":
    sys.exit(main())
