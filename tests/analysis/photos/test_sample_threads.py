"""The sample photo is read by the first requests of a new process, several at once."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.site import PROJECT

PROGRAM = """
import threading, time
import django; django.setup()
from analysis.photos.sample import read_sample
found = []
threads = [threading.Thread(target=lambda: found.append(len(read_sample()))) for _ in range(100)]
for thread in threads:
    thread.start()
    # Importing Matplotlib takes some hundred milliseconds: some threads begin at every stage of it.
    time.sleep(0.003)
[thread.join() for thread in threads]
assert len(found) == 100 and len(set(found)) == 1, len(found)
"""


def test_threads_read_it_while_another_imports_matplotlib(tmp_path):
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "ferproject.settings"}
    subprocess.run([sys.executable, "-c", PROGRAM], cwd=PROJECT, env=environment, check=True)
