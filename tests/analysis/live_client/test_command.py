"""`manage.py live_client` with a video against a running server, and its annotated output."""

from __future__ import annotations

import asyncio
import io
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from websockets.asyncio.server import ServerConnection, serve

from analysis.client.asynchronous_live import connect_live
from analysis.live_client.stream import encode_frame
from analysis.recognition.images import decode
from analysis.recognition.video.reader import VideoReader
from tests.support.live_site import create_tokens
from tests.support.shipped import DEFAULT
from tests.support.site import RunningSite
from tests.support.videos import write_video

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).resolve().parents[3]
SECONDS, FPS = 2.0, 10.0


@pytest.fixture(scope="module")
def token(site: RunningSite) -> str:
    return create_tokens(site, ["client@example.org"])[0]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory, hopper_path: Path) -> Path:
    path = tmp_path_factory.mktemp("videos") / "walk.webm"
    write_video(path, hopper_path, seconds=SECONDS, fps=FPS, size=(640, 480))
    return path


def live_client(*arguments: object) -> str:
    out = io.StringIO()
    call_command("live_client", *map(str, arguments), stdout=out)
    return out.getvalue()


def wait_until(is_so: Callable[[], bool], running: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < end
        time.sleep(0.1)


def frames_of(film: Path) -> list[np.ndarray]:
    with VideoReader(film) as reader:
        return [frame.image for frame in reader]


def test_a_video_is_answered_in_real_time_and_written_with_circles(
    site: RunningSite, token: str, video: Path, tmp_path: Path
):
    film = tmp_path / "walk-annotated.mp4"
    out = live_client(video, "--url", site.url, "--token", token, "--output", film)
    assert f"analysed by {DEFAULT}" in out
    sent, answered = map(int, re.search(r"(\d+) frames sent, (\d+) answered", out).groups())
    assert SECONDS * FPS / 2 <= answered <= sent <= SECONDS * FPS
    assert re.search(r"Latency: median \d+ ms, 95th percentile \d+ ms", out)
    assert re.search(r"#1 ■ (neutral|sad|angry|happy|fear|surprise|disgust) \d+%", out)
    assert f"Written: {film}" in out
    before, after = frames_of(video), frames_of(film)
    assert len(after) == pytest.approx(SECONDS * FPS, abs=2)
    assert after[0].shape == (480, 640, 3)
    changed = [(abs(one.astype(int) - other) > 60).any(axis=2).sum() for one, other in zip(before, after, strict=False)]
    assert np.median(changed) > 500  # a ring and a label; what H.264 loses stays below


def test_it_saves_the_session_only_with_record(site: RunningSite, token: str, video: Path):
    assert "Saved as session" not in live_client(video, "--url", site.url, "--token", token)
    out = live_client(video, "--url", site.url, "--token", token, "--record", "--name", "Rehearsal")
    session = re.search(r"Saved as session ([0-9a-f-]{36})", out)[1]
    program = f"from analysis.models import Session; print(Session.objects.get(pk='{session}').samples.count())"
    assert int(site.shell(program)) >= 2


def test_ctrl_c_ends_regularly(site: RunningSite, token: str, tmp_path: Path, hopper_path: Path):
    """The session is saved and the video complete."""
    write_video(tmp_path / "long.webm", hopper_path, seconds=60, fps=2)
    command = [sys.executable, "manage.py", "live_client", str(tmp_path / "long.webm"), "--url", site.url]
    running = subprocess.Popen(
        [*command, "--token", token, "--record", "--output", str(tmp_path / "film.webm")],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: (tmp_path / "film.webm").exists(), running)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, "")
    assert "Saved as session" in out
    assert len(frames_of(tmp_path / "film.webm")) >= 1


def with_server(handler: Callable[[ServerConnection], Awaitable[None]], *arguments: object) -> str:
    """Return what the command prints with a server that does what `handler` does."""

    async def both() -> str:
        async with serve(handler, "127.0.0.1", 0) as listening:
            url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            return await asyncio.to_thread(live_client, *arguments, "--url", url, "--token", "x")

    return asyncio.run(both())


