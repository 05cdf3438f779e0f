"""Photos are decoded in processes that can be killed: a hostile one costs its own process, and nobody else's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from analysis.recognition import photo_pool
from analysis.recognition.errors import RecognitionError
from analysis.recognition.photo_pool import PhotoPool
from analysis.recognition.renditions import render_photo
from tests.conftest import PROJECT
from tests.support.hostile_photo_process import CRASH, EAT, HANG

SECONDS = 1.0
PARENT = f"""
import threading, time
from analysis.recognition import photo_pool
photo_pool.MODULE = "tests.support.hostile_photo_process"
pool = photo_pool.PhotoPool(max_pixels=1_000_000, seconds={SECONDS})
pool.start()
child = pool._idle[0]
child._wait_until_ready()
print(child._process.pid, flush=True)
pool.render({{data!r}}) if {{data!r}} else time.sleep(60)
"""


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[PhotoPool]:
    monkeypatch.setattr(photo_pool, "MODULE", "tests.support.hostile_photo_process")
    pool = PhotoPool(max_pixels=1_000_000, seconds=SECONDS)
    yield pool
    pool.close()


def _pids(pool: PhotoPool) -> list[int]:
    return [child._process.pid for child in pool._idle]


def test_it_renders_what_this_process_does_and_raises_its_errors(pool: PhotoPool, hopper: bytes):
    found, expected = pool.render(hopper), render_photo(hopper)
    assert (found.width, found.height, found.renditions) == (512, 600, expected.renditions)
    assert 0 < found.decode_ms < 1000 * SECONDS
    for data in (b"", b"no photo", hopper[:5000]):
        with pytest.raises(RecognitionError) as expected_error:
            render_photo(data)
        with pytest.raises(RecognitionError) as error:
            pool.render(data)
        assert (error.value.code, error.value.message) == (expected_error.value.code, expected_error.value.message)
    assert len(_pids(pool)) == 1


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (HANG, "too_costly", "This photo takes longer than 1 s to read"),
        (EAT, "too_costly", "This photo needs more than 1 GB of memory"),
        (CRASH, "damaged_image", "the program that reads it crashed"),
    ],
)
def test_a_hostile_photo_is_refused_and_the_next_one_is_read(
    data: bytes, code: str, message: str, pool: PhotoPool, hopper: bytes
):
    if data == EAT:
        pool._seconds = 60.0  # a busy machine takes longer than a second to hand out its memory
    with pytest.raises(RecognitionError, match=message) as caught:
        pool.render(data)
    assert (caught.value.code, caught.value.retryable) == (code, False)
    assert pool.render(hopper).width == 512


def test_another_photo_does_not_wait_for_one_that_hangs(pool: PhotoPool, hopper: bytes):
    pool._seconds = 30.0
    pool.start()
    (hung,) = pool._idle
    hung._wait_until_ready()
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(pool.render, HANG)
        try:
            assert pool.render(hopper).width == 512
            assert not waiting.done()
        finally:
            hung._process.kill()
    assert isinstance(waiting.exception(), RecognitionError)


def test_a_process_that_does_not_start_is_an_error_to_retry(
    pool: PhotoPool, hopper: bytes, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        patch.setattr(photo_pool, "MODULE", "tests.support.absent")
        with pytest.raises(RecognitionError) as caught:
            pool.render(hopper)
    assert (caught.value.code, caught.value.retryable) == ("busy", True)
    assert pool.render(hopper).width == 512


def test_a_process_that_died_idle_or_answered_its_share_is_replaced(
    pool: PhotoPool, hopper: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(photo_pool, "MAX_PHOTOS", 2)
    pool.render(hopper)
    (first,) = _pids(pool)
    pool._idle[0]._process.kill()
    pool._idle[0]._process.wait()
    pool.render(hopper)
    (second,) = _pids(pool)
    pool.render(hopper)
    (third,) = _pids(pool)
    assert len({first, second, third}) == 3
    pool.close()
    assert not any(map(psutil.pid_exists, (first, second, third)))


@pytest.mark.parametrize("data", [b"", HANG])
def test_processes_end_when_their_parent_is_killed(data: bytes):
    parent = subprocess.Popen([sys.executable, "-c", PARENT.format(data=data)], cwd=PROJECT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert psutil.wait_procs([child], timeout=20)[1] == []


def test_the_process_loads_neither_django_nor_the_networks():
    program = (
        "import sys, analysis.recognition.photo_process;"
        "heavy = {'django', 'ai_edge_litert', 'matplotlib', 'av', 'analysis.models'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)
