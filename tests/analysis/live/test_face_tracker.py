"""What a started connection keeps of its frames, second by second."""

from __future__ import annotations

import json
import uuid

import pytest

from analysis.live.face_tracker import FaceTracker, FrameSlot, Recording
from analysis.live.messages import JpegFrame
from analysis.recognition.faces import Recognition
from tests.analysis.factories import make_face, make_recognition
from tests.support.live_sockets import live_jpeg


class Sees:
    """A recognizer that sees one happy face, as `model`."""

    model = "first-1"

    def recognize_frame(self, image: object, predictor: object, at: float, *, decode_ms: float) -> Recognition:
        return make_recognition([make_face("happy")], model=self.model)


class Keeps:
    """A recorder that remembers what it was given."""

    def __init__(self) -> None:
        self.samples = []
        self.frames = self.dropped = 0

    def add(self, session_id, samples=(), *, frames=0, dropped=0) -> None:
        self.samples += samples
        self.frames += frames
        self.dropped += dropped


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when told to."""

    class Clock:
        now = 1000.0

        def __call__(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr("analysis.live.face_tracker.time.perf_counter", clock)
    return clock


@pytest.fixture
def recorder() -> Keeps:
    return Keeps()


@pytest.fixture
def slot() -> FrameSlot:
    return FrameSlot()


@pytest.fixture
def look(slot: FrameSlot, clock, hopper: bytes):
    """Have one frame answered by what `sees`, `seconds` after the last."""
    jpeg = live_jpeg(hopper, 32)

    def look(faces: FaceTracker, sees: Sees, *, seconds: float = 0.5) -> str | None:
        clock.now += seconds
        slot.put(JpegFrame(1, jpeg, clock.now))
        return faces.process_frame(sees)

    return look


def following(slot: FrameSlot, recorder: Keeps, recording: Recording | None) -> FaceTracker:
    return FaceTracker(slot=slot, smoothing=0.5, recorder=recorder, recording=recording)


def kept(recorder: Keeps) -> list[tuple[int, int, int, str]]:
    return [(sample.second, sample.face, sample.frames, sample.model) for sample in recorder.samples]


def test_seconds_are_kept_as_they_complete_and_the_last_at_the_end(slot, recorder, clock, look):
    faces = following(slot, recorder, Recording(uuid.uuid4()))
    for _ in range(5):  # at 0.5, 1, 1.5, 2 and 2.5
        look(faces, Sees())
    assert kept(recorder) == [(0, 1, 1, "first-1"), (1, 1, 2, "first-1")]
    faces.end()
    assert kept(recorder)[2:] == [(2, 1, 2, "first-1")]
    assert recorder.frames == faces.frames == 5


def test_a_second_belongs_to_one_version(slot, recorder, clock, look):
    faces, sees = following(slot, recorder, Recording(uuid.uuid4())), Sees()
    look(faces, sees, seconds=0.1)
    look(faces, sees, seconds=0.1)
    sees.model = "second-1"
    look(faces, sees, seconds=0.1)
    look(faces, sees, seconds=1.0)
    faces.end()
    assert kept(recorder) == [(0, 1, 2, "first-1"), (1, 1, 2, "second-1")]


def test_a_resumed_one_goes_on_counting(slot, recorder, clock, look):
    faces = following(slot, recorder, Recording(uuid.uuid4(), elapsed=100.0, last_face=3))
    answer = json.loads(look(faces, Sees()))
    faces.end()
    assert [face["id"] for face in answer["faces"]] == [4]
    assert kept(recorder) == [(100, 4, 1, "first-1")]


def test_frames_that_gave_way_are_counted_from_the_start_on(slot, recorder, clock, look):
    """Two of them before it was answered."""
    for number in range(3):
        slot.put(JpegFrame(number, b"", 0.0))
    faces = following(slot, recorder, Recording(uuid.uuid4()))
    look(faces, Sees())
    assert (faces.slot.dropped, recorder.dropped) == (3, 3)


def test_without_a_recording_nothing_is_kept(slot, recorder, clock, look):
    faces = following(slot, recorder, None)
    assert look(faces, Sees()) is not None
    faces.end()
    assert (recorder.samples, recorder.frames) == ([], 0)


def test_after_its_end_no_frame_is_answered(slot, recorder, clock, look):
    faces = following(slot, recorder, None)
    faces.end()
    assert look(faces, Sees()) is None


def test_no_frame_waits_no_answer(slot, recorder):
    assert following(slot, recorder, None).process_frame(Sees()) is None
