"""`python -m data_feeds.topics` against a real broker."""

from __future__ import annotations

import subprocess
import sys
import uuid

import pytest

from data_feeds.kafka_client import open_admin
from data_feeds.model import Topic
from data_feeds.settings import Settings
from data_feeds.topics import SPECS, run
from tests.integration.kafka_broker import free_ports


def test_check_names_what_is_missing_and_create_makes_it(bare_settings: Settings) -> None:
    lines, code = run("check", bare_settings)
    assert code == 1
    assert sum("is missing" in line for line in lines) == len(SPECS)
    lines, code = run("create", bare_settings)
    assert (code, sum("created" in line for line in lines)) == (0, len(SPECS))
    lines, code = run("check", bare_settings)
    assert code == 0
    assert all(line.endswith("as it should be") for line in lines)


def test_differences_are_told_and_never_mended(bare_settings: Settings) -> None:
    name = bare_settings.topic_name(Topic.STATUS)
    with open_admin(bare_settings) as admin:
        admin.create_topics({name: {"num_partitions": 2, "replication_factor": 1,
                                    "configs": {"cleanup.policy": "delete", "max.message.bytes": "2000"}}})
    for command in ("create", "check"):
        lines, code = run(command, bare_settings)
        assert code == 1
        own = [line.removeprefix(f"{name}: ") for line in lines if line.startswith(name + ":")]
        assert "has 2 partitions, should have 3" in own
        assert "has cleanup.policy=delete, should have cleanup.policy=compact" in own
        assert any(line.startswith("has max.message.bytes=2000") for line in own)


def test_more_copies_than_brokers_fail_with_the_brokers_reason(bare_settings: Settings) -> None:
    lines, code = run("create", Settings(kafka_bootstrap_servers=bare_settings.kafka_bootstrap_servers,
                                         topics=bare_settings.topics, replication_factor=7))
    assert code == 1
    assert sum("could not be created" in line for line in lines) == len(SPECS)


@pytest.mark.parametrize("command", ["create", "check"])
def test_an_absent_broker_is_named_and_the_exit_code_is_two(command: str) -> None:
    address = f"127.0.0.1:{free_ports(1)[0]}"
    done = subprocess.run(
        [sys.executable, "-m", "data_feeds.topics", command], capture_output=True, text=True,
        env={"WALLBOARD_KAFKA_BOOTSTRAP_SERVERS": address, "PATH": ""}, timeout=60,
    )
    assert done.returncode == 2
    assert address in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_line_exits_with_the_result(bootstrap_servers: str) -> None:
    prefix = uuid.uuid4().hex[:8]
    names = ", ".join(f'{spec.topic.value} = "{prefix}.{spec.topic.value}"' for spec in SPECS)
    environment = {"WALLBOARD_KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers, "WALLBOARD_TOPICS": f"{{{names}}}",
                   "PATH": ""}
    codes = [
        subprocess.run([sys.executable, "-m", "data_feeds.topics", command], env=environment, timeout=60).returncode
        for command in ("check", "create", "check")
    ]
    assert codes == [1, 0, 0]
