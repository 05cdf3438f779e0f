"""docs/live-protocol.md is correct: its client works, its tables are complete, its examples match."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import resolve

from analysis.live.messages import CloseCode
from analysis.recognition.emotions import EMOTIONS
from tests.support.live_sockets import STOP, LiveSocket, frame_of
from tests.support.shipped import DEFAULT
from tests.support.site import PROJECT

PAGE = (PROJECT / "docs" / "live-protocol.md").read_text()
ADDRESSES = sorted(set(re.findall(r"`(/(?!ws/)[a-z/]+/)`", PAGE)))


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def client(tmp_path: Path) -> Path:
    (program,) = blocks("python")
    assert len(program.splitlines()) <= 30
    path = tmp_path / "client.py"
    path.write_text(program)
    return path


def run(site, client: Path, token: str, *pictures: Path) -> subprocess.CompletedProcess[str]:
    url = f"ws://127.0.0.1:{site.port}/ws/live/"
    return subprocess.run([sys.executable, client, url, token, *pictures], capture_output=True, text=True, timeout=60)


def test_its_client_gets_answers_for_two_frames(site, live_tokens, client: Path, jpeg: bytes, tmp_path: Path):
    picture = tmp_path / "portrait.jpg"
    picture.write_bytes(jpeg)
    done = run(site, client, live_tokens["ada"], picture, picture)
    assert done.returncode == 0, done.stderr
    first, *faces, last = done.stdout.splitlines()
    assert (first, last) == (f"answered by {DEFAULT}", "2 frames answered")
    assert all("face 1, " in line and line.split("face 1, ")[1].split()[0] in EMOTIONS for line in faces)
    assert len(faces) == 2


def test_its_client_prints_the_error(site, client: Path):
    done = run(site, client, "fer_unknown")
    assert done.returncode == 1
    assert "not_signed_in" in done.stderr


def test_every_close_code_is_documented():
    told = {int(code) for code in re.findall(r"^\| (\d{4})", PAGE, re.MULTILINE)}
    assert set(CloseCode) <= told


def test_its_examples_have_the_keys_that_are_sent(ada: LiveSocket, jpeg: bytes):
    examples = {example["type"]: example for example in map(json.loads, blocks("json"))}
    sent = [ada.start(), ada.request(frame_of(jpeg)), ada.request(frame_of(b"")), ada.request(STOP)]
    for message in sent:
        assert _shape(examples[message["type"]]) == _shape(message)
    assert examples["started"]["limits"] == sent[0]["limits"]


def _shape(value: object) -> object:
    """The members of a message, however deep; whether a list of plain values is empty is none of its shape."""
    if isinstance(value, dict):
        return {key: _shape(member) for key, member in value.items()}
    return [_shape(member) for member in value[:1] if isinstance(member, dict)] if isinstance(value, list) else None


@pytest.mark.parametrize("address", ADDRESSES)
def test_its_links_work(address):
    assert resolve(address)
