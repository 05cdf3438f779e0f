"""Handing a task to the broker; in a process of its own, since Celery keeps its first connection."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.site import PROJECT

PROGRAM = """
import django
django.setup()
from ferproject.queue.broker import BrokerAway, send
try:
    send("training.tasks.train", "a-run")
except BrokerAway as error:
    print(error)
"""


def send_in(folder: Path) -> str:
    environment = {**os.environ, "VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "ferproject.settings"}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True).stdout


def test_a_task_is_sent_to_its_queue_in_a_private_folder(tmp_path: Path):
    assert send_in(tmp_path) == ""
    (message,) = (tmp_path / "broker" / "messages").iterdir()
    assert message.name.endswith(".training.msg")
    assert json.loads(message.read_text())["headers"]["task"] == "training.tasks.train"
    assert message.parent.stat().st_mode & 0o077 == 0


def test_an_unreachable_broker_raises_with_a_message(tmp_path: Path):
    (tmp_path / "broker").write_text("a file in its place")
    assert send_in(tmp_path).startswith(f"The broker ({tmp_path / 'broker'}) takes no messages: ")
