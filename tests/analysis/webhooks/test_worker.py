"""A real worker sends what was written before it began and while it runs."""

from __future__ import annotations

import time

import pytest

from tests.faults.webhooks import PREPARE, WRITE
from tests.support.webhook_receiver import receiving
from tests.support.worker import RunningWorker

MAX_SECONDS = 120
STATUSES = "select status, count(*) from analysis_webhookdelivery group by status"


@pytest.mark.slow
def test_what_is_written_is_acknowledged(tmp_path):
    worker = RunningWorker(tmp_path, tmp_path, WEBHOOK_ALLOW_PRIVATE="true")
    try:
        with receiving() as receiver:
            worker.shell(PREPARE.format(people=2, url=receiver.url))
            worker.shell(WRITE.format(count=2))
            worker.start("default")
            _wait_for(worker, [("acknowledged", 4)])
            worker.shell(WRITE.format(count=1))
            _wait_for(worker, [("acknowledged", 6)])
        assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 6
    finally:
        worker.stop()
        worker.close_shell()


def _wait_for(worker: RunningWorker, wanted: list[tuple[str, int]]) -> None:
    end = time.monotonic() + MAX_SECONDS
    while (found := worker.query(STATUSES)) != wanted:
        assert time.monotonic() < end, f"{found}\n{(worker.folder / 'worker.log').read_text()[-3000:]}"
        time.sleep(0.05)
