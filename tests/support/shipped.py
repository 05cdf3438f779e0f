"""The version that comes with the program and serves until another is promoted."""

from __future__ import annotations

from analysis.recognition.bundle import read_shipped
from tests.support.site import PROJECT

DEFAULT = read_shipped(PROJECT / "models_store").default
