"""The sample photo is read from Matplotlib's files without importing it."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.site import PROJECT

PROGRAM = """
import sys
import django; django.setup()
from analysis.photos.sample import read_sample
assert read_sample().startswith(b"\\xff\\xd8")
assert "matplotlib" not in sys.modules
"""


def test_reading_it_does_not_import_matplotlib(tmp_path):
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "ferproject.settings"}
    subprocess.run([sys.executable, "-c", PROGRAM], cwd=PROJECT, env=environment, check=True)
