"""compose.yaml, the whole site on one host, and .env.example."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import yaml

from tests.support.site import PROJECT, setting_names

SITE_IMAGES = {"expressions-web", "expressions-training"}
SERVICES = yaml.safe_load((PROJECT / "compose.yaml").read_text())["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] in SITE_IMAGES}
OF_TOOLS = {"COMPOSE_PROFILES", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"}
"""Variables that Docker Compose and boto3 read by themselves."""
ONCE = {"prepare", "bucket"}
"""Services that end when they have done their work."""


def test_compose_yaml_is_one():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_the_site_can_change_nothing_but_its_volume(name: str):
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    writable = [volume for volume in service["volumes"] if not volume.endswith(":ro")]
    assert writable == ["site:/var/lib/expressions"]


@pytest.mark.parametrize("name", SERVICES)
def test_what_ends_is_started_again(name: str):
    assert SERVICES[name]["restart"] == ("on-failure:5" if name in ONCE else "unless-stopped")


@pytest.mark.parametrize("name", sorted(OURS.keys() - ONCE))
def test_processes_wait_for_database_broker_and_migration(name: str):
    assert OURS[name]["depends_on"] == {
        "database": {"condition": "service_healthy"},
        "redis": {"condition": "service_healthy"},
        "prepare": {"condition": "service_completed_successfully"},
    }


def test_each_variable_of_the_example_is_read():
    example = re.findall(r"^#?([A-Z0-9_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE)
    of_compose = set(re.findall(r"\$\{([A-Z0-9_]+)", (PROJECT / "compose.yaml").read_text()))
    assert example
    assert set(example) <= setting_names() | of_compose | OF_TOOLS


@pytest.mark.parametrize("name", OURS)
def test_each_variable_of_a_container_is_read(name: str):
    assert OURS[name]["environment"].keys() <= setting_names()
