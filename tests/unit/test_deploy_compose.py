"""The compose file: what Compose's own schema, the settings and the code say of it. Containers are not started here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from jsonschema import validators

from data_feeds import settings as settings_module
from data_feeds.settings import ENV_PREFIX, Settings
from tests.fetched import inside

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))
OURS = sorted(name for name, service in COMPOSE["services"].items() if service["image"] == "one-map")


def environment(service: str) -> dict[str, str]:
    """What the image and the service set of the wall's settings."""
    of_image = dict(re.findall(rf"({ENV_PREFIX}\w+)=(\S+)", DOCKERFILE))
    return {**of_image, **COMPOSE["services"][service].get("environment", {})}


def test_compose_finds_nothing_wrong_with_it():
    schema = json.loads(inside("check_jsonschema", "check_jsonschema/builtin_schemas/vendor/compose-spec.json"))
    validator = validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []
    broken = {**COMPOSE, "services": {"wall": {"image": "one-map", "restarts": "always"}}}
    assert list(validator.iter_errors(broken)), "the schema is one that finds something"


def test_services_wait_for_services_and_mount_volumes_that_there_are():
    for service in COMPOSE["services"].values():
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])
        assert {volume.split(":")[0] for volume in service.get("volumes", [])} <= set(COMPOSE["volumes"])


@pytest.mark.parametrize("service", OURS)
def test_settings_are_settings_and_what_is_kept_lies_in_a_volume(service):
    settings = settings_module.load(environ=environment(service))
    mounted = [volume.split(":")[1] for volume in COMPOSE["services"][service].get("volumes", [])]
    if service == "wall":
        assert settings.feed == "kafka"
        assert all(any(folder.startswith(f"{at}/") or folder == at for at in mounted)
                   for folder in (settings.history_dir, settings.cache_dir))  # fmt: skip
        assert f":{Settings().port}/healthz" in COMPOSE["services"]["wall"]["healthcheck"]["test"][-1]


def test_nothing_listens_beyond_the_machine():
    assert all(service["network_mode"] == "host" for service in COMPOSE["services"].values())
    listeners = COMPOSE["services"]["kafka"]["environment"]["KAFKA_LISTENERS"].split(",")
    assert all("//127.0.0.1:" in listener for listener in listeners)
    assert all(settings_module.load(environ=environment(service)).host == "127.0.0.1" for service in OURS)


def test_the_broker_is_the_one_that_is_tested_with():
    pom = ElementTree.parse(ROOT / "tests/integration/pom.xml").getroot()
    versions = [element.text for element in pom.iter() if element.tag.endswith("}version") or element.tag == "version"]
    assert COMPOSE["services"]["kafka"]["image"].removeprefix("apache/kafka:") in versions


def test_the_image_holds_all_that_the_commands_need(tmp_path):
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").split() if line.startswith("!")]
    for name in kept:
        (tmp_path / name).symlink_to(ROOT / name)
    commands = [["app.py"], *(service["command"][1:3] for service in (COMPOSE["services"][name] for name in OURS)
                              if "command" in service)]  # fmt: skip
    for command in commands:
        asked = [sys.executable, *command, "--help"]
        done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
