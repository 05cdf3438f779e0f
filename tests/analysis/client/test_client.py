"""`analysis.client`: what docs/client.md promises, against the real server; failures by a transport that fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from analysis.client import ApiError, AsyncClient, Client
from analysis.client import asynchronous_requests as requests
from tests.support.live_site import create_tokens
from tests.support.site import RunningSite
from tests.support.videos import write_video

PROJECT = Path(__file__).resolve().parents[3]
EXAMPLES = re.findall(r"```python\n(.+?)```", (PROJECT / "docs" / "client.md").read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def token(site: RunningSite) -> str:
    return create_tokens(site, ["programs@example.org"])[0]


@pytest.fixture
def client(site: RunningSite, token: str):
    with Client(site.url, token) as client:
        yield client


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that a client would have waited."""
    seconds: list[float] = []
    monkeypatch.setattr("analysis.client.synchronous_requests.time.sleep", seconds.append)
    return seconds


def failing(responses: list[httpx.Response | Exception]) -> tuple[Client, list[httpx.Request]]:
    """Return a client whose requests get these answers in turn, and the requests."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        response = responses[len(sent) - 1]
        if isinstance(response, Exception):
            raise response
        return response

    return Client("http://site.test", "fer_x", transport=httpx.MockTransport(answer)), sent


def busy(**headers: str) -> httpx.Response:
    body = {"code": "busy", "message": "Later.", "errors": {}, "retryable": True}
    return httpx.Response(503, json=body, headers=headers)


def test_the_pages_examples_run_and_are_typed(site: RunningSite, token: str, tmp_path: Path, hopper_path: Path):
    for name in ("photo.jpg", "other.jpg"):
        shutil.copy(hopper_path, tmp_path / name)
    for number, example in enumerate(EXAMPLES):
        program = tmp_path / f"example{number}.py"
        program.write_text(example)
        surroundings = {**os.environ, "PYTHONPATH": str(PROJECT), "SITE": site.url, "TOKEN": token}
        run = {"cwd": tmp_path, "env": surroundings, "capture_output": True, "text": True}
        done = subprocess.run([sys.executable, program], **run)
        assert (done.returncode, done.stderr) == (0, "")
        checked = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--no-incremental", program], **run)
        assert checked.returncode == 0, checked.stdout


def test_a_photo_comes_back_over_pages_and_is_drawn(client: Client, hopper: bytes):
    photo = client.analyse(hopper, name="hopper.jpg")
    assert client.analysis(photo["id"])["faces"] == photo["faces"]
    assert [each["id"] for each in client.analyses(page_size=1)].count(photo["id"]) == 1
    assert client.annotated_photo(photo["id"]).startswith(b"\xff\xd8")
    (uploaded,) = client.analyse_batch([hopper])
    assert (uploaded["is_new"], uploaded["analysis"]["id"]) == (False, photo["id"])


def test_a_history_is_saved_whole_or_not_at_all(client: Client, tmp_path: Path):
    path = tmp_path / "saved" / "history.csv"
    path.parent.mkdir()
    client.save_history(path)
    before = path.read_text()
    assert before.startswith("source,")
    with pytest.raises(ApiError, match="from"):
        client.save_history(path, from_="yesterday")
    assert [file.name for file in path.parent.iterdir()] == ["history.csv"]
    assert path.read_text() == before


def test_a_video_is_sent_in_parts(client: Client, tmp_path: Path, hopper_path: Path, monkeypatch):
    monkeypatch.setattr("analysis.client.synchronous_requests.PART_BYTES", 5000)
    path = tmp_path / "video.mp4"
    size = len(write_video(path, hopper_path))
    told: list[tuple[int, int]] = []
    video = client.upload_video(path, people_agreed=True, on_progress=lambda *progress: told.append(progress))
    assert (video["received"], video["status"]) == (size, "queued")
    assert len(told) > 2
    assert told[-1] == (size, size)
    client.cancel_video(video["id"])
    assert client.wait_for_video(video["id"])["status"] == "cancelled"


@pytest.mark.parametrize(
    ("act", "code", "status"),
    [
        (lambda client: client.analysis("00000000-0000-0000-0000-000000000000"), "not_found", 404),
        (lambda client: client.analyse(b"words"), "not_an_image", 415),
        (lambda client: list(client.analyses(emotion="bored")), "invalid", 400),
        (lambda client: client.start_run(architecture="mlp"), "staff_only", 403),
    ],
)
def test_a_refusal_is_the_sites_own(client: Client, act: Callable[[Client], object], code: str, status: int):
    with pytest.raises(ApiError) as caught:
        act(client)
    assert (caught.value.code, caught.value.status) == (code, status)
    assert caught.value.message


def test_a_site_that_is_not_there_is_told(pauses: list[float]):
    with (
        Client("http://127.0.0.1:9", "fer_x") as client,
        pytest.raises(ApiError, match="Is the site running") as caught,
    ):
        client.me()
    assert caught.value.code == "unreachable"
    assert pauses == [0.5, 1, 2, 4, 8]


def test_an_upload_is_repeated_with_its_key_until_it_is_answered(pauses: list[float]):
    client, sent = failing([httpx.ConnectError("gone"), busy(**{"Retry-After": "3"}), httpx.Response(201, json={})])
    client.analyse(b"photo")
    assert len({request.headers["Idempotency-Key"] for request in sent}) == 1
    assert len({request.content for request in sent} | {b""}) == 4  # each has a boundary of its own
    assert pauses == [0.5, 3]


def test_what_would_happen_twice_is_not_repeated(pauses: list[float]):
    client, sent = failing([busy()])
    with pytest.raises(ApiError, match="Later"):
        client.retry_video("1")
    assert (len(sent), pauses) == (1, [])


def test_an_answer_of_something_else_is_told():
    client, _ = failing([httpx.Response(200, json={}), httpx.Response(404, text="<html>")])
    client.me()
    with pytest.raises(ApiError, match=r"expected an answer of the API; got HTTP status 404") as caught:
        client.me()
    assert caught.value.code == "not_the_api"


def test_asyncio_has_the_same_methods():
    assert {name for name in dir(Client) if name[0] != "_"} == {name for name in dir(AsyncClient) if name[0] != "_"}
    assert requests.RETRIES == 5
