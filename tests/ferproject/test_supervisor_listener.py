"""Supervisor's listener: what ends everything."""

import io
import signal

import pytest

from ferproject.server import supervisor_listener


@pytest.mark.parametrize(
    ("event", "process", "expected", "the_end"),
    [
        ("PROCESS_STATE_EXITED", "web", "1", True),
        ("PROCESS_STATE_EXITED", "web", "0", False),
        ("PROCESS_STATE_EXITED", "training", "1", False),
        ("PROCESS_STATE_FATAL", "web", None, True),
        ("PROCESS_STATE_FATAL", "worker", None, False),
    ],
)
def test_everything_stops_once_the_site_has_stopped_for_good(monkeypatch, event, process, expected, the_end):
    killed = []
    monkeypatch.setattr("os.kill", lambda pid, sent: killed.append(sent))
    payload = f"processname:{process}_8000 groupname:{process} from_state:RUNNING"
    payload += f" expected:{expected} pid:7" if expected else ""
    header = f"ver:3.0 server:supervisor serial:1 pool:stop_all eventname:{event} len:{len(payload)}\n"
    answers = io.StringIO()
    supervisor_listener.main(io.StringIO(header + payload), answers)
    assert answers.getvalue() == "READY\nRESULT 2\nOKREADY\n"
    assert killed == ([signal.SIGTERM] if the_end else [])
