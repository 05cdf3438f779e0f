"""One answer for each processed frame."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.faces import Box
from tests.support.live_site import create_tokens
from tests.support.live_sockets import STOP, LiveSocket, frame_of
from tests.support.shipped import DEFAULT


def test_the_started_message_has_the_model_and_the_limits(ada: LiveSocket):
    started = ada.start()
    assert started["session"] is None
    assert started["model"] == DEFAULT
    assert started["limits"]["frame_bytes"] == 256 * 1024


def test_a_face_has_a_place_an_id_and_calibrated_probabilities(ada: LiveSocket, jpeg: bytes):
    ada.start()
    answer = ada.request(frame_of(jpeg, 4_000_000_000))
    (face,) = answer["faces"]
    assert answer["sequence"] == 4_000_000_000
    assert face["id"] == 1
    width, height = Image.open(io.BytesIO(jpeg)).size
    x, y, w, h = face["box"]
    assert 0 <= x < x + w <= width
    assert 0 <= y < y + h <= height
    assert len(face["probabilities"]) == len(EMOTIONS)
    assert sum(face["probabilities"]) == pytest.approx(1, abs=0.001)
    assert face["emotion"] in EMOTIONS
    assert face["confidence"] == face["probabilities"][EMOTIONS.index(face["emotion"])]
    assert face["is_uncertain"] is bool(face["doubts"])
    assert set(answer["milliseconds"]) == {"queue", "decode", "detect", "classify"}


def test_the_answer_is_close_to_that_of_analyze(ada: LiveSocket, jpeg: bytes):
    """It is made of fewer looks at the picture, and of one view of the face."""
    from analysis import engine

    ada.start(smoothing=0)
    (face,) = ada.request(frame_of(jpeg))["faces"]
    (expected,) = engine.recognize(jpeg, owner=None).faces
    assert face["emotion"] == expected.emotion
    assert face["probabilities"] == pytest.approx(expected.probabilities, abs=0.15)
    assert Box(*face["box"]).overlap(expected.box) > 0.75


def test_no_face_is_an_empty_list(ada: LiveSocket):
    out = io.BytesIO()
    Image.new("RGB", (160, 120), "navy").save(out, "JPEG")
    ada.start()
    assert ada.request(frame_of(out.getvalue()))["faces"] == []


def test_the_id_stays_with_its_face(ada: LiveSocket, jpeg: bytes):
    ada.start()
    assert [ada.request(frame_of(jpeg, n))["faces"][0]["id"] for n in range(5)] == [1] * 5


def test_frames_that_come_faster_than_they_are_answered_are_dropped_and_counted(ada: LiveSocket, jpeg: bytes):
    ada.start()
    sent = 60
    for number in range(sent):
        ada.send(frame_of(jpeg, number))
    answers = [ada.receive()]
    while answers[-1]["sequence"] != sent - 1:
        answers.append(ada.receive())
    sequences = [answer["sequence"] for answer in answers]
    assert sequences == sorted(sequences)
    assert len(answers) + answers[-1]["dropped"] == sent
    assert answers[-1]["dropped"] > 0
    stopped = ada.request(STOP)
    assert (stopped["frames"], stopped["dropped"]) == (len(answers), answers[-1]["dropped"])


def test_smoothing_changes_while_it_runs(ada: LiveSocket, jpeg: bytes):
    ada.start(smoothing=0.9)
    ada.send({"type": "set", "smoothing": 0})
    assert ada.is_answered(jpeg)


def test_a_stopped_session_can_be_started_again(ada: LiveSocket, jpeg: bytes):
    for _ in range(2):
        ada.start()
        assert ada.is_answered(jpeg)
        stopped = ada.request(STOP)
        assert stopped == {"type": "stopped", "session": None, "frames": 1, "dropped": 0, "saved": True}


def test_frames_may_follow_the_start_at_once(ada: LiveSocket, jpeg: bytes):
    ada.send({"type": "start"})
    ada.send(frame_of(jpeg, 1))
    assert [ada.receive()["type"], ada.receive()["type"]] == ["started", "faces"]


def test_a_token_that_may_only_read_records_nothing(site, jpeg: bytes):
    (secret,) = create_tokens(site, ["reader@live.example"], scope="read")
    with LiveSocket(site, token=secret) as socket:
        assert socket.request({"type": "start", "record": True})["code"] == "read_only"
        socket.start()
        assert socket.is_answered(jpeg)
