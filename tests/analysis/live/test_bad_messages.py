"""Bad messages get an error; the third in a row closes the connection, and no other one."""

from __future__ import annotations

import io
import os
import struct

import pytest
from PIL import Image

from tests.support.live_sockets import START, STOP, LiveSocket, frame_of

pytestmark = pytest.mark.usefixtures("others_unaffected")


def huge_jpeg() -> bytes:
    """A header that promises 20000 x 20000 pixels."""
    size = struct.pack(">BHHB", 8, 20000, 20000, 3) + bytes([1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1])
    return b"\xff\xd8\xff\xc0" + struct.pack(">H", len(size) + 2) + size + b"\xff\xd9"


BAD_FRAMES = {
    "empty": b"",
    "too short for a sequence number": b"\0\0\1",
    "nothing after the sequence number": frame_of(b"", 5),
    "random bytes": frame_of(os.urandom(5000), 5),
    "another format": frame_of(b"\x89PNG\r\n\x1a\n" + bytes(100), 5),
    "a 20000 x 20000 header": frame_of(huge_jpeg(), 5),
    "thousands of scans": frame_of(b"\xff\xd8\xff\xe0" + b"\xff\xda\x00\x0c" * 5000, 5),
    "a JPEG's first bytes alone": frame_of(b"\xff\xd8\xff\xe0", 5),
}
BAD_TEXTS = {
    "no JSON": "hello",
    "no object": "[1]",
    "deeply nested": "[" * 4000,
    "no type": "{}",
    "unknown type": '{"type": "dance"}',
    "too long": '{"type": "' + "x" * 5000 + '"}',
    "smoothing as text": '{"type": "start", "smoothing": "much"}',
    "smoothing beyond its range": '{"type": "start", "smoothing": 1}',
    "smoothing that is no number": '{"type": "start", "smoothing": NaN}',
    "record as text": '{"type": "start", "record": "yes"}',
    "session as a number": '{"type": "start", "session": 7}',
    "name as a number": '{"type": "start", "name": 7}',
    "name of 121 characters": '{"type": "start", "name": "' + "x" * 121 + '"}',
    "name of nothing to be seen": '{"type": "start", "name": " "}',
}


@pytest.mark.parametrize("data", BAD_FRAMES.values(), ids=BAD_FRAMES)
def test_a_bad_frame_is_an_error_and_the_session_continues(ada: LiveSocket, jpeg: bytes, data: bytes):
    ada.start()
    answer = ada.request(data)
    assert (answer["type"], answer["code"]) == ("error", "bad_frame")
    assert answer.get("sequence") == (5 if len(data) >= 4 else None)
    assert ada.is_answered(jpeg)


def test_a_truncated_jpeg_is_a_bad_frame(ada: LiveSocket, jpeg: bytes):
    ada.start()
    answer = ada.request(frame_of(jpeg[: len(jpeg) // 2], 9))
    assert (answer["type"], answer["code"], answer["sequence"]) == ("error", "bad_frame", 9)
    assert ada.is_answered(jpeg)


def test_the_size_of_a_frame_is_read_before_it_is_decoded(ada: LiveSocket):
    ada.start()
    assert "more than 1 megapixels" in ada.request(frame_of(huge_jpeg()))["message"]


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_a_bad_text_is_an_error_that_says_what_was_expected(ada: LiveSocket, text: str):
    answer = ada.request(text)
    assert (answer["type"], answer["code"]) == ("error", "bad_message")
    assert answer["message"].startswith("name: ") or "xpected" in answer["message"]
    ada.start()


def test_three_in_a_row_end_the_connection(ada: LiveSocket):
    ada.start()
    for _ in range(3):
        ada.send(frame_of(b"no picture"))
    assert ada.closed() == (1008, "bad_messages")


def test_a_good_message_resets_the_count_of_bad_ones(ada: LiveSocket, jpeg: bytes):
    ada.start()
    for _ in range(3):
        ada.request(frame_of(b"no picture"))
        ada.request("no text")
        assert ada.is_answered(jpeg)


def test_frames_before_the_start_are_errors(ada: LiveSocket, jpeg: bytes):
    answer = ada.request(frame_of(jpeg, 3))
    assert (answer["code"], answer["sequence"]) == ("not_started", 3)


def test_stopping_before_the_start_is_an_error(ada: LiveSocket):
    assert ada.request(STOP)["code"] == "not_started"


def test_starting_twice_is_an_error_and_the_first_session_continues(ada: LiveSocket, jpeg: bytes):
    ada.start()
    assert ada.request(START)["code"] == "already_started"
    assert ada.is_answered(jpeg)


def test_too_large_a_message_closes_with_1009(ada: LiveSocket):
    ada.start()
    ada.send(bytes(300_000))
    assert ada.closed()[0] == 1009


def test_a_progressive_jpeg_is_accepted(ada: LiveSocket, jpeg: bytes):
    out = io.BytesIO()
    Image.open(io.BytesIO(jpeg)).save(out, "JPEG", progressive=True)
    ada.start()
    assert ada.is_answered(out.getvalue())


def test_the_largest_message_is_accepted(ada: LiveSocket, jpeg: bytes):
    ada.start()
    assert ada.request(frame_of(jpeg + bytes(256 * 1024 - 4 - len(jpeg)), 1))["type"] == "faces"
