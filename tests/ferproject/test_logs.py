"""Format of the processes' logs."""

from __future__ import annotations

import datetime as dt
import logging

import pytest

from ferproject.logs import OneLineFormatter

FORMATTER = OneLineFormatter("{asctime} {levelname} {name}: {message}", style="{")


def line(message: str, *arguments: object) -> str:
    return FORMATTER.format(logging.LogRecord("site", logging.WARNING, __file__, 1, message, arguments, None))


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("/photos/\n2026-11-29 ERROR", "/photos/\\n2026-11-29 ERROR"),
        ("\r\n", "\\r\\n"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u2028", "\\u2028"),
        ("/é/", "/é/"),
    ],
)
def test_what_a_request_brings_begins_no_line(sent: str, written: str):
    assert line("Not Found: %s", sent).endswith(f" WARNING site: Not Found: {written}")


def test_the_time_names_its_offset():
    time = dt.datetime.fromisoformat(line("a").split()[0])
    assert time.utcoffset() is not None
    assert abs(dt.datetime.now(dt.UTC) - time) < dt.timedelta(minutes=1)


def test_the_site_uses_it():
    assert [type(handler.formatter) for handler in logging.getLogger().handlers if handler.formatter].count(
        OneLineFormatter
    )