def test_a_lost_server_is_an_error_and_the_video_is_kept(video: Path, tmp_path: Path):
    async def server(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(json.dumps({"type": "started", "session": None, "model": "residual-1"}))
        times = {"queue": 1, "decode": 1, "detect": 4, "classify": 2}
        for sequence in range(2):
            await socket.recv()
            answer = {"type": "faces", "sequence": sequence, "faces": [], "dropped": 0, "milliseconds": times}
            await socket.send(json.dumps(answer))
        socket.transport.abort()

    with pytest.raises(CommandError, match="connection to the server was lost"):
        with_server(server, video, "--output", tmp_path / "film.webm")
    assert len(frames_of(tmp_path / "film.webm")) >= 2


def test_a_server_without_answers_is_an_error(video: Path):
    async def server(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(json.dumps({"type": "started", "session": None, "model": "residual-1"}))
        while isinstance(await socket.recv(), bytes):
            error = {"type": "error", "code": "model_corrupt", "message": "model.tflite is not as pinned."}
            await socket.send(json.dumps(error))
        await socket.send(json.dumps({"type": "stopped", "session": None}))

    with pytest.raises(CommandError, match=r"Not all frames were analysed: model\.tflite is not as pinned\."):
        with_server(server, video)


def test_an_unwritable_output_is_an_error(site: RunningSite, token: str, video: Path, tmp_path: Path):
    (tmp_path / "folder.webm").mkdir()
    with pytest.raises(CommandError, match=r"folder\.webm: Is a directory"):
        live_client(video, "--url", site.url, "--token", token, "--output", tmp_path / "folder.webm")


def test_a_refused_token_is_an_error(site: RunningSite, video: Path):
    with pytest.raises(CommandError, match=r"\(4401\): .*token"):
        live_client(video, "--url", site.url, "--token", "fer_" + 64 * "0")


def test_a_missing_consent_is_an_error(site: RunningSite, video: Path):
    (token,) = create_tokens(site, ["undecided@example.org"], consenting=False)
    with pytest.raises(CommandError, match=r"\(4406\): .*agreed"):
        live_client(video, "--url", site.url, "--token", token)


def test_a_token_that_only_reads_cannot_record(site: RunningSite, video: Path):
    (token,) = create_tokens(site, ["reader@example.org"], scope="read")
    with pytest.raises(CommandError, match="can only read"):
        live_client(video, "--url", site.url, "--token", token, "--record")


def test_too_many_connections_are_an_error(site: RunningSite, video: Path):
    (token,) = create_tokens(site, ["crowd@example.org"])

    async def crowd() -> None:
        async with AsyncExitStack() as stack:
            for _ in range(4):
                client = await stack.enter_async_context(connect_live(site.url, token))
                await client.start()
            await asyncio.to_thread(live_client, video, "--url", site.url, "--token", token)

    with pytest.raises(CommandError, match=r"\(4429\): .*4 live connections"):
        asyncio.run(crowd())


def test_an_unreachable_server_is_an_error(video: Path):
    with pytest.raises(CommandError, match=r"no server can be reached there .*Is it running\?"):
        live_client(video, "--url", "http://127.0.0.1:9", "--token", "fer_some")


def test_a_missing_video_is_an_error_before_connecting(tmp_path: Path):
    with pytest.raises(CommandError, match="there is no file of that name"):
        live_client(tmp_path / "none.webm", "--url", "http://127.0.0.1:9", "--token", "fer_some")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--token", ""], "--token: an API token is required"),
        (["--token", "x", "--smoothing", "1"], "--smoothing: expected a number from 0 to 0.95; got 1.0"),
        (["--token", "x", "--smoothing", "nan"], "--smoothing: expected"),
        (["--token", "x", "--width", "20"], "--width: expected 160 to 1280 pixels; got 20"),
        (["--token", "x", "--name", "Rehearsal"], "--name: only saved sessions have names"),
        (["--token", "x", "--output", "film.avi"], r"a name that ends in \.mp4 or \.webm; got 'film.avi'"),
        (["--token", "x", "--output", "nowhere/film.webm"], "--output: expected a folder that exists; got 'nowhere'"),
        (["--token", "x", "--url", "example.org"], r"url: expected http\(s\)://"),
    ],
)
def test_an_option_out_of_range_is_an_error(video: Path, arguments: list[str], complaint: str):
    with pytest.raises(CommandError, match=complaint):
        live_client(video, *arguments)


def test_the_output_never_replaces_the_video(video: Path):
    before = video.read_bytes()
    with pytest.raises(CommandError, match="choose another file than the video"):
        live_client(video, "--token", "x", "--output", video)
    assert video.read_bytes() == before


@pytest.mark.parametrize(
    ("size", "width"), [((640, 480), 480), ((320, 240), 480), ((960, 600), 960), ((200, 900), 900)]
)
def test_an_encoded_frame_is_a_jpeg_that_the_server_accepts(size: tuple[int, int], width: int):
    """Noise is what compresses worst."""
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    jpeg, scale = encode_frame(noise, width)
    image = decode(jpeg)
    assert len(jpeg) <= 256 * 1024 - 4
    assert image.shape[1] == min(size[0], width)
    assert image.shape[1] / size[0] == pytest.approx(scale, abs=0.01)


def test_encoding_keeps_the_colours(hopper: bytes):
    portrait = decode(hopper)
    jpeg, _ = encode_frame(portrait, 512)
    assert abs(decode(jpeg).mean(axis=(0, 1)) - portrait.mean(axis=(0, 1))).max() < 2


@pytest.mark.parametrize("module", ["analysis.client.asynchronous_live", "analysis.live_client.stream"])
def test_the_protocol_needs_no_django(module: str):
    """So that it may be taken into another program."""
    program = f"import sys, {module}; sys.exit('django' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=PROJECT)
