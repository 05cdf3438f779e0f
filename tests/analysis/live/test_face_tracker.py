"""The face tracker records samples by second."""

from __future__ import annotations

import json
import uuid

import pytest

from analysis.live.face_tracker import FaceTracker, FrameSlot, Recording
from analysis.live.messages import JpegFrame
from analysis.recognition.result import Recognition
from tests.analysis.factories import make_face, make_recognition
from tests.support.live_sockets import live_jpeg


class HappyRecognizer:
    """A recognizer that returns one happy face."""

    model = "first-1"

    def recognize_frame(self, image: object, predictor: object, at: float, *, decode_ms: float) -> Recognition:
        return make_recognition([make_face("happy")], model=self.model)


class FakeRecorder:
    """A recorder that stores its arguments."""

    def __init__(self) -> None:
        self.samples = []
        self.frames = self.dropped = 0

    def add(self, session_id, samples=(), *, frames=0, dropped=0) -> None:
        self.samples += samples
        self.frames += frames
        self.dropped += dropped


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""

    class Clock:
        now = 1000.0

        def __call__(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr("analysis.live.face_tracker.time.perf_counter", clock)
    return clock


@pytest.fixture
def recorder() -> FakeRecorder:
    return FakeRecorder()


@pytest.fixture
def slot() -> FrameSlot:
    return FrameSlot()


@pytest.fixture
def process(slot: FrameSlot, clock, hopper: bytes):
    """Process one frame with `recognizer`, `seconds` after the last."""
    jpeg = live_jpeg(hopper, 32)

    def process(faces: FaceTracker, recognizer: HappyRecognizer, *, seconds: float = 0.5) -> str | None:
        clock.now += seconds
        slot.put(JpegFrame(1, jpeg, clock.now))
        return faces.process_frame(recognizer)

    return process


def make_tracker(slot: FrameSlot, recorder: FakeRecorder, recording: Recording | None) -> FaceTracker:
    return FaceTracker(slot=slot, smoothing=0.5, recorder=recorder, recording=recording)


def recorded(recorder: FakeRecorder) -> list[tuple[int, int, int, str]]:
    return [(sample.second, sample.face, sample.frames, sample.model) for sample in recorder.samples]


def test_seconds_are_recorded_when_complete_and_the_last_at_the_end(slot, recorder, clock, process):
    faces = make_tracker(slot, recorder, Recording(uuid.uuid4()))
    for _ in range(5):  # at 0.5, 1, 1.5, 2 and 2.5
        process(faces, HappyRecognizer())
    assert recorded(recorder) == [(0, 1, 1, "first-1"), (1, 1, 2, "first-1")]
    faces.end()
    assert recorded(recorder)[2:] == [(2, 1, 2, "first-1")]
    assert recorder.frames == faces.frames == 5


def test_a_sample_has_one_model_version(slot, recorder, clock, process):
    faces, recognizer = make_tracker(slot, recorder, Recording(uuid.uuid4())), HappyRecognizer()
    process(faces, recognizer, seconds=0.1)
    process(faces, recognizer, seconds=0.1)
    recognizer.model = "second-1"
    process(faces, recognizer, seconds=0.1)
    process(faces, recognizer, seconds=1.0)
    faces.end()
    assert recorded(recorder) == [(0, 1, 2, "first-1"), (1, 1, 2, "second-1")]


def test_a_resumed_session_continues_seconds_and_face_ids(slot, recorder, clock, process):
    faces = make_tracker(slot, recorder, Recording(uuid.uuid4(), elapsed=100.0, last_face=3))
    answer = json.loads(process(faces, HappyRecognizer()))
    faces.end()
    assert [face["id"] for face in answer["faces"]] == [4]
    assert recorded(recorder) == [(100, 4, 1, "first-1")]


def test_dropped_frames_are_counted_from_the_start(slot, recorder, clock, process):
    """Two of them before it was answered."""
    for number in range(3):
        slot.put(JpegFrame(number, b"", 0.0))
    faces = make_tracker(slot, recorder, Recording(uuid.uuid4()))
    process(faces, HappyRecognizer())
    assert (faces.slot.dropped, recorder.dropped) == (3, 3)


def test_without_a_recording_nothing_is_recorded(slot, recorder, clock, process):
    faces = make_tracker(slot, recorder, None)
    assert process(faces, HappyRecognizer()) is not None
    faces.end()
    assert (recorder.samples, recorder.frames) == ([], 0)


def test_after_its_end_no_frame_is_answered(slot, recorder, clock, process):
    faces = make_tracker(slot, recorder, None)
    faces.end()
    assert process(faces, HappyRecognizer()) is None


def test_without_a_frame_there_is_no_answer(slot, recorder):
    assert make_tracker(slot, recorder, None).process_frame(HappyRecognizer()) is None
